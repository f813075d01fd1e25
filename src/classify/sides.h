/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_SIDES_H
#define NX_CLASSIFY_SIDES_H

#include "classify/facts.h"

/*
 * Which party an address or a host belongs to: the recipient, the sender (the
 * returned message's return path and From, and the address the report was sent
 * to), or somebody else, by name and by domain. Only for mentions.c.
 */
enum { NX_SIDE_NAMES = 8 };

struct nx_side {
	const char *address[NX_SIDE_NAMES]; /* as written */
	const char *domain[NX_SIDE_NAMES];  /* in lower case */
	size_t count;
};

struct nx_sides {
	TALLOC_CTX *ctx;
	const struct nx_report *report; /* an example's report has no message */
	const struct nx_recipient *of;
	struct nx_side recipient, sender;
	bool knows_sender;
};

/* Call these only when a refusal names somebody, and for the sender only when
 * it names somebody else than the recipient: most refusals do not. */
void nx_sides_learn_recipient(struct nx_sides *sides);
void nx_sides_learn_sender(struct nx_sides *sides);

/* Call nx_sides_learn_recipient first. */
enum nx_party nx_sides_address(struct nx_sides *sides, const char *address);
enum nx_party nx_sides_host(struct nx_sides *sides, const char *host);

#endif
