/* SPDX-License-Identifier: ISC */
#include "deliver/told.h"

#include "mail/address.h"

#include <string.h>

enum { EVENTS = NX_REPORT_RECIPIENTS };

struct nx_told *nx_told_new(TALLOC_CTX *ctx,
                            const struct nx_submission *submission)
{
	struct nx_told *told = talloc_zero(ctx, struct nx_told);
	told->submission = submission;
	if (submission->recipients == 1)
		return told;
	told->address = talloc_array(told, const char *, EVENTS);
	told->list = talloc_array(told, const char *, EVENTS);
	told->recipient =
	        talloc_array(told, const char *, submission->recipients);
	for (size_t i = 0; i < submission->recipients; i++)
		told->recipient[i] = nx_address_normal(
		        told, submission->envelope[i].recipient);
	return told;
}

static bool is_told(const struct nx_told *told, const struct nx_event *event)
{
	for (size_t i = 0; i < told->events; i++)
		if (strcmp(told->address[i], event->address) == 0 &&
		    strcmp(told->list[i], event->list_id) == 0)
			return true;
	return false;
}

/* The recipient with whose envelope it was read is left out. */
static bool is_recipient(const struct nx_told *told,
                         const struct nx_envelope *envelope,
                         const struct nx_event *event)
{
	const struct nx_submission *submission = told->submission;
	for (size_t i = 0; i < submission->recipients; i++)
		if (&submission->envelope[i] != envelope &&
		    strcmp(told->recipient[i], event->address) == 0)
			return true;
	return false;
}

static void note(struct nx_told *told, const struct nx_event *event)
{
	const size_t at = told->events++;
	told->address[at] = talloc_strdup(told, event->address);
	told->list[at] = talloc_strdup(told, event->list_id);
}

size_t nx_told_take(struct nx_told *told, const struct nx_envelope *envelope,
                    struct nx_event *event, size_t count, bool *cut)
{
	size_t kept = 0;
	*cut = false;
	if (told->submission->recipients == 1)
		return count;
	for (size_t i = 0; i < count; i++) {
		if (is_told(told, &event[i]) ||
		    is_recipient(told, envelope, &event[i]))
			continue;
		*cut = told->events == EVENTS;
		if (*cut)
			break;
		note(told, &event[i]);
		event[kept++] = event[i];
	}
	return kept;
}
