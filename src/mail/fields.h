/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_FIELDS_H
#define NX_MAIL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * "Name: value" fields, as in headers, delivery-status and feedback-report
 * parts (RFC 5322 section 2.2, RFC 3464 section 2.1). Total: what is not a
 * field is skipped.
 */
struct nx_field {
	const char *name;  /* as written */
	const char *value; /* unfolded: a line break and the blanks after it are
	                      one space; trimmed */
};

struct nx_fields {
	const struct nx_field *item;
	size_t count;
};

/* The value of the first field of that name (ASCII caseless), or "". */
const char *nx_fields_get(const struct nx_fields *fields, const char *name);
/* The first of that name that is not empty, or "". */
const char *nx_fields_value(const struct nx_fields *fields, const char *name);
bool nx_fields_has(const struct nx_fields *fields, const char *name);

/* Those above the first Received header, which the last hop wrote. Those below
 * it were written by an earlier hop or by the sender, and may mean something
 * else. */
struct nx_fields nx_fields_of_last_hop(const struct nx_fields *fields);

/* One block of fields up to the first blank line or the end; *used (when not
 * NULL) is set to the bytes taken, including the blank line. */
struct nx_fields nx_fields_parse(TALLOC_CTX *ctx, const char *text,
                                 size_t *used);

/* All blocks of a text, separated by blank lines; blocks without a field are
 * left out. At most limit blocks. */
const struct nx_fields *nx_fields_blocks(TALLOC_CTX *ctx, const char *text,
                                         size_t limit, size_t *count);

/* The size of the field name that the line starts with, and its colon; 0 when
 * it is no field. Blanks before the colon are obsolete syntax (RFC 5322 section
 * 4.5) that still occurs. */
size_t nx_fields_name_size(const char *line, const char *end,
                           const char **colon);

/* "type; value" (RFC 3464 section 2.1.2): the type in lower case ("" when
 * there is none) and the value, trimmed. */
const char *nx_fields_typed(TALLOC_CTX *ctx, const char *value,
                            const char **type);

/* A value without RFC 5322 comments: "5.1.1 (bad mailbox)" is "5.1.1". */
const char *nx_fields_uncomment(TALLOC_CTX *ctx, const char *value);

#endif
