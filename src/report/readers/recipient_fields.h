/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_RECIPIENT_FIELDS_H
#define NX_REPORT_READERS_RECIPIENT_FIELDS_H

#include "mail/fields.h"

/*
 * The fields of one delivery-status part, sorted into those of the message and
 * those of each recipient (RFC 3464 section 2.1). Real reports leave out the
 * blank line between groups, put blank lines into them, or have no per-message
 * group; so the names of the fields decide, not the lines.
 */
struct nx_recipient_fields {
	struct nx_fields all;          /* every field, in order */
	const struct nx_fields *group; /* one per recipient, inside all */
	size_t count;                  /* at most limit */
	bool truncated;                /* there are more */
};

struct nx_recipient_fields nx_recipient_fields_parse(TALLOC_CTX *ctx,
                                                     const char *text,
                                                     size_t limit);

/* The value of that name (nx_fields_value) without its type: "a.example" of
 * "dns; a.example". */
const char *nx_recipient_fields_typed(TALLOC_CTX *ctx,
                                      const struct nx_fields *fields,
                                      const char *name);

/* The group has a field with the address of a recipient. */
bool nx_recipient_fields_name_address(const struct nx_fields *group);

/* … or another that only a recipient has. */
bool nx_recipient_fields_name_one(const struct nx_fields *group);

/* All fields of some blocks, in order. */
struct nx_fields nx_recipient_fields_join(TALLOC_CTX *ctx,
                                          const struct nx_fields *block,
                                          size_t blocks);

#endif
