/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_PART_TYPE_H
#define NX_MAIL_PART_TYPE_H

#include <stdbool.h>

/* What a part of a message holds, by its media type (lower case) or by its
 * text, because some senders label a report as an octet stream. */

/* A returned message, also one that was attached as a file. */
bool nx_part_is_returned(const char *type, const char *file_name);

/* A part for machines: the fields of a report. */
bool nx_part_type_is_status(const char *type);

/* A part that is read as text. */
bool nx_part_type_is_text(const char *type);

/* A part of another type may still be the fields of a report: whether the type
 * allows it, and whether the text is that. */
bool nx_part_may_be_status(const char *type);
bool nx_part_is_status(const char *text);

#endif
