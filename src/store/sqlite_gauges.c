/* SPDX-License-Identifier: ISC */
#include "store/gauges.h"
#include "store/sqlite.h"
#include "store/subject.h"

/* What goes up and down, with the statements for it. */

enum { PIECE = 1000 }; /* standings that are read in one view */

#define AT(name) (NX_SQL_##name - NX_SQL_GAUGES)

const char *const nx_sqlite_gauges_text[AT(COUNT)] = {
        [AT(GAUGES)] = "SELECT count(*), count(DISTINCT provider), "
                       "(SELECT open FROM block_total) "
                       "FROM held WHERE drops > ?",
        [AT(KEPT_LATELY)] = "SELECT time FROM quarantine WHERE ordinary = 0 "
                            "ORDER BY serial DESC LIMIT ?",
        [AT(HOLDING)] = "SELECT r, mail, why, until FROM standing "
                        "WHERE (r, mail) > (?, ?) ORDER BY r, mail LIMIT ?",
};

static bool read_total(struct nx_store *store, bool is_ordinary,
                       struct nx_kept_total *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_QUARANTINE_TOTAL);

	nx_query_put_number(&query, is_ordinary);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	out->messages = nx_query_int(&query);
	out->bytes = nx_query_int(&query);
	return true;
}

/* The newest first, until one is older. */
static bool count_lately(struct nx_store *store, int64_t since, int64_t *out,
                         struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_KEPT_LATELY);

	*out = 0;
	nx_query_put_number(&query, NX_GAUGES_LATELY);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		if (nx_query_int(&query) < since)
			return true;
		++*out;
	}
	return answer == NX_STEP_DONE;
}

static bool read_held(struct nx_store *store, int64_t now,
                      struct nx_store_gauges *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_GAUGES);

	nx_query_put_number(&query, now);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	out->held = nx_query_int(&query);
	out->holds = nx_query_int(&query);
	out->blocks = nx_query_int(&query);
	return true;
}

bool nx_gauges_read(struct nx_store *store, int64_t now, int64_t since,
                    struct nx_store_gauges *out, struct nx_error *err)
{
	return read_total(store, false, &out->reports, err) &&
	       read_total(store, true, &out->ordinary, err) &&
	       count_lately(store, since, &out->lately, err) &&
	       read_held(store, now, out, err);
}

/* --- standings ------------------------------------------------------------ */

struct reached { /* the last standing that was read */
	int64_t r, mail;
};

static bool count_one(struct nx_store *store, int64_t why, int64_t *count,
                      struct nx_error *err)
{
	struct nx_standing standing = {.cause = NX_CAUSE_NONE};

	if (!nx_why_of(store, why, &standing, err))
		return false;
	count[standing.cause]++;
	return true;
}

static bool count_piece(struct nx_store *store, int64_t now,
                        struct reached *reached, int64_t *count, int *rows,
                        struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_HOLDING);

	nx_query_put_number(&query, reached->r);
	nx_query_put_number(&query, reached->mail);
	nx_query_put_number(&query, PIECE);
	for (*rows = 0; (answer = nx_query_step(&query, err)) == NX_STEP_ROW;
	     ++*rows) {
		reached->r = nx_query_int(&query);
		reached->mail = nx_query_int(&query);
		const int64_t why = nx_query_int(&query);
		if (nx_query_int(&query) > now &&
		    !count_one(store, why, count, err))
			return false;
	}
	return answer == NX_STEP_DONE;
}

bool nx_gauges_count(struct nx_store *store, int64_t now,
                     int64_t out[NX_GAUGES_CAUSES], struct nx_error *err)
{
	struct reached reached = {INT64_MIN, INT64_MIN};
	int rows;

	for (int i = 0; i < NX_GAUGES_CAUSES; i++)
		out[i] = 0;
	do
		if (!nx_sqlite_place_holds(store, err) ||
		    !count_piece(store, now, &reached, out, &rows, err))
			return false;
	while (rows == PIECE);
	return true;
}
