/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_TRANSACTION_H
#define NX_SERVE_TRANSACTION_H

#include "event/event.h"
#include "serve/pipeline.h"

/*
 * What one message for several recipients leads to: one event per address,
 * however many recipients it was delivered to, and not more events than a
 * report has recipients. Which recipient an event belongs to depends on their
 * order alone, so that a message offered again gives the same result.
 */
struct nx_transaction {
	const struct nx_submission *submission;
	size_t events;     /* that were taken */
	const char **told; /* addresses of earlier events, each with its list */
	const char **list;
	const char **recipient; /* all of the envelopes, in normal form */
};

struct nx_transaction *nx_transaction_new(
        TALLOC_CTX *ctx, const struct nx_submission *submission);

/* Keeps those of the events read for a recipient whose address had no event
 * before and that are not about one of the other recipients, which are ours;
 * returns how many. *cut: there were more than allowed. */
size_t nx_transaction_take(struct nx_transaction *transaction,
                           const struct nx_envelope *envelope,
                           struct nx_event *event, size_t count, bool *cut);

#endif
