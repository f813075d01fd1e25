/* SPDX-License-Identifier: ISC */
#ifndef NX_EVENT_JUDGE_AGAIN_H
#define NX_EVENT_JUDGE_AGAIN_H

#include "classify/tables.h"
#include "event/event.h"

/*
 * The verdict that the rules of today give on an event of which only the fields
 * are known, as a store has them. Pure.
 */

/* False when none can be given: what the verdict rested on is not among the
 * fields. A field that is missing has the value, where there is one, that leads
 * to the same rule as before. Texts of *out live as long as tables or ctx. */
bool nx_event_judge_again(TALLOC_CTX *ctx, const struct nx_tables *tables,
                          const struct nx_event *event,
                          const char *feedback_type, struct nx_verdict *out);

/* Rule, class, reason and fault. */
bool nx_event_judge_again_is_same(const struct nx_verdict *one,
                                  const struct nx_verdict *other);

#endif
