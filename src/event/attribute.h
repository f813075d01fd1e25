/* SPDX-License-Identifier: ISC */
#ifndef NX_EVENT_ATTRIBUTE_H
#define NX_EVENT_ATTRIBUTE_H

#include "event/event.h"

/*
 * Which stream of our mail a report is about, and from which domain that mail
 * was sent.
 */
struct nx_attribution {
	const struct nx_streams *streams;
	const char *stream; /* of all events; "": of what the record tells */
};

/* Fills the event's stream, its kind and the sending domain. */
void nx_attribute(TALLOC_CTX *ctx, const struct nx_record *record,
                  const struct nx_attribution *to, struct nx_event *event);

/* What a store does not keep of that, for an event that it has. */
void nx_attribute_stored(const struct nx_streams *streams,
                         struct nx_event *event);

#endif
