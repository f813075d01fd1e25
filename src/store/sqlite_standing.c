/* SPDX-License-Identifier: ISC */
#include "store/sqlite_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Standings: stored and looked up. */

enum { STRIKES_SIZE = (NX_POLICY_STRIKES + NX_POLICY_UNCONFIRMED) * 22 + 1 };

/* Bounces that wait for confirmation come after the strikes, each with a
 * "?". */
static void write_strikes(const struct nx_standing *standing,
                          char out[STRIKES_SIZE])
{
	int at = 0;
	out[0] = '\0';
	for (int i = 0; i < standing->strikes; i++)
		at += snprintf(out + at, (size_t)(STRIKES_SIZE - at),
		               i ? " %" PRId64 : "%" PRId64,
		               standing->strike[i]);
	for (int i = 0; i < standing->unconfirmed_count; i++)
		at += snprintf(out + at, (size_t)(STRIKES_SIZE - at),
		               at ? " ?%" PRId64 : "?%" PRId64,
		               standing->unconfirmed[i]);
}

static void read_times(const char **text, const char *before, int64_t *times,
                       int *count, int most)
{
	while (*count < most) {
		const char *at = *text + strspn(*text, " ");
		size_t length = strlen(before);
		char *end;
		if (strncmp(at, before, length) != 0)
			break;
		int64_t time = strtoll(at + length, &end, 10);
		if (end == at + length)
			break;
		times[(*count)++] = time;
		*text = end;
	}
}

static void read_strikes(const char *text, struct nx_standing *out)
{
	read_times(&text, "", out->strike, &out->strikes, NX_POLICY_STRIKES);
	read_times(&text, "?", out->unconfirmed, &out->unconfirmed_count,
	           NX_POLICY_UNCONFIRMED);
}

/* A rung that no ladder has would be an invalid index. */
static int rung_of(int64_t rung)
{
	if (rung < 0)
		return 0;
	return rung < NX_POLICY_RUNGS ? (int)rung : NX_POLICY_RUNGS - 1;
}

/* The columns of STANDING_COLUMNS. */
static struct nx_standing_row row_of(struct nx_query *query)
{
	struct nx_standing_row row = {.r = nx_query_int(query)};
	struct nx_standing *standing = &row.standing;

	row.mail = nx_query_int(query);
	nx_cause_of_name(nx_query_text(query), &standing->cause);
	const char *reason = nx_query_text(query);
	memcpy(standing->reason, reason,
	       strnlen(reason, sizeof(standing->reason) - 1));
	standing->since = nx_query_int(query);
	standing->until = nx_query_int(query);
	standing->rung = rung_of(nx_query_int(query));
	standing->climbed = nx_query_int(query);
	standing->bounced_until = nx_query_int(query);
	read_strikes(nx_query_text(query), standing);
	row.evidence = (enum nx_trust)nx_query_int(query);
	row.act = nx_query_int(query);
	return row;
}

struct nx_subject_state nx_state_of_row(struct nx_query *query,
                                        struct nx_standing_row *row)
{
	struct nx_subject_state state = {0};

	*row = row_of(query);
	state.standing = row->standing;
	state.evidence = row->evidence;
	state.address = nx_query_text(query);
	nx_reach_of_name(nx_query_text(query), &state.mail.reach);
	state.mail.name = nx_query_text(query);
	state.who = nx_query_text(query);
	state.note = nx_query_text(query);
	return state;
}

/* --- subjects ------------------------------------------------------------- */

struct nx_subject nx_subject_of(const struct nx_store *store,
                                const char *address)
{
	return (struct nx_subject){address,
	                           nx_digest_recipient(&store->key, address)};
}

static bool check_address(struct nx_store *store,
                          const struct nx_subject *subject,
                          struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADDRESS);

	nx_query_put_number(&query, subject->r);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	return strcmp(nx_query_text(&query), subject->address) == 0 ||
	       nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: %s has the key of another address",
	                    store->path, subject->address);
}

bool nx_subject_add(struct nx_store *store, const struct nx_subject *subject,
                    struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_RECIPIENT);

	nx_query_put_number(&query, subject->r);
	nx_query_put_text(&query, subject->address);
	return nx_query_run(&query, err) &&
	       (sqlite3_changes(store->db) > 0 ||
	        check_address(store, subject, err));
}

/* --- the small tables ----------------------------------------------------- */

