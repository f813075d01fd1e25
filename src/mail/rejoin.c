/* SPDX-License-Identifier: ISC */
#include "mail/rejoin.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* The breaks inside of strings, and what stands beside them. */
struct breaks {
	size_t count;
	size_t equals; /* behind "=" */
	size_t marks;  /* behind "!" */
	size_t blanks; /* before a blank */
};

struct json {
	const char *at;
	const char *string; /* where the string began, or NULL */
	int depth;
};

static const char *first_char(const char *text)
{
	while (nx_text_is_blank(*text))
		text++;
	return text;
}

static bool is_json(const char *text)
{
	text = first_char(text);
	return *text == '{' && *first_char(text + 1) == '"';
}

/* Goes on by one character, and over an escaped one. */
static void step(struct json *json)
{
	char c = *json->at++;
	if (json->string != NULL) {
		if (c == '\\' && *json->at != '\0' && *json->at != '\n')
			json->at++;
		else if (c == '"')
			json->string = NULL;
		return;
	}
	if (c == '"')
		json->string = json->at;
	json->depth += (c == '{') - (c == '}');
}

/* Blanks between members, and the marks of breaks there. */
static bool is_between(char c)
{
	return nx_text_is_blank(c) || c == '=' || c == '!';
}

static struct breaks count_breaks(const char *text)
{
	struct breaks breaks = {0};
	struct json json = {.at = first_char(text)};
	do {
		const char *at = json.at;
		if (json.string != NULL && *at == '\n') {
			breaks.count++;
			breaks.equals += at[-1] == '=';
			breaks.marks += at[-1] == '!';
			breaks.blanks += at[1] == ' ';
		}
		step(&json);
	} while (json.depth > 0 && *json.at != '\0');
	return breaks;
}

/* A blank behind the only break may have been between words. */
static bool is_fold(const struct json *json, struct breaks breaks)
{
	size_t before = (size_t)(json->at - json->string);
	return breaks.blanks == breaks.count &&
	       (breaks.count > 1 || memchr(json->string, ' ', before) == NULL);
}

/* Takes back what was put beside the break; returns the end of the output. */
static char *take_break(struct json *json, struct breaks breaks, char *to)
{
	bool has_mark =
	        breaks.equals == breaks.count || breaks.marks == breaks.count;
	if (has_mark && json->at > json->string)
		to--;
	json->at += is_fold(json, breaks) ? 2 : 1;
	return to;
}

const char *nx_rejoin_json(TALLOC_CTX *ctx, const char *text)
{
	if (!is_json(text))
		return text;
	struct breaks breaks = count_breaks(text);
	struct json json = {.at = first_char(text)};
	char *out = talloc_size(ctx, strlen(text) + 1);
	char *to = out;
	do {
		const char *from = json.at;
		if (json.string != NULL && *from == '\n') {
			to = take_break(&json, breaks, to);
			continue;
		}
		bool is_told = json.string != NULL || !is_between(*from);
		step(&json);
		if (is_told) {
			memcpy(to, from, (size_t)(json.at - from));
			to += json.at - from;
		}
	} while (json.depth > 0 && *json.at != '\0');
	memcpy(to, json.at, strlen(json.at) + 1);
	return out;
}
