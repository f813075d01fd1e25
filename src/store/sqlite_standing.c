/* SPDX-License-Identifier: ISC */
#include "store/subject.h"

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
bool nx_standing_read(struct nx_query *query, struct nx_standing_row *row,
                      struct nx_error *err)
{
	struct nx_standing *standing = &row->standing;

	*row = (struct nx_standing_row){.r = nx_query_int(query)};
	row->mail = nx_query_int(query);
	if (!nx_why_of(query->store, nx_query_int(query), standing, err))
		return false;
	standing->since = nx_query_int(query);
	standing->until = nx_query_int(query);
	standing->rung = rung_of(nx_query_int(query));
	standing->climbed = nx_query_int(query);
	standing->bounced_until = nx_query_int(query);
	read_strikes(nx_query_text(query), standing);
	row->evidence = (enum nx_trust)nx_query_int(query);
	row->act = nx_query_int(query);
	return true;
}

bool nx_state_read(struct nx_query *query, struct nx_standing_row *row,
                   struct nx_subject_state *state, struct nx_error *err)
{
	if (!nx_standing_read(query, row, err))
		return false;
	*state = (struct nx_subject_state){.address = nx_query_text(query),
	                                   .standing = row->standing,
	                                   .evidence = row->evidence,
	                                   .act = row->act};
	return nx_mail_of(query->store, row->mail, &state->mail, err);
}

/* --- subjects ------------------------------------------------------------- */

struct nx_subject nx_subject_of(const struct nx_store *store,
                                const char *address)
{
	return (struct nx_subject){address,
	                           nx_digest_recipient(&store->key, address)};
}

bool nx_sqlite_is_key(const char *address)
{
	return strncmp(address, "key:", 4) == 0;
}

bool nx_subject_address(TALLOC_CTX *ctx, struct nx_store *store, int64_t r,
                        const char **out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADDRESS);

	query.keep = ctx;
	*out = "";
	nx_query_put_number(&query, r);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_ROW)
		*out = nx_query_text(&query);
	return answer != NX_STEP_FAILED;
}

/* *is_erased: what is remembered of it goes by its key alone. */
static bool check_address(struct nx_store *store,
                          const struct nx_subject *subject, bool *is_erased,
                          struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADDRESS);

	nx_query_put_number(&query, subject->r);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	const char *kept = nx_query_text(&query);
	*is_erased = nx_sqlite_is_key(kept);
	return *is_erased || strcmp(kept, subject->address) == 0 ||
	       nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: %s has the key of another address",
	                    store->path, subject->address);
}

static bool put_subject(struct nx_store *store, enum nx_sql which,
                        const struct nx_subject *subject, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_number(&query, subject->r);
	nx_query_put_text(&query, subject->address);
	return nx_query_run(&query, err);
}

static bool add_subject(struct nx_store *store,
                        const struct nx_subject *subject, bool *is_erased,
                        struct nx_error *err)
{
	*is_erased = store->hashed;
	return store->hashed ||
	       (put_subject(store, NX_SQL_ADD_RECIPIENT, subject, err) &&
	        (sqlite3_changes(store->db) > 0 ||
	         check_address(store, subject, is_erased, err)));
}

bool nx_subject_add(struct nx_store *store, const struct nx_subject *subject,
                    struct nx_error *err)
{
	bool is_erased;

	return add_subject(store, subject, &is_erased, err) &&
	       (!is_erased || store->hashed ||
	        (put_subject(store, NX_SQL_NAME_RECIPIENT, subject, err) &&
	         nx_sqlite_changes_note_all(store, subject->r, err)));
}

bool nx_subject_refer(struct nx_store *store, const struct nx_subject *subject,
                      struct nx_error *err)
{
	bool is_erased;

	return add_subject(store, subject, &is_erased, err);
}

/* --- standings ------------------------------------------------------------ */

bool nx_standing_load(struct nx_store *store, int64_t r, int64_t mail,
                      struct nx_standing_row *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_STANDING);

	nx_query_put_number(&query, r);
	nx_query_put_number(&query, mail);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	*out = (struct nx_standing_row){.r = r, .mail = mail};
	return answer == NX_STEP_DONE ||
	       (answer == NX_STEP_ROW && nx_standing_read(&query, out, err));
}

bool nx_standing_judge(const struct nx_policy *policy,
                       const struct nx_verdict *verdict, int64_t time,
                       enum nx_trust evidence, struct nx_standing_row *row)
{
	const struct nx_standing before = row->standing;

	if (nx_policy_is_outdated(policy, &before, verdict, time))
		return false;
	row->standing = nx_policy_judge(policy, before, verdict, time);
	if (nx_standing_is_same(&before, &row->standing))
		return false;
	row->evidence = evidence;
	row->act = row->standing.cause == before.cause ? row->act : 0;
	return true;
}

static bool forget(struct nx_store *store, const struct nx_standing_row *row,
                   struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_FORGET_STANDING);

	nx_query_put_number(&query, row->r);
	nx_query_put_number(&query, row->mail);
	return nx_query_run(&query, err) &&
	       (sqlite3_changes(store->db) == 0 ||
	        nx_sqlite_changes_note(store, row->r, row->mail, err));
}

/* One number for all that a transaction changes. */
bool nx_standing_number(struct nx_store *store, struct nx_error *err)
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

	nx_sqlite_known_save(store, row->r);
	write_strikes(standing, strikes);
	nx_query_put_number(&query, row->r);
	nx_query_put_number(&query, row->mail);
	nx_query_put_number(&query, why);
	nx_query_put_number(&query, standing->since);
	nx_query_put_number(&query, standing->until);
	nx_query_put_number(&query, standing->rung);
	nx_query_put_number(&query, standing->climbed);
	/* mostly the same, and forever takes eight bytes */
	nx_query_put_unless(&query, standing->bounced_until, standing->until);
	if (*strikes)
		nx_query_put_text(&query, strikes);
	else
		nx_query_put_nothing(&query);
	nx_query_put_number(&query, row->evidence);
	nx_query_put_unless(&query, row->act, 0);
	nx_query_put_number(&query, store->number);
	return nx_query_run(&query, err);
}

bool nx_standing_is_nothing(const struct nx_standing *standing)
{
	return standing->cause == NX_CAUSE_NONE &&
	       standing->strikes + standing->unconfirmed_count == 0;
}

bool nx_standing_save(struct nx_store *store, const struct nx_standing_row *row,
                      struct nx_error *err)
{
	const struct nx_standing *standing = &row->standing;
	int64_t why;

	if (nx_standing_is_nothing(standing))
		return forget(store, row, err);
	return nx_sqlite_changes_note(store, row->r, row->mail, err) &&
	       nx_why_add(store, standing, &why, err) &&
	       save(store, row, why, err);
}
