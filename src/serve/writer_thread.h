/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_WRITER_THREAD_H
#define NX_SERVE_WRITER_THREAD_H

#include "serve/writer_queue.h"
#include "store/prune.h"

#include <uv.h>

/*
 * The thread that writes, and what goes to it and comes back: messages that
 * were read, attempts and tasks, and all of these when they are recorded. Uses
 * the store, which nobody else may until it is stopped.
 */
struct nx_writer_thread;

/* recorded is sent when there is something to take. What is recorded is counted
 * in the counters. */
NX_MUST_USE bool nx_writer_thread_start(TALLOC_CTX *ctx, struct nx_store *store,
                                        struct nx_counters *counters,
                                        uv_async_t *recorded,
                                        struct nx_writer_thread **out,
                                        struct nx_error *err);

/* All that is in the queues. */
void nx_writer_thread_give(struct nx_writer_thread *thread,
                           struct nx_writer_queue *read,
                           struct nx_attempt_queue *asked,
                           struct nx_task_queue *tasks);

/* What is old is removed by these terms from now on. */
void nx_writer_thread_prune(struct nx_writer_thread *thread,
                            const struct nx_prune_terms *terms);

/* The messages with answers, in order, or NULL, and such attempts and tasks at
 * the ends of told and ran; the tally; the last error, if there was any since
 * this was called. */
struct nx_writer_message *nx_writer_thread_take(struct nx_writer_thread *thread,
                                                struct nx_attempt_queue *told,
                                                struct nx_task_queue *ran,
                                                struct nx_pipeline_tally *tally,
                                                struct nx_error *err);

/* Waits until all that was given is recorded. */
void nx_writer_thread_stop(struct nx_writer_thread *thread);

#endif
