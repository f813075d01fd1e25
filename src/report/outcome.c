/* SPDX-License-Identifier: ISC */
#include "report/outcome.h"

#include "report/conditions/detectors.h"
#include "report/notice.h"

static const struct nx_wording *wording_of(const struct nx_report *report)
{
	return &report->detectors->wording;
}

const struct nx_spoken *nx_outcome_spoken(const struct nx_report *report)
{
	return nx_notice_spoken(report->notice, wording_of(report));
}

static const struct nx_spoken *subject_of(const struct nx_report *report)
{
	return nx_notice_subject(report->notice, wording_of(report),
	                         nx_message_header(report->message, "Subject"));
}

bool nx_outcome_is_failure(TALLOC_CTX *ctx, const struct nx_report *report,
                           const char *words)
{
	const struct nx_wording *wording = wording_of(report);

	return nx_wording_says(&wording->failures,
	                       nx_wording_mark(ctx, wording, words));
}

enum nx_action nx_outcome_told(const struct nx_report *report)
{
	const struct nx_wording *wording = wording_of(report);
	const struct nx_spoken *subject = subject_of(report);
	const struct nx_spoken *notice = nx_outcome_spoken(report);

	if (nx_wording_says(&wording->delays, subject) ||
	    (nx_wording_says(&wording->delays, notice) &&
	     !nx_wording_says(&wording->ends, notice)))
		return NX_ACTION_DELAYED;
	if (nx_wording_says(&wording->failures, subject) ||
	    nx_wording_says(&wording->failures, notice))
		return NX_ACTION_FAILED;
	return NX_ACTION_NONE;
}

bool nx_outcome_is_return(const struct nx_report *report)
{
	const struct nx_wording *wording = wording_of(report);
	const struct nx_spoken *subject = subject_of(report);
	const struct nx_spoken *notice = nx_outcome_spoken(report);

	return (nx_wording_says(&wording->returns, subject) ||
	        nx_wording_says(&wording->returns, notice)) &&
	       !nx_wording_says(&wording->absences, subject) &&
	       !nx_wording_says(&wording->absences, notice);
}

bool nx_outcome_has_reason(const struct nx_report *report)
{
	return nx_wording_says(&wording_of(report)->reasons,
	                       nx_outcome_spoken(report));
}

/* Which kinds of causes the clauses that are certain name, by their bits. */
static unsigned whys_in(const struct nx_wording *wording,
                        const struct nx_spoken *spoken)
{
	unsigned causes = 0;
	struct nx_saying where;

	for (size_t i = 0; i < spoken->clauses; i++) {
		const struct nx_match clause = spoken->clause[i];

		if (nx_sentences_find_in(&wording->why_unless, spoken, clause,
		                         UINT64_MAX, 0, &where))
			continue;
		for (int kind = 0; kind < NX_WHYS; kind++)
			if (nx_sentences_find_in(&wording->why[kind], spoken,
			                         clause, UINT64_MAX, 0, &where))
				causes |= 1U << kind;
	}
	return causes;
}

bool nx_outcome_says_why(TALLOC_CTX *ctx, const struct nx_report *report,
                         const char *words)
{
	const struct nx_wording *wording = wording_of(report);
	unsigned causes =
	        whys_in(wording, nx_wording_mark(ctx, wording, words));

	return causes != 0 && (causes & (causes - 1)) == 0;
}
