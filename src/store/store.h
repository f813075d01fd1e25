/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_STORE_H
#define NX_STORE_STORE_H

#include "base/error.h"
#include "event/event.h"
#include "event/stream.h"
#include "policy/policy.h"
#include "store/quarantine.h"

/*
 * What nixie remembers, in terms of mail and not of tables. There is one
 * backend, SQLite, which is fenced in sqlite*.c. A store is a directory with
 * nixie.db in it. Every function that writes is one transaction, which is
 * durable when it returns true. An error is TEMPORARY or FULL, or DAMAGED
 * when only a backup helps. One process may
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
	NX_STORE_CREATE,   /* creates the directory too (mode 0700) */
	NX_STORE_THERE,    /* writes; the store must exist */
	NX_STORE_LOOK      /* reads, and waits for nobody */
};

NX_MUST_USE bool nx_store_open(TALLOC_CTX *ctx, const char *directory,
                               enum nx_store_mode mode, struct nx_store **out,
                               struct nx_error *err);
void nx_store_close(struct nx_store *store); /* takes NULL */
/* What writes or looks fails when files were moved; this opens what is there.
 * When it fails only this and close may be called. */
NX_MUST_USE bool nx_store_renew(struct nx_store *store, struct nx_error *err);

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
	struct nx_quarantined keep; /* why NOT: it is not in quarantine */
	const struct nx_quarantine_limits *limits;
	struct nx_kept_original original; /* kept when it led to a new event */
	const struct nx_original_limits *originals; /* NULL: none is kept */
	const struct nx_budget *budget; /* NULL: whoever hands it in is ours */
	/* its names in a store with older digests, see
	 * nx_store_has_older_digests */
	uint8_t older[NX_OLDER_DIGESTS][NX_DIGEST_SIZE];
	size_t olders;
	bool told;  /* its events are those of the same message for another
	               recipient: always recorded, never only counted */
	bool again; /* read again: treated as if the message were new, except
	               for the events that it led to before; it leaves the
	               quarantine unless it is to be kept */
};

struct nx_outcome {
	bool known;        /* the message had been recorded before */
	bool left_out;     /* it was only counted */
	bool refused;      /* too much of today: nothing is recorded of it */
	size_t added;      /* events that are new */
	size_t cut;        /* of these, recorded without their texts */
	size_t twins;      /* events that other messages had told of before */
	size_t suppressed; /* subjects that became suppressed */
	size_t held;       /* events: see store/held.h */
	struct nx_hold_begun hold; /* the last that began with one of these */
};

/* Records the message and its events, and steps the standings, each at the time
 * of its event; all or nothing. A message or an event that is offered again
 * changes nothing. */
NX_MUST_USE bool nx_store_add(struct nx_store *store,
                              const struct nx_policy *policy,
                              const struct nx_delivery *delivery,
                              struct nx_outcome *out, struct nx_error *err);

/* Several calls in one transaction: begin (waits 5 s at most), add…, commit.
 * When one of them fails, nothing of the group can be committed. */
NX_MUST_USE bool nx_store_begin(struct nx_store *store, struct nx_error *err);
NX_MUST_USE bool nx_store_commit(struct nx_store *store, struct nx_error *err);
void nx_store_rollback(struct nx_store *store);

/* The store has messages that were recorded by an older nixie, under digests of
 * that kind or of an earlier one. */
bool nx_store_has_older_digests(const struct nx_store *store,
                                enum nx_older_digest kind);

struct nx_subject_state {    /* what is remembered of an address */
	const char *address; /* or "@domain": of all its addresses */
	struct nx_mail mail; /* for which mail */
	struct nx_standing standing;
	enum nx_trust evidence; /* rank of what it rests on */
	int64_t act;            /* by hand that made it, or 0 */
	bool blocks; /* it holds, and for the mail that was asked for */
};

/* Of an address and of its domain: what blocks first, of that the longest
 * first, then what holds for other mail, then what has ended. */
