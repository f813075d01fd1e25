/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_LMTP_DATA_H
#define NX_PROTO_LMTP_DATA_H

#include "proto/lmtp.h"

/*
 * The content between 354 and CRLF.CRLF (RFC 5321 section 4.5.2): leading dots
 * are unstuffed, only a full CRLF.CRLF ends it, all other bytes are kept as
 * they are.
 */
#define NX_LMTP_GO_AHEAD "354 end with CRLF.CRLF"

enum nx_lmtp_place {                         /* what precedes the next byte */
	             NX_LMTP_LINE_START = 0, /* CRLF, or the very beginning */
	             NX_LMTP_IN_LINE,
	             NX_LMTP_AFTER_CR,
	             NX_LMTP_AFTER_DOT,   /* CRLF. */
	             NX_LMTP_AFTER_DOT_CR /* CRLF.CR */
};

struct nx_lmtp_data {
	enum nx_lmtp_place place;
	bool ended;
	bool lost;   /* there was no room */
	char *bytes; /* on the transaction */
	size_t size, room;
	size_t total;
};

void nx_lmtp_data_begin(struct nx_lmtp_data *data);

/* Returns how many bytes were used: all of them unless the end was reached. */
size_t nx_lmtp_data_feed(struct nx_lmtp_data *data, struct nx_lmtp *session,
                         const char *bytes, size_t size);

#endif
