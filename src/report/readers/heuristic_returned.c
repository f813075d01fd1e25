/* SPDX-License-Identifier: ISC */
#include "report/readers/heuristic_candidates.h"

#include "base/text.h"
#include "report/conditions/detectors.h"
#include "report/outcome.h"

#include <string.h>

/* Of which addresses in the text a sentence says that mail was returned. */

/* The last clause that starts before that byte. */
static size_t clause_of(const struct nx_spoken *spoken, size_t place)
{
	size_t low = 0, high = spoken->clauses;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (spoken->clause[middle].start <= place)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool leads_on(const char *text, struct nx_match clause)
{
	static const char wide[] = "：";
	const size_t size = sizeof wide - 1;

	while (clause.end > clause.start &&
	       nx_text_is_blank(text[clause.end - 1]))
		clause.end--;
	return clause.end >= clause.start + size &&
	       (text[clause.end - 1] == ':' ||
	        memcmp(text + clause.end - size, wide, size) == 0);
}

/* That mail was returned, or why. */
static bool tells_return(const struct nx_heuristic_candidates *in, size_t at)
{
	const struct nx_wording *wording = &in->report->detectors->wording;
	const struct nx_spoken *spoken = nx_outcome_spoken(in->report);
	const struct nx_match clause = spoken->clause[at];
	struct nx_saying found;

	return nx_sentences_find_in(&wording->returns, spoken, clause,
	                            UINT64_MAX, 0, &found) ||
	       nx_sentences_find_in(&wording->reasons, spoken, clause,
	                            UINT64_MAX, 0, &found);
}

static bool is_returned(const struct nx_heuristic_candidates *in,
                        const struct nx_heuristic_candidate *candidate)
{
	const struct nx_spoken *spoken = nx_outcome_spoken(in->report);
	const size_t at = clause_of(spoken, (size_t)(candidate->at - in->text));

	if (spoken->clauses == 0)
		return false;
	return tells_return(in, at) ||
	       (at > 0 && leads_on(in->text, spoken->clause[at - 1]) &&
	        tells_return(in, at - 1));
}

void nx_heuristic_candidates_keep_returned(
        struct nx_heuristic_candidates *candidates)
{
	size_t kept = 0;

	for (size_t i = 0; i < candidates->count; i++)
		if (is_returned(candidates, &candidates->candidate[i]))
			candidates->candidate[kept++] =
			        candidates->candidate[i];
	candidates->count = kept;
}
