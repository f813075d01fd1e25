/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_UNSUBSCRIBE_TEXT_H
#define NX_REPORT_READERS_UNSUBSCRIBE_TEXT_H

#include "report/conditions/detectors.h"
#include "report/readers/own_text.h"

/*
 * Unsubscribe requests in people's own words, as a subject or in what they
 * wrote above a quotation. What a wish consists of is in
 * rules/unsubscribe.yaml, the words are in rules/words/.
 */
struct nx_wish {
	const char *said; /* the clause, folded */
	const char *list; /* that it names ("unsubscribe news-weekly"), or "" */
	bool is_bare;     /* all of the subject or the text is a word or two */
};

/* any_list: an address of a list server: one more word of any kind is the name
 * of a list. On false *out is {"", ""}. */
bool nx_wish_of_subject(TALLOC_CTX *ctx, const struct nx_detectors *detectors,
                        const char *subject, bool any_list,
                        struct nx_wish *out);
bool nx_wish_of_text(TALLOC_CTX *ctx, const struct nx_detectors *detectors,
                     const struct nx_own_text *own, bool any_list,
                     struct nx_wish *out);

/* A local part of ours that is made for unsubscribing, in two pieces:
 * "news-unsubscribe-a=b" is "news" and "a=b". */
struct nx_unsubscribe_address {
	const char *list;
	const char *tag;
};

bool nx_unsubscribe_text_of_address(TALLOC_CTX *ctx,
                                    const struct nx_unsubscribe_rules *rules,
                                    const char *address,
                                    struct nx_unsubscribe_address *out);

#endif
