/* SPDX-License-Identifier: ISC */
#include "store/known.h"

#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

enum {
	LEAST = 32 * 1024, /* slots */
	SECOND_MS = 1000,
	MS_NS = 1000000,
	SECOND_NS = SECOND_MS * MS_NS
};

/* Keys are keyed hashes, evenly spread: a key's slot is its share of them all,
 * so that what is read in order is also written in order. */
struct nx_known {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint64_t *slot; /* 0: free; NULL: none, and nothing is known */
	size_t slots, used;
	bool has_zero; /* the key 0, which has no slot */
	bool full;
	struct nx_known_place place; /* that the slots are of */
	int64_t complete;            /* up to this commit; -1: not yet */
	int64_t first, last;         /* commits that were told in a row */
	bool wanted;
	bool ending;
};

struct slots { /* of a table, to be given back without the lock */
	uint64_t *slot;
	size_t slots;
};

/* Of the system: there may be no memory for it, and then there is no table. */
static uint64_t *get_slots(size_t slots)
{
	void *memory =
	        mmap(NULL, slots * sizeof(uint64_t), PROT_READ | PROT_WRITE,
	             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory != MAP_FAILED ? memory : NULL;
}

static void give_back(struct slots old)
{
	if (old.slot != NULL)
		munmap(old.slot, old.slots * sizeof(uint64_t));
}

static int known_free(struct nx_known *known)
{
	give_back((struct slots){known->slot, known->slots});
	pthread_cond_destroy(&known->wake);
	pthread_mutex_destroy(&known->lock);
	return 0;
}

struct nx_known *nx_known_new(TALLOC_CTX *ctx)
{
	struct nx_known *known = talloc_zero(ctx, struct nx_known);
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&known->wake, &clock);
	pthread_condattr_destroy(&clock);
	pthread_mutex_init(&known->lock, NULL);
	known->complete = known->last = -1;
	talloc_set_destructor(known, known_free);
	return known;
}

/* --- the table, with the lock --------------------------------------------- */

static bool is_place(const struct nx_known *known,
                     const struct nx_known_place *place)
{
	return known->slot != NULL && known->place.device == place->device &&
	       known->place.inode == place->inode;
}

/* The slot that has the key, or that it is to have. */
static uint64_t *find(const struct nx_known *known, uint64_t key)
{
	const uint64_t high = key >> 32, low = key & UINT32_MAX;
	const uint64_t slots = known->slots;
	size_t at = (size_t)((high * slots + (low * slots >> 32)) >> 32);
	while (known->slot[at] != 0 && known->slot[at] != key)
		at = at + 1 < slots ? at + 1 : 0;
	return &known->slot[at];
}

static bool has(const struct nx_known *known, int64_t key)
{
	return key != 0 ? *find(known, (uint64_t)key) != 0 : known->has_zero;
}

/* Eight in ten slots may be used: what is free ends every search. */
static bool add(struct nx_known *known, int64_t key)
{
	if (key == 0) {
		known->has_zero = true;
		return true;
	}
	uint64_t *slot = find(known, (uint64_t)key);
	if (*slot != 0)
		return true;
	known->full = known->used >= known->slots / 10 * 8;
	if (known->full)
		return false;
	*slot = (uint64_t)key;
	known->used++;
	return true;
}

static bool add_all(struct nx_known *known, const int64_t *key, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!add(known, key[i]))
			return false;
	return true;
}

/* To give it back may take a while. */
static struct slots drop(struct nx_known *known)
{
	const struct slots old = {known->slot, known->slots};
	known->slot = NULL;
	known->slots = known->used = 0;
	known->has_zero = known->full = false;
	known->complete = known->last = -1;
	return old;
}

/* Commits that were told are known when those before them are. */
static void advance(struct nx_known *known)
{
	if (known->complete >= 0 && known->last > known->complete &&
	    known->first <= known->complete + 1)
		known->complete = known->last;
}

static void want(struct nx_known *known)
{
	if (!known->wanted)
		pthread_cond_signal(&known->wake);
	known->wanted = true;
}

