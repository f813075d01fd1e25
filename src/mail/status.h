/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_STATUS_H
#define NX_MAIL_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Enhanced mail system status codes, RFC 3463: class "." subject "." detail.
 * class 0 means that there is none.
 */
struct nx_status {
	unsigned short class;   /* 2, 4 or 5 */
	unsigned short subject; /* 0 to 999 */
	unsigned short detail;  /* 0 to 999 */
};

enum { NX_STATUS_SIZE = 12 };

/* Reads a code at the very start of text; returns the length recognised or 0.
 * Total. A digit, a letter or a further ".digit" right after it makes it
 * something else (an IP address, a version), so that there is no code. */
size_t nx_status_parse(const char *text, struct nx_status *out);

/* The first code anywhere in text that stands as a word of its own ("#5.1.1",
 * "(5.1.1)" and "550-5.1.1" included); *at is set to its offset when at is not
 * NULL. False when there is none. */
bool nx_status_find(const char *text, struct nx_status *out, size_t *at);

/* "5.1.1", or "" for none. Returns buffer. */
const char *nx_status_text(struct nx_status status,
                           char buffer[NX_STATUS_SIZE]);

bool nx_status_is_none(struct nx_status status);
bool nx_status_equal(struct nx_status a, struct nx_status b);

#endif
