/* SPDX-License-Identifier: ISC */
#include "store/past.h"

#include "base/room.h"
#include "event/attribute.h"

#include <stdlib.h>
#include <string.h>

/* Reads what happened to an address, and what stands now. */

/* --- events --------------------------------------------------------------- */

struct nx_past_terms nx_past_terms_of(TALLOC_CTX *ctx,
                                      const struct nx_bulk *bulk)
{
	struct nx_past_terms terms = {.streams = bulk->streams};
	const size_t count = bulk->tables ? nx_tables_count(bulk->tables) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct nx_rule_info info =
		        nx_tables_info(bulk->tables, i);

		if (info.confirm_days == 0)
			continue;
		terms.rule = NX_ROOM(ctx, terms.rule, struct nx_past_rule,
		                     terms.rules);
		terms.rule[terms.rules++] =
		        (struct nx_past_rule){info.id, info.confirm_days};
	}
	return terms;
}

static bool is_temporary(const struct nx_event *event)
{
	return event->reply / 100 == 4 || *event->status == '4';
}

static int confirm_days_of(const struct nx_past_terms *terms,
                           const struct nx_event *event)
{
	for (size_t i = 0; i < terms->rules; i++)
		if (strcmp(terms->rule[i].id, event->verdict.rule) == 0)
			return is_temporary(event)
			               ? 0
			               : terms->rule[i].confirm_days;
	return 0;
}

static void read_event(struct nx_query *query,
                       const struct nx_past_terms *terms,
                       struct nx_past_event *out)
{
	struct nx_event *event = &out->event;

	*out = (struct nx_past_event){.serial = nx_query_int(query)};
	event->time = nx_query_int(query);
	nx_event_read(query, event);
	out->feedback_type = nx_query_text(query);
	event->verdict.confirm_days = confirm_days_of(terms, event);
	nx_attribute_stored(terms->streams, event);
}

/* Reads one row ahead, to see where the next subject begins. */
static bool read_ahead(struct nx_past_walk *walk, struct nx_error *err)
{
	walk->ctx = talloc_new(NULL);
	walk->query.keep = walk->ctx;
	const enum nx_step_answer answer = nx_query_step(&walk->query, err);
	walk->is_end = answer != NX_STEP_ROW;
	if (!walk->is_end) {
		walk->r = nx_query_int(&walk->query);
		read_event(&walk->query, walk->terms, &walk->event);
	}
	return answer != NX_STEP_FAILED;
}

static bool begin(struct nx_store *store, const struct nx_past_terms *terms,
                  int64_t from, int64_t to, struct nx_past_walk *out,
                  struct nx_error *err)
{
	*out = (struct nx_past_walk){
	        .store = store,
	        .terms = terms,
	        .query = nx_query_begin(store, NX_SQL_PAST)};
	nx_query_put_number(&out->query, from);
	nx_query_put_number(&out->query, to);
	return read_ahead(out, err);
}

bool nx_past_walk_begin(struct nx_store *store,
                        const struct nx_past_terms *terms,
                        struct nx_past_walk *out, struct nx_error *err)
{
	return begin(store, terms, INT64_MIN, INT64_MAX, out, err);
}

void nx_past_walk_end(struct nx_past_walk *walk)
{
	nx_query_end(&walk->query);
	TALLOC_FREE(walk->ctx);
}

static int compare_events(const void *a, const void *b)
{
	const struct nx_past_event *left = a, *right = b;

	if (left->event.time != right->event.time)
		return left->event.time < right->event.time ? -1 : 1;
	return left->serial < right->serial ? -1 : left->serial > right->serial;
}

static bool read_address(struct nx_store *store, struct nx_past *past,
                         struct nx_error *err)
{
	if (!nx_subject_address(past->ctx, store, past->r, &past->address, err))
		return false;
	for (size_t i = 0; i < past->events; i++)
		past->event[i].event.address = past->address;
	return true;
}

