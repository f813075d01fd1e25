/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_HISTORY_H
#define NX_STORE_HISTORY_H

#include "store/store.h"

/* What happened, as the store recorded it. */
struct nx_history { /* one thing that happened to an address */
	int64_t time;
	const char *what; /* "event", "attempt", "suppress", "release" */
	const char *address;
	struct nx_mail mail; /* attempt, suppress, release: for which mail */
	const char *who;     /* suppress, release */
	const char *note;    /* the same */
	const char *reason;
	const char *asked;         /* attempt: the stream to be mailed */
	const char *feedback_type; /* event: the report's, or "" */
	const char *source;        /* event: where the message came from;
	                              attempt: where it was asked */
	const char *reporter;      /* of both: the sender of the message, or
	                              "" */
	const char *queue_id;      /* of both: that it was handed in with, or
	                              "" */
	int64_t written, came;     /* event: the message's own date, or 0; when
	                              it was handed in */
	bool cut;                  /* event: without its texts, see struct
	                              nx_budget */
	struct nx_event event;     /* event; else zero, with texts NULL */
	struct nx_standing
	        standing; /* attempt: the lease as renewed, without
	                     climbed and reason; suppress: the cause */
};

/* Everything recorded about one address, oldest first; lives on ctx. */
NX_MUST_USE bool nx_history_read(TALLOC_CTX *ctx, struct nx_store *store,
                                 const char *address,
                                 const struct nx_history **out, size_t *count,
                                 struct nx_error *err);

typedef bool nx_history_row(void *user, const struct nx_history *history);

/* The same, row by row. */
NX_MUST_USE bool nx_store_history(struct nx_store *store, const char *address,
                                  nx_history_row *row, void *user,
                                  struct nx_error *err);

/* Everything in [since, until), oldest first: events of the classes given as a
 * bit set (1 << class), or attempts when classes is 0. No transaction is open
 * while row runs. */
NX_MUST_USE bool nx_store_walk(struct nx_store *store, unsigned classes,
                               int64_t since, int64_t until,
                               nx_history_row *row, void *user,
                               struct nx_error *err);

#endif
