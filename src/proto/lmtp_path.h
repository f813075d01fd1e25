/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_LMTP_PATH_H
#define NX_PROTO_LMTP_PATH_H

#include "proto/lmtp.h"

struct nx_lmtp_path_reader {
	const char *label; /* "FROM:" or "TO:" */
	/* Called for each parameter. value is "" when there is none; both live
	 * until it returns. */
	void (*take)(void *user, const char *name, const char *value);
	void *user;
};

/* "FROM:<address> NAME=VALUE ..." (RFC 5321 section 4.1.2). *address is set to
 * the text between the angle brackets, on ctx, whatever it is, since a refusal
 * would lose a bounce. Without brackets it is everything up to a blank. False
 * only when the label is missing. */
bool nx_lmtp_path_parse(TALLOC_CTX *ctx, const char *text,
                        const struct nx_lmtp_path_reader *reader,
                        const char **address);

#endif
