/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_PART_TYPE_H
#define NX_MAIL_PART_TYPE_H

#include <stdbool.h>

/* What a part of a message holds, by its media type (lower case) or, because
 * some senders call a report an octet stream, by its text. */

/* A returned message; one that was saved as a file too. */
bool nx_part_is_returned(const char *type, const char *file_name);

/* What is for machines: the fields of a report. */
bool nx_part_type_is_status(const char *type);

/* Read as a text. */
bool nx_part_type_is_text(const char *type);

/* Of another type, and yet perhaps the fields of a report; and whether it is
 * that. */
bool nx_part_may_be_status(const char *type);
bool nx_part_is_status(const char *text);

#endif
