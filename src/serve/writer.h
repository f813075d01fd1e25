/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_WRITER_H
#define NX_SERVE_WRITER_H

#include "serve/log.h"
#include "serve/pipeline.h"
#include "store/quarantine.h"

/*
 * Makes a group of messages durable; those that are recorded, in one
 * transaction: a commit waits for the disk, and many messages share one wait.
 * Runs on a thread of its own and shares only the group with the loop; the
 * group belongs to the thread until it is finished.
 */
enum { NX_WRITER_BATCH = 256 };

struct nx_writer_message { /* a message that a worker has read */
	const struct nx_submission *submission;
	bool lost;                   /* there were no workers */
	size_t readings;             /* so far */
	int64_t begun;               /* uv_now when the message was offered */
	enum nx_lmtp_answer *answer; /* one per recipient */
	struct nx_writer_delivery *delivery; /* one per recipient */
};

struct nx_writer_batch {
	struct nx_writer_message *message[NX_WRITER_BATCH];
	size_t messages;
	const struct nx_policy *policy;
	const char *scope;
	int64_t uneventful; /* see struct nx_delivery */
	bool more_pending;  /* more messages follow: rows that may wait are not
	                       written yet */
	struct nx_store *store;
	struct nx_quarantine *quarantine;
	struct nx_log log;
	struct nx_pipeline_tally tally; /* what this group adds */
	struct nx_error err;            /* the last error, if any */
};

/* Takes the record that a worker made of the message with the envelope of one
 * recipient (size 0: there were no workers), starting with the first recipient,
 * and makes the digests. What needs no store is done here by the loop, since
 * all wait for the writer. ctx must live until the message is recorded. Returns
 * the next recipient whose own envelope may change what the message says;
 * submission->recipients when there is none. */
size_t nx_writer_read(TALLOC_CTX *ctx, struct nx_writer_message *message,
                      size_t index, const char *line, size_t size);

/* Fills the answers, the tally and the error; writes the log. */
void nx_writer_record(struct nx_writer_batch *batch);

#endif
