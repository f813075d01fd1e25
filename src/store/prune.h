/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_PRUNE_H
#define NX_STORE_PRUNE_H

#include "store/store.h"

/*
 * Removes what is older than it is to be kept, but nothing that a suppression
 * still needs: a lease in force, strikes that count, the rung that the next one
 * starts from, and what an address with one of the first two was told of. In
 * steps, each a page that is looked at and one short transaction, so that
 * whoever else writes is not kept waiting.
 */
struct nx_prune_terms { /* points to nothing */
	struct nx_retention keep;
	struct nx_quarantine_limits quarantine;
	struct nx_original_limits originals;
	int64_t strikes; /* seconds for which a strike may count */
	int64_t rungs;   /* seconds after its end that a lease may count */
};

struct nx_prune_terms nx_prune_terms_of(const struct nx_config *config,
                                        const struct nx_policy *policy);

struct nx_pruned {      /* rows */
	int64_t leases; /* that have ended, and strikes alone */
	int64_t texts;  /* of events that are kept */
	int64_t events, attempts, messages, acts;
	int64_t addresses; /* of which nothing is left */
	int64_t counts;    /* of days */
	int64_t quarantined, originals;
	int64_t sent; /* mails of which it was told */
};

struct nx_prune;

/* only_counts: nothing is removed; what goes with something else that goes is
 * not counted. */
struct nx_prune *nx_prune_new(TALLOC_CTX *ctx, struct nx_store *store,
                              const struct nx_prune_terms *terms, int64_t now,
                              bool only_counts);

/* The next step; *more: it was not the last. It may be given up after any, and
 * after one that failed it must be. */
NX_MUST_USE bool nx_prune_step(struct nx_prune *prune, bool *more,
                               struct nx_error *err);

/* For how many milliseconds the last step kept others from writing. */
int64_t nx_prune_step_ms(const struct nx_prune *prune);

const struct nx_pruned *nx_prune_result(const struct nx_prune *prune);

#endif
