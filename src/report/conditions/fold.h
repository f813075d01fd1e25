/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_FOLD_H
#define NX_REPORT_CONDITIONS_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Text in the form in which phrases of many languages are compared: letters in
 * lower case (nx_text_lower_letter), runs of blanks (no-break spaces too) as
 * one space, none at the ends; curly apostrophes straight, wide colons and
 * brackets narrow. At most limit bytes of the text are taken.
 */
char *nx_fold(TALLOC_CTX *ctx, const char *text, size_t limit);

/* Where the words of a folded subject begin: after "re:", "aw:" and the like,
 * and after an opening bracket or quotation mark. */
const char *nx_fold_subject_words(const char *subject);

/* Whether "re:", "aw:" and the like stand there. */
bool nx_fold_subject_is_answer(const char *subject);

#endif
