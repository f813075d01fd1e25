/* SPDX-License-Identifier: ISC */
#ifndef NX_POLICY_BLOCK_H
#define NX_POLICY_BLOCK_H

#include "classify/tables.h"
#include "event/event.h"

/*
 * What a verdict says that is not about the recipient but about us: a provider,
 * or a blocklist that it asks, refuses our address or domain. Pure; what
 * becomes of it is a block event (store/blocks.h), and never a suppression.
 */
enum { NX_BLOCK_URL = 200 }; /* a longer one is left out */

struct nx_block_said {
	const char
	        *provider;  /* that the server which refused is of, or, where
	                       the report names none, the recipient's domain */
	const char *domain; /* of the recipient */
	const char *ours;   /* IP address or domain of ours, as far as the text
	                       names it, or "" */
	const char *list;   /* zone of the blocklist, the same */
	const char *url;    /* where to ask for removal: of the advice, else the
	                       first of the text */
	int64_t lasts;      /* seconds from the report on */
};

/* False when the verdict says nothing of the kind; tables NULL: nothing does.
 */
bool nx_block_read(TALLOC_CTX *ctx, const struct nx_tables *tables,
                   const struct nx_event *event, struct nx_block_said *out);

#endif
