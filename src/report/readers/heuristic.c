/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/outcome.h"
#include "report/readers/heuristic_mail.h"
#include "report/readers/heuristic_words.h"
#include "report/readers/readers.h"
#include "report/returned.h"

/*
 * The last resort: the mail system reports a failure in a form that no format
 * recognises. An address counts only next to evidence
 * (report/readers/heuristic_words.h). Addresses in prose are considered only
 * when no line names a recipient; an address without evidence only when there
 * is no other.
 */
struct heuristic {
	TALLOC_CTX *ctx;
	struct nx_report *report;
	struct nx_heuristic_candidates at;
};

static void add(struct heuristic *heuristic, const char *address,
                const char *words)
{
	struct nx_report *report = heuristic->report;
	struct nx_recipient *recipient =
	        nx_report_find_recipient(report, address);
	struct nx_reply reply;

	nx_reply_parse(heuristic->ctx, words, &reply);
	if (recipient && (recipient->reply.code || !reply.code))
		return;
	if (!recipient)
		recipient = nx_report_add_recipient(heuristic->ctx, report);
	if (!recipient)
		return;
	recipient->address = recipient->final_recipient = address;
	recipient->diagnostic = words;
	recipient->reply = reply;
	recipient->status = reply.status;
}

/* Takes recipients that stand in the same line as one with a reason. */
static void take_beside(struct heuristic *heuristic, const bool *told_about)
{
	for (size_t i = 0; i < heuristic->at.count; i++) {
		const struct nx_heuristic_candidate *candidate =
		        &heuristic->at.candidate[i];

		if (candidate->position == NX_HEURISTIC_NAMED &&
		    told_about[candidate->line])
			add(heuristic, candidate->address, "");
	}
}

/* Takes the recipients at that position of which something is said. */
static void take(struct heuristic *heuristic,
                 enum nx_heuristic_position position)
{
	if (heuristic->report->recipients)
		return;
	bool *told_about =
	        talloc_zero_array(heuristic->ctx, bool, heuristic->at.lines);

	for (size_t i = 0; i < heuristic->at.count; i++) {
		const struct nx_heuristic_candidate *candidate =
		        &heuristic->at.candidate[i];
		const char *words;

		if (candidate->position != position)
			continue;
		words = nx_heuristic_words_of(heuristic->ctx, &heuristic->at,
		                              candidate, false);
		if (!*words)
			continue;
		add(heuristic, candidate->address, words);
		told_about[candidate->line] = true;
	}
	if (position == NX_HEURISTIC_NAMED)
		take_beside(heuristic, told_about);
}

/* Takes the only address at that position: the whole text is about it. */
static void take_only(struct heuristic *heuristic,
                      enum nx_heuristic_position position)
{
	const struct nx_heuristic_candidates *at = &heuristic->at;
	const char *only = "";

	for (size_t i = 0; i < at->count; i++) {
		const char *address = at->candidate[i].address;

		if (at->candidate[i].position != position)
			continue;
		if (*only && !nx_text_equal(only, address))
			return;
		only = address;
	}
	if (*only && !heuristic->report->recipients)
		add(heuristic, only,
		    nx_heuristic_words_all(heuristic->ctx, at));
}

/* Puts what was found into the report. */
static bool settle(struct nx_report *report)
{
	if (!report->recipients)
		return false;
	bool delayed = nx_outcome_told(report) == NX_ACTION_DELAYED;

	for (size_t i = 0; i < report->recipients; i++)
		report->recipient[i].action =
		        delayed ? NX_ACTION_DELAYED : NX_ACTION_FAILED;
	report->kind = NX_KIND_DELIVERY_REPORT;
	report->format = "text";
	return true;
}

/* Takes the recipients that the text names. */
static bool take_all(struct heuristic *heuristic)
{
	take(heuristic, NX_HEURISTIC_NAMED);
	take(heuristic, NX_HEURISTIC_PROSE);
	take_only(heuristic, NX_HEURISTIC_NAMED);
	take_only(heuristic, NX_HEURISTIC_HEADER);
	heuristic->report->truncated |=
	        heuristic->report->recipients && heuristic->at.cut;
	return settle(heuristic->report);
}

bool nx_reader_heuristic(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct heuristic heuristic = {.ctx = ctx, .report = report};

	if (!nx_heuristic_mail_reports(ctx, report))
		return false;
	nx_heuristic_candidates_find(ctx, report, &heuristic.at);
	return take_all(&heuristic);
}

/* The returned message says who the recipient is, and the notice names nobody,
 * or the same recipient, in words of an unknown language. */
static bool take_returned(struct heuristic *heuristic)
{
	const char *address =
	        nx_returned_recipient(heuristic->ctx, heuristic->report);

	if (*address && (heuristic->at.count == 0 ||
	                 nx_heuristic_candidates_name(&heuristic->at, address)))
		add(heuristic, address,
		    nx_heuristic_words_all(heuristic->ctx, &heuristic->at));
	return settle(heuristic->report);
}

/* A mail of anybody with the null sender: the addresses that it says were
 * returned. */
static bool take_mentioned(struct heuristic *heuristic)
{
	nx_heuristic_candidates_keep_returned(&heuristic->at);
	return take_all(heuristic);
}

bool nx_reader_returned(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct heuristic heuristic = {.ctx = ctx, .report = report};

	if (!nx_heuristic_mail_returns(report) ||
	    !nx_outcome_has_reason(report))
		return false;
	nx_heuristic_candidates_find(ctx, report, &heuristic.at);
	return take_returned(&heuristic) || take_mentioned(&heuristic);
}

bool nx_reader_unnamed(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct heuristic heuristic = {.ctx = ctx, .report = report};
	const bool reports = nx_heuristic_mail_reports(ctx, report) ||
	                     nx_heuristic_mail_refuses(ctx, report);

	if (!reports && !nx_heuristic_mail_returns(report))
		return false;
	nx_heuristic_candidates_find(ctx, report, &heuristic.at);
	if (take_returned(&heuristic) || reports)
		return report->recipients > 0;
	return take_mentioned(&heuristic);
}
