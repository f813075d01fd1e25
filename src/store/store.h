/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_STORE_H
#define NX_STORE_STORE_H

#include "base/error.h"
#include "event/event.h"
#include "policy/policy.h"
#include "store/quarantine.h"

/*
 * What nixie remembers, in terms of mail and not of tables. There is one
 * backend, SQLite, which is fenced in sqlite*.c. A store is a directory with
 * nixie.db in it. Every function that writes is one transaction, which is
 * durable when it returns true. An error is TEMPORARY unless the store itself
 * is unusable (CONFIG: damaged, not ours, of a newer nixie). One process may
 * hold any number of stores; a store is used by one thread, and must not be
 * carried over a fork.
 *
 * Addresses are in normal form. What a row function is given lives until it
 * returns; it may call other functions that read, but not the one that called
 * it.
 */
struct nx_store;

enum nx_store_mode {
	NX_STORE_READ = 0, /* the store must exist; SQLite still needs to write
	                      its -shm file, or to find one beside a WAL */
	NX_STORE_WRITE,    /* creates nixie.db in an existing directory */
	NX_STORE_CREATE    /* creates the directory too (mode 0700) */
};

NX_MUST_USE bool nx_store_open(TALLOC_CTX *ctx, const char *directory,
                               enum nx_store_mode mode, struct nx_store **out,
                               struct nx_error *err);
void nx_store_close(struct nx_store *store); /* takes NULL */

struct nx_delivery { /* one message and what it led to */
	uint8_t digest[NX_DIGEST_SIZE];
	int64_t time;
	const char *source; /* "deliver", a path, … */
	const struct nx_record *record;
	const struct nx_event *event;
	size_t events;
	/* How many of a day's (UTC) messages without events are recorded; the
	 * others are only counted. 0: all are recorded. */
	int64_t uneventful;
	struct nx_quarantined keep; /* why NOT: its bytes are not kept */
	const struct nx_quarantine_limits *limits;
	/* its name in a store with older digests, see
	 * nx_store_has_older_digests */
	uint8_t older[NX_DIGEST_SIZE];
	bool has_older;
	bool told;  /* its events are those of the same message for another
	               recipient: always recorded, never only counted */
	bool again; /* read again: treated as if the message were new, except
	               for the events that it led to before; it leaves the
	               quarantine unless it is to be kept */
};

struct nx_outcome {
	bool known;        /* the message had been recorded before */
	bool left_out;     /* it was only counted */
	size_t added;      /* events that are new */
	size_t suppressed; /* subjects that became suppressed */
};

/* Records the message and its events, and steps the standings; all or nothing.
 * A message or an event that is offered again changes nothing. */
NX_MUST_USE bool nx_store_add(struct nx_store *store,
                              const struct nx_policy *policy,
                              const struct nx_delivery *delivery,
                              struct nx_outcome *out, struct nx_error *err);

/* Several calls in one transaction: begin, add…, commit. The first call that
 * writes begins the transaction. When one of them fails, nothing of the group
 * can be committed. */
NX_MUST_USE bool nx_store_begin(struct nx_store *store, struct nx_error *err);
NX_MUST_USE bool nx_store_commit(struct nx_store *store, struct nx_error *err);
void nx_store_rollback(struct nx_store *store);

/* The store has messages that were recorded before schema 3, under digests of
 * another kind (nx_event_older_digest). */
bool nx_store_has_older_digests(const struct nx_store *store);

struct nx_subject_state {
	const char *address;
	const char *scope;
	struct nx_standing standing;
};

/* The standing that decides for an address in a scope: that of the scope itself
 * or of the empty scope, whichever holds and lasts longer; out->scope says
 * which. When nothing is remembered the standing is zero. */
NX_MUST_USE bool nx_store_standing(TALLOC_CTX *ctx, struct nx_store *store,
                                   const char *scope, const char *address,
                                   int64_t now, struct nx_subject_state *out,
                                   struct nx_error *err);

/* An attempt to mail the address: when a lease holds, the attempt is recorded
 * as blocked and the standing that decides steps; *out is the standing after
 * that. Without a lease nothing is written. */
NX_MUST_USE bool nx_store_attempt(TALLOC_CTX *ctx, struct nx_store *store,
                                  const struct nx_policy *policy,
                                  const char *scope, const char *address,
                                  int64_t now, struct nx_subject_state *out,
                                  struct nx_error *err);

/* Actions by hand; who and why are recorded. Suppress: the cause is MANUAL
 * unless given. */
struct nx_manual_action {
	const char *scope;
	const char *address; /* normal form */
	const char *who;
	const char *note;
	const char *reason; /* suppress only: a declared reason */
	enum nx_cause cause;
	int64_t now;
};
NX_MUST_USE bool nx_store_suppress(struct nx_store *store,
                                   const struct nx_policy *policy,
                                   const struct nx_manual_action *act,
                                   struct nx_error *err);
/* *was: a lease held. Nothing is recorded when nothing is remembered of the
 * subject. */
NX_MUST_USE bool nx_store_release(struct nx_store *store,
                                  const struct nx_policy *policy,
                                  const struct nx_manual_action *act, bool *was,
                                  struct nx_error *err);

/* Lists subjects; row returns false to stop. Subjects with a lease that holds
 * at now (with now 0: also those whose lease has ended), ordered by scope and
 * address. scope "": all of them; otherwise those that count in that scope: its
 * own and those of the empty scope. */
NX_MUST_USE bool nx_store_list(
        struct nx_store *store, const char *scope, int64_t now,
        bool (*row)(void *user, const struct nx_subject_state *state),
        void *user, struct nx_error *err);

struct nx_history { /* one thing that happened to a subject */
	int64_t time;
	const char *what; /* "event", "attempt", "suppress", "release" */
	const char *address;
	const char *scope;
	const char *who;  /* suppress, release */
	const char *note; /* the same */
	const char *reason;
	const char *asked;         /* attempt: the scope to be mailed */
	const char *feedback_type; /* event: the report's, or "" */
	const char *source;        /* event: where the message came from */
	struct nx_event event;     /* event; else zero, with texts NULL */
	struct nx_standing
	        standing; /* attempt: the lease as renewed, without
	                     climbed and reason; suppress: the cause */
};

typedef bool nx_history_row(void *user, const struct nx_history *history);

/* Everything recorded about one subject, oldest first. */
NX_MUST_USE bool nx_store_history(struct nx_store *store, const char *scope,
                                  const char *address, nx_history_row *row,
                                  void *user, struct nx_error *err);

/* Everything in [since, until), oldest first: events of the classes given as a
 * bit set (1 << class), or attempts when classes is 0. */
NX_MUST_USE bool nx_store_walk(struct nx_store *store, unsigned classes,
                               int64_t since, int64_t until,
                               nx_history_row *row, void *user,
                               struct nx_error *err);

struct nx_store_status {
	const char *path;
	int schema;
	int64_t bytes;
	int64_t messages, left_out, events, attempts, quarantined;
	int64_t subjects;   /* of which anything is remembered */
	int64_t suppressed; /* of these, with a lease that holds */
	int64_t first_event, last_event;
};
NX_MUST_USE bool nx_store_status(TALLOC_CTX *ctx, struct nx_store *store,
                                 int64_t now, struct nx_store_status *out,
                                 struct nx_error *err);

/* Checks the integrity of the database and of what is stored in it; each
 * finding is one line. True also when there are findings; *findings is their
 * number. */
NX_MUST_USE bool nx_store_verify(struct nx_store *store,
                                 void (*finding)(void *user, const char *line),
                                 void *user, size_t *findings,
                                 struct nx_error *err);

#endif
