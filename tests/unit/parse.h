/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_PARSE_H
#define TESTS_UNIT_PARSE_H

#include "mail/message.h"

/* Reads bytes that the pre-scan would leave as they are. */
static inline const struct nx_message *parse_message(
        TALLOC_CTX *ctx, const char *bytes, size_t size,
        const struct nx_envelope *envelope)
{
	const struct nx_prescan prescan = {.bytes = bytes, .size = size};
	return nx_message_read(ctx, &prescan, NX_MESSAGE_PART_TEXT, envelope);
}

#endif
