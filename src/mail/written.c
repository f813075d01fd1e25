/* SPDX-License-Identifier: ISC */
#include "mail/written.h"

#include "base/date.h"
#include "base/text.h"

#include <string.h>

/* RFC 5321 section 4.4: the date stands behind the last semicolon. */
static int64_t received(const struct nx_fields *headers)
{
	int64_t time = 0;
	for (size_t i = 0; i < headers->count && time == 0; i++) {
		const struct nx_field *field = &headers->item[i];
		const char *date = strrchr(field->value, ';');
		if (date != NULL && nx_text_equal(field->name, "Received"))
			time = nx_date_parse_mail(date + 1);
	}
	return time;
}

int64_t nx_mail_written(const struct nx_fields *headers)
{
	const int64_t date =
	        nx_date_parse_mail(nx_fields_value(headers, "Date"));
	const int64_t last = received(headers);
	return date == 0 || (last != 0 && date > last + NX_DAY) ? last : date;
}
