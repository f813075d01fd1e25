/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_PIPELINE_H
#define NX_SERVE_PIPELINE_H

#include "config/config.h"
#include "deliver/submission.h"
#include "proto/lmtp.h"
#include "serve/attempts.h"
#include "serve/tasks.h"

#include <uv.h>

/*
 * The way of a message from the client to the disk: a worker reads it, the
 * writer commits it, together with all others that are ready, and only then is
 * it answered. Owns the pool of workers, the rules and
 * the store. Nothing is bounded here: the caller must limit what it submits.
 */
struct nx_pipeline;

struct nx_pipeline_tally { /* since the start */
	int64_t messages;  /* one per recipient, as they are recorded */
	int64_t bytes;
	int64_t events, suppressed, known;
	int64_t held; /* events, see store/held.h */
	int64_t quarantined, unparsed;
	int64_t truncated;     /* not everything in them was read */
	int64_t cut;           /* events, recorded without their texts */
	int64_t left_out;      /* not recorded: too many led to no event */
	int64_t deferred;      /* 451 and 452 */
	int64_t batches;       /* each made durable at once */
	int64_t attempts;      /* that were blocked, and are recorded */
	int64_t attempts_lost; /* that were not, with nobody waiting */
	int64_t blocks;        /* that are open now, see store/blocks.h */
	int64_t clock_step; /* seconds that the wall clock stands off; 0: none
	                     */
};

/* Opens the store; the rules are loaded by the first nx_pipeline_load. */
NX_MUST_USE bool nx_pipeline_open(TALLOC_CTX *ctx, uv_loop_t *loop,
                                  const struct nx_config *config,
                                  struct nx_pipeline **out,
                                  struct nx_error *err);

/* Uses these rules, workers and log settings from now on; what is under way is
 * finished with the old ones. On failure everything stays as it was. The
 * configuration's store is ignored. Keeps texts, which owns what the
 * configuration points to, for as long as it is used. */
NX_MUST_USE bool nx_pipeline_load(struct nx_pipeline *pipeline,
                                  const struct nx_config *config,
                                  TALLOC_CTX *texts, struct nx_error *err);

/* Takes a message, which lives until done is called: once, on the loop, never
 * from here, with one answer per recipient. */
void nx_pipeline_submit(struct nx_pipeline *pipeline,
                        struct nx_submission *submission,
                        void (*done)(void *user,
                                     const enum nx_lmtp_answer *answer),
                        void *user);

/* Has an attempt recorded, if something blocks it; the address is in normal
 * form, all texts are copied, stream "" is the configured one. done is called
 * once, on the loop, never from here, when it is durable or has failed. With
 * NULL nobody waits: it is written within the time that the configuration says
 * (attempts: within), and lost when the process ends before. False: too many
 * wait already, it is not recorded and done is not called. */
struct nx_pipeline_attempt {
	const char *address;
	const char *stream;
	const char *source; /* these as in struct nx_attempt */
	const char *sender;
	const char *queue_id;
};
NX_MUST_USE bool nx_pipeline_attempt(struct nx_pipeline *pipeline,
                                     const struct nx_pipeline_attempt *attempt,
                                     nx_attempt_done *done, void *user);
/* Attempts that wait to be written. */
size_t nx_pipeline_attempts(const struct nx_pipeline *pipeline);

/* Has a task run. It lives until it is done. */
void nx_pipeline_write(struct nx_pipeline *pipeline, struct nx_task *task);

/* Of whom a standing is known: what is recorded is told to it. */
struct nx_known *nx_pipeline_known(const struct nx_pipeline *pipeline);

/* What is counted: what is recorded here, and what others count there. */
struct nx_counters *nx_pipeline_counters(const struct nx_pipeline *pipeline);

size_t nx_pipeline_pending(const struct nx_pipeline *pipeline);
/* How many of these the workers have not yet read. */
size_t nx_pipeline_unread(const struct nx_pipeline *pipeline);
const struct nx_pipeline_tally *nx_pipeline_tally(
        const struct nx_pipeline *pipeline);
/* The last error and its time, or "". */
const char *nx_pipeline_trouble(const struct nx_pipeline *pipeline,
                                int64_t *time);
int nx_pipeline_workers(const struct nx_pipeline *pipeline);
/* The workers are gone for good: call nx_pipeline_load. */
bool nx_pipeline_is_lost(const struct nx_pipeline *pipeline);

/* Nothing may be pending. The last of the memory is freed when the loop runs
 * next. Takes NULL. */
void nx_pipeline_close(struct nx_pipeline *pipeline);

#endif
