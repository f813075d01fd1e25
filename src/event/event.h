/* SPDX-License-Identifier: ISC */
#ifndef NX_EVENT_EVENT_H
#define NX_EVENT_EVENT_H

#include "base/digest.h"
#include "event/stream.h"
#include "record.h"

/*
 * A verdict about one subject, with everything needed to judge it again, and
 * an id that is the same when the same message is offered twice.
 */
/* Rank of the evidence, weakest first. */
enum nx_trust {
	NX_TRUST_CLAIMED = 0,
	NX_TRUST_AUTHENTICATED,
	NX_TRUST_KNOWN,
	NX_TRUST_ECHO,
	NX_TRUST_TOKEN
};

enum { NX_EVENT_ID_SIZE = 16 };

struct nx_attribution; /* see event/attribute.h */

struct nx_event {
	uint8_t id[NX_EVENT_ID_SIZE];
	uint8_t message[NX_DIGEST_SIZE]; /* digest of the message, see below */
	int64_t time;                    /* when nixie learnt of the event */
	const char *stream;              /* of the mail it is about, or "" */
	enum nx_stream_kind stream_kind; /* of that stream; not stored */
	const char *sending_domain;      /* of that mail, or "" */
	const char *address;             /* normal form; never "" */
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

/* The digest of a message's content: SHA-256 over the bytes with CRLF as LF and
 * without what the last hop writes (an mbox "From " line, Return-Path,
 * Delivered-To, X-Original-To, Envelope-To, Delivery-Date, and the topmost
 * Received header). */
void nx_event_content(const char *bytes, size_t size,
                      uint8_t out[NX_DIGEST_SIZE]);

/* The digest of a message: SHA-256 over the envelope recipient, a NUL, and the
 * digest of the content. So a redelivery counts once. */
void nx_event_digest(const char *recipient,
                     const uint8_t content[NX_DIGEST_SIZE],
                     uint8_t out[NX_DIGEST_SIZE]);

/* The digest as it was made before schema 3 of the store: over the recipient, a
 * NUL, and the content itself. */
void nx_event_older_digest(const char *recipient, const char *bytes,
                           size_t size, uint8_t out[NX_DIGEST_SIZE]);

/* The events of a record, one per recipient with a usable address (for a
 * repeated address the first entry whose class is not none); for an unsubscribe
 * without recipients, one for the envelope sender. Recipients that are not
 * addresses are left out. Event id: SHA-256 over message digest, scope and
 * address, cut to 128 bits. */
struct nx_event *nx_event_of_record(TALLOC_CTX *ctx,
                                    const struct nx_record *record,
                                    const uint8_t digest[NX_DIGEST_SIZE],
                                    const struct nx_attribution *to,
                                    int64_t now, size_t *count);

/* Whether the record says something that counts, but not about which address:
 * it is missing, hidden, invalid or one of ours, so that there is no event for
 * it. */
bool nx_event_is_missing(const struct nx_record *record);

const char *nx_trust_name(enum nx_trust trust);

#endif
