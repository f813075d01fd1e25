/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UTF8_H
#define TESTS_UTF8_H

#include "base/text.h"

#include <string.h>

static inline bool is_utf8(const char *text)
{
	size_t left = strlen(text);
	uint32_t code;
	for (size_t size = 1; left > 0 && size > 0; text += size, left -= size)
		size = nx_text_decode(text, left, &code);
	return left == 0;
}

#endif
