/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_ANY_H
#define NX_REPORT_ANY_H

#include <stdbool.h>

/* Lists of words, with NULL at their end: whether a text, without regard to
 * ASCII case, is one of them, or starts or ends with one, or contains one. */
bool nx_any_is(const char *text, const char *const *words);
bool nx_any_starts(const char *text, const char *const *words);
bool nx_any_ends(const char *text, const char *const *words);
bool nx_any_in(const char *text, const char *const *words);

#endif
