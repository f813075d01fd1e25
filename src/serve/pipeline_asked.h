/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_PIPELINE_ASKED_H
#define NX_SERVE_PIPELINE_ASKED_H

#include "pool/pool.h"
#include "serve/counters.h"
#include "serve/pipeline.h"
#include "serve/writer_thread.h"

/* What the files of the pipeline share: pipeline.c has messages,
 * pipeline_asked.c what else is to be written. */

/* Rules and the workers that use them; an old generation lives until its last
 * message is answered. */
struct nx_generation {
	struct nx_rules rules;
	struct nx_pool *pool;
	struct nx_budget budget;
	struct nx_writer_rules written; /* what it read is written so */
	uint64_t within; /* nanoseconds that an attempt may stay unwritten */
	bool old;
	size_t users;
};

/* Frees it when it is old and nobody uses it. */
void nx_generation_leave(struct nx_generation *generation);

struct nx_pipeline_waiting {
	struct running *first, **last;
};

struct nx_pipeline {
	uv_loop_t *loop;
	struct nx_store *store;
	struct nx_known *known;
	struct nx_counters *counters;
	struct nx_generation *now;
	struct nx_writer_queue read;   /* since the loop waited */
	struct nx_attempt_queue asked; /* the same */
	struct nx_task_queue tasks;    /* the same */
	struct { /* attempts that are not written, and what they take */
		size_t count, room;
		int64_t refused;
	} attempts;
	struct nx_pipeline_waiting small,
	        large; /* there is no room for their records */
	int passed;    /* small ones, since a large one was let go */
	size_t room;   /* of all that are not held */
	size_t pending;
	size_t unread;
	uv_prepare_t prepare;
	uv_async_t recorded; /* sent when there is something done */
	size_t handles;
	struct nx_writer_thread *writer;
	struct nx_pipeline_tally tally;
	struct nx_error trouble;
	int64_t trouble_time;
	struct nx_packing *packing; /* NULL: not needed yet */
};

/* All that is in the queues has been written, or has failed. */
void nx_pipeline_asked_answer(struct nx_pipeline *pipeline,
                              struct nx_attempt_queue *told,
                              struct nx_task_queue *ran);

#endif