/* --- asking --------------------------------------------------------------- */

bool nx_known_is_neither(struct nx_known *known,
                         const struct nx_known_state *state, int64_t one,
                         int64_t other)
{
	pthread_mutex_lock(&known->lock);
	const bool knows = is_place(known, &state->place) &&
	                   state->number <= known->complete;
	const bool is_neither = knows && !has(known, one) && !has(known, other);
	if (!knows)
		want(known);
	pthread_mutex_unlock(&known->lock);
	return is_neither;
}

size_t nx_known_count(struct nx_known *known)
{
	pthread_mutex_lock(&known->lock);
	const size_t count = known->used + known->has_zero;
	pthread_mutex_unlock(&known->lock);
	return count;
}

void nx_known_forget(struct nx_known *known)
{
	pthread_mutex_lock(&known->lock);
	const struct slots old = drop(known);
	pthread_mutex_unlock(&known->lock);
	give_back(old);
}

/* --- what is committed ---------------------------------------------------- */

void nx_known_committed(struct nx_known *known,
                        const struct nx_known_state *state, const int64_t *key,
                        size_t count)
{
	pthread_mutex_lock(&known->lock);
	if (is_place(known, &state->place)) {
		if (!add_all(known, key, count)) {
			known->last = -1;
		} else {
			if (known->last + 1 != state->number)
				known->first = state->number;
			known->last = state->number;
			advance(known);
		}
	}
	pthread_mutex_unlock(&known->lock);
}

/* --- reading a store ------------------------------------------------------ */

bool nx_known_await(struct nx_known *known)
{
	pthread_mutex_lock(&known->lock);
	while (!known->wanted && !known->ending)
		pthread_cond_wait(&known->wake, &known->lock);
	const bool goes_on = !known->ending;
	known->wanted = false;
	pthread_mutex_unlock(&known->lock);
	return goes_on;
}

void nx_known_pause(struct nx_known *known, int64_t milliseconds)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	const int64_t ns = until.tv_nsec + milliseconds % SECOND_MS * MS_NS;
	until.tv_sec += milliseconds / SECOND_MS + ns / SECOND_NS;
	until.tv_nsec = ns % SECOND_NS;
	pthread_mutex_lock(&known->lock);
	while (!known->ending &&
	       pthread_cond_timedwait(&known->wake, &known->lock, &until) == 0)
		;
	pthread_mutex_unlock(&known->lock);
}

void nx_known_end(struct nx_known *known)
{
	pthread_mutex_lock(&known->lock);
	known->ending = true;
	pthread_cond_signal(&known->wake);
	pthread_mutex_unlock(&known->lock);
}

static void make_room(struct nx_known *known, size_t keys)
{
	const size_t slots = keys / 10 * 16;
	known->slots = slots > LEAST ? slots : LEAST;
	known->slot = get_slots(known->slots);
}

/* Never two tables at a time; what is missing is added to one that has room. */
bool nx_known_begin(struct nx_known *known, const struct nx_known_place *place,
                    int64_t standings)
{
	struct slots old = {NULL, 0};
	pthread_mutex_lock(&known->lock);
	const size_t more = known->full ? known->used + known->used / 8 : 0;
	if (!is_place(known, place) || known->full) {
		old = drop(known);
		known->place = *place;
		make_room(known,
		          (size_t)standings > more ? (size_t)standings : more);
	}
	const bool has_room = known->slot != NULL;
	pthread_mutex_unlock(&known->lock);
	give_back(old);
	return has_room;
}

bool nx_known_add(struct nx_known *known, const int64_t *key, size_t count)
{
	pthread_mutex_lock(&known->lock);
	const bool added = known->slot != NULL && !known->ending &&
	                   add_all(known, key, count);
	pthread_mutex_unlock(&known->lock);
	return added;
}

void nx_known_complete(struct nx_known *known, int64_t number)
{
	pthread_mutex_lock(&known->lock);
	if (known->slot != NULL && number > known->complete)
		known->complete = number;
	advance(known);
	pthread_mutex_unlock(&known->lock);
}
