/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "store/changes.h"
#include "store/subject.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Reads what changed. A cursor begins as a walk through all standings, which
 * remembers the number of the last commit before it; then the commits after
 * that follow. No two statements need see the same state of the store: what is
 * committed between them has a number that comes later.
 */

enum {
	WRITER = NX_TEXT_HEX_NUMBER,     /* digits of its name */
	ROWS = 1000,                     /* that a page looks at */
	NUMBERS = 3 * NX_TEXT_HEX_NUMBER /* digits of the three of a cursor */
};

struct follow_place { /* what a cursor says */
	char writer[WRITER + 1];
	bool walks;     /* from r and mail on; else … */
	int64_t number; /* … this is the next; that the walk began after */
	int64_t r, mail;
	int64_t at; /* how many keys of the number were told */
};

struct following {
	TALLOC_CTX *ctx;
	struct nx_store *store;
	struct follow_place place;
	int64_t last; /* number */
	size_t limit;
	struct nx_changes *out;
	struct nx_error *err;
};

/* --- cursors -------------------------------------------------------------- */

static const char *write_cursor(TALLOC_CTX *ctx,
                                const struct follow_place *place)
{
	return talloc_asprintf(
	        ctx, "%s%c%016" PRIx64 "%016" PRIx64 "%016" PRIx64,
	        place->writer, place->walks ? 'w' : 'n',
	        (uint64_t)place->number,
	        (uint64_t)(place->walks ? place->r : 0),
	        (uint64_t)(place->walks ? place->mail : place->at));
}

static bool read_cursor(const char *text, struct follow_place *out)
{
	int64_t writer, number, r, last;
	const char *at = text + WRITER + 1;

	if (strlen(text) != WRITER + 1 + NUMBERS ||
	    !nx_text_hex_number(text, &writer) ||
	    (text[WRITER] != 'w' && text[WRITER] != 'n') ||
	    !nx_text_hex_number(at, &number) ||
	    !nx_text_hex_number(at + NX_TEXT_HEX_NUMBER, &r) ||
	    !nx_text_hex_number(at + (size_t)2 * NX_TEXT_HEX_NUMBER, &last))
		return false;
	*out = (struct follow_place){
	        .walks = text[WRITER] == 'w', .number = number, .r = r};
	memcpy(out->writer, text, WRITER);
	out->mail = out->at = last;
	return out->number > 0 && (out->walks || out->at >= 0);
}

static bool begin(struct following *run, const char *cursor)
{
	const char *name;
	const bool begins = *cursor == '\0';
	NX_ENDS struct nx_query query =
	        nx_query_begin(run->store, NX_SQL_WRITER);

	if (!begins && !read_cursor(cursor, &run->place))
		return nx_error_set(run->err, NX_ERROR_USAGE,
		                    "not a cursor of these changes");
	if (nx_query_step(&query, run->err) != NX_STEP_ROW)
		return false;
	name = nx_query_text(&query);
	run->last = nx_query_int(&query);
	if (begins) {
		run->place = (struct follow_place){.walks = true,
		                                   .number = run->last,
		                                   .r = INT64_MIN,
		                                   .mail = -1};
		memcpy(run->place.writer, name, strnlen(name, WRITER));
	}
	run->out->lost = strcmp(name, run->place.writer) != 0 ||
	                 run->place.number > run->last + 1;
	return true;
}

/* --- what is told --------------------------------------------------------- */

static struct nx_change *next_of(struct following *run)
{
	return &run->out->change[run->out->count++];
}

static bool complete(struct following *run, const struct nx_standing_row *row,
                     const char *address, struct nx_change *out)
{
	const bool known = !run->store->hashed && !nx_sqlite_is_key(address);

	*out = (struct nx_change){
	        .id = row->r,
	        .address = known ? talloc_strdup(run->ctx, address) : "",
	        .gone = row->standing.cause == NX_CAUSE_NONE,
	        .standing = row->standing,
	        .evidence = row->evidence,
	        .act = row->act};
	if (!nx_mail_of(run->store, row->mail, &out->mail, run->err))
		return false;
	out->mail.name = talloc_strdup(run->ctx, out->mail.name);
	return true;
}

/* --- all there is --------------------------------------------------------- */