/* All events of the subject whose first one was read ahead. */
static bool gather(struct nx_past_walk *walk, struct nx_past *past,
                   struct nx_error *err)
{
	while (!walk->is_end && walk->r == past->r) {
		past->event = NX_ROOM(past->ctx, past->event,
		                      struct nx_past_event, past->events);
		past->event[past->events++] = walk->event;
		talloc_steal(past->ctx, walk->ctx);
		if (!read_ahead(walk, err))
			return false;
	}
	if (past->events > 1)
		qsort(past->event, past->events, sizeof(*past->event),
		      compare_events);
	return true;
}

bool nx_past_walk_next(struct nx_past_walk *walk, struct nx_past *out,
                       bool *any, struct nx_error *err)
{
	*any = !walk->is_end;
	*out = (struct nx_past){.ctx = NULL};
	if (walk->is_end)
		return true;
	*out = (struct nx_past){.ctx = talloc_new(NULL), .r = walk->r};
	if (gather(walk, out, err) && read_address(walk->store, out, err))
		return true;
	TALLOC_FREE(out->ctx);
	return false;
}

bool nx_past_read(TALLOC_CTX *ctx, struct nx_store *store,
                  const struct nx_past_terms *terms, int64_t r,
                  struct nx_past *out, struct nx_error *err)
{
	struct nx_past_walk walk;

	*out = (struct nx_past){.ctx = ctx, .r = r};
	const bool done = begin(store, terms, r, r, &walk, err) &&
	                  gather(&walk, out, err);
	nx_past_walk_end(&walk);
	return done && read_address(store, out, err) &&
	       nx_past_complete(store, out, err);
}

/* --- all the rest --------------------------------------------------------- */

/* The name is read again when rows of mail are added, so it is copied. */
static bool read_mail(struct nx_store *store, TALLOC_CTX *ctx, int64_t id,
                      struct nx_mail *out, struct nx_error *err)
{
	if (!nx_mail_of(store, id, out, err))
		return false;
	out->name = talloc_strdup(ctx, out->name);
	return true;
}

static bool read_attempts(struct nx_store *store, struct nx_past *past,
                          struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_PAST_ATTEMPTS);

	nx_query_put_number(&query, past->r);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		past->attempt = NX_ROOM(past->ctx, past->attempt,
		                        struct nx_past_attempt, past->attempts);
		struct nx_past_attempt *next = &past->attempt[past->attempts++];
		next->time = nx_query_int(&query);
		if (!read_mail(store, past->ctx, nx_query_int(&query),
		               &next->mail, err))
			return false;
	}
	return answer == NX_STEP_DONE;
}

static bool read_tombstones(struct nx_store *store, struct nx_past *past,
                            struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_TOMBSTONES);

	nx_query_put_number(&query, past->r);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		past->tombstone =
		        NX_ROOM(past->ctx, past->tombstone, struct nx_tombstone,
		                past->tombstones);
		struct nx_tombstone *next =
		        &past->tombstone[past->tombstones++];
		if (!read_mail(store, past->ctx, nx_query_int(&query),
		               &next->mail, err))
			return false;
		next->time = nx_query_int(&query);
		next->event = nx_query_int(&query);
		nx_cause_of_name(nx_query_text(&query), &next->also);
	}
	return answer == NX_STEP_DONE;
}

static bool read_standings(struct nx_store *store, struct nx_past *past,
                           struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_PAST_STANDINGS);

	nx_query_put_number(&query, past->r);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		past->standing =
		        NX_ROOM(past->ctx, past->standing,
		                struct nx_past_standing, past->standings);
		struct nx_past_standing *next =
		        &past->standing[past->standings++];
		if (!nx_standing_read(&query, &next->row, err) ||
		    !read_mail(store, past->ctx, next->row.mail, &next->mail,
		               err))
			return false;
	}
	return answer == NX_STEP_DONE;
}

bool nx_past_complete(struct nx_store *store, struct nx_past *past,
                      struct nx_error *err)
{
	return read_attempts(store, past, err) &&
	       read_tombstones(store, past, err) &&
	       read_standings(store, past, err);
}
