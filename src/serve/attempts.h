/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_ATTEMPTS_H
#define NX_SERVE_ATTEMPTS_H

#include "store/attempt.h"

/*
 * Attempts on their way to the store: whoever asks hands them over and goes on,
 * the thread that writes records them with the group that it writes next.
 * Those whose answer nobody waits for make no group of their own until the
 * oldest has waited as long as the configuration lets it (attempts: within).
 */
struct nx_attempt_answer {
	bool failed; /* the store could not be asked or written */
	bool is_blocked;
	/* what it is blocked by; the text lives until done returns */
	enum nx_cause cause;
	const char *reason;
	int64_t until;
};

struct nx_writer_rules;

typedef void nx_attempt_done(void *user, const struct nx_attempt_answer *said);

struct nx_waiting_attempt {
	struct nx_attempt attempt; /* the texts are on its own context */
	struct nx_question question;
	uint64_t asked;        /* of uv_hrtime */
	uint64_t within;       /* nanoseconds that it may wait unwritten */
	nx_attempt_done *done; /* NULL: nobody waits */
	void *user;
	struct nx_attempt_answer answer;
	bool again; /* it can be written later, when nobody waits */
	const struct nx_writer_rules *rules; /* in use when it was asked */
	void *owner;
	size_t size; /* octets that it takes */
	struct nx_waiting_attempt *next;
};

enum {
	NX_ATTEMPTS_GROUP = 1000,           /* that are written at once */
	NX_ATTEMPTS_ROOM = 4 * 1024 * 1024, /* octets of all that wait */
	NX_ATTEMPT_TEXT = 1000 /* octets of a sender or a queue id */
};

struct nx_attempt_queue { /* all zero: empty */
	struct nx_waiting_attempt *first, *last;
	size_t count;
	size_t awaited;      /* of these, by somebody */
	uint64_t not_before; /* of uv_hrtime: after a group that failed */
};

/* A copy that hangs on nothing: talloc_free it. */
struct nx_waiting_attempt *nx_attempt_new(const struct nx_attempt *attempt);

void nx_attempt_queue_add(struct nx_attempt_queue *queue,
                          struct nx_waiting_attempt *attempt);
/* All of more goes to the end. */
void nx_attempt_queue_move(struct nx_attempt_queue *queue,
                           struct nx_attempt_queue *more);
/* All of more goes to the front: it could not be written, and is to be tried a
 * second later. */
void nx_attempt_queue_put_back(struct nx_attempt_queue *queue,
                               struct nx_attempt_queue *more);
/* At most so many from the front. */
size_t nx_attempt_queue_take(struct nx_attempt_queue *queue,
                             struct nx_waiting_attempt **out, size_t most);
/* Nanoseconds until a group of attempts alone is to be written: 0 is now,
 * UINT64_MAX never. */
uint64_t nx_attempt_queue_due(const struct nx_attempt_queue *queue);

/* Within a group of the store: records it as of when it was asked, and fills
 * its answer, which is nobody's before the commit. */
NX_MUST_USE bool nx_attempt_record(struct nx_waiting_attempt *attempt,
                                   struct nx_store *store,
                                   const struct nx_policy *policy, int64_t now,
                                   struct nx_error *err);

#endif
