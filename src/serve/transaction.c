/* SPDX-License-Identifier: ISC */
#include "serve/transaction.h"

#include "mail/address.h"

#include <string.h>

enum { EVENTS = NX_REPORT_RECIPIENTS };

struct nx_transaction *nx_transaction_new(
        TALLOC_CTX *ctx, const struct nx_submission *submission)
{
	struct nx_transaction *transaction =
	        talloc_zero(ctx, struct nx_transaction);
	transaction->submission = submission;
	if (submission->recipients == 1)
		return transaction;
	transaction->told = talloc_array(transaction, const char *, EVENTS);
	transaction->list = talloc_array(transaction, const char *, EVENTS);
	transaction->recipient =
	        talloc_array(transaction, const char *, submission->recipients);
	for (size_t i = 0; i < submission->recipients; i++)
		transaction->recipient[i] = nx_address_normal(
		        transaction, submission->envelope[i].recipient);
	return transaction;
}

static bool is_told(const struct nx_transaction *transaction,
                    const struct nx_event *event)
{
	for (size_t i = 0; i < transaction->events; i++)
		if (strcmp(transaction->told[i], event->address) == 0 &&
		    strcmp(transaction->list[i], event->list_id) == 0)
			return true;
	return false;
}

/* The recipient with whose envelope it was read is left out. */
static bool is_recipient(const struct nx_transaction *transaction,
                         const struct nx_envelope *envelope,
                         const struct nx_event *event)
{
	const struct nx_submission *submission = transaction->submission;
	for (size_t i = 0; i < submission->recipients; i++)
		if (&submission->envelope[i] != envelope &&
		    strcmp(transaction->recipient[i], event->address) == 0)
			return true;
	return false;
}

static void note(struct nx_transaction *transaction,
                 const struct nx_event *event)
{
	const size_t at = transaction->events++;
	transaction->told[at] = talloc_strdup(transaction, event->address);
	transaction->list[at] = talloc_strdup(transaction, event->list_id);
}

size_t nx_transaction_take(struct nx_transaction *transaction,
                           const struct nx_envelope *envelope,
                           struct nx_event *event, size_t count, bool *cut)
{
	size_t kept = 0;
	*cut = false;
	if (transaction->submission->recipients == 1)
		return count;
	for (size_t i = 0; i < count; i++) {
		if (is_told(transaction, &event[i]) ||
		    is_recipient(transaction, envelope, &event[i]))
			continue;
		*cut = transaction->events == EVENTS;
		if (*cut)
			break;
		note(transaction, &event[i]);
		event[kept++] = event[i];
	}
	return kept;
}
