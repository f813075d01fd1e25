/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_HELD_H
#define NX_STORE_HELD_H

#include "store/store.h"

/*
 * Bounces that are held: more than usual were to make a hard lease in an hour
 * for one domain of recipients or, where the reports name the server that
 * refused, for one provider (policy/mass.h). They are recorded as events, but
 * have stepped no standing. Each is forgotten by itself after a time that the
 * policy says, and at once when its address is released or mail was delivered
 * there.
 */
struct nx_hold {
	const char *domain; /* of the provider, or of the recipients */
	int64_t bounces;
	int64_t addresses, domains; /* that they are about */
	int64_t since;              /* when the first of them came */
	int64_t drops, last_drops;  /* when the first and the last of them are
	                               forgotten */
};

/* Each domain of which something is held, or of those the one that is given:
 * itself, or the provider of its recipients. NULL: all. */
NX_MUST_USE bool nx_held_list(struct nx_store *store, const char *domain,
                              int64_t now,
                              bool (*row)(void *user,
                                          const struct nx_hold *hold),
                              void *user, struct nx_error *err);

/* What a bounce of that address is held with; domain NULL: nothing is. */
NX_MUST_USE bool nx_held_of(TALLOC_CTX *ctx, struct nx_store *store,
                            const char *address, int64_t now,
                            struct nx_hold *out, struct nx_error *err);

struct nx_held_done {
	int64_t bounces;
	int64_t suppressed; /* addresses that are suppressed by them now */
};

/* Each bounce steps its standing as of its own time; all or nothing. */
NX_MUST_USE bool nx_held_apply(struct nx_store *store,
                               const struct nx_policy *policy,
                               const char *domain, int64_t now,
                               struct nx_held_done *out, struct nx_error *err);

/* They are forgotten. */
NX_MUST_USE bool nx_held_drop(struct nx_store *store, const char *domain,
                              int64_t now, struct nx_held_done *out,
                              struct nx_error *err);

#endif
