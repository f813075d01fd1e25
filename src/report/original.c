/* SPDX-License-Identifier: ISC */
#include "mail/words.h"
#include "report/readers.h"

#include <string.h>

enum { HEADER_SIZE = 16 * 1024 }; /* of one decoded header */

/* "text/rfc822-header" is a common slip. */
static bool is_header_text(const char *type)
{
	return strcmp(type, "text/rfc822-headers") == 0 ||
	       strcmp(type, "text/rfc822-header") == 0 ||
	       strcmp(type, "message/global-headers") == 0;
}

/* Headers that came as a text are not decoded yet. */
static struct nx_fields parse_headers(TALLOC_CTX *ctx, const char *text)
{
	struct nx_fields raw =
	        nx_fields_parse(ctx, text + strspn(text, " \t\n"), NULL);
	struct nx_field *item =
	        talloc_array(ctx, struct nx_field, raw.count + 1);
	for (size_t i = 0; i < raw.count; i++) {
		item[i] = raw.item[i];
		const char *value = item[i].value;
		if (strstr(value, "=?") != NULL)
			item[i].value =
			        nx_words_decode(ctx, item[i].name, value,
			                        strlen(value), HEADER_SIZE);
	}
	return (struct nx_fields){item, raw.count};
}

static struct nx_fields headers_of(TALLOC_CTX *ctx, const struct nx_part *part)
{
	return is_header_text(part->type) ? parse_headers(ctx, part->text)
	                                  : part->headers;
}

void nx_report_original(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_original *out)
{
	struct nx_fields headers = {NULL, 0};
	for (size_t i = 0; i < message->parts && headers.count == 0; i++)
		headers = headers_of(ctx, &message->part[i]);
	*out = (struct nx_original){
	        .message_id = nx_fields_get(&headers, "Message-ID"),
	        .return_path = nx_fields_get(&headers, "Return-Path"),
	        .from = nx_fields_get(&headers, "From"),
	        .to = nx_fields_get(&headers, "To"),
	        .subject = nx_fields_get(&headers, "Subject"),
	        .date = nx_fields_get(&headers, "Date"),
	        .list_id = nx_fields_get(&headers, "List-Id"),
	        .list_unsubscribe = nx_fields_get(&headers, "List-Unsubscribe"),
	        .feedback_id = nx_fields_get(&headers, "Feedback-ID"),
	        .headers = headers,
	};
}
