/* SPDX-License-Identifier: ISC */
#include "report/needles.h"

#include "base/pattern.h"

#include <string.h>

struct nx_needles nx_needles_of(TALLOC_CTX *ctx, const char *pattern)
{
	struct nx_needles needles = {0};

	needles.item = nx_pattern_literals(ctx, pattern, &needles.count);
	return needles;
}

bool nx_needles_may(const struct nx_needles *needles, const char *lowered)
{
	for (size_t i = 0; i < needles->count; i++)
		if (strstr(lowered, needles->item[i]))
			return true;
	return needles->count == 0;
}
