/* SPDX-License-Identifier: ISC */
#ifndef NX_CONCEPTS_PLAIN_H
#define NX_CONCEPTS_PLAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

/*
 * A text in the form in which words are compared: lower case, no accents, one
 * form of each apostrophe and wide letter (nx_text_plain_letter), one blank for
 * several and for line ends, and a blank in front. Only for concepts/.
 */
struct nx_plain {
	char *text;
	size_t size;
	uint32_t
	        *at; /* per byte, and for the end: its offset in the original */
};

struct nx_plain nx_plain_of(TALLOC_CTX *ctx, const char *text, size_t size);

/* Replaces words of five letters or more that are none of the sorted tokens by
 * the token that differs in one place, within the word: a letter that is
 * missing, too many, another, or two that changed places. Words that begin at
 * an offset of the original that is known stay as they are. False when nothing
 * was replaced. */
bool nx_plain_spell(TALLOC_CTX *ctx, const struct nx_plain *plain,
                    const char *const *tokens, size_t count, const bool *known,
                    struct nx_plain *out);

/* Whether words of this kind are mended: Latin letters, five or more. */
bool nx_plain_is_token(const char *word, size_t size);

#endif
