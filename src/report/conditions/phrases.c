/* SPDX-License-Identifier: ISC */
#include "report/conditions/phrases.h"

#include "report/conditions/fold.h"

#include <string.h>

enum { PHRASE_SIZE = 256 };

static size_t count_texts(const struct nx_yaml *node)
{
	if (node->kind == NX_YAML_TEXT)
		return 1;
	size_t count = 0;
	for (const struct nx_yaml *item = node->first; item; item = item->next)
		count += count_texts(item);
	return count;
}

static bool load_text(TALLOC_CTX *ctx, const struct nx_yaml *node,
                      struct nx_phrase *out, struct nx_error *err)
{
	const char *text = node->text;
	out->begins = *text == '^';
	char *folded = nx_fold(ctx, text + out->begins, PHRASE_SIZE);
	size_t size = strlen(folded);
	out->ends = size > 0 && folded[size - 1] == '$';
	folded[size - out->ends] = '\0';
	out->text = folded;
	out->size = size - out->ends;
	if (out->size == 0 || strlen(text) > PHRASE_SIZE)
		return nx_yaml_error(err, node, "expected a phrase");
	return true;
}

static bool load_node(TALLOC_CTX *ctx, const struct nx_yaml *node,
                      struct nx_phrase *item, struct nx_phrases *out,
                      struct nx_error *err)
{
	if (node->kind == NX_YAML_TEXT) {
		if (strcmp(node->text, "*") != 0)
			return load_text(ctx, node, &item[out->count++], err);
		out->any = true;
		return true;
	}
	for (node = node->first; node; node = node->next) {
		if (node->kind == NX_YAML_MAP)
			return nx_yaml_error(err, node, "expected phrases");
		if (!load_node(ctx, node, item, out, err))
			return false;
	}
	return true;
}

/* --- the index: hundreds of phrases are searched at once ------------------ */

enum { BUCKETS = 1024, SHORT_LIST = 12, PHRASES = 2000, HEAD = 2 };

/* Hashes the two bytes at text. */
static size_t hash(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	return (at[0] * 37u + at[1]) % BUCKETS;
}

static void make_index(TALLOC_CTX *ctx, struct nx_phrases *phrases)
{
	bool is_dear = phrases->count > SHORT_LIST;
	for (size_t i = 0; i < phrases->count; i++)
		is_dear = is_dear && phrases->item[i].size >= HEAD;
	if (!is_dear)
		return;
	unsigned short *bucket =
	        talloc_zero_array(ctx, unsigned short, BUCKETS);
	unsigned short *chain =
	        talloc_zero_array(ctx, unsigned short, phrases->count);
	for (size_t i = phrases->count; i > 0; i--) {
		size_t at = hash(phrases->item[i - 1].text);
		chain[i - 1] = bucket[at];
		bucket[at] = (unsigned short)i;
	}
	phrases->bucket = bucket;
	phrases->chain = chain;
}

/* The number, from 1, of the first phrase that may stand at text, and of the
 * next; 0 when there are no more. */
static size_t first_at(const struct nx_phrases *phrases, const char *text)
{
	if (!phrases->bucket)
		return phrases->count > 0;
	return text[0] && text[1] ? phrases->bucket[hash(text)] : 0;
}

static size_t next_at(const struct nx_phrases *phrases, size_t number)
{
	if (phrases->bucket)
		return phrases->chain[number - 1];
	return number < phrases->count ? number + 1 : 0;
}

bool nx_phrases_load(TALLOC_CTX *ctx, const struct nx_yaml *node,
                     struct nx_phrases *out, struct nx_error *err)
{
	*out = (struct nx_phrases){.item = NULL};
	if (!node)
		return true;
	size_t count = count_texts(node);
	if (count == 0 || count > PHRASES)
		return nx_yaml_error(err, node, "expected phrases, at most %d",
		                     PHRASES);
	struct nx_phrase *item =
	        talloc_zero_array(ctx, struct nx_phrase, count);
	out->item = item;
	if (!load_node(ctx, node, item, out, err))
		return false;
	make_index(ctx, out);
	return true;
}

/* --- looking them up ------------------------------------------------------ */

static bool stands_at(const struct nx_phrase *phrase, const char *at,
                      bool is_begin)
{
	return (!phrase->begins || is_begin) && *at == *phrase->text &&
	       strncmp(at, phrase->text, phrase->size) == 0 &&
	       (!phrase->ends || !at[phrase->size]);
}

static bool is_found(const struct nx_phrase *phrase, const char *text)
{
	if (phrase->begins)
		return stands_at(phrase, text, true);
	if (!phrase->ends)
		return strstr(text, phrase->text);
	size_t size = strlen(text);
	return size >= phrase->size &&
	       strcmp(text + size - phrase->size, phrase->text) == 0;
}

static bool is_any_found(const struct nx_phrases *phrases, const char *text)
{
	for (size_t i = 0; i < phrases->count; i++)
		if (is_found(&phrases->item[i], text))
			return true;
	return false;
}

bool nx_phrases_hit(const struct nx_phrases *phrases, const char *text)
{
	if (phrases->any || !phrases->bucket)
		return phrases->any || is_any_found(phrases, text);
	for (const char *at = text; *at; at++) {
		for (size_t n = first_at(phrases, at); n > 0;
		     n = next_at(phrases, n))
			if (stands_at(&phrases->item[n - 1], at, at == text))
				return true;
	}
	return false;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

const char *nx_phrases_behind(const struct nx_phrases *phrases,
                              const char *text)
{
	size_t longest = 0;
	for (size_t n = first_at(phrases, text); n > 0;
	     n = next_at(phrases, n)) {
		const struct nx_phrase *phrase = &phrases->item[n - 1];
		if (phrase->size <= longest ||
		    strncmp(text, phrase->text, phrase->size) != 0)
			continue;
		const char *next = text + phrase->size;
		if (!is_word(next[-1]) || !is_word(*next))
			longest = phrase->size;
	}
	return longest > 0 ? text + longest : NULL;
}

bool nx_phrases_are(const struct nx_phrases *phrases, const char *text)
{
	for (size_t n = first_at(phrases, text); n > 0; n = next_at(phrases, n))
		if (strcmp(phrases->item[n - 1].text, text) == 0)
			return true;
	return false;
}
