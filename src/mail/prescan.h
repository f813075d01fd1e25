/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_PRESCAN_H
#define NX_MAIL_PRESCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * The pre-scan: one linear pass that caps what the MIME parser will see, so
 * that no mail can make it slow, large or crash. The parent process runs it and
 * parses nothing.
 */
enum {
	NX_PRESCAN_BYTES = 1024 * 1024, /* kept of a message */
	NX_PRESCAN_HEADER = 16 * 1024, /* bytes of one header, folds included */
	NX_PRESCAN_HEADERS = 2000,     /* header lines, all parts together */
	NX_PRESCAN_ADDRESS_HEADERS = 64,
	NX_PRESCAN_TYPES = 200,       /* Content-Type lines: bounds the depth */
	NX_PRESCAN_BOUNDARIES = 5000, /* lines that start with "--" */
	NX_PRESCAN_LINE = 64 * 1024   /* a body line; longer ones are broken */
};

struct nx_prescan {
	const char *bytes; /* what may be parsed: either the input itself or a
	                      copy with the excess left out, on ctx */
	size_t size;
	bool capped;  /* something was left out … */
	size_t whole; /* … for the first time after so many of the bytes */
};

/* Skips what stands before the headers: mbox "From " lines (">From " too),
 * blank lines, a byte order mark, one stray line before well-known headers, and
 * blanks before the first of them. Turns lines of UTF-16 into UTF-8 and a
 * message with bare-CR line ends into LF, replaces NUL bytes by SUB (0x1a), so
 * that "vic\0tim" is seen to be damaged, and drops the NUL bytes of a line that
 * has nothing else. Applies the caps above. Address headers keep at most 1,000
 * commas or colons each. Cost: linear in size, at most three passes; no copy
 * when nothing has to change. */
void nx_prescan_message(TALLOC_CTX *ctx, const char *bytes, size_t size,
                        struct nx_prescan *out);

#endif
