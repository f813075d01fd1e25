/* SPDX-License-Identifier: ISC */
#include "base/room.h"
#include "store/known.h"
#include "store/sqlite.h"

/* The store and what is known of it in memory. */

enum { PIECE = 1000 };           /* standings that are read in one view */
static const double MOST = 1e10; /* that there can be */

static struct nx_known_state state_of(const struct nx_store *store,
                                      int64_t number)
{
	return (struct nx_known_state){
	        {store->place.device[0], store->place.inode[0]}, number};
}

void nx_sqlite_known_open(const struct nx_store *store)
{
	if (store->known != NULL && store->looks)
		nx_known_forget(store->known);
}

void nx_store_share(struct nx_store *store, struct nx_known *known)
{
	store->known = known;
	nx_sqlite_known_open(store);
}

/* --- asking --------------------------------------------------------------- */

/* When that fails, the store is asked. */
void nx_sqlite_known_view(struct nx_store *store)
{
	struct nx_error ignored;
	if (store->known != NULL && !nx_query_number(store, NX_SQL_LAST_NUMBER,
	                                             &store->viewed, &ignored))
		store->viewed = 0;
}

bool nx_sqlite_known_is_neither(const struct nx_store *store, int64_t one,
                                int64_t other)
{
	const struct nx_known_state state = state_of(store, store->viewed);
	return store->viewed != 0 &&
	       nx_known_is_neither(store->known, &state, one, other);
}

/* --- what is committed ---------------------------------------------------- */

void nx_sqlite_known_save(struct nx_store *store, int64_t r)
{
	if (store->known == NULL)
		return;
	const size_t at = store->saved_count++;
	store->saved = NX_ROOM(store, store->saved, int64_t, at);
	store->saved[at] = r;
}

void nx_sqlite_known_commit(struct nx_store *store, bool done)
{
	const struct nx_known_state state = state_of(store, store->number);
	if (done && store->known != NULL && store->number != 0)
		nx_known_committed(store->known, &state, store->saved,
		                   store->saved_count);
	store->saved_count = 0;
}

/* --- reading -------------------------------------------------------------- */

struct standing_read { /* of the last standing that was read */
	int64_t r, mail;
};

static const struct standing_read BEFORE_ALL = {INT64_MIN, INT64_MIN};

static bool no_room(const struct nx_store *store, struct nx_error *err)
{
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: there is no room for its keys in memory",
	                    store->path);
}

static bool read_piece(struct nx_store *store, struct standing_read *after,
                       int64_t key[PIECE], size_t *count, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_KEYS);
	nx_query_put_number(&query, after->r);
	nx_query_put_number(&query, after->mail);
	nx_query_put_number(&query, PIECE);
	*count = 0;
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		after->r = key[(*count)++] = nx_query_int(&query);
		after->mail = nx_query_int(&query);
	}
	return answer == NX_STEP_DONE;
}

/* Keys are spread evenly: how far the first of them reach says how many there
 * are, to some hundredths, without counting. */
static bool estimate(struct nx_store *store, int64_t *out, struct nx_error *err)
{
	struct standing_read after = BEFORE_ALL;
	int64_t key[PIECE];
	size_t count;
	if (!read_piece(store, &after, key, &count, err))
		return false;
	const double reach =
	        ((double)after.r - (double)INT64_MIN) / (2 * (double)INT64_MAX);
	*out = count < PIECE || reach * MOST < PIECE
	               ? (int64_t)count
	               : (int64_t)((double)count / reach);
	return true;
}

static bool read_all(struct nx_store *store, struct nx_known *known,
                     struct nx_error *err)
{
	struct standing_read after = BEFORE_ALL;
	int64_t key[PIECE];
	size_t count;
	do {
		if (!nx_sqlite_place_holds(store, err) ||
		    !read_piece(store, &after, key, &count, err))
			return false;
		if (!nx_known_add(known, key, count))
			return no_room(store, err);
	} while (count == PIECE);
	return true;
}

/* A store that was moved is left at once. */
bool nx_store_tell_known(struct nx_store *store, struct nx_known *known,
                         struct nx_error *err)
{
	const struct nx_known_state state = state_of(store, 0);
	int64_t standings, number;
	if (!estimate(store, &standings, err))
		return false;
	if (!nx_known_begin(known, &state.place, standings))
		return no_room(store, err);
	if (!nx_query_number(store, NX_SQL_LAST_NUMBER, &number, err) ||
	    !read_all(store, known, err))
		return false;
	nx_known_complete(known, number);
	return true;
}
