/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_PAST_H
#define NX_STORE_PAST_H

#include "store/bulk.h"
#include "store/subject.h"

/*
 * Judging an address again from its history: its events and the attempts to
 * mail it, stepped once more in order of time, without what an act leaves out
 * and what a tombstone covers. Included by sqlite*.c alone.
 */
struct nx_tombstone {
	struct nx_mail mail;
	int64_t time;       /* what is older counts for nothing */
	int64_t event;      /* nor does this one, or those before it */
	enum nx_cause also; /* beside bounces */
};

/* Whether what such a verdict is about is covered at all. */
bool nx_tombstone_hides(const struct nx_tombstone *tombstone,
                        const struct nx_verdict *verdict);
/* Whether an event of that time, which is not stepped yet, is covered. */
NX_MUST_USE bool nx_tombstone_look(struct nx_store *store, int64_t r,
                                   int64_t mail,
                                   const struct nx_verdict *verdict,
                                   int64_t time, bool *hidden,
                                   struct nx_error *err);
/* On a standing that ends now. */
NX_MUST_USE bool nx_tombstone_put(struct nx_store *store,
                                  const struct nx_standing_row *row,
                                  int64_t now, struct nx_error *err);

struct nx_past {
	TALLOC_CTX *ctx; /* of all of it */
	int64_t r;
	const char *address;
	struct nx_past_event *event; /* oldest first */
	size_t events;
	/* read by nx_past_complete */
	struct nx_past_attempt {
		int64_t time;
		struct nx_mail mail; /* of the standing that refused it */
	} * attempt;                 /* oldest first */
	size_t attempts;
	struct nx_tombstone *tombstone;
	size_t tombstones;
	struct nx_past_standing { /* as it is now */
		struct nx_mail mail;
		struct nx_standing_row row;
	} * standing;
	size_t standings;
};

/* What an event does not keep: of its stream, and how many days its rule
 * confirms on. */
struct nx_past_terms {
	const struct nx_streams *streams;
	struct nx_past_rule {
		const char *id;
		int confirm_days;
	} * rule;
	size_t rules;
};
struct nx_past_terms nx_past_terms_of(TALLOC_CTX *ctx,
                                      const struct nx_bulk *bulk);

/* Subjects with events, in the order of their keys. */
struct nx_past_walk {
	struct nx_store *store;
	const struct nx_past_terms *terms;
	struct nx_query query;
	TALLOC_CTX *ctx; /* of the row that was read and not given yet */
	struct nx_past_event event;
	int64_t r;
	bool is_end;
};
NX_MUST_USE bool nx_past_walk_begin(struct nx_store *store,
                                    const struct nx_past_terms *terms,
                                    struct nx_past_walk *out,
                                    struct nx_error *err);
void nx_past_walk_end(struct nx_past_walk *walk);
/* *any: there was one more; its ctx is to be freed. */
NX_MUST_USE bool nx_past_walk_next(struct nx_past_walk *walk,
                                   struct nx_past *out, bool *any,
                                   struct nx_error *err);
/* One subject, which may have no events, with all the rest. */
NX_MUST_USE bool nx_past_read(TALLOC_CTX *ctx, struct nx_store *store,
                              const struct nx_past_terms *terms, int64_t r,
                              struct nx_past *out, struct nx_error *err);
NX_MUST_USE bool nx_past_complete(struct nx_store *store, struct nx_past *past,
                                  struct nx_error *err);

struct nx_rejudged { /* what the history makes of one kind of mail */
	struct nx_mail mail;
	struct nx_standing standing;
	enum nx_trust evidence;
	const struct nx_past_event *last; /* that counted */
};
struct nx_rejudging {
	TALLOC_CTX *ctx;
	struct nx_rejudged *mail;
	size_t mails;
};

enum nx_rejudge { /* which verdicts */
	          NX_REJUDGE_STORED = 0,
	          NX_REJUDGE_WITHOUT, /* the events that are left out */
	          NX_REJUDGE_AGAIN    /* those of nx_past_event.again */
};
/* Hangs on the past. */
struct nx_rejudging nx_rejudge(const struct nx_policy *policy,
                               const struct nx_past *past,
                               enum nx_rejudge which);
/* Of that mail; never NULL: zero when the history says nothing of it. */
const struct nx_rejudged *nx_rejudging_of(const struct nx_rejudging *all,
                                          const struct nx_mail *mail);

/* Rows for whoever prints them, kept until the transaction has ended. */
struct nx_bulk_rows {
	TALLOC_CTX *ctx;
	struct nx_bulk_row *row;
	size_t rows;
};
void nx_bulk_note(struct nx_bulk_rows *rows, const struct nx_bulk_row *row);
void nx_bulk_give(struct nx_bulk_rows *rows, nx_bulk_row_fn *give, void *user);

/* An act that changes standings and can be taken back. */
struct nx_bulk_act {
	const struct nx_bulk *said;
	const char *what;
	const char *reason; /* what it was told to do */
	int64_t ended;      /* undo: the act that it takes back, else 0 */
	int64_t id;         /* 0: nothing was changed yet */
	int64_t entries;
};
/* Keeps what the standing of that row was, and makes it what the row says; the
 * first call makes the act. buried: ends it like a release. */
NX_MUST_USE bool nx_bulk_change(struct nx_store *store, struct nx_bulk_act *act,
                                const struct nx_standing_row *row, bool buried,
                                struct nx_error *err);
/* Drops what is held of that event, and notes it; an undo does not bring it
 * back, since nobody is suppressed by it. */
NX_MUST_USE bool nx_bulk_unhold(struct nx_store *store, struct nx_bulk_act *act,
                                const struct nx_past *past,
                                const struct nx_past_event *event,
                                struct nx_bulk_rows *rows,
                                struct nx_error *err);
/* Makes the act, unless there is one. */
NX_MUST_USE bool nx_bulk_begin(struct nx_store *store, struct nx_bulk_act *act,
                               struct nx_error *err);
/* An act that exists can be taken back; and what the standing of the row was
 * before the act, which makes it what the row says. */
NX_MUST_USE bool nx_bulk_allow(struct nx_store *store, int64_t act,
                               struct nx_error *err);
NX_MUST_USE bool nx_bulk_keep(struct nx_store *store, int64_t act,
                              const struct nx_standing_row *row,
                              struct nx_error *err);
/* Notes how many entries it has; nothing when it was never made. */
NX_MUST_USE bool nx_bulk_end(struct nx_store *store,
                             const struct nx_bulk_act *act,
                             struct nx_error *err);

#endif
