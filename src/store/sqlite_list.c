/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include <string.h>

/* Lists what is remembered. */

bool nx_store_list(struct nx_store *store, const char *scope, int64_t now,
                   bool (*row)(void *user,
                               const struct nx_subject_state *state),
                   void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	struct nx_subject_state state;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_LIST);
	nx_query_put_number(&query, now);
	nx_query_put_text(&query, scope);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		state.scope = nx_query_text(&query);
		state.address = nx_query_text(&query);
		state.standing = nx_standing_of_row(&query);
		if (!row(user, &state))
			return true;
	}
	return answer == NX_STEP_DONE;
}

/* --- rows to history ------------------------------------------------------ */

static const struct nx_history NOTHING = {.what = "",
                                          .address = "",
                                          .scope = "",
                                          .who = "",
                                          .note = "",
                                          .reason = "",
                                          .asked = "",
                                          .feedback_type = "",
                                          .source = ""};

static enum nx_basis basis_of_name(const char *name)
{
	int basis = NX_BASIS_ADDRESS;
	while (basis > NX_BASIS_NONE &&
	       strcmp(name, nx_verdict_basis_name((enum nx_basis)basis)) != 0)
		basis--;
	return (enum nx_basis)basis;
}

static enum nx_trust trust_of_name(const char *name)
{
	int trust = NX_TRUST_TOKEN;
	while (trust > NX_TRUST_CLAIMED &&
	       strcmp(name, nx_trust_name((enum nx_trust)trust)) != 0)
		trust--;
	return (enum nx_trust)trust;
}

static void read_verdict(struct nx_query *query, struct nx_verdict *verdict)
{
	nx_class_of_name(nx_query_text(query), &verdict->class);
	verdict->reason = nx_query_text(query);
	nx_fault_of_name(nx_query_text(query), &verdict->fault);
	verdict->advice = nx_query_text(query);
	verdict->rule = nx_query_text(query);
	verdict->basis = basis_of_name(nx_query_text(query));
	verdict->matched = nx_query_text(query);
}

static void read_evidence(struct nx_query *query, struct nx_event *event)
{
	event->trust = trust_of_name(nx_query_text(query));
	event->kind = nx_kind_of_name(nx_query_text(query));
	event->action = nx_action_of_name(nx_query_text(query));
	event->status = nx_query_text(query);
	event->reply = (int)nx_query_int(query);
	event->diagnostic = nx_query_text(query);
	event->remote_mta = nx_query_text(query);
	event->reporting_mta = nx_query_text(query);
	event->message_id = nx_query_text(query);
	event->list_id = nx_query_text(query);
	event->incidents = nx_query_int(query);
}

/* The columns that every kind of row starts with. */
static void read_start(struct nx_query *query, struct nx_history *out)
{
	*out = NOTHING;
	out->time = nx_query_int(query);
	out->scope = nx_query_text(query);
	out->address = nx_query_text(query);
}

static void read_event(struct nx_query *query, struct nx_history *out)
{
	struct nx_event *event = &out->event;
	read_start(query, out);
	out->what = "event";
	event->time = out->time;
	event->scope = out->scope;
	event->address = out->address;
	nx_query_bytes(query, event->id, sizeof(event->id));
	nx_query_bytes(query, event->message, sizeof(event->message));
	read_verdict(query, &event->verdict);
	read_evidence(query, event);
	out->reason = event->verdict.reason;
	out->feedback_type = nx_query_text(query);
	out->source = nx_query_text(query);
}

static void read_attempt(struct nx_query *query, struct nx_history *out)
{
	struct nx_standing *standing = &out->standing;
	read_start(query, out);
	out->what = "attempt";
	out->asked = nx_query_text(query);
	nx_cause_of_name(nx_query_text(query), &standing->cause);
	out->reason = nx_query_text(query);
	standing->since = nx_query_int(query);
	standing->until = nx_query_int(query);
	standing->rung = (int)nx_query_int(query);
}