static bool walk(struct following *run, bool *is_end)
{
	struct nx_standing_row row;
	struct nx_subject_state state;
	enum nx_step_answer answer;
	struct follow_place *place = &run->place;
	size_t rows = 0;
	const struct follow_place from = *place;
	NX_ENDS struct nx_query query = nx_query_begin(run->store, NX_SQL_LIST);

	nx_query_put_number(&query, from.r);
	nx_query_put_number(&query, from.mail);
	nx_query_put_number(&query, INT64_MIN);
	nx_query_put_number(&query, ROWS);
	while (run->out->count < run->limit &&
	       (answer = nx_query_step(&query, run->err)) != NX_STEP_DONE) {
		if (answer == NX_STEP_FAILED ||
		    !nx_state_read(&query, &row, &state, run->err))
			return false;
		rows++;
		place->r = row.r;
		place->mail = row.mail;
		if (!complete(run, &row, state.address, next_of(run)))
			return false;
	}
	*is_end = rows < ROWS && run->out->count < run->limit;
	if (*is_end)
		*place = (struct follow_place){.number = from.number + 1};
	memcpy(place->writer, from.writer, sizeof(place->writer));
	return true;
}

/* --- commits -------------------------------------------------------------- */

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

static bool tell(struct following *run, const uint8_t *key)
{
	const char *address;
	struct nx_standing_row row;
	const int64_t r = (int64_t)number_of(key, 8);
	const int64_t mail = (int64_t)number_of(key + 8, 4);

	return nx_standing_load(run->store, r, mail, &row, run->err) &&
	       nx_subject_address(run->ctx, run->store, r, &address,
	                          run->err) &&
	       complete(run, &row, address, next_of(run));
}

/* The keys of a part that were not told yet, as many as there is room for. */
static bool tell_part(struct following *run, const uint8_t *keys, size_t count)
{
	struct follow_place *place = &run->place;
	size_t at = (size_t)(place->at % NX_CHANGES_PART);

	for (; at < count && run->out->count < run->limit; at++, place->at++)
		if (!tell(run, keys + at * NX_CHANGE_SIZE))
			return false;
	if (at >= count && count < NX_CHANGES_PART) {
		place->number++;
		place->at = 0;
	}
	return true;
}

static bool is_next(const struct follow_place *place, struct nx_query *query)
{
	const int64_t number = nx_query_int(query);
	const int64_t part = nx_query_int(query);

	return number == place->number && part == place->at / NX_CHANGES_PART;
}

/* A part that is missing is lost, unless it is to come. */
static bool follow(struct following *run)
{
	enum nx_step_answer answer = NX_STEP_ROW;
	const struct follow_place from = run->place;
	bool is_there = true;
	NX_ENDS struct nx_query query =
	        nx_query_begin(run->store, NX_SQL_CHANGES);

	nx_query_put_number(&query, from.number);
	nx_query_put_number(&query, from.at / NX_CHANGES_PART);
	nx_query_put_number(&query, ROWS);
	while (run->out->count < run->limit && is_there &&
	       (answer = nx_query_step(&query, run->err)) == NX_STEP_ROW) {
		size_t size;

		is_there = is_next(&run->place, &query);
		const char *keys = nx_query_blob(&query, &size);
		if (is_there && !tell_part(run, (const uint8_t *)keys,
		                           size / NX_CHANGE_SIZE))
			return false;
	}
	if (answer == NX_STEP_FAILED)
		return false;
	run->out->lost = run->place.number <= run->last &&
	                 run->place.number == from.number &&
	                 run->place.at == from.at;
	run->out->more =
	        run->place.number <= run->last || run->out->count == run->limit;
	return true;
}

/* -------------------------------------------------------------------------- */

static bool read_page(struct following *run)
{
	bool is_end = true;

	if (run->place.walks && !walk(run, &is_end))
		return false;
	run->out->more = true;
	/* numbers that changed nothing are passed */
	while (is_end && run->out->count == 0 && run->out->more &&
	       !run->out->lost)
		if (!follow(run))
			return false;
	return true;
}

bool nx_changes_read(TALLOC_CTX *ctx, struct nx_store *store,
                     const char *cursor, size_t limit, struct nx_changes *out,
                     struct nx_error *err)
{
	struct following run = {.ctx = ctx,
	                        .store = store,
	                        .limit = limit,
	                        .out = out,
	                        .err = err};

	*out = (struct nx_changes){.next = ""};
	if (!begin(&run, cursor))
		return false;
	if (out->lost)
		return true;
	out->change = talloc_array(ctx, struct nx_change, limit);
	if (!read_page(&run))
		return false;
	out->next = write_cursor(ctx, &run.place);
	return true;
}
