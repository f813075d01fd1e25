/* SPDX-License-Identifier: ISC */
#ifndef NX_DELIVER_SUBMISSION_H
#define NX_DELIVER_SUBMISSION_H

#include "store/store.h"

/*
 * One message as any face hands it in, for each recipient that it was delivered
 * to, and what a worker read in it. A report that names its recipients says the
 * same for all of ours, so it is read once; otherwise the envelope may matter
 * (whose unsubscribe is it?), and the message is read again for the others.
 */
struct nx_reading { /* for one recipient */
	struct nx_record record;
	bool shares; /* the record of an earlier recipient, with its events */
	uint8_t digest[NX_DIGEST_SIZE]; /* what the store knows it by */
	/* filled by nx_commit_add */
	enum nx_quarantine_why why; /* it is kept in quarantine */
	struct nx_outcome outcome;
	struct nx_verdict verdict; /* of the first event */
	const char *address;       /* of the first event, or "" */
};

struct nx_submission {     /* the texts and bytes live until it is recorded */
	const char *bytes; /* as deliver/large_message.h leaves them */
	size_t size;
	size_t whole;                       /* the size of what came */
	const struct nx_envelope *envelope; /* one per recipient */
	size_t recipients;
	const char *source;      /* "lmtp", "spool", "deliver", a path, … */
	const uint8_t *digest;   /* NULL, or of a message that the store holds
	                            and that is read again: as if it were new,
	                            but for the events that it led to before */
	struct nx_packed packed; /* what is kept of it, where that was done
	                            already */
	struct nx_reading *reading; /* one per recipient, from the first record
	                               on */
	size_t readings;            /* records taken so far */
	uint8_t content[NX_DIGEST_SIZE]; /* see nx_event_content; the same */
	bool refused;                    /* see nx_commit_add */
};

/* Takes the record that a worker made of the message with the envelope of the
 * recipient at index, the first one first; a line that is no record counts as
 * unparsed. Returns the next recipient whose own envelope may change what the
 * message says, submission->recipients when there is none. What hangs on ctx
 * must live until the message is recorded. */
size_t nx_submission_read(TALLOC_CTX *ctx, struct nx_submission *submission,
                          size_t index, const char *line, size_t size);

#endif
