/* SPDX-License-Identifier: ISC */
#include "concepts/plain.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { GROWTH = 2, TOKEN_LEAST = 5, TOKEN_MOST = 24 };

/* Of blanks the first. */
static void add_byte(struct nx_plain *plain, char byte, size_t from)
{
	char plain_byte = nx_text_to_lower(byte);

	if (nx_text_is_blank(byte))
		plain_byte = ' ';
	if (plain_byte == ' ' && plain->size > 0 &&
	    plain->text[plain->size - 1] == ' ')
		return;
	plain->at[plain->size] = (uint32_t)from;
	plain->text[plain->size++] = plain_byte;
}

static void add_letter(struct nx_plain *plain, uint32_t code, size_t from)
{
	if (code < 0x80) {
		add_byte(plain, (char)code, from);
		return;
	}

	size_t size = nx_text_encode(code, plain->text + plain->size);

	for (size_t i = 0; i < size; i++)
		plain->at[plain->size + i] = (uint32_t)from;
	plain->size += size;
}

/* A letter is one or two plain ones, which are not longer. */
struct nx_plain nx_plain_of(TALLOC_CTX *ctx, const char *text, size_t size)
{
	struct nx_plain plain = {
	        .text = talloc_array(ctx, char, size *GROWTH + 2),
	        .at = talloc_array(ctx, uint32_t, size * GROWTH + 2),
	};
	size_t at = 0;

	add_letter(&plain, ' ', 0);
	while (at < size) {
		uint32_t code = ' ', letter[2];

		if ((unsigned char)text[at] < 0x80) {
			add_byte(&plain, text[at], at);
			at++;
			continue;
		}

		size_t bytes = nx_text_decode(text + at, size - at, &code);
		size_t letters = nx_text_plain_letter(code, letter);

		for (size_t i = 0; i < letters; i++)
			add_letter(&plain, letter[i], at);
		at += bytes > 0 ? bytes : 1;
	}
	plain.text[plain.size] = '\0';
	plain.at[plain.size] = (uint32_t)size;
	return plain;
}

/* --- typing errors -------------------------------------------------------- */

static bool is_token_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '\'';
}

bool nx_plain_is_token(const char *word, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!is_token_letter(word[i]))
			return false;
	return size >= TOKEN_LEAST && size <= TOKEN_MOST;
}

/* The letters that both begin with. */
static size_t same_front(const char *a, const char *b)
{
	size_t same = 0;

	while (a[same] != '\0' && a[same] == b[same])
		same++;
	return same;
}

/* One letter less, more, other, or two changed places; the first letter and the
 * last are the same. */
static bool is_near(const char *word, size_t size, const char *token)
{
	size_t length = strlen(token);
	size_t same = same_front(word, token);

	if (same == 0 || same >= size || same >= length ||
	    word[size - 1] != token[length - 1])
		return false;
	if (size + 1 == length)
		return strcmp(word + same, token + same + 1) == 0;
	if (size == length + 1)
		return strcmp(word + same + 1, token + same) == 0;
	if (size != length)
		return false;
	if (strcmp(word + same + 1, token + same + 1) == 0)
		return true;
	return word[same] == token[same + 1] && word[same + 1] == token[same] &&
	       strcmp(word + same + 2, token + same + 2) == 0;
}

struct tokens {
	const char *const *token;
	size_t count;
};

static size_t first_from(const struct tokens *tokens, const char *word)
{
	size_t low = 0, high = tokens->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(tokens->token[middle], word) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The token that is meant; NULL when the word is a token, or like none. */
static const char *meant(const struct tokens *tokens, const char *word,
                         size_t size)
{
	const char initial[] = {*word, '\0'};
	size_t at = first_from(tokens, word);

	if (at < tokens->count && strcmp(tokens->token[at], word) == 0)
		return NULL;
	for (at = first_from(tokens, initial);
	     at < tokens->count && *tokens->token[at] == *word; at++)
		if (is_near(word, size, tokens->token[at]))
			return tokens->token[at];
	return NULL;
}

static void add_bytes(struct nx_plain *out, const char *bytes, size_t size,
                      const uint32_t *at, size_t known)
{
	for (size_t i = 0; i < size; i++) {
		out->text[out->size] = bytes[i];
		out->at[out->size++] = at[i < known ? i : known];
	}
}

static size_t token_size(const char *text)
{
	size_t size = 0;

	while (is_token_letter(text[size]))
		size++;
	return size;
}

bool nx_plain_spell(TALLOC_CTX *ctx, const struct nx_plain *plain,
                    const char *const *tokens, size_t count, const bool *known,
                    struct nx_plain *out)
{
	const struct tokens all = {tokens, count};
	bool replaced = false;

	*out = (struct nx_plain){
	        .text = talloc_array(ctx, char, plain->size *GROWTH + 2),
	        .at = talloc_array(ctx, uint32_t, plain->size * GROWTH + 2),
	};
	for (size_t at = 0; at < plain->size;) {
		size_t size = token_size(plain->text + at);
		const char *word = plain->text + at;
		const char *better = NULL;

		if (size == 0)
			size = 1;
		else if (!known[plain->at[at]] && nx_plain_is_token(word, size))
			better = meant(&all, talloc_strndup(ctx, word, size),
			               size);
		if (better != NULL)
			add_bytes(out, better, strlen(better), plain->at + at,
			          size);
		else
			add_bytes(out, word, size, plain->at + at, size);
		replaced |= better != NULL;
		at += size;
	}
	out->text[out->size] = '\0';
	out->at[out->size] = plain->at[plain->size];
	return replaced;
}
