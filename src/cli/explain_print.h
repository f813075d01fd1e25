/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_EXPLAIN_PRINT_H
#define NX_CLI_EXPLAIN_PRINT_H

#include "base/json.h"
#include "record.h"

/* What `nixie explain` shows of a record, and of members of its line that
 * nothing else needs, on stdout, escaped. */
void nx_explain_print_line(const char *name,
                           const char *value); /* "" is left out */

/* The message, the report and the returned mail. */
void nx_explain_print_message(const struct nx_record *record,
                              const struct nx_json *line);

/* What the report says of a recipient. */
void nx_explain_print_recipient(const struct nx_record_recipient *recipient);

/* The tables that were asked about the recipient of that index. */
void nx_explain_print_tables(const struct nx_json *line, size_t index);

/* The same for a trace that is not a record yet. */
void nx_explain_print_trace(const struct nx_trace *trace);

/* The verdict, in the words of the rules. */
void nx_explain_print_verdict(const struct nx_tables *tables,
                              const struct nx_verdict *verdict);

#endif
