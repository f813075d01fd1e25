/* SPDX-License-Identifier: ISC */
#ifndef NX_EXPORT_HISTORY_JSON_H
#define NX_EXPORT_HISTORY_JSON_H

#include "base/json_out.h"
#include "store/history.h"

/*
 * What happened, for programs: the same members wherever it is told. What
 * writes leaves the object open.
 */
bool nx_history_is_event(const struct nx_history *history);
/* Its class, of an attempt the class of what refused it; or "". */
const char *nx_history_class(const struct nx_history *history);
/* Of an event the stream of the mail that it is about. */
const char *nx_history_stream(const struct nx_history *history);

/* Without the address. */
void nx_history_json(struct nx_json_out *object,
                     const struct nx_history *history);
/* The report of an event alone. */
void nx_report_json(struct nx_json_out *object,
                    const struct nx_history *history);

#endif
