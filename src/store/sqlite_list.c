/* SPDX-License-Identifier: ISC */
#include "base/room.h"
#include "store/history.h"
#include "store/subject.h"

#include <stdlib.h>
#include <string.h>

/* Lists what is remembered. */

/* --- standings ------------------------------------------------------------ */

enum { PAGE = 1000 };

struct pages {
	struct nx_store *store;
	TALLOC_CTX *ctx; /* of the states that were read and not given yet */
	const struct nx_question *question; /* NULL: any mail */
	int64_t now;
	int64_t r, mail; /* after which the next page begins */
	struct nx_subject_state *state;
	size_t states;
	bool is_end;
};

static void keep_state(struct pages *pages,
                       const struct nx_subject_state *state)
{
	struct nx_subject_state *kept;

	pages->state = NX_ROOM(pages->ctx, pages->state,
	                       struct nx_subject_state, pages->states);
	kept = &pages->state[pages->states++];
	*kept = *state;
	kept->address = talloc_strdup(pages->ctx, state->address);
	kept->mail.name = talloc_strdup(pages->ctx, state->mail.name);
}

static bool read_page(struct pages *pages, struct nx_error *err)
{
	struct nx_standing_row row;
	int rows = 0;
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(pages->store, NX_SQL_LIST);

	nx_query_put_number(&query, pages->r);
	nx_query_put_number(&query, pages->mail);
	nx_query_put_number(&query, pages->now);
	nx_query_put_number(&query, PAGE);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		struct nx_subject_state state;

		if (!nx_state_read(&query, &row, &state, err))
			return false;
		pages->r = row.r;
		pages->mail = row.mail;
		rows++;
		if (!pages->question ||
		    nx_question_covers(pages->question, &state.mail))
			keep_state(pages, &state);
	}
	pages->is_end = rows < PAGE;
	return answer == NX_STEP_DONE;
}

static int compare_states(const void *a, const void *b)
{
	const struct nx_subject_state *left = a, *right = b;
	int order = (int)left->mail.reach - (int)right->mail.reach;

	if (order == 0)
		order = strcmp(left->mail.name, right->mail.name);
	if (order == 0)
		order = strcmp(left->address, right->address);
	return order != 0 ? order
	                  : (int)left->mail.by_hand - (int)right->mail.by_hand;
}

/* Gives what was read; false: no more is wanted. */
static bool give(struct pages *pages,
                 bool (*row)(void *user, const struct nx_subject_state *state),
                 void *user)
{
	for (size_t i = 0; i < pages->states; i++)
		if (!row(user, &pages->state[i]))
			return false;
	talloc_free_children(pages->ctx);
	pages->state = NULL;
	pages->states = 0;
	return true;
}

static bool list(struct pages *pages,
                 bool (*row)(void *user, const struct nx_subject_state *state),
                 void *user, struct nx_error *err)
{
	while (!pages->is_end && pages->states < NX_LIST_SORTED)
		if (!read_page(pages, err))
			return false;
	if (pages->is_end && pages->states > 1)
		qsort(pages->state, pages->states, sizeof(*pages->state),
		      compare_states);
	while (give(pages, row, user) && !pages->is_end)
		if (!read_page(pages, err))
			return false;
	return true;
}

bool nx_store_list(struct nx_store *store, const struct nx_question *question,
                   int64_t now,
                   bool (*row)(void *user,
                               const struct nx_subject_state *state),
                   void *user, struct nx_error *err)
{
	struct pages pages = {.store = store,
	                      .ctx = talloc_new(NULL),
	                      .question = question,
	                      .now = now,
	                      .r = INT64_MIN,
	                      .mail = -1};
	const bool done = list(&pages, row, user, err);

	talloc_free(pages.ctx);
	return done;
}

/* --- rows to history ------------------------------------------------------ */

static const struct nx_history NOTHING = {.what = "",
                                          .address = "",
                                          .mail = {.name = ""},
                                          .who = "",
                                          .note = "",
                                          .reason = "",
                                          .asked = "",
                                          .feedback_type = "",
                                          .source = "",
                                          .reporter = "",
                                          .queue_id = ""};

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