static void read_act(struct nx_query *query, struct nx_history *out)
{
	read_start(query, out);
	out->what = nx_query_text(query);
	nx_cause_of_name(nx_query_text(query), &out->standing.cause);
	out->reason = nx_query_text(query);
	out->who = nx_query_text(query);
	out->note = nx_query_text(query);
}

/* --- one subject: three tables, merged by time ---------------------------- */

struct strand { /* the rows of one table, in order of time */
	struct nx_query query;
	void (*read)(struct nx_query *query, struct nx_history *out);
	enum nx_step_answer answer;
	struct nx_history history; /* when answer is ROW */
};

enum { STRANDS = 3 };

struct braid {
	struct strand strand[STRANDS];
};

static void end_braid(struct braid *braid)
{
	for (int i = 0; i < STRANDS; i++)
		nx_query_end(&braid->strand[i].query);
}

static bool advance(struct strand *strand, struct nx_error *err)
{
	strand->answer = nx_query_step(&strand->query, err);
	if (strand->answer == NX_STEP_ROW)
		strand->read(&strand->query, &strand->history);
	return strand->answer != NX_STEP_FAILED;
}

static bool begin_strand(struct strand *strand, struct nx_store *store,
                         enum nx_sql which, const struct nx_subject *subject,
                         struct nx_error *err)
{
	strand->query = nx_query_begin(store, which);
	nx_query_put_subject(&strand->query, subject);
	return advance(strand, err);
}

static struct strand *earliest(struct braid *braid)
{
	struct strand *first = NULL;
	for (int i = 0; i < STRANDS; i++) {
		struct strand *strand = &braid->strand[i];
		if (strand->answer == NX_STEP_ROW &&
		    (!first || strand->history.time < first->history.time))
			first = strand;
	}
	return first;
}

static bool merge(struct braid *braid, nx_history_row *row, void *user,
                  struct nx_error *err)
{
	struct strand *strand;
	while ((strand = earliest(braid))) {
		if (!row(user, &strand->history))
			return true;
		if (!advance(strand, err))
			return false;
	}
	return true;
}

bool nx_store_history(struct nx_store *store, const char *scope,
                      const char *address, nx_history_row *row, void *user,
                      struct nx_error *err)
{
	static const enum nx_sql WHICH[STRANDS] = {
	        NX_SQL_EVENTS_OF, NX_SQL_ATTEMPTS_OF, NX_SQL_ACTS_OF};
	const struct nx_subject subject = nx_subject_of(store, scope, address);
	__attribute__((cleanup(end_braid))) struct braid braid = {
	        {{.read = read_event},
	         {.read = read_attempt},
	         {.read = read_act}}};
	for (int i = 0; i < STRANDS; i++)
		if (!begin_strand(&braid.strand[i], store, WHICH[i], &subject,
		                  err))
			return false;
	return merge(&braid, row, user, err);
}

/* --- a span of time ------------------------------------------------------- */

static void end_strand(struct strand *strand)
{
	nx_query_end(&strand->query);
}

/* "" for a class that is not wanted: no event has it. */
static void put_classes(struct nx_query *query, unsigned classes)
{
	for (int i = NX_CLASS_NONE; i <= NX_CLASS_UNSUBSCRIBE; i++)
		nx_query_put_text(query,
		                  classes & 1U << i
		                          ? nx_class_name((enum nx_class)i)
		                          : "");
}

bool nx_store_walk(struct nx_store *store, unsigned classes, int64_t since,
                   int64_t until, nx_history_row *row, void *user,
                   struct nx_error *err)
{
	__attribute__((cleanup(end_strand))) struct strand strand = {
	        .query = nx_query_begin(store, classes ? NX_SQL_WALK_EVENTS
	                                               : NX_SQL_WALK_ATTEMPTS),
	        .read = classes ? read_event : read_attempt};
	nx_query_put_number(&strand.query, since);
	nx_query_put_number(&strand.query, until);
	if (classes)
		put_classes(&strand.query, classes);
	while (advance(&strand, err))
		if (strand.answer == NX_STEP_DONE ||
		    !row(user, &strand.history))
			return true;
	return false;
}
