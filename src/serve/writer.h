/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_WRITER_H
#define NX_SERVE_WRITER_H

#include "serve/log.h"
#include "serve/pipeline.h"
#include "store/quarantine.h"

/*
 * Makes a group of messages durable, those that are recorded in one
 * transaction: a commit waits for the disk, and many messages wait together.
 * Runs on a thread of its own and shares nothing with the loop but the group,
 * which is the thread's until it ends.
 */
enum { NX_WRITER_BATCH = 256 };

struct nx_writer_message { /* a message that a worker has read */
	const struct nx_submission *submission;
	bool lost;                           /* no worker could be had */
	size_t readings;                     /* so far */
	int64_t begun;                       /* uv_now of the offer */
	enum nx_lmtp_answer *answer;         /* one a recipient */
	struct nx_writer_delivery *delivery; /* the same, once it is read */
};

struct nx_writer_batch {
	struct nx_writer_message *message[NX_WRITER_BATCH];
	size_t messages;
	const struct nx_policy *policy;
	const char *scope;
	int64_t uneventful; /* as struct nx_delivery has it */
	bool more_pending;  /* others come behind it: what may wait to be
	                  recorded  does */
	struct nx_store *store;
	struct nx_quarantine *quarantine;
	struct nx_log log;
	struct nx_pipeline_tally tally; /* what this group adds */
	struct nx_error err;            /* the last trouble, if any */
};

/* Takes the record (size 0: no worker could be had) that a worker made of the
 * message with the envelope of one recipient, the first to begin with, and
 * makes the digests, on ctx, which must live until the message is recorded:
 * what needs no store is done by the loop, since all wait for the writer.
 * Returns the next recipient whose own envelope may change what the message
 * says; offer->recipients: none. */
size_t nx_writer_read(TALLOC_CTX *ctx, struct nx_writer_message *message,
                      size_t index, const char *line, size_t size);

/* Fills the answers, the tally and the trouble; writes the log. */
void nx_writer_record(struct nx_writer_batch *batch);

#endif
