/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_EXTRACT_H
#define NX_CLASSIFY_EXTRACT_H

#include "match/pattern.h"

#include <stdbool.h>

/*
 * Extracts from a diagnostic what an advice or a block event can use, whatever
 * the rule: where to ask for removal, and which IP address of ours is meant.
 */

/* The first http or https URL, without the punctuation after it. */
bool nx_extract_url(const char *text, struct nx_match *out);

/* The first IPv4 or IPv6 address that is neither the host that refused ("host
 * mx[192.0.2.1] said: …") nor an answer of a DNS list (127.0.0.2). */
bool nx_extract_ip(const char *text, struct nx_match *out);

#endif
