/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/explanation.h"
#include "report/readers/heuristic_candidates.h"
#include "report/readers/heuristic_words.h"
#include "report/readers/readers.h"
#include "report/returned.h"

#include <string.h>

/*
 * The last resort: the mail system reports a failure in a form that no format
 * recognises. An address counts only next to evidence: an SMTP reply, an
 * enhanced status code, or words that mean nothing else. Addresses in prose are
 * considered only when no line names a recipient; an address without evidence
 * only when there is no other.
 */
enum { PARAGRAPHS = 2 /* allowed between an address and the reason */ };

struct seeker {
	TALLOC_CTX *ctx;
	struct nx_report *report;
	struct nx_heuristic_candidates at;
	const struct nx_heuristic_candidate *one; /* that is asked about */
};

static bool is_blank(const struct seeker *seeker, size_t index)
{
	return nx_line_is_blank(seeker->at.line[index]);
}

/* --- what is said about one recipient ------------------------------------- */

static bool has_code(struct seeker *seeker, const char *text)
{
	struct nx_reply reply;

	nx_reply_parse(seeker->ctx, text, &reply);
	return reply.code >= 400;
}

static bool is_evidence(struct seeker *seeker, const char *text)
{
	struct nx_reply reply;

	nx_reply_parse(seeker->ctx, text, &reply);
	return reply.code >= 400 || reply.status.class >= 4 ||
	       nx_heuristic_words_tell_failure(seeker->ctx, text);
}

/* Joins lines to one text, without headers of the mail. */
static char *join(struct seeker *seeker, const char *first, size_t from,
                  size_t to)
{
	char *text = talloc_strdup(seeker->ctx, first);

	for (size_t i = from; i < to && strlen(text) < NX_LINE_SAID_RAW; i++) {
		struct nx_line line = nx_line_cut(
		        nx_line_trim(seeker->at.line[i]), NX_LINE_SAID_RAW);

		if (nx_line_starts(line, "<<<") || nx_line_starts(line, "->>"))
			line.start += 3; /* mark of a transcript */
		if (!nx_heuristic_is_header(line.start))
			text = talloc_asprintf_append_buffer(
			        text, " %.*s", (int)(line.end - line.start),
			        line.start);
	}
	return nx_text_squeeze(seeker->ctx, text, NX_LINE_SAID);
}

/* Neither a blank line nor one that names a recipient. */
static bool is_prose(const struct seeker *seeker, size_t index)
{
	return !is_blank(seeker, index) && !seeker->at.named[index];
}

/* The first line of such that end before that one. */
static size_t block_start(const struct seeker *seeker, size_t to)
{
	while (to > 0 && is_prose(seeker, to - 1))
		to--;
	return to;
}

/* The line after the last of such that start at that one. */
static size_t block_end(const struct seeker *seeker, size_t from)
{
	while (from < seeker->at.lines && is_prose(seeker, from))
		from++;
	return from;
}

static const char *words_of_line(struct seeker *seeker)
{
	struct nx_line words = seeker->at.line[seeker->one->line];

	words.start =
	        seeker->one->words + strspn(seeker->one->words, ">\"'):;,. \t");
	if (words.start >= words.end)
		return "";
	return nx_line_text(seeker->ctx, nx_line_cut(words, NX_LINE_SAID_RAW));
}

