/* SPDX-License-Identifier: ISC */
#include "pool/worker.h"

#include "pool/frame.h"
#include "pool/sandbox.h"
#include "record.h"
#include "sys/file.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	READ_SIZE = 256 * 1024, /* read from the channel at a time */
	HELD_SIZE = 64 * 1024,  /* bytes of answers held back */
	ARENA_SIZE = 512 * 1024 /* most messages need no more */
};

/* Nanoseconds. A worker that has used LEAVE_AFTER of its NX_SANDBOX_CPU seconds
 * ends, so that each message can use the rest. */
static const int64_t LEAVE_AFTER = 1000000000;
static const int64_t HOLD_FOR = 50000000;

struct worker {
	const struct nx_engine *engine;
	struct nx_worker_slot *slot;
	TALLOC_CTX *arena; /* for one message; emptied after each */
	char *input;       /* NX_FRAME_SIZE bytes */
	size_t start, end; /* the part of input that is unread */
	char *output;      /* HELD_SIZE and one more answer */
	size_t held;
	int answers;
	int64_t held_since;
};

static int64_t clock_of(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static _Noreturn void leave(enum nx_worker_exit status)
{
	_exit((int)status);
}

static void write_answers(const struct worker *worker)
{
	struct nx_error err;
	if (!nx_file_write_all(NX_SANDBOX_CHANNEL, worker->output, worker->held,
	                       &err))
		leave(NX_WORKER_DONE); /* the pool has closed the channel */
}

/* Also the moment to end, if it is due: nothing is lost. */
static void flush(struct worker *worker)
{
	write_answers(worker);
	worker->held = 0;
	worker->answers = 0;
	worker->held_since = clock_of(CLOCK_MONOTONIC);
	if (clock_of(CLOCK_PROCESS_CPUTIME_ID) > LEAVE_AFTER)
		leave(NX_WORKER_DONE);
}

static void answer(struct worker *worker, const char *record)
{
	worker->held += nx_answer_write(worker->output + worker->held, record,
	                                strnlen(record, NX_RECORD_SIZE));
	worker->answers++;
}

static void read_message(struct worker *worker, const struct nx_input *input)
{
	atomic_fetch_add(&worker->slot->begun, 1);
	const struct nx_result *result =
	        nx_engine_read(worker->arena, worker->engine, input);
	if (nx_message_lacked_charset()) {
		write_answers(worker);
		leave(NX_WORKER_LACKS_CHARSETS);
	}
	answer(worker, nx_record_write(worker->arena, result));
	talloc_free_children(worker->arena);
	atomic_fetch_add(&worker->slot->finished, 1);
}

/* Answers are collected, so that the pool is not woken for every one; but not
 * for long, and never while there is nothing else to do. */
static bool must_flush(const struct worker *worker)
{
	return worker->answers >= NX_WORKER_BATCH ||
	       worker->held >= HELD_SIZE ||
	       clock_of(CLOCK_MONOTONIC) - worker->held_since > HOLD_FOR;
}

/* Reads every complete message there is. */
static void work_off(struct worker *worker)
{
	for (;;) {
		struct nx_input input = {0};
		size_t size = 0;
		const enum nx_frame_state state = nx_frame_read(
		        worker->input + worker->start,
		        worker->end - worker->start, &input, &size);
		if (state == NX_FRAME_BAD)
			leave(NX_WORKER_BAD_FRAME);
		if (state == NX_FRAME_PART)
			return;
		read_message(worker, &input);
		worker->start += size;
		if (must_flush(worker))
			flush(worker);
	}
}

/* False at the end of the channel. */
static bool fill(struct worker *worker)
{
	worker->end -= worker->start;
	memmove(worker->input, worker->input + worker->start, worker->end);
	worker->start = 0;
	const size_t room = NX_FRAME_SIZE - worker->end;
	ssize_t n;
	do {
		n = read(NX_SANDBOX_CHANNEL, worker->input + worker->end,
		         room < READ_SIZE ? room : READ_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	worker->end += (size_t)n;
	worker->held_since = clock_of(CLOCK_MONOTONIC);
	return true;
}

_Noreturn void nx_worker_run(const struct nx_engine *engine,
                             struct nx_worker_slot *slot)
{
	struct worker worker = {
	        .engine = engine,
	        .slot = slot,
	        .arena = talloc_pool(NULL, ARENA_SIZE),
	        .input = talloc_size(NULL, NX_FRAME_SIZE),
	        .output = talloc_size(NULL, HELD_SIZE + NX_ANSWER_SIZE),
	};
	if (!nx_sandbox_enter())
		leave(NX_WORKER_NO_SANDBOX);
	answer(&worker, "");
	do {
		work_off(&worker);
		flush(&worker);
	} while (fill(&worker));
	leave(NX_WORKER_DONE);
}
