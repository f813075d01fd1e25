/* SPDX-License-Identifier: ISC */
#ifndef NX_EVENT_CONTENT_H
#define NX_EVENT_CONTENT_H

#include "base/digest.h"

/*
 * What a message is known by: digests that are the same however it comes, and
 * those that older stores know it by.
 */

/* SHA-256 over the content, with LF at the ends of lines, none at its end, and
 * without what those that pass it on add: Received, Return-Path, Delivered-To
 * and the like, what an mbox writes, a ">" before "From ". Of a message that
 * has a Message-ID or a date, these and the first 256 KiB count: where it is
 * cut depends on its line ends. Of any other, which only its first hop may tell
 * from the next, the oldest Received header and all that is there. */
void nx_event_content(const char *bytes, size_t size,
                      uint8_t out[NX_DIGEST_SIZE]);

/* The digest of a message whose meaning depends on where it went: SHA-256 over
 * the envelope recipient, a NUL, and the digest of the content. */
void nx_event_digest(const char *recipient,
                     const uint8_t content[NX_DIGEST_SIZE],
                     uint8_t out[NX_DIGEST_SIZE]);

/* How stores of earlier schemas name all messages. */
enum nx_older_digest {
	NX_OLDER_FIRST = 0, /* before schema 3 */
	NX_OLDER_SECOND,    /* schema 3 */
	NX_OLDER_DIGESTS    /* their number */
};

/* Over the envelope recipient, a NUL, and the content (FIRST) or its digest
 * (SECOND); only the topmost Received header and five that the last hop writes
 * are left out. */
void nx_event_older_digest(enum nx_older_digest kind, const char *recipient,
                           const char *bytes, size_t size,
                           uint8_t out[NX_DIGEST_SIZE]);

#endif
