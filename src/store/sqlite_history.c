/* SPDX-License-Identifier: ISC */
#include "store/history.h"

#include "base/room.h"
#include "store/pages.h"
#include "store/subject.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Reads what happened. */

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

/* --- by time -------------------------------------------------------------- */

enum { PAGE = 1000 };

struct row_stream { /* events, or attempts */
	struct nx_store *store;
	const char *address; /* of this one, or "": of all */
	unsigned classes;    /* of events; 0: attempts */
	int64_t until;
};

struct stream_page { /* what of it comes behind a place */
	struct nx_history *history;
	int64_t *serial;
	size_t rows, at;
	int64_t known_to; /* all up to that time were read */
};

static enum nx_sql statement_of(const struct row_stream *stream)
{
	const bool one = *stream->address != '\0';
	if (stream->classes != 0)
		return one ? NX_SQL_WALK_EVENTS_OF : NX_SQL_WALK_EVENTS;
	return one ? NX_SQL_WALK_ATTEMPTS_OF : NX_SQL_WALK_ATTEMPTS;
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

static struct nx_query begin_page(const struct row_stream *stream,
                                  const struct nx_history_place *place)
{
	struct nx_query query =
	        nx_query_begin(stream->store, statement_of(stream));

	nx_query_put_number(&query, place->time);
	nx_query_put_number(&query, place->serial);
	nx_query_put_number(&query, stream->until);
	nx_query_put_number(&query, PAGE);
	if (*stream->address != '\0')
		nx_query_put_number(
		        &query,
		        nx_subject_of(stream->store, stream->address).r);
	else if (stream->classes != 0)
		put_classes(&query, stream->classes);
	return query;
}

static bool read_page(TALLOC_CTX *ctx, const struct row_stream *stream,
                      const struct nx_history_place *place,
                      struct stream_page *out, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = begin_page(stream, place);

	query.keep = ctx;
	out->history = talloc_array(ctx, struct nx_history, PAGE);
	out->serial = talloc_array(ctx, int64_t, PAGE);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		if (stream->classes != 0)
			read_event(&query, &out->history[out->rows]);
		else
			read_attempt(&query, &out->history[out->rows]);
		out->serial[out->rows++] = nx_query_int(&query);
	}
	out->known_to =
	        out->rows == PAGE ? out->history[PAGE - 1].time : INT64_MAX;
	return answer == NX_STEP_DONE;
}

struct nx_history_place nx_history_since(int64_t time)
{
	return (struct nx_history_place){time > INT64_MIN ? time - 1 : time,
	                                 INT64_MAX};
}

/* --- a span of time ------------------------------------------------------- */

/* Whether more is wanted. */
static bool give_page(const struct stream_page *page, nx_history_row *row,
                      void *user)
{
	for (size_t i = 0; i < page->rows; i++)
		if (!row(user, &page->history[i]))
			return false;
	return page->rows == PAGE;
}

bool nx_store_walk(struct nx_store *store, unsigned classes, int64_t since,
                   int64_t until, nx_history_row *row, void *user,
                   struct nx_error *err)
{
	bool done, more;
	struct nx_history_place place = nx_history_since(since);
	const struct row_stream stream = {.store = store,
	                                  .address = "",
	                                  .classes = classes,
	                                  .until = until};
	do {
		struct stream_page page = {.rows = 0};
		TALLOC_CTX *ctx = talloc_new(NULL);
		done = read_page(ctx, &stream, &place, &page, err);
		more = done && give_page(&page, row, user);
		if (more)
			place = (struct nx_history_place){
			        page.history[PAGE - 1].time,
			        page.serial[PAGE - 1]};
		talloc_free(ctx);
	} while (more);
	return done;
}

/* --- a page of both ------------------------------------------------------- */

static bool is_next(const struct stream_page *page,
                    const struct stream_page *other)
{
	return page->at < page->rows &&
	       page->history[page->at].time <= other->known_to &&
	       (other->at == other->rows ||
	        page->history[page->at].time <= other->history[other->at].time);
}

static bool is_of_classes(const struct nx_history_filter *filter,
                          const struct nx_history *history)
{
	return strcmp(history->what, "event") == 0
	               ? filter->classes >> history->event.verdict.class & 1U
	               : filter->causes >> history->standing.cause & 1U;
}

/* The older of both first, as far as both are known. */
static void merge(const struct nx_history_filter *filter, size_t limit,
                  struct stream_page page[2], struct nx_history_place place[2],
                  struct nx_history_page *out)
{
	while (out->rows < limit) {
		const int which = is_next(&page[0], &page[1])   ? 0
		                  : is_next(&page[1], &page[0]) ? 1
		                                                : -1;
		if (which < 0)
			break;
		struct stream_page *of = &page[which];
		place[which] = (struct nx_history_place){
		        of->history[of->at].time, of->serial[of->at]};
		if (is_of_classes(filter, &of->history[of->at]))
			out->history[out->rows++] = of->history[of->at];
		of->at++;
	}
	out->is_end = page[0].at == page[0].rows && page[0].rows < PAGE &&
	              page[1].at == page[1].rows && page[1].rows < PAGE;
}

bool nx_history_page(TALLOC_CTX *ctx, struct nx_store *store,
                     const struct nx_history_filter *filter, size_t limit,
                     struct nx_history_place place[2],
                     struct nx_history_page *out, struct nx_error *err)
{
	struct stream_page page[2] = {{.known_to = INT64_MAX},
	                              {.known_to = INT64_MAX}};
	const struct row_stream attempts = {.store = store,
	                                    .address = filter->address,
	                                    .until = filter->until};
	struct row_stream events = attempts;
	events.classes = UINT_MAX;

	*out = (struct nx_history_page){
	        .history = talloc_array(ctx, struct nx_history, limit)};
	if ((filter->classes != 0 &&
	     !read_page(ctx, &events, &place[0], &page[0], err)) ||
	    (filter->causes != 0 &&
	     !read_page(ctx, &attempts, &place[1], &page[1], err)))
		return false;
	merge(filter, limit, page, place, out);
	return true;
}
