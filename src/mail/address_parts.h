/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_ADDRESS_PARTS_H
#define NX_MAIL_ADDRESS_PARTS_H

#include "base/text.h"

#include <stddef.h>
#include <talloc.h>

/*
 * What addresses are made of: shared by the files that normalise and that find
 * addresses, and by no others. Sizes in octets, RFC 5321 section 4.5.3.1.
 */
enum {
	NX_ADDRESS_LOCAL = 64,
	NX_ADDRESS_DOMAIN = 255,
	NX_ADDRESS_LABEL = 63,
	NX_ADDRESS_SIZE = 1024
};

static inline bool nx_address_is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

static inline bool nx_address_is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* RFC 5322 section 3.2.3, and also the dot: mailboxes with dots at the ends or
 * in a row exist. */
static inline bool nx_address_is_atom(char c)
{
	static const char is_special[128] = {
	        ['!'] = 1,  ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1,
	        ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['/'] = 1,
	        ['='] = 1,  ['?'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1,
	        ['{'] = 1,  ['|'] = 1, ['}'] = 1, ['~'] = 1, ['.'] = 1,
	};
	return nx_text_is_alnum(c) ||
	       (!nx_address_is_high(c) && is_special[(unsigned char)c]);
}

static inline bool nx_address_is_domain(char c)
{
	return nx_text_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* The size of the quoted string that starts at text; 0 when it does not end. */
size_t nx_address_parts_quoted_size(const char *text);

/* Without angle brackets and without a route ("@relay,@relay:"). */
const char *nx_address_bare(TALLOC_CTX *ctx, const char *text);

#endif
