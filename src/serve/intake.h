/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_INTAKE_H
#define NX_SERVE_INTAKE_H

#include "config/config.h"
#include "mail/message.h"
#include "pool/keeper.h"
#include "proto/lmtp.h"

#include <uv.h>

/*
 * The way of a message from whoever handed it in to the disk: a worker reads
 * it, the writer records it, or puts it in quarantine, together with all others
 * that are ready, and only then is it answered. Owns the pool of workers, the
 * rules and the store. Nothing here is bounded: whoever offers counts.
 */
struct nx_intake;

struct nx_offer { /* one message; all of it lives until done */
	const char *bytes;
	size_t size;
	const struct nx_envelope *envelope; /* one a recipient; at least one */
	size_t recipients;
	const char *source; /* "lmtp", "spool" */
	/* Once, on the loop, never from nx_intake_offer; one answer a
	 * recipient. */
	void (*done)(struct nx_offer *offer, const enum nx_lmtp_answer *answer);
	void *user;
};

struct nx_tally {         /* since the start */
	int64_t messages; /* one a recipient, as they are recorded */
	int64_t bytes;
	int64_t events, suppressed, known;
	int64_t quarantined, unparsed;
	int64_t truncated; /* not all of what they say was read */
	int64_t left_out;  /* not recorded: too many led to no event */
	int64_t deferred;  /* 451 and 452 */
	int64_t groups;    /* each made durable at once */
};

/* Opens the store; the rules come with the first nx_intake_load. */
NX_MUST_USE bool nx_intake_open(TALLOC_CTX *ctx, uv_loop_t *loop,
                                const struct nx_keeper *keeper,
                                const struct nx_config *config,
                                struct nx_intake **out, struct nx_error *err);

/* From here on with these rules, workers and ways to log; what is under way is
 * finished with the old ones. On failure all stays as it was. The
 * configuration's store is not looked at. */
NX_MUST_USE bool nx_intake_load(struct nx_intake *intake,
                                const struct nx_config *config,
                                struct nx_error *err);

void nx_intake_offer(struct nx_intake *intake, struct nx_offer *offer);

size_t nx_intake_pending(const struct nx_intake *intake);
/* Of these, what the workers have not yet read. */
size_t nx_intake_unread(const struct nx_intake *intake);
const struct nx_tally *nx_intake_tally(const struct nx_intake *intake);
/* Of the last minute, recipients recorded. */
int64_t nx_intake_last_minute(const struct nx_intake *intake);
/* The last trouble and its time, or "". */
const char *nx_intake_trouble(const struct nx_intake *intake, int64_t *time);
int nx_intake_workers(const struct nx_intake *intake);
/* The workers are gone for good: a nx_intake_load is wanted. */
bool nx_intake_is_lost(const struct nx_intake *intake);

/* Nothing may be pending. The last of the memory goes when the loop runs next.
 * Takes NULL. */
void nx_intake_close(struct nx_intake *intake);

#endif
