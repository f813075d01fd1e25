/* SPDX-License-Identifier: ISC */
#include "store/subject.h"

#include <string.h>

/*
 * The small tables mail and why: what standings hold for, and what they rest
 * on. Their rows are never changed, so they are kept, and read again when an id
 * is not among them.
 */

enum { MOST_PAIRS = 1000000 }; /* no store has so many; a damaged one may */

/* --- by id ---------------------------------------------------------------- */

static void set_pair(struct nx_store *store, struct nx_pairs *pairs, int64_t id,
                     const char *first, const char *second)
{
	if (id >= pairs->count) {
		pairs->pair = talloc_realloc_size(store, pairs->pair,
		                                  (size_t)(id + 1) *
		                                          sizeof(*pairs->pair));
		memset(&pairs->pair[pairs->count], 0,
		       (size_t)(id + 1 - pairs->count) * sizeof(*pairs->pair));
		pairs->count = id + 1;
	}
	pairs->pair[id][0] = talloc_strdup(pairs->pair, first);
	pairs->pair[id][1] = talloc_strdup(pairs->pair, second);
}

static void forget(struct nx_pairs *pairs)
{
	TALLOC_FREE(pairs->pair);
	pairs->count = 0;
}

void nx_pairs_forget(struct nx_store *store)
{
	forget(&store->mails);
	forget(&store->whys);
}

static bool read_all(struct nx_store *store, enum nx_sql which,
                     struct nx_pairs *pairs, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	forget(pairs);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		const int64_t id = nx_query_int(&query);
		const char *first = nx_query_text(&query);

		if (id >= 0 && id <= MOST_PAIRS)
			set_pair(store, pairs, id, first,
			         nx_query_text(&query));
	}
	return answer == NX_STEP_DONE;
}

static bool has(const struct nx_pairs *pairs, int64_t id)
{
	return id >= 0 && id < pairs->count && pairs->pair[id][0];
}

static bool find(struct nx_store *store, enum nx_sql which,
                 struct nx_pairs *pairs, int64_t id, struct nx_error *err)
{
	return has(pairs, id) ||
	       (read_all(store, which, pairs, err) &&
	        (has(pairs, id) ||
	         nx_error_set(err, NX_ERROR_CONFIG,
	                      "%s: a standing refers to nothing: "
	                      "nixie db verify tells more",
	                      store->path)));
}

bool nx_mail_of(struct nx_store *store, int64_t id, struct nx_mail *out,
                struct nx_error *err)
{
	if (!find(store, NX_SQL_MAILS, &store->mails, id, err))
		return false;
	nx_reach_of_name(store->mails.pair[id][0], &out->reach);
	out->name = store->mails.pair[id][1];
	return true;
}

bool nx_why_of(struct nx_store *store, int64_t id, struct nx_standing *out,
               struct nx_error *err)
{
	if (!find(store, NX_SQL_WHYS, &store->whys, id, err))
		return false;
	nx_cause_of_name(store->whys.pair[id][0], &out->cause);
	const char *reason = store->whys.pair[id][1];
	memcpy(out->reason, reason, strnlen(reason, sizeof(out->reason) - 1));
	return true;
}

/* --- by what they say ----------------------------------------------------- */

static bool add_pair(struct nx_store *store, enum nx_sql which,
                     const char *first, const char *second,
                     struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_text(&query, first);
	nx_query_put_text(&query, second);
	return nx_query_run(&query, err);
}

static bool find_pair(struct nx_store *store, enum nx_sql which,
                      const char *first, const char *second, int64_t *id,
                      struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_text(&query, first);
	nx_query_put_text(&query, second);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*id = nx_query_int(&query);
	return true;
}

static bool is_kept(const struct nx_pairs *pairs, const char *first,
                    const char *second, int64_t *id)
{
	for (*id = 0; *id < pairs->count; ++*id)
		if (has(pairs, *id) &&
		    strcmp(pairs->pair[*id][0], first) == 0 &&
		    strcmp(pairs->pair[*id][1], second) == 0)
			return true;
	return false;
}

bool nx_mail_add(struct nx_store *store, const struct nx_mail *mail,
                 int64_t *id, struct nx_error *err)
{
	const char *reach = nx_reach_name(mail->reach);

	return is_kept(&store->mails, reach, mail->name, id) ||
	       (add_pair(store, NX_SQL_ADD_MAIL, reach, mail->name, err) &&
	        find_pair(store, NX_SQL_MAIL, reach, mail->name, id, err) &&
	        find(store, NX_SQL_MAILS, &store->mails, *id, err));
}

bool nx_why_add(struct nx_store *store, const struct nx_standing *standing,
                int64_t *id, struct nx_error *err)
{
	const char *cause = nx_cause_name(standing->cause);
	const char *reason = standing->reason;

	return is_kept(&store->whys, cause, reason, id) ||
	       (add_pair(store, NX_SQL_ADD_WHY, cause, reason, err) &&
	        find_pair(store, NX_SQL_WHY_ID, cause, reason, id, err) &&
	        find(store, NX_SQL_WHYS, &store->whys, *id, err));
}
