/* SPDX-License-Identifier: ISC */
#include "report/readers/unsubscribe_text.h"

#include "base/text.h"
#include "report/conditions/fold.h"
#include "report/lines.h"

#include <string.h>

enum {
	OWN_TEXT = 400, /* bytes; a longer mail is about something else */
	LINE = 200,
	SIGNED_LINES = 3 /* a word that stands alone, and a name below it */
};

/* --- own words ------------------------------------------------------------ */

void nx_own_text(TALLOC_CTX *ctx, const struct nx_unsubscribe_phrases *phrases,
                 const char *explanation, struct nx_own_text *out)
{
	*out = (struct nx_own_text){.is_short = true};
	for (struct nx_line line = nx_line_at(explanation); *line.start;
	     line = nx_line_next(line)) {
		size_t size = (size_t)(line.end - line.start);
		const char *raw = talloc_strndup(ctx, line.start, size);
		const char *text = nx_fold(ctx, raw, LINE);
		if (*text == '>' || *text == '|' ||
		    nx_phrases_hit(&phrases->quotes, text))
			return;
		if (!*text)
			continue;
		out->size += size;
		if (out->size >= OWN_TEXT ||
		    out->lines == sizeof out->line / sizeof *out->line) {
			out->is_short = false;
			return;
		}
		out->line[out->lines++] = text;
	}
}

/* --- the request ---------------------------------------------------------- */

/* The size of a polite phrase or a full stop at the end of text[0..size). */
static size_t polite_end(const struct nx_phrases *polite, const char *text,
                         size_t size)
{
	if (strchr(".!,;:-* ", text[size - 1]))
		return 1;
	for (size_t i = 0; i < polite->count; i++) {
		const struct nx_phrase *phrase = &polite->item[i];
		if (size > phrase->size &&
		    text[size - 1] == phrase->text[phrase->size - 1] &&
		    strchr(" ,.!", text[size - phrase->size - 1]) &&
		    memcmp(text + size - phrase->size, phrase->text,
		           phrase->size) == 0)
			return phrase->size;
	}
	return 0;
}

static const char *without_politeness(TALLOC_CTX *ctx,
                                      const struct nx_phrases *polite,
                                      const char *text)
{
	for (;;) {
		text += strspn(text, " ,.!:-*\"'");
		const char *next = nx_phrases_behind(polite, text);
		if (!next || !*next)
			break;
		text = next;
	}
	size_t size = strlen(text);
	for (size_t cut = 1; size > 0 && cut > 0; size -= cut)
		cut = polite_end(polite, text, size);
	return talloc_strndup(ctx, text, size);
}

/* The name of a list or a token, not a word of a sentence. */
static bool is_name(const char *text)
{
	return strpbrk(text, "0123456789-._@=+:/") &&
	       strchr(text, ' ') == NULL && strchr(text, '?') == NULL;
}

static bool names_list(const struct nx_unsubscribe_phrases *phrases,
                       const char *text, const char **list)
{
	const char *rest = nx_phrases_behind(&phrases->words, text);
	if (!rest)
		return false;
	rest += strspn(rest, " :=");
	if (nx_text_starts(rest, "list="))
		rest += strlen("list=");
	if (!is_name(rest))
		return false;
	*list = rest;
	return true;
}

/* Text is folded. */
static bool is_unsubscribe(TALLOC_CTX *ctx,
                           const struct nx_unsubscribe_phrases *phrases,
                           const char *text, bool is_alone, const char **list)
{
	const char *core = without_politeness(ctx, &phrases->polite, text);
	if (nx_phrases_are(&phrases->words, core) ||
	    (is_alone && nx_phrases_are(&phrases->alone, core)) ||
	    names_list(phrases, core, list))
		return true;
	return nx_phrases_behind(&phrases->beginnings, core) &&
	       strchr(text, '?') == NULL;
}

bool nx_unsubscribe_text_in_subject(
        TALLOC_CTX *ctx, const struct nx_unsubscribe_phrases *phrases,
        const char *subject, const char **list)
{
	const char *text = nx_fold_subject_words(nx_fold(ctx, subject, LINE));
	const char *name = "";
	if (!is_unsubscribe(ctx, phrases, text, true, &name))
		return false;
	/* with the original spelling */
	const char *at = nx_text_find(subject, name);
	if (*name)
		*list = !at ? name : talloc_strndup(ctx, at, strlen(name));
	return true;
}

bool nx_unsubscribe_text_in_body(TALLOC_CTX *ctx,
                                 const struct nx_unsubscribe_phrases *phrases,
                                 const struct nx_own_text *own,
                                 const char **list)
{
	if (!own->is_short)
		return false;
	for (size_t i = 0; i < own->lines; i++) {
		bool is_alone = i == 0 && own->lines <= SIGNED_LINES;
		if (is_unsubscribe(ctx, phrases, own->line[i], is_alone, list))
			return true;
	}
	return false;
}

/* --- addresses of ours ---------------------------------------------------- */

static bool is_made_for_it(const struct nx_phrase *phrase, const char *local,
                           const char **at)
{
	size_t size = strlen(local);
	*at = phrase->begins ? local : strstr(local, phrase->text);
	if (phrase->ends && !phrase->begins && size >= phrase->size)
		*at = local + size - phrase->size;
	return *at && strncmp(*at, phrase->text, phrase->size) == 0 &&
	       (!phrase->ends || (*at)[phrase->size] == '\0');
}

bool nx_unsubscribe_text_of_address(
        TALLOC_CTX *ctx, const struct nx_unsubscribe_phrases *phrases,
        const char *address, struct nx_unsubscribe_address *out)
{
	const char *detector = strrchr(address, '@');
	if (!detector)
		return false;
	const char *local =
	        talloc_strndup(ctx, address, (size_t)(detector - address));
	const char *lower = nx_text_lower(ctx, local);
	for (size_t i = 0; i < phrases->addresses.count; i++) {
		const struct nx_phrase *phrase = &phrases->addresses.item[i];
		const char *at;
		if (!is_made_for_it(phrase, lower, &at))
			continue;
		size_t before = (size_t)(at - lower);
		out->list = talloc_strndup(ctx, local, before);
		out->tag = local + before + phrase->size;
		return true;
	}
	return false;
}
