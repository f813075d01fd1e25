/* SPDX-License-Identifier: ISC */
#ifndef NX_EVENT_EVENT_H
#define NX_EVENT_EVENT_H

#include "event/content.h"
#include "event/stream.h"
#include "record.h"

/*
 * A verdict about one subject, with everything needed to judge it again, and
 * an id that is the same when another report tells of the same.
 */
/* Rank of the evidence, weakest first. */
enum nx_trust {
	NX_TRUST_CLAIMED = 0,
	NX_TRUST_AUTHENTICATED,
	NX_TRUST_KNOWN,
	NX_TRUST_ECHO,
	NX_TRUST_TOKEN
};

enum { NX_EVENT_ID_SIZE = 16, NX_EVENT_TWINS = 2 };

struct nx_attribution; /* see event/attribute.h */

struct nx_event {
	uint8_t id[NX_EVENT_ID_SIZE];
	/* the ids that it would have a little earlier or later: where the store
	 * has one of them, it has this event */
	uint8_t twin[NX_EVENT_TWINS][NX_EVENT_ID_SIZE];
	uint8_t message[NX_DIGEST_SIZE]; /* what the store knows it by */
	int64_t time;                    /* of receipt, or of the report */
	const char *stream;              /* of the mail it is about, or "" */
	enum nx_stream_kind stream_kind; /* of that stream; not stored */
	const char *sending_domain;      /* of that mail, or "" */
	bool is_sent_elsewhere; /* that is none of the stream's; not stored */
	const char *address;    /* normal form; never "" */
	struct nx_verdict verdict;
	enum nx_trust trust;
	enum nx_kind kind;
	enum nx_action action;
	const char *status;
	int reply;
	const char *diagnostic;
	const char *remote_mta;
	const char *reporting_mta;
	const char *message_id; /* of the returned message */
	const char *list_id;
	int64_t incidents; /* complaints that this event stands for; else 1 */
};

struct nx_event_source {                 /* what the events of a record share */
	uint8_t message[NX_DIGEST_SIZE]; /* what the store knows it by */
	uint8_t content[NX_DIGEST_SIZE]; /* see nx_event_content */
	const struct nx_attribution *to;
	int64_t time;
};

/* The events of a record, one per recipient with a usable address (for a
 * repeated address the first entry whose class is not none); for an unsubscribe
 * without recipients, one for the envelope sender. Recipients that are not
 * addresses are left out.
 *
 * One mail fails once for one recipient, so the id of what a report says of a
 * returned mail is over its Message-ID (or, without one, its envelope id),
 * class, address, and the period of 30 days: a sender who has one Message-ID
 * for all mail is not believed for ever. Any other id is over the message's
 * content, stream, address and list. Cut to 128 bits of SHA-256. */
struct nx_event *nx_event_of_record(TALLOC_CTX *ctx,
                                    const struct nx_record *record,
                                    const struct nx_event_source *source,
                                    size_t *count);

/* When the report was written, as far as it says and not after now; else
 * now. */
int64_t nx_event_own_time(const struct nx_record *record, int64_t now);

/* Whether the record says something that counts, but not about which address:
 * it is missing, hidden, invalid or one of ours, so that there is no event for
 * it. */
bool nx_event_is_missing(const struct nx_record *record);

const char *nx_trust_name(enum nx_trust trust);

#endif