/* The first candidate on that line or after it. */
static size_t first_candidate(const struct seeker *seeker, size_t line)
{
	size_t low = 0;
	size_t high = seeker->at.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seeker->at.candidate[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum named { NOBODY, ANOTHER, THIS };

/* Which candidates the lines name. */
static enum named named_in(const struct seeker *seeker, size_t from, size_t to)
{
	enum named named = NOBODY;

	for (size_t i = first_candidate(seeker, from);
	     i < seeker->at.count && seeker->at.candidate[i].line < to; i++) {
		const struct nx_heuristic_candidate *here =
		        &seeker->at.candidate[i];

		if (nx_text_equal(here->address, seeker->one->address))
			return THIS;
		if (here->position != NX_HEURISTIC_HEADER)
			named = ANOTHER;
	}
	return named;
}

/* From lines that name several recipients, takes those that name this one, and
 * what follows them; what stands before any name is said of all. */
static char *join_own(struct seeker *seeker, size_t from, size_t to)
{
	enum named now = NOBODY;
	char *text = talloc_strdup(seeker->ctx, "");

	for (size_t i = from; i < to; i++) {
		enum named named = named_in(seeker, i, i + 1);

		if (named != NOBODY)
			now = named;
		if (now != ANOTHER)
			text = join(seeker, text, i, i + 1);
	}
	return text;
}

/* The next paragraph; *next moves after it. "" when a line that names a
 * recipient comes first, and when it is about another one. */
static const char *paragraph(struct seeker *seeker, size_t *next)
{
	while (*next < seeker->at.lines && is_blank(seeker, *next))
		++*next;
	size_t first = *next;

	*next = block_end(seeker, first);
	return named_in(seeker, first, *next) == ANOTHER
	               ? ""
	               : join_own(seeker, first, *next);
}

static const char *both(struct seeker *seeker, const char *a, const char *b)
{
	return nx_text_squeeze(seeker->ctx,
	                       talloc_asprintf(seeker->ctx, "%s %s", a, b),
	                       NX_LINE_SAID);
}

/* Words alone, and what another host said after them: both count. */
static const char *with_code(struct seeker *seeker, const char *text,
                             size_t next)
{
	if (!*text || has_code(seeker, text))
		return text;
	for (int i = 0; i < PARAGRAPHS; i++) {
		const char *more = paragraph(seeker, &next);

		if (has_code(seeker, more))
			return both(seeker, text, more);
	}
	return text;
}

/* A line beside its own names another. */
static bool is_in_list(const struct seeker *seeker)
{
	const struct nx_heuristic_candidate *one = seeker->one;
	size_t index = (size_t)(one - seeker->at.candidate);

	for (size_t i = index - (index > 0);
	     i <= index + 1 && i < seeker->at.count; i++) {
		const struct nx_heuristic_candidate *other =
		        &seeker->at.candidate[i];

		if (other->line + 1 >= one->line &&
		    other->line <= one->line + 1 &&
		    other->position == NX_HEURISTIC_NAMED &&
		    !nx_text_equal(one->address, other->address))
			return true;
	}
	return false;
}

/* The end of the lines that belong to it: below a list, lines that name only
 * another recipient do not. */
static size_t end_beside(const struct seeker *seeker)
{
	size_t end = block_end(seeker, seeker->one->line + 1);

	for (size_t i = seeker->one->line + 1; i < end && is_in_list(seeker);
	     i++)
		if (named_in(seeker, i, i + 1) == ANOTHER)
			return i;
	return end;
}

/* What its own line and those below say. */
static const char *told_beside(struct seeker *seeker)
{
	size_t end = end_beside(seeker);
	const char *text =
	        join(seeker, words_of_line(seeker), seeker->one->line + 1, end);

	return is_evidence(seeker, text) ? with_code(seeker, text, end) : "";
}

/* What one of the next paragraphs says. */
static const char *told_from(struct seeker *seeker, size_t next)
{
	for (int i = 0; i < PARAGRAPHS; i++) {
		const char *text = paragraph(seeker, &next);

		if (is_evidence(seeker, text))
			return with_code(seeker, text, next);
	}
	return "";
}

/* What stands after the list that the line is part of. */
static const char *told_below(struct seeker *seeker)
{
	size_t next = seeker->one->line;

	while (next < seeker->at.lines && seeker->at.named[next])
		next++;
	return told_from(seeker, next);
}

/* What the paragraph before that list says: usually a heading. */
static const char *told_above(struct seeker *seeker)
{
	size_t last = seeker->one->line;

	while (last > 0 &&
	       (seeker->at.named[last - 1] || is_blank(seeker, last - 1)))
		last--;
	size_t first = block_start(seeker, last);

	if (first > 0 && seeker->at.named[first - 1])
		return ""; /* it is about the one named above it */
	const char *text = join(seeker, "", first, last);

	return is_evidence(seeker, text) &&
	                       named_in(seeker, first, last) != ANOTHER
	               ? text
	               : "";
}

/* The paragraph around an address in prose, and the next one. */
static const char *told_around(struct seeker *seeker)
{
	size_t first = block_start(seeker, seeker->one->line);
	size_t end = block_end(seeker, seeker->one->line);
	const char *text = join_own(seeker, first, end);

	if (!is_evidence(seeker, text))
		return "";
	return has_code(seeker, text)
	               ? text
	               : both(seeker, text, told_from(seeker, end));
}

/* A heading stands directly above the list of that line, and what follows the
 * list is the heading of another. */
static bool is_below_heading(const struct seeker *seeker, size_t line)
{
	size_t first = line;
	size_t next = line;

	while (first > 0 && seeker->at.named[first - 1])
		first--;
	while (next < seeker->at.lines &&
	       (seeker->at.named[next] || is_blank(seeker, next)))
		next++;
	next = block_end(seeker, next);
	return first > 0 && !is_blank(seeker, first - 1) &&
	       next < seeker->at.lines && seeker->at.named[next];
}

static const char *told(struct seeker *seeker)
{
	if (seeker->one->position == NX_HEURISTIC_HEADER)
		return "";
	if (seeker->one->position == NX_HEURISTIC_PROSE)
		return told_around(seeker);
	const char *text = told_beside(seeker);

	if (*text)
		return text;
	if (is_below_heading(seeker, seeker->one->line))
		text = told_above(seeker);
	if (!*text)
		text = told_below(seeker);
	if (!*text)
		text = told_above(seeker);
	const char *own = words_of_line(seeker);

	return *text && nx_explanation_has_words(own) ? both(seeker, own, text)
	                                              : text;
}

/* --- the report ----------------------------------------------------------- */

static void add(struct seeker *seeker, const char *address, const char *words)
{
	struct nx_report *report = seeker->report;
	struct nx_recipient *recipient =
	        nx_report_find_recipient(report, address);
	struct nx_reply reply;

	nx_reply_parse(seeker->ctx, words, &reply);
	if (recipient && (recipient->reply.code || !reply.code))
		return;
	if (!recipient)
		recipient = nx_report_add_recipient(seeker->ctx, report);
	if (!recipient)
		return;
	recipient->address = recipient->final_recipient = address;
	recipient->diagnostic = words;
	recipient->reply = reply;
	recipient->status = reply.status;
}

/* Takes recipients that stand in the same line as one with a reason. */
static void take_beside(struct seeker *seeker, const bool *told_about)
{
	for (size_t i = 0; i < seeker->at.count; i++) {
		const struct nx_heuristic_candidate *candidate =
		        &seeker->at.candidate[i];

		if (candidate->position == NX_HEURISTIC_NAMED &&
		    told_about[candidate->line])
			add(seeker, candidate->address, "");
	}
}

/* Takes the recipients at that position of which something is said. */
static void take(struct seeker *seeker, enum nx_heuristic_position position)
{
	if (seeker->report->recipients)
		return;
	bool *told_about =
	        talloc_zero_array(seeker->ctx, bool, seeker->at.lines);

	for (size_t i = 0; i < seeker->at.count; i++) {
		const struct nx_heuristic_candidate *candidate =
		        &seeker->at.candidate[i];
		const char *words;

		seeker->one = candidate;
		if (candidate->position != position || !*(words = told(seeker)))
			continue;
		add(seeker, candidate->address, words);
		told_about[candidate->line] = true;
	}
	if (position == NX_HEURISTIC_NAMED)
		take_beside(seeker, told_about);
}

/* Takes the only address at that position: the whole text is about it. */
static void take_only(struct seeker *seeker,
                      enum nx_heuristic_position position)
{
	const char *only = "";

	if (seeker->report->recipients)
		return;
	for (size_t i = 0; i < seeker->at.count; i++) {
		const struct nx_heuristic_candidate *candidate =
		        &seeker->at.candidate[i];

		if (candidate->position != position)
			continue;
		if (*only && !nx_text_equal(only, candidate->address))
			return;
		only = candidate->address;
	}
	if (*only)
		add(seeker, only, join(seeker, "", 0, seeker->at.lines));
}

/* Puts what was found into the report. */
static bool settle(TALLOC_CTX *ctx, struct nx_report *report)
{
	const char *subject = nx_message_header(report->message, "Subject");

	if (!report->recipients)
		return false;
	bool delayed = nx_heuristic_words_tell_delay(ctx, subject,
	                                             nx_report_notice(report));

	for (size_t i = 0; i < report->recipients; i++)
		report->recipient[i].action =
		        delayed ? NX_ACTION_DELAYED : NX_ACTION_FAILED;
	report->kind = NX_KIND_DELIVERY_REPORT;
	report->format = "text";
	return true;
}

bool nx_reader_heuristic(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct seeker seeker = {.ctx = ctx, .report = report};

	if (!nx_heuristic_words_report(ctx, report))
		return false;
	nx_heuristic_candidates_find(ctx, report, &seeker.at);
	take(&seeker, NX_HEURISTIC_NAMED);
	take(&seeker, NX_HEURISTIC_PROSE);
	take_only(&seeker, NX_HEURISTIC_NAMED);
	take_only(&seeker, NX_HEURISTIC_HEADER);
	report->truncated |= report->recipients && seeker.at.cut;
	return settle(ctx, report);
}

static bool is_named(const struct nx_heuristic_candidates *candidates,
                     const char *address)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (nx_text_equal(candidates->candidate[i].address, address))
			return true;
	return false;
}

/* The returned message says who the recipient is, and the notice names nobody,
 * or the same recipient, in words of an unknown language. */
bool nx_reader_unnamed(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct seeker seeker = {.ctx = ctx, .report = report};

	if (!nx_heuristic_words_report(ctx, report) &&
	    !nx_heuristic_words_refuse(ctx, report))
		return false;
	nx_heuristic_candidates_find(ctx, report, &seeker.at);
	const char *address = nx_returned_recipient(ctx, report);

	if (*address && (seeker.at.count == 0 || is_named(&seeker.at, address)))
		add(&seeker, address, join(&seeker, "", 0, seeker.at.lines));
	return settle(ctx, report);
}
