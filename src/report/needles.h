/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_NEEDLES_H
#define NX_REPORT_NEEDLES_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Words of which a pattern needs at least one: looked for before the pattern
 * is run, because most patterns have nothing to do with most mail.
 */
struct nx_needles {
	const char *const *item; /* lower case */
	size_t count;            /* 0: nothing can be said */
};

struct nx_needles nx_needles_of(TALLOC_CTX *ctx, const char *pattern);

/* False when the pattern cannot match: none of its words is in the text, which
 * is in lower case (nx_text_lower). */
bool nx_needles_may(const struct nx_needles *needles, const char *lowered);

#endif
