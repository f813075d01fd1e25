/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_UNSUBSCRIBE_TEXT_H
#define NX_REPORT_READERS_UNSUBSCRIBE_TEXT_H

#include "report/conditions/detectors.h"

/*
 * Unsubscribe requests in people's own words: a subject or a line that says
 * that and nothing else, in a mail that says little else. The words are those
 * of rules/unsubscribe.yaml.
 */

/* What the author of a mail wrote, above the quoted text. */
struct nx_own_text {
	const char *line[10]; /* folded, not blank */
	size_t lines;
	size_t size;
	bool is_short; /* all lines are here, and they are few bytes */
};

void nx_own_text(TALLOC_CTX *ctx, const struct nx_unsubscribe_phrases *phrases,
                 const char *explanation, struct nx_own_text *out);

/* *list is set to the one word that follows the request ("unsubscribe
 * news-weekly"), else it is left unchanged. */
bool nx_unsubscribe_text_in_subject(
        TALLOC_CTX *ctx, const struct nx_unsubscribe_phrases *phrases,
        const char *subject, const char **list);
bool nx_unsubscribe_text_in_body(TALLOC_CTX *ctx,
                                 const struct nx_unsubscribe_phrases *phrases,
                                 const struct nx_own_text *own,
                                 const char **list);

/* A local part of ours that is made for unsubscribing, in two pieces:
 * "news-unsubscribe-a=b" is "news" and "a=b". */
struct nx_unsubscribe_address {
	const char *list;
	const char *tag;
};

bool nx_unsubscribe_text_of_address(
        TALLOC_CTX *ctx, const struct nx_unsubscribe_phrases *phrases,
        const char *address, struct nx_unsubscribe_address *out);

#endif
