/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_MESSAGE_H
#define NX_MAIL_MESSAGE_H

#include "mail/fields.h"
#include "mail/prescan.h"

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * One mail as it was received: envelope, headers, and its parts as a flat list
 * in reading order. GMime is fenced in message.c; its types are used nowhere
 * else. Runs in a worker process only. What the parts say about earlier mail is
 * for report/ to find out.
 */
struct nx_envelope {
	const char *sender; /* MAIL FROM; "" for the null sender and unknown */
	bool sender_known;
	const char *recipient;          /* RCPT TO as delivered, or "" */
	const char *original_recipient; /* before aliases, or "" */
	const char *queue_id;
};

/* MAIL FROM:<>, of which RFC 5321, section 4.5.5, says what uses it: reports
 * and automatic answers, that nobody is to answer. */
static inline bool nx_envelope_is_null(const struct nx_envelope *envelope)
{
	return envelope->sender_known && !*envelope->sender;
}

struct nx_part {
	const char *type;        /* "text/plain", lower case; never "" */
	const char *disposition; /* "attachment", "inline" or "" */
	const char *file_name;
	const char *description; /* Content-Description */

	/* Decoded to UTF-8 with LF line ends; text/html is still HTML. Present
	 * for text and message types, and for others that hold the fields of a
	 * report; for a multipart in which no part was found, it is everything
	 * in it. "" for every other part and for a returned message. Prose is
	 * bounded by NX_MESSAGE_PART_TEXT, the fields of a report only by
	 * NX_MESSAGE_ALL_TEXT. */
	const char *text;

	/* The headers of a returned message (message/rfc822, message/global,
	 * message/partial), decoded; else empty. The body of a returned message
	 * is never evidence and is not looked at. */
	struct nx_fields headers;
	bool cut;        /* the text is not complete */
	const char *raw; /* the returned message itself, undecoded except for
	                    its transfer encoding; no NUL at its end */
	size_t raw_size; /* 0 for every other part */

	int depth;     /* 0 is the message itself */
	size_t parent; /* index of the enclosing part; own index at the top */
};

enum {
	NX_MESSAGE_PARTS = 200,
	NX_MESSAGE_DEPTH = 32,
	NX_MESSAGE_PART_TEXT = 64 * 1024,
	NX_MESSAGE_LONG_TEXT = 512 * 1024,
	NX_MESSAGE_ALL_TEXT = 4 * 1024 * 1024
};

struct nx_message {
	struct nx_envelope envelope;
	struct nx_fields headers; /* of the mail itself, RFC 2047 decoded */
	const char *report_type; /* parameter of multipart/report, lower case */
	const struct nx_part *part;
	size_t parts;
	/* A limit left out parts, headers of the mail itself, or some of the
	 * text of a part for machines. What a report returns does not count,
	 * nor what comes after it; for prose see nx_part.cut. */
	bool truncated;
};

/* Call once per process, before the first parse: starts GMime. */
void nx_message_start(void);

/* Also loads the character set converters that are allowed, since no file can
 * be opened later. That takes ten times as long, and most mail needs none:
 * whether a message lacked one is known afterwards. */
void nx_message_start_charsets(void);
bool nx_message_lacked_charset(void);

/* Total: every byte sequence is a message, perhaps one without parts. prose is
 * how many bytes are read of a part that is written for people:
 * NX_MESSAGE_PART_TEXT, or NX_MESSAGE_LONG_TEXT where that is worth the
 * time. */
const struct nx_message *nx_message_read(TALLOC_CTX *ctx,
                                         const struct nx_prescan *prescan,
                                         size_t prose,
                                         const struct nx_envelope *envelope);

/* A header of the mail itself, or "". */
const char *nx_message_header(const struct nx_message *message,
                              const char *name);

#endif
