/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_TRANSACTION_H
#define NX_SERVE_TRANSACTION_H

#include "event/event.h"
#include "serve/pipeline.h"

/*
 * What one message leads to when it comes to several recipients at once: one
 * event an address, however many recipients it was told to, and not more events
 * than a report has recipients. Which recipient an event belongs to depends on
 * their order alone, so that a message offered again leads to the same.
 */
struct nx_transaction {
	const struct nx_submission *submission;
	size_t events;     /* that were taken */
	const char **told; /* their addresses, each with its list */
	const char **list;
	const char **recipient; /* all of the envelopes, in normal form */
};

struct nx_transaction *nx_transaction_new(
        TALLOC_CTX *ctx, const struct nx_submission *submission);

/* Leaves of events of a recipient's reading those that nobody told before, and
 * that are about none of the other recipients, who are ours; returns how many.
 * *cut: there were more than there may be. */
size_t nx_transaction_take(struct nx_transaction *transaction,
                           const struct nx_envelope *envelope,
                           struct nx_event *event, size_t count, bool *cut);

#endif
