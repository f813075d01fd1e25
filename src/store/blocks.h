/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_BLOCKS_H
#define NX_STORE_BLOCKS_H

#include "store/store.h"

/*
 * Block events: a provider, or a blocklist that it asks, refuses an address or
 * domain of ours (policy/block.h). The first report opens one, those that
 * follow count; there is one a provider, address or domain of ours, and list
 * (or reason, where no list is named). It suppresses nobody. It closes when
 * nobody has reported the same for as long as its reason says, when mail is
 * delivered to that provider, or by hand. What a delivery has closed within
 * that time is opened again by a report, with its id.
 *
 * NX_BLOCKS_OPEN are kept at most, and NX_BLOCKS_CLOSED of those that are
 * closed: what would close first, and what is oldest, makes room. Reports that
 * are beyond the budget open none.
 */
enum { NX_BLOCKS_OPEN = 2000, NX_BLOCKS_CLOSED = 2000, NX_BLOCK_DOMAINS = 64 };

struct nx_block {
	int64_t id;
	const char *provider; /* its domain */
	const char *ours;     /* IP address or domain, or "" */
	const char *list;     /* zone of the blocklist, or "" */
	const char *reason;   /* of the last report */
	const char *url;      /* where to ask for removal, or "" */
	int64_t first, last;  /* times of reports */
	int64_t reports;
	int64_t until;   /* when it closes by itself */
	int64_t closed;  /* 0: it is open */
	const char *how; /* "", "time", "delivery", "hand" */
	const char *who; /* by hand */
	const char *note;
	/* of the last report, as long as its event is there; else "". Only
	 * filled by nx_block_find. */
	const char *address, *remote_mta, *diagnostic;
};

typedef bool nx_block_row(void *user, const struct nx_block *block);

/* Those that are open at now, then, with all, those that are not; the last to
 * be reported come first. row returns false to stop. */
NX_MUST_USE bool nx_blocks_list(struct nx_store *store, bool all, int64_t now,
                                nx_block_row *row, void *user,
                                struct nx_error *err);

/* Fails with USAGE when there is none with that id. */
NX_MUST_USE bool nx_block_find(TALLOC_CTX *ctx, struct nx_store *store,
                               int64_t id, int64_t now, struct nx_block *out,
                               struct nx_error *err);

struct nx_block_ack { /* that somebody has seen to it */
	const char *who, *note;
	int64_t now;
};
/* Closes those; one that was closed before stays as it was. Nothing changes
 * when there is none with one of the ids, which is USAGE. row is told of each
 * as it was before. */
NX_MUST_USE bool nx_blocks_ack(struct nx_store *store, const int64_t *id,
                               size_t count, const struct nx_block_ack *ack,
                               nx_block_row *row, void *user,
                               struct nx_error *err);

/* Closes what is due. Nothing is written when nothing is. */
NX_MUST_USE bool nx_blocks_expire(struct nx_store *store, int64_t now,
                                  struct nx_error *err);

struct nx_blocks_seen { /* by whoever follows what opens and closes */
	bool begun;     /* false: from now on */
	int64_t change; /* the last one told */
	int64_t open;   /* how many are */
};
/* Those that were opened or closed since, by whomever, in order; some hundred
 * at most. */
NX_MUST_USE bool nx_blocks_follow(struct nx_store *store,
                                  struct nx_blocks_seen *seen,
                                  nx_block_row *row, void *user,
                                  struct nx_error *err);

#endif
