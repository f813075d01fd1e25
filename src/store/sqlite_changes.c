/* SPDX-License-Identifier: ISC */
#include "store/subject.h"

#include "sys/clock.h"

#include <string.h>

/* Records which standings a commit changes. */

static void put_number(uint8_t *out, size_t size, uint64_t number)
{
	for (size_t i = size; i > 0; i--, number >>= 8)
		out[i - 1] = (uint8_t)number;
}

static bool write_part(struct nx_store *store, struct nx_error *err)
{
	struct nx_changing *changing = &store->changing;
	const uint8_t none = 0;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_CHANGES);

	nx_query_put_number(&query, store->number);
	nx_query_put_number(&query, changing->part++);
	nx_query_put_number(&query, nx_clock_now());
	nx_query_put_bytes(&query, changing->keys ? changing->keys : &none,
	                   changing->count * NX_CHANGE_SIZE);
	changing->count = 0;
	return nx_query_run(&query, err);
}

/* An event that is one of many about an address changes it again. */
static bool is_last(const struct nx_changing *changing, const uint8_t *key)
{
	return changing->count > 0 &&
	       memcmp(changing->keys + (changing->count - 1) * NX_CHANGE_SIZE,
	              key, NX_CHANGE_SIZE) == 0;
}

bool nx_sqlite_changes_note(struct nx_store *store, int64_t r, int64_t mail,
                            struct nx_error *err)
{
	struct nx_changing *changing = &store->changing;
	uint8_t key[NX_CHANGE_SIZE];

	put_number(key, 8, (uint64_t)r);
	put_number(key + 8, 4, (uint64_t)mail);
	if (!nx_standing_number(store, err))
		return false;
	if (is_last(changing, key))
		return true;
	if (!changing->keys)
		changing->keys = talloc_array(store, uint8_t,
		                              NX_CHANGES_PART * NX_CHANGE_SIZE);
	memcpy(changing->keys + changing->count++ * NX_CHANGE_SIZE, key,
	       NX_CHANGE_SIZE);
	return changing->count < NX_CHANGES_PART || write_part(store, err);
}

bool nx_sqlite_changes_note_all(struct nx_store *store, int64_t r,
                                struct nx_error *err)
{
	enum nx_step_answer answer;

	if (!nx_standing_number(store, err))
		return false;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_TOUCH_STANDINGS);
	nx_query_put_number(&query, r);
	nx_query_put_number(&query, store->number);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW)
		if (!nx_sqlite_changes_note(store, r, nx_query_int(&query),
		                            err))
			return false;
	return answer == NX_STEP_DONE;
}

bool nx_sqlite_changes_end(struct nx_store *store, struct nx_error *err)
{
	return store->number == 0 || write_part(store, err);
}

void nx_sqlite_changes_forget(struct nx_store *store)
{
	store->changing.count = 0;
	store->changing.part = 0;
}