void nx_event_read(struct nx_query *query, struct nx_event *event)
{
	nx_query_bytes(query, event->id, sizeof(event->id));
	nx_query_bytes(query, event->message, sizeof(event->message));
	event->stream = nx_query_text(query);
	event->sending_domain = nx_query_text(query);
	read_verdict(query, &event->verdict);
	read_evidence(query, event);
}

/* The columns that every kind of row starts with. */
static void read_start(struct nx_query *query, struct nx_history *out)
{
	*out = NOTHING;
	out->time = nx_query_int(query);
	out->address = nx_query_text(query);
}

static void read_mail(struct nx_query *query, struct nx_mail *mail)
{
	nx_reach_of_name(nx_query_text(query), &mail->reach);
	mail->name = nx_query_text(query);
}

static void read_event(struct nx_query *query, struct nx_history *out)
{
	struct nx_event *event = &out->event;
	read_start(query, out);
	out->what = "event";
	event->time = out->time;
	event->address = out->address;
	nx_event_read(query, event);
	out->reason = event->verdict.reason;
	out->feedback_type = nx_query_text(query);
	out->source = nx_query_text(query);
	out->reporter = nx_query_text(query);
	out->queue_id = nx_query_text(query);
	out->written = nx_query_int(query);
	out->came = nx_query_int(query);
	out->cut = nx_query_int(query) != 0;
}

static void read_attempt(struct nx_query *query, struct nx_history *out)
{
	struct nx_standing *standing = &out->standing;
	read_start(query, out);
	out->what = "attempt";
	read_mail(query, &out->mail);
	out->asked = nx_query_text(query);
	nx_cause_of_name(nx_query_text(query), &standing->cause);
	out->reason = nx_query_text(query);
	standing->since = nx_query_int(query);
	standing->until = nx_query_int(query);
	standing->rung = (int)nx_query_int(query);
	out->reporter = nx_query_text(query);
	out->queue_id = nx_query_text(query);
	out->source = nx_query_text(query);
}

static void read_act(struct nx_query *query, struct nx_history *out)
{
	read_start(query, out);
	read_mail(query, &out->mail);
	out->what = nx_query_text(query);
	nx_cause_of_name(nx_query_text(query), &out->standing.cause);
	out->reason = nx_query_text(query);
	out->who = nx_query_text(query);
	out->note = nx_query_text(query);
}

/* --- one address ---------------------------------------------------------- */

struct tale {
	TALLOC_CTX *ctx;
	struct nx_history *history;
	size_t rows;
};

static struct nx_history *next_of(struct tale *tale)
{
	tale->history = NX_ROOM(tale->ctx, tale->history, struct nx_history,
	                        tale->rows);
	return &tale->history[tale->rows++];
}

static bool read_tale(struct nx_store *store, enum nx_sql which,
                      void (*read)(struct nx_query *query,
                                   struct nx_history *out),
                      int64_t r, struct tale *tale, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	query.keep = tale->ctx;
	nx_query_put_number(&query, r);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW)
		read(&query, next_of(tale));
	return answer == NX_STEP_DONE;
}

static bool read_all(struct nx_store *store, int64_t r, struct tale *tale,
                     struct nx_error *err)
{
	return read_tale(store, NX_SQL_EVENTS_OF, read_event, r, tale, err) &&
	       read_tale(store, NX_SQL_ATTEMPTS_OF, read_attempt, r, tale,
	                 err) &&
	       read_tale(store, NX_SQL_ACTS_OF, read_act, r, tale, err);
}

struct told_row {
	const struct nx_history *history;
	size_t order; /* in which it was read */
};

