/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_EXPLAIN_H
#define NX_CLASSIFY_EXPLAIN_H

#include "base/json_out.h"
#include "classify/classify.h"

/*
 * How a verdict came about, as members of an open JSON object: facts (text,
 * command, about, names: text, kind, whose) and steps (table, asked, rule,
 * file, line, matched, note).
 */
void nx_explain_write(struct nx_json_out *out, const struct nx_trace *trace);

#endif
