/* SPDX-License-Identifier: ISC */
#include "mail/encoded_word.h"
#include "report/readers/readers.h"

#include <string.h>

/* "text/rfc822-header" is a common misspelling. */
static bool is_header_text(const char *type)
{
	return strcmp(type, "text/rfc822-headers") == 0 ||
	       strcmp(type, "text/rfc822-header") == 0 ||
	       strcmp(type, "message/global-headers") == 0;
}

static struct nx_fields headers_of(TALLOC_CTX *ctx, const struct nx_part *part)
{
	if (!is_header_text(part->type))
		return part->headers;
	/* headers that came as text are not decoded yet */
	const char *text = part->text + strspn(part->text, " \t\n");
	return nx_encoded_word_fields(ctx, nx_fields_parse(ctx, text, NULL));
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
