/* SPDX-License-Identifier: ISC */
#include "api/answer.h"

#include "base/text.h"
#include "mail/address.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	AWAY = 5,    /* seconds, after which it may be worth to ask again */
	SHOWN = 512, /* octets of what is said, and of what a client said */
	WHOLE = 4    /* the last character may have so many */
};

/* Of a type with a name its words, else of its status. */
static const char *title_of(TALLOC_CTX *ctx, int status, const char *name)
{
	if (*name != '\0') {
		char *title = talloc_strdup(ctx, name);
		*title = (char)(*title - 'a' + 'A');
		for (char *at = title; *at != '\0'; at++)
			if (*at == '-')
				*at = ' ';
		return title;
	}
	switch (status) {
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 410:
		return "Gone";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Service Unavailable";
	}
}

/* Most look-ups are answered so: no format is read for it. */
static const char *type_of(TALLOC_CTX *ctx, const char *name)
{
	static const char prefix[] = "urn:nixie:problem:";
	const size_t before = sizeof(prefix) - 1, size = strlen(name) + 1;
	if (*name == '\0')
		return "about:blank";
	char *type = talloc_size(ctx, before + size);
	memcpy(type, prefix, before);
	memcpy(type + before, name, size);
	return type;
}

static void answer(struct nx_api_call *call, int status, const char *type,
                   struct nx_json_out *object)
{
	nx_json_out_end(object);
	object->text[object->size++] = '\n'; /* where its NUL was */
	call->answer = (struct nx_api_answer){.status = status,
	                                      .type = type,
	                                      .body = object->text,
	                                      .size = object->size,
	                                      .allow = ""};
	call->way = NX_API_ANSWERED;
}

void nx_api_answer_constant(struct nx_api_call *call, int status,
                            const char *type, const char *body)
{
	call->answer = (struct nx_api_answer){.status = status,
	                                      .type = type,
	                                      .body = body,
	                                      .size = strlen(body),
	                                      .allow = "",
	                                      .is_constant = true};
	call->way = NX_API_ANSWERED;
}

void nx_api_answer_json(struct nx_api_call *call, int status,
                        struct nx_json_out *object)
{
	answer(call, status, "application/json", object);
}

bool nx_api_problem(struct nx_api_call *call, int status, const char *name,
                    const char *field, const char *format, ...)
{
	va_list values;
	struct nx_json_out *object = nx_json_out_new(call);
	char detail[SHOWN + WHOLE];
	va_start(values, format);
	(void)vsnprintf(detail, sizeof(detail), format, values);
	va_end(values);
	nx_json_out_whole(object, "type", type_of(call, name));
	nx_json_out_whole(object, "title", title_of(call, status, name));
	nx_json_out_number(object, "status", status);
	nx_json_out_text(object, "detail", detail, SHOWN);
	if (*field != '\0')
		nx_json_out_text(object, "field", field, SHOWN);
	answer(call, status, "application/problem+json", object);
	return false;
}

/* What exactly is the matter says the log, not a stranger's screen. */
bool nx_api_away(struct nx_api_call *call)
{
	(void)nx_api_problem(call, 503, "", "",
	                     "the store is away, full or busy: try again "
	                     "later");
	call->answer.retry_after = AWAY;
	return false;
}

/* --- what is wrong with a body -------------------------------------------- */

const char *nx_api_subject(struct nx_api_call *call, const char *field,
                           const char *text)
{
	const char *subject = nx_address_subject(call, text);
	if (*subject != '\0')
		return subject;
	(void)nx_api_problem(call, 400, "", field, "%s: not an address",
	                     nx_text_escape(call, text, true));
	return NULL;
}

static const struct nx_api_member *find(const struct nx_api_member *member,
                                        size_t members, const char *name)
{
	for (size_t i = 0; i < members; i++)
		if (strcmp(member[i].name, name) == 0)
			return &member[i];
	return NULL;
}

static const char *wrong_kind(enum nx_json_kind kind)
{
	static const char *const texts[] = {"",
	                                    "not a text",
	                                    "not a whole number",
	                                    "not a flag",
	                                    "not a list",
	                                    "not an object",
	                                    ""};
	return texts[kind];
}

static bool wrong_member(struct nx_api_call *call, const char *before,
                         const char *name, const char *what)
{
	const char *field = talloc_asprintf(call, "%s%s", before, name);
	return nx_api_problem(call, 400, "", field, "%s: %s", field, what);
}

bool nx_api_members_of(struct nx_api_call *call, const char *before,
                       const struct nx_json *object,
                       const struct nx_api_member *member, size_t members)
{
	const char *name;
	for (size_t i = 0; (name = nx_json_name(object, i)) != NULL; i++)
		if (find(member, members, name) == NULL)
			return wrong_member(call, before, name,
			                    "unknown member");
	for (size_t i = 0; i < members; i++) {
		const enum nx_json_kind kind =
		        nx_json_kind(object, member[i].name);
		if (kind == member[i].kind ||
		    (kind == NX_JSON_NONE && !member[i].required))
			continue;
		return wrong_member(call, before, member[i].name,
		                    kind == NX_JSON_NONE
		                            ? "is missing"
		                            : wrong_kind(member[i].kind));
	}
	return true;
}

bool nx_api_members(struct nx_api_call *call, const struct nx_json *object,
                    const struct nx_api_member *member, size_t members)
{
	return nx_api_members_of(call, "", object, member, members);
}
