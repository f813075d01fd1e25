/* SPDX-License-Identifier: ISC */
#ifndef NX_DELIVER_TOLD_H
#define NX_DELIVER_TOLD_H

#include "deliver/submission.h"
#include "event/event.h"

/*
 * What one message for several recipients leads to: one event per address,
 * however many recipients it was delivered to, and not more events than a
 * report has recipients. Which recipient an event belongs to depends on their
 * order alone, so that a message offered again gives the same result.
 */
struct nx_told {
	const struct nx_submission *submission;
	size_t events; /* that were taken */
	const char *
	        *address; /* addresses of earlier events, each with its list */
	const char **list;
	const char **recipient; /* all of the envelopes, in normal form */
};

struct nx_told *nx_told_new(TALLOC_CTX *ctx,
                            const struct nx_submission *submission);

/* Keeps those of the events read for a recipient whose address had no event
 * before and that are not about one of the other recipients, which are ours;
 * returns how many. *cut: there were more than allowed. */
size_t nx_told_take(struct nx_told *told, const struct nx_envelope *envelope,
                    struct nx_event *event, size_t count, bool *cut);

#endif