static bool add_pair(struct nx_store *store, enum nx_sql which,
                     const char *first, const char *second,
                     struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_text(&query, first);
	nx_query_put_text(&query, second);
	return nx_query_run(&query, err);
}

/* *id is 0 when there is none. */
static bool find_pair(struct nx_store *store, enum nx_sql which,
                      const char *first, const char *second, int64_t *id,
                      struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_text(&query, first);
	nx_query_put_text(&query, second);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	*id = answer == NX_STEP_ROW ? nx_query_int(&query) : 0;
	return answer != NX_STEP_FAILED;
}

bool nx_mail_add(struct nx_store *store, const struct nx_mail *mail,
                 int64_t *id, struct nx_error *err)
{
	const char *reach = nx_reach_name(mail->reach);

	/* the first two rows, which the schema made */
	*id = mail->reach;
	if (mail->reach == NX_REACH_ALL || mail->reach == NX_REACH_BULK)
		return true;
	return add_pair(store, NX_SQL_ADD_MAIL, reach, mail->name, err) &&
	       find_pair(store, NX_SQL_MAIL, reach, mail->name, id, err);
}

static bool why_of(struct nx_store *store, const struct nx_standing *standing,
                   int64_t *id, struct nx_error *err)
{
	const char *cause = nx_cause_name(standing->cause);

	if (store->why.id == 0 || store->why.cause != standing->cause ||
	    strcmp(store->why.reason, standing->reason) != 0) {
		store->why.id = 0;
		if (!add_pair(store, NX_SQL_ADD_WHY, cause, standing->reason,
		              err) ||
		    !find_pair(store, NX_SQL_WHY_ID, cause, standing->reason,
		               &store->why.id, err))
			return false;
		store->why.cause = standing->cause;
		memcpy(store->why.reason, standing->reason,
		       sizeof(store->why.reason));
	}
	*id = store->why.id;
	return true;
}

/* --- standings ------------------------------------------------------------ */

bool nx_standing_load(struct nx_store *store, int64_t r, int64_t mail,
                      struct nx_standing_row *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_STANDING);

	nx_query_put_number(&query, r);
	nx_query_put_number(&query, mail);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	*out = answer == NX_STEP_ROW
	               ? row_of(&query)
	               : (struct nx_standing_row){.r = r, .mail = mail};
	return answer != NX_STEP_FAILED;
}

static bool forget(struct nx_store *store, const struct nx_standing_row *row,
                   struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_FORGET_STANDING);

	nx_query_put_number(&query, row->r);
	nx_query_put_number(&query, row->mail);
	return nx_query_run(&query, err);
}

static void put_optional(struct nx_query *query, int64_t number)
{
	if (number != 0)
		nx_query_put_number(query, number);
	else
		nx_query_put_nothing(query);
}

/* One number for all that a transaction changes. */
static bool take_number(struct nx_store *store, struct nx_error *err)
{
	return store->number != 0 ||
	       nx_query_number(store, NX_SQL_NEXT_NUMBER, &store->number, err);
}

static bool save(struct nx_store *store, const struct nx_standing_row *row,
                 int64_t why, struct nx_error *err)
{
	const struct nx_standing *standing = &row->standing;
	char strikes[STRIKES_SIZE];
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_SAVE_STANDING);

	write_strikes(standing, strikes);
	nx_query_put_number(&query, row->r);
	nx_query_put_number(&query, row->mail);
	nx_query_put_number(&query, why);
	nx_query_put_number(&query, standing->since);
	nx_query_put_number(&query, standing->until);
	nx_query_put_number(&query, standing->rung);
	nx_query_put_number(&query, standing->climbed);
	nx_query_put_number(&query, standing->bounced_until);
	if (*strikes)
		nx_query_put_text(&query, strikes);
	else
		nx_query_put_nothing(&query);
	nx_query_put_number(&query, row->evidence);
	put_optional(&query, row->act);
	nx_query_put_number(&query, store->number);
	return nx_query_run(&query, err);
}

bool nx_standing_save(struct nx_store *store, const struct nx_standing_row *row,
                      struct nx_error *err)
{
	const struct nx_standing *standing = &row->standing;
	int64_t why;

	if (standing->cause == NX_CAUSE_NONE &&
	    standing->strikes + standing->unconfirmed_count == 0)
		return forget(store, row, err);
	return take_number(store, err) && why_of(store, standing, &why, err) &&
	       save(store, row, why, err);
}
