/* SPDX-License-Identifier: ISC */
#ifndef NX_RECORD_H
#define NX_RECORD_H

#include "engine.h"

/*
 * A result as one line of JSON: what a worker hands back, what `nixie classify
 * --json` prints and what the golden tests compare. It is also read back here,
 * on the side that does not trust the worker: every enum is checked, every text
 * is bounded, and what is missing reads as absent.
 *
 * Members, in this order: kind, format, recipients, original, reporting_mta,
 * arrival_date, date, envelope; then, where present, envelope_id (that a
 * delivery report returns), list (that an unsubscribe names), feedback, verdict
 * (of a message without recipients), explain (per verdict: address and steps),
 * truncated, cause (of an unparsed message). A recipient whose verdict waits
 * for confirmation has confirm (days) after class; one that a reporter hides
 * has redacted, and its feedback has clues.
 */
enum { NX_RECORD_SIZE = 1024 * 1024 };

/* The line, printable ASCII, without a line end. If it would be longer than
 * NX_RECORD_SIZE, diagnostics are cut and then recipients are left out from the
 * end, with "truncated": true, which is also written when the report itself is
 * truncated. */
char *nx_record_write(TALLOC_CTX *ctx, const struct nx_result *result);

struct nx_record_recipient {
	const char *address;
	const char *original_recipient;
	const char *final_recipient;
	enum nx_action action;
	const char *status; /* "5.1.1" or "" */
	int reply;
	const char *diagnostic;
	const char *remote_mta;
	struct nx_verdict verdict;
};

struct nx_record {
	enum nx_kind kind;
	const char *format;
	const char *reporting_mta;
	const char *feedback_type;
	int64_t incidents;
	int64_t arrival_date; /* of the returned message */
	int64_t date;         /* when it was written itself */
	const char *sender; /* of the envelope, or what the headers say of it */
	const char *envelope_recipient; /* the same */
	const char *queue_id;           /* that the MTA handed it in with */
	const char *message_id;         /* of the returned message */
	const char *from;               /* the same: whom it is from */
	const char *envelope_id;        /* the same, RFC 3464 section 2.2.1 */
	const char *list_id; /* of the returned message, or the list that an
	                        unsubscribe names */
	/* of the message, when it has no recipients */
	struct nx_verdict verdict;
	const struct nx_record_recipient *recipient;
	size_t recipients;
	const char *cause; /* why it could not be read, or "" */
	bool truncated;    /* the message said more than is here */
};

NX_MUST_USE bool nx_record_read(TALLOC_CTX *ctx, const char *line, size_t size,
                                struct nx_record *out, struct nx_error *err);

/* The line for a message that no worker could read: kind "unparsed" and the
 * cause ("killed by signal 11", "took too long", …). */
char *nx_record_unparsed(TALLOC_CTX *ctx, const char *cause);

#endif
