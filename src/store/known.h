/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_KNOWN_H
#define NX_STORE_KNOWN_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * The keys of all subjects that a standing is known of, in memory: most
 * addresses have none, and for these nobody need look into the store. It may
 * also have keys that are no longer in the store. Up to which commit it is
 * complete is known; of a later one, or of another store, it says nothing,
 * until the store is read again. Every function may be called by any thread,
 * and none waits long. It takes 16 bytes a standing at most, and 256 KiB.
 */
struct nx_known;

struct nx_known_place { /* of a store: of the file that is open */
	uint64_t device, inode;
};

/* Commits that change a standing have numbers without gaps. */
struct nx_known_state {
	struct nx_known_place place;
	int64_t number; /* of the last commit */
};

struct nx_known *nx_known_new(TALLOC_CTX *ctx);

/* No standing is known of the two (which may be the same), as of that state.
 * false: there may be one. */
bool nx_known_is_neither(struct nx_known *known,
                         const struct nx_known_state *state, int64_t one,
                         int64_t other);

/* That commit left standings of these keys. */
void nx_known_committed(struct nx_known *known,
                        const struct nx_known_state *state, const int64_t *key,
                        size_t count);

/* A store was opened to be asked about: what was read before is forgotten,
 * which may be of a file that is gone. Afterwards, as long as that store is
 * open, no other file has its place. */
void nx_known_forget(struct nx_known *known);

/* Waits until more was asked for than is known; false: to end. */
bool nx_known_await(struct nx_known *known);
/* Waits so long, unless it is to end. */
void nx_known_pause(struct nx_known *known, int64_t milliseconds);
void nx_known_end(struct nx_known *known);

/* A store is read, by one thread: first room is made for so many standings;
 * then what the last commit is; then come all keys, in any number of views;
 * then it is complete up to that commit. What others commit on the way is no
 * trouble. false: there is no room. */
NX_MUST_USE bool nx_known_begin(struct nx_known *known,
                                const struct nx_known_place *place,
                                int64_t standings);
NX_MUST_USE bool nx_known_add(struct nx_known *known, const int64_t *key,
                              size_t count);
void nx_known_complete(struct nx_known *known, int64_t number);

/* How many keys there are. */
size_t nx_known_count(struct nx_known *known);

#endif
