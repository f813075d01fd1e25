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
                     struct nx_pair pair)
{
	if (id >= pairs->count) {
		pairs->pair = talloc_realloc_size(store, pairs->pair,
		                                  (size_t)(id + 1) *
		                                          sizeof(*pairs->pair));
		memset(&pairs->pair[pairs->count], 0,
		       (size_t)(id + 1 - pairs->count) * sizeof(*pairs->pair));
		pairs->count = id + 1;
	}
	pairs->pair[id] = (struct nx_pair){
	        talloc_strdup(pairs->pair, pair.first),
	        talloc_strdup(pairs->pair, pair.second), pair.hand};
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
		struct nx_pair pair = {.first = nx_query_text(&query)};

		pair.second = nx_query_text(&query);
		pair.hand = nx_query_int(&query) != 0;
		if (id >= 0 && id <= MOST_PAIRS)
			set_pair(store, pairs, id, pair);
	}
	return answer == NX_STEP_DONE;
}

static const struct nx_pair *look(const struct nx_pairs *pairs, int64_t id)
{
	const bool is_there = id >= 0 && id < pairs->count &&
	                      pairs->pair != NULL && pairs->pair[id].first;
	return is_there ? &pairs->pair[id] : NULL;
}

/* NULL, and *err, when there is none. */
static const struct nx_pair *find(struct nx_store *store, enum nx_sql which,
                                  struct nx_pairs *pairs, int64_t id,
                                  struct nx_error *err)
{
	const struct nx_pair *pair = look(pairs, id);
	if (pair != NULL || !read_all(store, which, pairs, err))
		return pair;
	pair = look(pairs, id);
	if (pair == NULL)
		nx_error_set(err, NX_ERROR_DAMAGED,
		             "%s: a standing refers to nothing: "
		             "nixie db verify tells more",
		             store->path);
	return pair;
}

bool nx_mail_of(struct nx_store *store, int64_t id, struct nx_mail *out,
                struct nx_error *err)
{
	const struct nx_pair *pair =
	        find(store, NX_SQL_MAILS, &store->mails, id, err);
	if (pair == NULL)
		return false;
	nx_reach_of_name(pair->first, &out->reach);
	out->name = pair->second;
	out->by_hand = pair->hand;
	return true;
}

bool nx_why_of(struct nx_store *store, int64_t id, struct nx_standing *out,
               struct nx_error *err)
{
	const struct nx_pair *pair =
	        find(store, NX_SQL_WHYS, &store->whys, id, err);
	if (pair == NULL)
		return false;
	nx_cause_of_name(pair->first, &out->cause);
	memcpy(out->reason, pair->second,
	       strnlen(pair->second, sizeof(out->reason) - 1));
	return true;
}

/* --- by what they say ----------------------------------------------------- */

static struct nx_query put_pair(struct nx_store *store, enum nx_sql which,
                                const struct nx_pair *pair)
{
	struct nx_query query = nx_query_begin(store, which);

	nx_query_put_text(&query, pair->first);
	nx_query_put_text(&query, pair->second);
	nx_query_put_number(&query, pair->hand);
	return query;
}

static bool add_pair(struct nx_store *store, enum nx_sql which,
                     const struct nx_pair *pair, struct nx_error *err)
{
	NX_ENDS struct nx_query query = put_pair(store, which, pair);

	return nx_query_run(&query, err);
}

static bool find_pair(struct nx_store *store, enum nx_sql which,
                      const struct nx_pair *pair, int64_t *id,
                      struct nx_error *err)
{
	NX_ENDS struct nx_query query = put_pair(store, which, pair);

	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*id = nx_query_int(&query);
	return true;
}

static bool is_kept(const struct nx_pairs *pairs, const struct nx_pair *pair,
                    int64_t *id)
{
	for (*id = 0; *id < pairs->count; ++*id) {
		const struct nx_pair *kept = look(pairs, *id);
		if (kept != NULL && kept->hand == pair->hand &&
		    strcmp(kept->first, pair->first) == 0 &&
		    strcmp(kept->second, pair->second) == 0)
			return true;
	}
	return false;
}

bool nx_mail_add(struct nx_store *store, const struct nx_mail *mail,
                 int64_t *id, struct nx_error *err)
{
	const struct nx_pair pair = {nx_reach_name(mail->reach), mail->name,
	                             mail->by_hand};

	return is_kept(&store->mails, &pair, id) ||
	       (add_pair(store, NX_SQL_ADD_MAIL, &pair, err) &&
	        find_pair(store, NX_SQL_MAIL, &pair, id, err) &&
	        find(store, NX_SQL_MAILS, &store->mails, *id, err));
}

bool nx_why_add(struct nx_store *store, const struct nx_standing *standing,
                int64_t *id, struct nx_error *err)
{
	const struct nx_pair pair = {nx_cause_name(standing->cause),
	                             standing->reason, false};

	return is_kept(&store->whys, &pair, id) ||
	       (add_pair(store, NX_SQL_ADD_WHY, &pair, err) &&
	        find_pair(store, NX_SQL_WHY_ID, &pair, id, err) &&
	        find(store, NX_SQL_WHYS, &store->whys, *id, err));
}
