/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_EXTRACT_H
#define NX_CLASSIFY_EXTRACT_H

#include "base/pattern.h"

#include <stdbool.h>

/*
 * What a diagnostic quotes that an advice can use, whatever the rule: where to
 * ask for removal, and which address of ours is meant. Only for classify/.
 */

/* The first http or https address, without the punctuation behind it. */
bool nx_extract_url(const char *text, struct nx_match *out);

/* The first IPv4 or IPv6 address that is not the host who said it ("host
 * mx[192.0.2.1] said: …") nor an answer of a list (127.0.0.2). */
bool nx_extract_ip(const char *text, struct nx_match *out);

#endif
