/* SPDX-License-Identifier: ISC */
#include "report/readers/reason.h"

#include "base/text.h"
#include "report/explanation.h"
#include "report/outcome.h"
#include "report/readers/heuristic_words.h"

#include <string.h>

struct nx_reasons {
	const struct nx_report *report;
	bool is_read;
	struct nx_heuristic_candidates at;
	const char *last; /* words that were asked about */
	bool last_is_why;
};

struct nx_reasons *nx_reasons_new(TALLOC_CTX *ctx,
                                  const struct nx_report *report)
{
	struct nx_reasons *reasons = talloc_zero(ctx, struct nx_reasons);

	reasons->report = report;
	reasons->last = "";
	return reasons;
}

bool nx_reason_is_in(TALLOC_CTX *ctx, const struct nx_report *report,
                     const char *words)
{
	TALLOC_CTX *scratch = talloc_new(ctx);
	struct nx_reply reply;

	nx_reply_parse(scratch, words, &reply);
	const bool is_in =
	        reply.code >= 400 ? nx_explanation_has_words(words)
	                          : nx_outcome_says_why(scratch, report, words);

	talloc_free(scratch);
	return is_in;
}

/* The text may name a recipient by any of its addresses. */
static void rename_as(struct nx_heuristic_candidates *at, const char *name,
                      const char *address)
{
	if (!*name || !*address || nx_text_equal(name, address))
		return;
	for (size_t i = 0; i < at->count; i++)
		if (nx_text_equal(at->candidate[i].address, name))
			at->candidate[i].address = address;
}

static void read_text(struct nx_reasons *reasons)
{
	const struct nx_report *report = reasons->report;
	struct nx_heuristic_candidates *at = &reasons->at;

	if (reasons->is_read)
		return;
	nx_heuristic_candidates_find(reasons, report, at);
	for (size_t i = 0; i < report->recipients; i++) {
		const struct nx_recipient *one = &report->recipient[i];

		rename_as(at, one->original_recipient, one->address);
		rename_as(at, one->final_recipient, one->address);
		rename_as(at, one->actual_recipient, one->address);
	}
	reasons->is_read = true;
}

/* The recipients of a list share their words. */
static bool is_why(struct nx_reasons *reasons, const char *words)
{
	if (strcmp(words, reasons->last) != 0) {
		reasons->last = talloc_strdup(reasons, words);
		reasons->last_is_why =
		        nx_reason_is_in(reasons, reasons->report, words);
	}
	return reasons->last_is_why;
}

/* What is said where it is named. */
static const char *said_of(TALLOC_CTX *ctx, struct nx_reasons *reasons,
                           const char *address)
{
	const struct nx_heuristic_candidates *at = &reasons->at;

	for (size_t i = 0; i < at->count; i++) {
		const struct nx_heuristic_candidate *one = &at->candidate[i];
		const char *words;

		if (!nx_text_equal(one->address, address))
			continue;
		words = nx_heuristic_words_of(ctx, at, one, true);
		if (is_why(reasons, words))
			return words;
	}
	return "";
}

/* The first paragraph that says why. */
static const char *said_at_all(TALLOC_CTX *ctx,
                               const struct nx_reasons *reasons)
{
	const char *words;
	size_t line = 0;

	while (*(words = nx_heuristic_words_next(ctx, &reasons->at, &line)))
		if (nx_reason_is_in(ctx, reasons->report, words))
			return words;
	return "";
}

const char *nx_reasons_of(TALLOC_CTX *ctx, struct nx_reasons *reasons,
                          const struct nx_recipient *recipient)
{
	const char *words;

	read_text(reasons);
	words = said_of(ctx, reasons, recipient->address);
	if (!*words && reasons->report->recipients == 1 &&
	    nx_heuristic_candidates_are(&reasons->at, recipient->address))
		words = said_at_all(ctx, reasons);
	return words;
}
