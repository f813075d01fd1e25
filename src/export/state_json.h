/* SPDX-License-Identifier: ISC */
#ifndef NX_EXPORT_STATE_JSON_H
#define NX_EXPORT_STATE_JSON_H

#include "base/json_out.h"
#include "store/store.h"

/* What is remembered of an address, for programs: the same members wherever it
 * is told. */

/* RFC 3339; null for 0 and for never. */
void nx_json_time(struct nx_json_out *object, const char *name, int64_t time);

struct nx_state_maker { /* of an entry by hand; else both are "" */
	const char *who, *note;
};

/* The members; the object is left open. */
void nx_state_json(struct nx_json_out *object,
                   const struct nx_subject_state *state, int64_t now,
                   const struct nx_state_maker *maker);

#endif