struct nx_response {
	const char *address;
	struct nx_subject_state *state;
	size_t states;
	size_t blocking;
	size_t holding; /* these and those that hold for other mail */
	const struct nx_hold *hold; /* NULL; for whoever asks nx_held_of */
};

NX_MUST_USE bool nx_store_ask(TALLOC_CTX *ctx, struct nx_store *store,
                              const struct nx_question *question,
                              const char *address, int64_t now,
                              struct nx_response *out, struct nx_error *err);

/* Until the end, all that is asked is answered from the store as it is at the
 * first question: for questions that wait together already. Meanwhile nothing
 * may be written, and the WAL of others only grows. end takes a store that has
 * no view. */
NX_MUST_USE bool nx_store_view_begin(struct nx_store *store,
                                     struct nx_error *err);
void nx_store_view_end(struct nx_store *store);

/* Other threads share what is known with this store: what it commits is told to
 * it, and what is asked within a view is asked it first. known lives longer. */
struct nx_known;
void nx_store_share(struct nx_store *store, struct nx_known *known);
/* Tells it all subjects, in many views, each of them short. */
NX_MUST_USE bool nx_store_tell_known(struct nx_store *store,
                                     struct nx_known *known,
                                     struct nx_error *err);

/* Who made such an entry, and the note: "" for act 0. */
NX_MUST_USE bool nx_store_act(TALLOC_CTX *ctx, struct nx_store *store,
                              int64_t act, const char **who, const char **note,
                              struct nx_error *err);

/* Actions by hand; who and why are recorded. */
struct nx_manual_action {
	struct nx_mail mail; /* suppress: for which mail; release: NX_REACH_ALL
	                        means every standing, a stream only its own */
	const char *who;
	const char *note;
	const char *reason;  /* suppress only: a declared reason */
	enum nx_cause cause; /* suppress: of the entry, NONE is MANUAL; release:
	                        also standings of this cause */
	int64_t now;
};

/* One act, however many addresses, or domains as "@example.com", it is for. A
 * transaction is at most NX_SUPPRESS_AT_ONCE of them, in an order of its own,
 * unless a group is under way; the first that fails ends it. */
enum { NX_SUPPRESS_AT_ONCE = 50000 };
NX_MUST_USE bool nx_store_suppress(struct nx_store *store,
                                   const struct nx_policy *policy,
                                   const struct nx_manual_action *act,
                                   const char *const *address, size_t count,
                                   struct nx_error *err);

/* Ends leases of hard and soft bounces, and, when act names that cause,
 * complaints, unsubscribes or entries by hand; what led to them is forgotten.
 * *released is what was held by that, *left what still holds. */
NX_MUST_USE bool nx_store_release(TALLOC_CTX *ctx, struct nx_store *store,
                                  const struct nx_policy *policy,
                                  const struct nx_manual_action *act,
                                  const char *address,
                                  struct nx_response *released,
                                  struct nx_response *left,
                                  struct nx_error *err);

/* See NX_TRIGGER_DELIVERED; also closes block events (store/blocks.h). Nothing
 * is written when nothing changes; *changed: something of the address has. */
NX_MUST_USE bool nx_store_delivered(struct nx_store *store,
                                    const struct nx_policy *policy,
                                    const char *address, int64_t now,
                                    bool *changed, struct nx_error *err);

/* Lists subjects with a standing that holds at now (with now 0: also those that
 * have ended) for the mail that is asked for, or for any with NULL. Up to
 * NX_LIST_SORTED are sorted by what they hold for and by address; more come in
 * the order of their keys. No transaction is open while row runs, which returns
 * false to stop. */
enum { NX_LIST_SORTED = 200000 };
NX_MUST_USE bool nx_store_list(
        struct nx_store *store, const struct nx_question *question, int64_t now,
        bool (*row)(void *user, const struct nx_subject_state *state),
        void *user, struct nx_error *err);

#endif
