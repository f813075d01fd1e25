/* SPDX-License-Identifier: ISC */
#include "api/page.h"

#include "base/date.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

enum { USUAL = 100 }; /* rows of a page */

bool nx_api_limit(struct nx_api_call *call, size_t *out)
{
	const char *text = nx_api_query(call, "limit"), *at = text;
	*out = USUAL;
	if (!nx_api_has_query(call, "limit"))
		return true;
	for (*out = 0; nx_text_is_digit(*at) && *out <= NX_API_ITEMS; at++)
		*out = 10 * *out + (size_t)(*at - '0');
	return (*at == '\0' && *out >= 1 && *out <= NX_API_ITEMS) ||
	       nx_api_problem(call, 400, "", "limit",
	                      "limit %s: not a number from 1 to %d",
	                      nx_text_escape(call, text, true), NX_API_ITEMS);
}

bool nx_api_time(struct nx_api_call *call, const char *name, int64_t *out)
{
	const char *text = nx_api_query(call, name);
	return !nx_api_has_query(call, name) || nx_date_parse(text, out) ||
	       nx_api_problem(call, 400, "", name, "%s %s: not a time", name,
	                      nx_text_escape(call, text, true));
}

bool nx_api_class(struct nx_api_call *call, enum nx_cause *out)
{
	const char *text = nx_api_query(call, "class");
	*out = NX_CAUSE_NONE;
	return !nx_api_has_query(call, "class") ||
	       (*text != '\0' && nx_cause_of_name(text, out)) ||
	       nx_api_problem(call, 400, "", "class",
	                      "class %s: not hard, soft, complaint, "
	                      "unsubscribe or manual",
	                      nx_text_escape(call, text, true));
}

/* --- cursors -------------------------------------------------------------- */

bool nx_api_wrong_cursor(struct nx_api_call *call)
{
	return nx_api_problem(call, 400, "", "cursor",
	                      "cursor: not one of ours");
}

bool nx_api_cursor(struct nx_api_call *call, int64_t *number, size_t count,
                   bool *begins)
{
	const char *text = nx_api_query(call, "cursor");
	*begins = !nx_api_has_query(call, "cursor");
	if (*begins)
		return true;
	if (strlen(text) != count * NX_TEXT_HEX_NUMBER)
		return nx_api_wrong_cursor(call);
	for (size_t i = 0; i < count; i++)
		if (!nx_text_hex_number(text + i * NX_TEXT_HEX_NUMBER,
		                        &number[i]))
			return nx_api_wrong_cursor(call);
	return true;
}

const char *nx_api_cursor_text(TALLOC_CTX *ctx, const int64_t *number,
                               size_t count)
{
	char *text = talloc_strdup(ctx, "");
	for (size_t i = 0; i < count; i++)
		text = talloc_asprintf_append(text, "%016" PRIx64,
		                              (uint64_t)number[i]);
	return text;
}

/* --- the answer ----------------------------------------------------------- */

struct nx_json_out *nx_api_page_begin(struct nx_api_call *call)
{
	struct nx_json_out *object = nx_json_out_new(call);
	nx_json_out_array(object, "items");
	return object;
}

void nx_api_page_end(struct nx_api_call *call, struct nx_json_out *object,
                     const char *next)
{
	nx_json_out_end(object);
	if (next != NULL)
		nx_json_out_whole(object, "next", next);
	else
		nx_json_out_null(object, "next");
	nx_api_answer_json(call, 200, object);
}
