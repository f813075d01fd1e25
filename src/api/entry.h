/* SPDX-License-Identifier: ISC */
#ifndef NX_API_ENTRY_H
#define NX_API_ENTRY_H

#include "api/api.h"
#include "export/state_json.h"

/* What several routes say of an address. */

/* About mail of that stream; "" is the configured one. */
struct nx_question nx_api_question(const struct nx_api_call *call,
                                   const char *stream);

/* The members of an entry, as `nixie list --json` has them, and its rung; the
 * object is left open. */
NX_MUST_USE bool nx_api_entry_json(struct nx_json_out *object,
                                   struct nx_store *store,
                                   const struct nx_subject_state *state,
                                   int64_t now, struct nx_error *err);

#endif
