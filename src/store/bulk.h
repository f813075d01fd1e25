/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_BULK_H
#define NX_STORE_BULK_H

#include "store/store.h"

/*
 * Acts on many addresses at once: a release of what certain events led to, a
 * replay of the history with other rules, and taking such an act back. Each is
 * one transaction, has an id, and keeps what every standing that it changed was
 * before.
 */
struct nx_bulk {
	const struct nx_policy *policy;
	const struct nx_streams *streams;
	const struct nx_tables *tables; /* NULL: no rule waits for
	                                   confirmation */
	const char *who, *note;
	int64_t now;
	bool dry_run; /* only looks: nothing is written, and nothing locked */
};

enum nx_bulk_fate {
	NX_BULK_FREED = 0,
	NX_BULK_SUPPRESSED, /* newly; or again, by an undo */
	NX_BULK_CHANGED,    /* it holds as before, but otherwise */
	NX_BULK_LESS,       /* it does not hold, and less is counted */
	NX_BULK_UNHELD,     /* a bounce that was held is dropped, for good */
	/* and what stays as it was: */
	NX_BULK_OTHERS, /* other events lead to it too */
	NX_BULK_CLASS,  /* of a class that was not named */
	NX_BULK_WISH,   /* replay: whoever asked for it has not changed */
	NX_BULK_PAST,   /* what it rests on is not in the store, or not all */
	NX_BULK_SINCE   /* undo: it was changed since */
};

struct nx_bulk_row {
	enum nx_bulk_fate fate;
	const char *address;
	struct nx_mail mail;
	struct nx_standing before, after;
	const char *rule;  /* that it rests on, or ""; of OTHERS the other's */
	const char *again; /* replay: the rule of today for the same event */
};
/* false: no more are wanted. Called when all is written. */
typedef bool nx_bulk_row_fn(void *user, const struct nx_bulk_row *row);

struct nx_where { /* which events; "" for any */
	const char *rule;
	const char *reporter; /* the host that reported, or a domain above it */
	const char *domain;   /* of the recipient */
	int64_t since, until;
	enum nx_cause cause; /* beside bounces; NONE for none */
	const char *text;    /* as it was asked for */
};

/* Frees what holds because of such events alone, and puts a tombstone on it: no
 * older evidence counts again. *act is 0 when nothing was to be done. */
NX_MUST_USE bool nx_bulk_release(struct nx_store *store,
                                 const struct nx_bulk *bulk,
                                 const struct nx_where *where,
                                 nx_bulk_row_fn *row, void *user, int64_t *act,
                                 struct nx_error *err);

struct nx_undone {
	int64_t act;
	int64_t back;  /* standings that are as before */
	int64_t since; /* that were changed since, and stay */
};

/* Standings that are as the act left them become what they were before it; the
 * others are given to row. Fails (USAGE) for what is no such act, or was undone
 * already. */
NX_MUST_USE bool nx_bulk_undo(struct nx_store *store,
                              const struct nx_bulk *bulk, int64_t act,
                              nx_bulk_row_fn *row, void *user,
                              struct nx_undone *out, struct nx_error *err);

struct nx_bulk_listed {
	int64_t id;
	int64_t time;
	const char *what; /* "suppress", "release", "replay", "undo" */
	const char *said; /* what it was told to do */
	const char *who, *note;
	int64_t entries;
	int64_t undone; /* by that act, or 0 */
	int64_t undoes; /* that act, or 0 */
};
/* The last of them, newest first. */
NX_MUST_USE bool nx_bulk_list(struct nx_store *store, int64_t most,
                              bool (*row)(void *user,
                                          const struct nx_bulk_listed *act),
                              void *user, struct nx_error *err);

/* --- replay --------------------------------------------------------------- */

struct nx_past_event { /* with the verdict it had */
	struct nx_event event;
	const char *feedback_type;
	int64_t serial;
	bool left_out;
	bool is_changed; /* again is another verdict */
	struct nx_verdict again;
};

struct nx_replay {
	int64_t since;                  /* older events keep their verdicts */
	const struct nx_policy *policy; /* for what they lead to */
	/* The verdict of today; false: none can be given. Its texts are on ctx,
	 * or live as long as the event does. */
	bool (*judge)(void *user, TALLOC_CTX *ctx,
	              const struct nx_past_event *event,
	              struct nx_verdict *out);
	void *user;
};

struct nx_replayed {
	int64_t act;
	int64_t events;  /* looked at */
	int64_t changed; /* of these, with another verdict */
};

/* The digests of kept originals that came since then, for a judge. */
NX_MUST_USE bool nx_bulk_originals(
        struct nx_store *store, int64_t since,
        void (*row)(void *user, const uint8_t digest[NX_DIGEST_SIZE]),
        void *user, struct nx_error *err);

/* Judges again, and compares what comes of it with what the verdicts of then
 * led to: only a difference that these two explain is carried out. */
NX_MUST_USE bool nx_bulk_replay(struct nx_store *store,
                                const struct nx_bulk *bulk,
                                const struct nx_replay *replay,
                                nx_bulk_row_fn *row, void *user,
                                struct nx_replayed *out, struct nx_error *err);

#endif
