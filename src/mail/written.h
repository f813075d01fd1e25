/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_WRITTEN_H
#define NX_MAIL_WRITTEN_H

#include "mail/fields.h"

#include <stdint.h>

/* When a mail was written, as its headers say: its Date, unless that is none or
 * more than a day after the topmost Received that has a date, which then
 * counts. 0 when they do not say. */
int64_t nx_mail_written(const struct nx_fields *headers);

#endif
