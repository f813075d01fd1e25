/* SPDX-License-Identifier: ISC */
#include "report/any.h"

#include "base/text.h"

bool nx_any_is(const char *text, const char *const *words)
{
	while (*words && !nx_text_equal(text, *words))
		words++;
	return *words;
}

bool nx_any_starts(const char *text, const char *const *words)
{
	while (*words && !nx_text_starts(text, *words))
		words++;
	return *words;
}

bool nx_any_ends(const char *text, const char *const *words)
{
	while (*words && !nx_text_ends(text, *words))
		words++;
	return *words;
}

bool nx_any_in(const char *text, const char *const *words)
{
	while (*words && !nx_text_find(text, *words))
		words++;
	return *words;
}