/* What happened at the same time stays in the order in which it was read. */
static int compare_rows(const void *a, const void *b)
{
	const struct told_row *left = a, *right = b;

	if (left->history->time != right->history->time)
		return left->history->time < right->history->time ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static struct nx_history *in_order(TALLOC_CTX *ctx, const struct tale *tale)
{
	struct told_row *told = talloc_array(ctx, struct told_row, tale->rows);
	struct nx_history *out =
	        talloc_array(ctx, struct nx_history, tale->rows);

	for (size_t i = 0; i < tale->rows; i++)
		told[i] = (struct told_row){&tale->history[i], i};
	if (tale->rows > 1)
		qsort(told, tale->rows, sizeof(*told), compare_rows);
	for (size_t i = 0; i < tale->rows; i++)
		out[i] = *told[i].history;
	talloc_free(told);
	return out;
}

bool nx_history_read(TALLOC_CTX *ctx, struct nx_store *store,
                     const char *address, const struct nx_history **out,
                     size_t *count, struct nx_error *err)
{
	struct tale tale = {.ctx = ctx};

	if (!read_all(store, nx_subject_of(store, address).r, &tale, err))
		return false;
	*out = in_order(ctx, &tale);
	*count = tale.rows;
	return true;
}

bool nx_store_history(struct nx_store *store, const char *address,
                      nx_history_row *row, void *user, struct nx_error *err)
{
	const struct nx_history *history;
	size_t count;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool done =
	        nx_history_read(ctx, store, address, &history, &count, err);

	for (size_t i = 0; done && i < count; i++)
		if (!row(user, &history[i]))
			break;
	talloc_free(ctx);
	return done;
}

/* --- a span of time ------------------------------------------------------- */

struct walk {
	struct nx_store *store;
	unsigned classes;
	int64_t time, serial; /* after which the next page begins */
	int64_t until;
	TALLOC_CTX *ctx; /* of the page */
	struct nx_history *history;
	size_t rows;
};

/* "" for a class that is not wanted: no event has it. */
static void put_classes(struct nx_query *query, unsigned classes)
{
	for (int i = NX_CLASS_NONE; i <= NX_CLASS_UNSUBSCRIBE; i++)
		nx_query_put_text(query,
		                  classes & 1U << i
		                          ? nx_class_name((enum nx_class)i)
		                          : "");
}

static struct nx_query begin_page(const struct walk *walk)
{
	struct nx_query query = nx_query_begin(
	        walk->store,
	        walk->classes ? NX_SQL_WALK_EVENTS : NX_SQL_WALK_ATTEMPTS);
	query.keep = walk->ctx;
	nx_query_put_number(&query, walk->time);
	nx_query_put_number(&query, walk->serial);
	nx_query_put_number(&query, walk->until);
	if (walk->classes)
		put_classes(&query, walk->classes);
	nx_query_put_number(&query, PAGE);
	return query;
}

static bool read_walk(struct walk *walk, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = begin_page(walk);

	walk->rows = 0;
	walk->history = talloc_array(walk->ctx, struct nx_history, PAGE);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		struct nx_history *history = &walk->history[walk->rows++];
		if (walk->classes)
			read_event(&query, history);
		else
			read_attempt(&query, history);
		walk->time = history->time;
		walk->serial = nx_query_int(&query);
	}
	return answer == NX_STEP_DONE;
}

static bool give_walk(const struct walk *walk, nx_history_row *row, void *user)
{
	for (size_t i = 0; i < walk->rows; i++)
		if (!row(user, &walk->history[i]))
			return false;
	return walk->rows == PAGE;
}

bool nx_store_walk(struct nx_store *store, unsigned classes, int64_t since,
                   int64_t until, nx_history_row *row, void *user,
                   struct nx_error *err)
{
	bool done, more = true;
	struct walk walk = {.store = store,
	                    .classes = classes,
	                    .time = since > INT64_MIN ? since - 1 : since,
	                    .serial = INT64_MAX,
	                    .until = until};
	do {
		walk.ctx = talloc_new(NULL);
		done = read_walk(&walk, err);
		if (done)
			more = give_walk(&walk, row, user);
		talloc_free(walk.ctx);
	} while (done && more);
	return done;
}
