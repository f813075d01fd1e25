/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_WRITER_H
#define NX_SERVE_WRITER_H

#include "deliver/commit.h"
#include "serve/attempts.h"
#include "serve/counters.h"
#include "serve/log.h"
#include "serve/pipeline.h"
#include "serve/tasks.h"
#include "store/blocks.h"
#include "store/store_clock.h"

/*
 * Makes a group of messages, attempts and tasks durable in one transaction: a
 * commit waits for the disk, and many of them share one wait.
 * Runs on a thread of its own and shares only the group with the loop; the
 * group belongs to the thread until it is finished.
 */
enum { NX_WRITER_BATCH = 256 };

struct nx_writer_rules {
	struct nx_commit to;
	bool full_addresses; /* in the log */
};

struct nx_writer_message { /* a message that was read for all recipients */
	struct nx_submission *submission;
	bool lost;                   /* not read: there were no workers */
	enum nx_lmtp_answer *answer; /* one per recipient */
	void *owner;                 /* whose it is */
	const struct nx_writer_rules *rules; /* one group has the same */
	/* see serve/writer_queue.h */
	size_t rows;
	struct nx_writer_message *next;
};

struct nx_writer_batch {
	struct nx_writer_message *message[NX_WRITER_BATCH];
	size_t messages;
	struct nx_waiting_attempt *attempt[NX_ATTEMPTS_GROUP];
	size_t attempts;
	struct nx_task *task[NX_TASKS_GROUP];
	size_t tasks;
	struct nx_commit to;
	int64_t now;                 /* that the group is recorded by */
	struct nx_clock_state clock; /* as it was last seen */
	struct nx_log log;
	struct nx_pipeline_tally tally; /* with all groups before it */
	struct nx_counters *counters;   /* shared; or NULL */
	struct nx_blocks_seen blocks;
	int64_t expired;     /* when block events were last closed by time */
	struct nx_error err; /* the last error, if any */
	bool in_vain; /* no transaction could begin: it may have waited */
};

/* Fills the answers, the tally and the error; writes the log. */
void nx_writer_record(struct nx_writer_batch *batch);

/* Defers messages, attempts and tasks that came while a batch waited in vain,
 * for the same reason. */
void nx_writer_defer(struct nx_writer_batch *batch);

/* Whether the clock has stepped, or agrees again, and which block events have
 * opened and closed is said in the log and in the tally. A group does this by
 * itself. */
void nx_writer_look_around(struct nx_writer_batch *batch);

#endif
