/* SPDX-License-Identifier: ISC */
#ifndef NX_EXPORT_STATE_JSON_H
#define NX_EXPORT_STATE_JSON_H

#include "base/json_out.h"
#include "store/held.h"

/*
 * What is remembered of an address, for programs: the same members wherever it
 * is told. All of these leave the object open.
 */
struct nx_state_telling {
	struct nx_store *store; /* asked who made an entry */
	int64_t now;
	bool old_names;         /* also "scope", which the commands had first */
	struct nx_error err;    /* kind NONE: it could always say */
	int64_t act;            /* that was asked for last, or 0 */
	const char *who, *note; /* of it */
};

/* RFC 3339; null for 0 and for never. */
void nx_json_time(struct nx_json_out *object, const char *name, int64_t time);

/* What suppresses, of which mail, and until when: class to stream. */
void nx_standing_json(struct nx_json_out *object,
                      const struct nx_subject_state *state);

/* One standing, without its address: those and what else is known of it. */
void nx_state_json(struct nx_json_out *object, struct nx_state_telling *telling,
                   const struct nx_subject_state *state);

/* The one that an answer as a whole goes by: the first that blocks, else the
 * last that has ended, else one that says nothing. */
const struct nx_subject_state *nx_state_of_answer(
        const struct nx_response *answer);

/* An answer: that one, and lists of those that block and of those that hold for
 * other mail. */
void nx_state_answer_json(struct nx_json_out *object,
                          struct nx_state_telling *telling,
                          const struct nx_response *answer);

void nx_hold_json(struct nx_json_out *object, const struct nx_hold *hold);

#endif
