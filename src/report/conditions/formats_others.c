/* SPDX-License-Identifier: ISC */
#include "report/conditions/formats.h"

#include "base/text.h"
#include "report/lines.h"

#include <string.h>

/*
 * Whose address is it, when a notice names the sender or a contact? The words
 * around it decide. They are joined to one text in which "@" stands for the
 * address: "please contact @ for help", with the line above when that
 * introduces it.
 */
enum {
	BEFORE = 200, /* bytes of each line before it */
	BEHIND = 80,
	SHORT = 24, /* words before an address that continue the line above */
	LIST = 20   /* addresses in a row that share one heading */
};

static const char opening[] = " \t<([{\"'`*|>-"; /* marks */

static struct nx_line line_above(const char *text, const char *start)
{
	const char *end = start > text ? start - 1 : text;
	return (struct nx_line){nx_line_start(text, end), end};
}

/* The words above a list whose line starts here, with at most one blank line
 * between. */
static struct nx_line heading(const char *text, const char *start)
{
	struct nx_line line = line_above(text, start);
	for (int i = 0;
	     i < LIST && line.start > text && nx_line_is_lone_address(line);
	     i++)
		line = line_above(text, line.start);
	if (line.start > text && nx_line_is_blank(line))
		line = line_above(text, line.start);
	return line;
}

/* The last of these words, without marks that open something. */
static struct nx_line last_words(struct nx_line words)
{
	static const char scheme[] = "mailto:";
	const size_t size = sizeof scheme - 1;
	while (words.end > words.start && strchr(opening, words.end[-1]))
		words.end--;
	if ((size_t)(words.end - words.start) >= size &&
	    nx_text_starts(words.end - size, scheme)) {
		words.end -= size;
		return last_words(words);
	}
	if (words.end - words.start > BEFORE)
		words.start = words.end - BEFORE;
	while (words.start < words.end && nx_text_continues(*words.start))
		words.start++; /* move to a character boundary */
	return words;
}

static struct nx_line next_words(const char *at)
{
	at += strspn(at, " \t>)]}\"'`*|");
	return nx_line_cut(nx_line_at(at), BEHIND);
}

/* The words around the address, with "@" in its place. */
static const char *sentence(TALLOC_CTX *ctx, const char *text, const char *from,
                            const char *to)
{
	const char *start = nx_line_start(text, from);
	struct nx_line own = last_words((struct nx_line){start, from});
	struct nx_line above = {text, text};
	if (nx_line_is_blank(own))
		above = heading(text, start);
	else if (own.end - own.start < SHORT)
		above = line_above(text, start);
	/* a line with an address introduces that one */
	if (nx_line_find(above, "@"))
		above.start = above.end;
	above = last_words(above);
	struct nx_line rest = next_words(to);
	return talloc_asprintf(ctx, "%.*s\n%.*s @ %.*s",
	                       (int)(above.end - above.start), above.start,
	                       (int)(own.end - own.start), own.start,
	                       (int)(rest.end - rest.start), rest.start);
}

static bool finds(const struct nx_patterns *patterns, const uint64_t *bits,
                  size_t first, const char *words)
{
	struct nx_match match;
	size_t size = strlen(words);
	for (size_t i = 0; i < patterns->count; i++)
		if (nx_patterns_may_match(bits, first + i) &&
		    nx_pattern_find(patterns->item[i], words, size, &match))
			return true;
	return false;
}

enum nx_other nx_formats_other(TALLOC_CTX *ctx,
                               const struct nx_formats *formats,
                               const char *text, const char *from,
                               const char *to)
{
	size_t senders = formats->senders.count;
	if (senders + formats->contacts.count == 0)
		return NX_OTHER_NONE;
	const char *words = sentence(ctx, text, from, to);
	const uint64_t *bits = nx_prefilter_find(ctx, formats->of_others, words,
	                                         strlen(words));
	if (finds(&formats->senders, bits, 0, words))
		return NX_OTHER_SENDER;
	return finds(&formats->contacts, bits, senders, words)
	               ? NX_OTHER_CONTACT
	               : NX_OTHER_NONE;
}
