/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_HEURISTIC_WORDS_H
#define NX_REPORT_READERS_HEURISTIC_WORDS_H

#include "report/report.h"

/* The words that mail systems use when a recipient cannot be reached, in the
 * languages that have been seen. */
bool nx_heuristic_words_tell_failure(TALLOC_CTX *ctx, const char *text);

/* The system has not given up: it warns of a delay. */
bool nx_heuristic_words_tell_delay(TALLOC_CTX *ctx, const char *subject,
                                   const char *text);

/* The mail system reports a failure or a delay. Mail that programs send to root
 * counts as such only when its subject says so. */
bool nx_heuristic_words_report(TALLOC_CTX *ctx, const struct nx_report *report);

/* The same for words of any language: the text quotes a permanent refusal. */
bool nx_heuristic_words_refuse(TALLOC_CTX *ctx, const struct nx_report *report);

#endif
