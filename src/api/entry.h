/* SPDX-License-Identifier: ISC */
#ifndef NX_API_ENTRY_H
#define NX_API_ENTRY_H

#include "api/answer.h"
#include "export/state_json.h"

/* What several routes say of an address. */

/* About mail of that stream; "" is the configured one. */
struct nx_question nx_api_question(const struct nx_api_call *call,
                                   const char *stream);

/* The members of an entry, as `nixie list --json` has them; the object is left
 * open. */
void nx_api_entry_json(struct nx_json_out *object,
                       struct nx_state_telling *telling,
                       const struct nx_subject_state *state);

/* The addresses of a body: {"addresses": ["…"]}; false: it is answered. A text
 * that is no address is answered, too, unless it may be bad: then its subject
 * is NULL. */
struct nx_api_addresses {
	const char **given;
	const char **subject;
	size_t count;
};
bool nx_api_addresses_read(struct nx_api_call *call, bool may_be_bad,
                           struct nx_api_addresses *out);

#endif
