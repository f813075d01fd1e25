/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_ATTEMPT_H
#define NX_STORE_ATTEMPT_H

#include "store/store.h"

/* Somebody is about to send mail, or has tried to. */
struct nx_attempt { /* to mail an address */
	const struct nx_question *question;
	const char *address;
	const char *source;   /* "check", "access", "policy", "door" */
	const char *sender;   /* of that mail, "" where nobody says */
	const char *queue_id; /* the same */
};

/* When something blocks it, the attempt is recorded and the first standing that
 * blocks steps; *out is what is remembered after that. Otherwise nothing is
 * written. What the last one of the address said with the same queue id, sender
 * and source is the same attempt, and counts no more. */
NX_MUST_USE bool nx_store_attempt(TALLOC_CTX *ctx, struct nx_store *store,
                                  const struct nx_policy *policy,
                                  const struct nx_attempt *attempt, int64_t now,
                                  struct nx_response *out,
                                  struct nx_error *err);

#endif
