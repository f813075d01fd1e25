/* SPDX-License-Identifier: ISC */
#ifndef NX_DELIVER_COMMIT_H
#define NX_DELIVER_COMMIT_H

#include "deliver/submission.h"
#include "event/attribute.h"

/*
 * The one way into the store: a message that a worker has read becomes its
 * events, its row and its bytes: as an original where it led to events, and in
 * quarantine where nobody understood it or not all of it was read. Every face
 * calls this: the daemon, nixie deliver, nixie ingest and nixie quarantine
 * retry.
 */
struct nx_commit { /* where it goes */
	struct nx_store *store;
	const struct nx_policy *policy;
	struct nx_attribution attribution;
	bool by_own_date;   /* a report counts from when it was written, not
	                       from when it came */
	int64_t uneventful; /* see struct nx_delivery */
	const struct nx_budget *budget;
	struct nx_quarantine_limits quarantine;
	struct nx_original_limits originals;
};

/* Adds the message for all of its recipients, and fills what the readings are
 * to say of it. All of it is durable when the transaction of the store is: the
 * group that was begun, or, without one, one for each recipient. At most
 * NX_REPORT_RECIPIENTS events; what lies beyond is marked as truncated. When
 * the budget is spent, submission->refused: it is to be offered again later. */
NX_MUST_USE bool nx_commit_add(TALLOC_CTX *ctx, const struct nx_commit *to,
                               struct nx_submission *submission, int64_t now,
                               struct nx_error *err);

/* Why such a message is kept in quarantine; NOT when it is understood. */
enum nx_quarantine_why nx_commit_why(const struct nx_record *record);

#endif
