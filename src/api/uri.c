/* SPDX-License-Identifier: ISC */
#include "api/route.h"

#include "base/text.h"

#include <string.h>

enum { MOST_PARAMETERS = 32 };

/* --- percent-encoding (RFC 3986 section 2.1) ------------------------------ */

static bool is_text(const char *text, size_t size)
{
	uint32_t code;
	for (size_t at = 0; at < size;) {
		const size_t used = nx_text_decode(text + at, size - at, &code);
		if (used == 0 || code < ' ' || code == 0x7F)
			return false;
		at += used;
	}
	return true;
}

const char *nx_api_decode(TALLOC_CTX *ctx, const char *text, size_t size,
                          enum nx_api_part part)
{
	char *out = talloc_array(ctx, char, size + 1);
	size_t used = 0;
	for (size_t i = 0; i < size; i++) {
		int byte = (unsigned char)text[i];
		if (text[i] == '%') {
			byte = nx_text_hex_byte(text + i + 1, size - i - 1);
			i += 2;
		} else if (text[i] == '+' && part == NX_API_QUERY) {
			byte = ' ';
		}
		if (byte < 0)
			return NULL;
		out[used++] = (char)byte;
	}
	out[used] = '\0';
	return is_text(out, used) ? out : NULL;
}

/* --- the query ------------------------------------------------------------ */

static bool read_pair(struct nx_api_call *call, const char *text, size_t size,
                      struct nx_api_pair *pair)
{
	const char *equals = memchr(text, '=', size);
	const size_t name_size =
	        equals != NULL ? (size_t)(equals - text) : size;
	const size_t value_at = equals != NULL ? name_size + 1 : size;
	pair->name = nx_api_decode(call, text, name_size, NX_API_QUERY);
	pair->value = nx_api_decode(call, text + value_at, size - value_at,
	                            NX_API_QUERY);
	return (pair->name != NULL && pair->value != NULL) ||
	       nx_api_problem(call, 400, "",
	                      pair->name != NULL ? pair->name : "query",
	                      "it is not percent-encoded UTF-8");
}

/* One after the other; what is empty is none. */
static bool read_pairs(struct nx_api_call *call, const char *text,
                       struct nx_api_pair pair[MOST_PARAMETERS])
{
	while (*text != '\0') {
		const size_t size = strcspn(text, "&");
		if (size > 0 && call->queries == MOST_PARAMETERS)
			return nx_api_problem(call, 400, "", "query",
			                      "too many parameters");
		if (size > 0 &&
		    !read_pair(call, text, size, &pair[call->queries++]))
			return false;
		text += size;
		text += *text == '&';
	}
	return true;
}

bool nx_api_parse_query(struct nx_api_call *call)
{
	const char *mark = strchr(call->request.target, '?');
	if (mark == NULL)
		return true;
	struct nx_api_pair *pair =
	        talloc_array(call, struct nx_api_pair, MOST_PARAMETERS);
	call->query = pair;
	return read_pairs(call, mark + 1, pair);
}

static const struct nx_api_pair *find(const struct nx_api_call *call,
                                      const char *name)
{
	for (size_t i = 0; i < call->queries; i++)
		if (strcmp(call->query[i].name, name) == 0)
			return &call->query[i];
	return NULL;
}

const char *nx_api_query(const struct nx_api_call *call, const char *name)
{
	const struct nx_api_pair *pair = find(call, name);
	return pair != NULL ? pair->value : "";
}

bool nx_api_has_query(const struct nx_api_call *call, const char *name)
{
	return find(call, name) != NULL;
}
