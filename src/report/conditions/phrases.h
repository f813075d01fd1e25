/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_PHRASES_H
#define NX_REPORT_CONDITIONS_PHRASES_H

#include "base/yaml.h"

/*
 * Words as rules list them, to be found in folded text
 * (report/conditions/fold.h):
 *
 *     word     anywhere        ^word    at the beginning
 *     word$    at the end      ^word$   the whole text
 *     '*'      whatever the text is
 */
struct nx_phrase {
	const char *text; /* folded */
	size_t size;
	bool begins, ends;
};

struct nx_phrases {
	const struct nx_phrase *item;
	size_t count;
	bool any; /* "*" is one of them */
	/* For long lists: chains by the first two bytes; index + 1, or 0. NULL
	 * for short ones. */
	const unsigned short *bucket;
	const unsigned short *chain;
};

/* One word, a list of words, or a map from language to those; NULL gives an
 * empty list. */
NX_MUST_USE bool nx_phrases_load(TALLOC_CTX *ctx, const struct nx_yaml *node,
                                 struct nx_phrases *out, struct nx_error *err);

bool nx_phrases_hit(const struct nx_phrases *phrases, const char *text);

/* The phrases without regard to anchors: what follows the longest phrase that
 * the text begins with, if a word ends there; or NULL. */
const char *nx_phrases_behind(const struct nx_phrases *phrases,
                              const char *text);

/* The whole text is one of the phrases. */
bool nx_phrases_are(const struct nx_phrases *phrases, const char *text);

#endif
