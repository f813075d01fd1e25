/* SPDX-License-Identifier: ISC */
#include "report/readers/heuristic_candidates.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "report/any.h"
#include "report/conditions/detectors.h"
#include "report/conditions/fold.h"
#include "report/conditions/formats.h"
#include "report/explanation.h"
#include "report/outcome.h"
#include "report/readers/places.h"
#include "report/readers/usable.h"

#include <string.h>

/* Where addresses stand in the text of an unknown report. */
enum {
	LINES = 8 * NX_REPORT_RECIPIENTS,
	SPOTS = 4 * NX_REPORT_RECIPIENTS, /* an address may be named again */
	LINE_SIZE = 2048,
	SPREAD = 2, /* lines that a sentence may go on for */
	LABEL_SIZE = 64
};

/* --- the lines ------------------------------------------------------------ */

/* Where a line names several recipients with what is said of each, each gets
 * its own part. */
static void split(struct nx_heuristic_candidates *out)
{
	const char *text = out->text;

	out->line = talloc_array(out->ctx, struct nx_line, LINES);
	out->named = talloc_zero_array(out->ctx, bool, LINES);
	out->kind = talloc_zero_array(out->ctx, enum nx_heuristic_kind, LINES);
	out->candidate =
	        talloc_array(out->ctx, struct nx_heuristic_candidate, SPOTS);
	while (*text && out->lines < LINES)
		out->line[out->lines++] =
		        nx_places_next_line(out->ctx, out->report, &text);
	out->cut = *text;
}

/* --- what lines tell ------------------------------------------------------ */

/* The place is in that line or an earlier one. */
static size_t line_of(const struct nx_heuristic_candidates *in, size_t index,
                      const char *place)
{
	while (index + 1 < in->lines && in->line[index].end < place)
		index++;
	return index;
}

/* What stands from that line to the end of the next ones. */
static struct nx_match reach_of(const struct nx_heuristic_candidates *in,
                                size_t index)
{
	const size_t last =
	        index + SPREAD < in->lines ? index + SPREAD : in->lines - 1;
	const size_t start = (size_t)(in->line[index].start - in->text);
	const size_t end = (size_t)(in->line[last].end - in->text);

	return (struct nx_match){
	        start, end < start + LINE_SIZE ? end : start + LINE_SIZE};
}

static bool is_told(const struct nx_heuristic_candidates *in,
                    struct nx_match part, struct nx_saying *out)
{
	const struct nx_wording *wording = &in->report->detectors->wording;
	const struct nx_spoken *spoken = nx_outcome_spoken(in->report);

	return nx_sentences_find_in(&wording->failures, spoken, part,
	                            UINT64_MAX, 0, out) ||
	       nx_sentences_find_in(&wording->delays, spoken, part, UINT64_MAX,
	                            0, out);
}

/* After the line in which an outcome is told that the line begins to tell; 0 if
 * there is none. *clause is the first that may reach it. */
static size_t told_end(const struct nx_heuristic_candidates *in, size_t index,
                       size_t *clause)
{
	const struct nx_spoken *spoken = nx_outcome_spoken(in->report);
	const struct nx_match reach = reach_of(in, index);
	struct nx_saying found;

	while (*clause < spoken->clauses &&
	       spoken->clause[*clause].end <= reach.start)
		++*clause;
	for (size_t i = *clause; i < spoken->clauses; i++) {
		struct nx_match part = spoken->clause[i];

		if (in->text + part.start >= in->line[index].end ||
		    part.start >= reach.end)
			break;
		if (part.start < reach.start)
			part.start = reach.start;
		if (part.end > reach.end)
			part.end = reach.end;
		if (is_told(in, part, &found) &&
		    in->text + found.all.start < in->line[index].end)
			return line_of(in, index, in->text + found.all.end) + 1;
	}
	return 0;
}

static void find_told(struct nx_heuristic_candidates *out)
{
	size_t clause = 0;

	out->told = talloc_zero_array(out->ctx, size_t, out->lines + 1);
	for (size_t i = 0; i < out->lines; i++)
		out->told[i] = told_end(out, i, &clause);
}

/* --- the addresses -------------------------------------------------------- */

struct words_before { /* an address */
	const char *text;
	const char *start; /* of the same words, in the notice */
	const char *at;    /* the address */
};

static bool has_label(const char *line, const char *const *names,
                      const struct nx_phrases *labels)
{
	if (nx_any_starts(line, names))
		return true;
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool has = nx_phrases_behind(labels, nx_fold(ctx, line, LABEL_SIZE));

	talloc_free(ctx);
	return has;
}

/* Headers, and commands that name the sender. */
static bool is_about_mail(const struct nx_report *report, const char *line)
{
	static const char *const names[] = {
	        "From:",       "Subject:", "Date:",        "Reply-To:",
	        "Message-ID:", "Sender:",  "Received:",    "Return-Path:",
	        "Cc:",         "Bcc:",     "X-",           "MIME-",
	        "References:", "Content-", "In-Reply-To:", "Disposition-",
	        "MAIL FROM",   ">>> MAIL", ">>> EHLO",     NULL};

	return has_label(line, names, &report->detectors->wording.fields);
}

static bool is_to_header(const struct nx_report *report, const char *line)
{
	static const char *const names[] = {"To:", NULL};

	return has_label(line, names, &report->detectors->wording.to);
}

/* The size of a mark that may stand between a label and its address, or 0. */
static size_t mark_between(const char *at)
{
	static const char *const wide[] = {"：", "（", "【", "「", "　"};

	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (strncmp(at, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return *at && strchr(" \t\"'<([{*->|.,;:", *at) ? 1 : 0;
}

/* The last word before that place is one for a recipient. */
static bool is_called(const struct nx_heuristic_candidates *in,
                      const char *line, const char *at)
{
	const struct nx_sentences *words =
	        &in->report->detectors->wording.recipients;
	const struct nx_spoken *spoken = nx_outcome_spoken(in->report);
	const size_t next =
	        nx_spoken_first_mark(spoken, (size_t)(at - in->text));

	if (next == 0)
		return false;
	const struct nx_concept_mark *mark = &spoken->mark[next - 1];
	const char *end = in->text + mark->end;

	if (in->text + mark->start < line || end > at)
		return false;
	while (end < at && mark_between(end) > 0)
		end += mark_between(end);
	for (size_t i = 0; end == at && i < words->count; i++)
		if (mark->concepts & words->item[i].need)
			return true;
	return false;
}

/* "Recipient: jan smits@example.com": a field has no words before its address,
 * they belong to it. */
static bool is_part_of_value(const struct nx_heuristic_candidates *in,
                             const struct words_before *before)
{
	const char *colon = strrchr(before->text, ':');

	return colon && nx_explanation_has_words(colon) &&
	       !nx_text_ends(colon, "smtp") && !strpbrk(colon, "0123456789") &&
	       is_called(in, before->start,
	                 before->start + (colon - before->text));
}

/* After "recipient:", "550 5.1.1", "unknown user" and the like. */
static bool is_label(const struct nx_heuristic_candidates *in,
                     const struct words_before *before)
{
	struct nx_reply reply;

	if (nx_text_ends(before->text, ":") ||
	    nx_text_ends(before->text, "rcpt to") ||
	    is_called(in, before->start, before->at))
		return true;
	nx_reply_parse(in->ctx, before->text, &reply);
	return reply.code >= 400 && !nx_explanation_has_words(before->text);
}

/* A report that uses the label of a header says in the next lines what failed;
 * a returned mail does not. */
static bool is_told_below(const struct nx_heuristic_candidates *in,
                          size_t index)
{
	enum { BELOW = 2 };

	for (size_t i = index + 1; i <= index + BELOW && i < in->lines; i++)
		if (in->told[i] > 0)
			return true;
	return false;
}

static enum nx_heuristic_position place_of(
        const struct nx_heuristic_candidates *in,
        const struct words_before *before, const char *line, size_t index)
{
	if (is_to_header(in->report, line) && !is_told_below(in, index))
		return NX_HEURISTIC_HEADER;
	return !*before->text || nx_text_equal(before->text, "smtp") ||
	                       is_label(in, before)
	               ? NX_HEURISTIC_NAMED
	               : NX_HEURISTIC_PROSE;
}

static void add_candidate(struct nx_heuristic_candidates *out,
                          struct nx_heuristic_candidate candidate)
{
	if (out->count == SPOTS) {
		out->cut = true;
		return;
	}
	out->candidate[out->count++] = candidate;
	out->named[candidate.line] |= candidate.position == NX_HEURISTIC_NAMED;
}

/* The address that the stretch begins with: nx_address_find prefers one in
 * angle brackets further on. */
static const char *leading_address(const struct nx_heuristic_candidates *in,
                                   struct nx_line stretch, const char **at)
{
	const char *from =
	        stretch.start + strspn(stretch.start, " \t<\"'([*->|,;");
	const char *end = from + strcspn(from, " \t\n<>\"')]:,;|");
	const char *address =
	        from < stretch.end && end <= stretch.end
	                ? nx_address_find_in(in->ctx, in->text, from, end, at)
	                : "";

	return *address && *at == from ? address : "";
}

static const char *next_address(const struct nx_heuristic_candidates *in,
                                struct nx_line stretch, const char **at)
{
	const char *address = leading_address(in, stretch, at);

	return *address ? address
	                : nx_address_find_in(in->ctx, in->text, stretch.start,
	                                     stretch.end, at);
}

/* The text before the address is more than a command. */
static bool tells_more(const char *before)
{
	return *before && !nx_text_ends(before, "rcpt to:") &&
	       !nx_text_equal(before, "smtp");
}

/* "The new address is anna@example.com": an address that stands in place of an
 * earlier one. */
static bool is_successor(const struct nx_heuristic_candidates *in,
                         const char *at)
{
	const struct nx_sentences *words =
	        &in->report->detectors->wording.successors;
	const struct nx_spoken *spoken = nx_outcome_spoken(in->report);
	const size_t place = (size_t)(at - in->text);
	const size_t reach = place < NX_SENTENCE_GAP ? place : NX_SENTENCE_GAP;
	struct nx_match before = {place - reach, place};
	struct nx_saying found;

	if (in->count == 0)
		return false;
	for (size_t i = before.start; i < place; i++)
		if (in->text[i] == '@')
			before.start = i;
	return nx_sentences_find_in(words, spoken, before, UINT64_MAX, 0,
	                            &found);
}

static bool is_usable(const struct nx_heuristic_candidates *in,
                      const char *address, const struct words_before *before)
{
	return nx_usable_address(in->ctx, in->report, address, before->text) &&
	       !is_part_of_value(in, before) && !is_successor(in, before->at) &&
	       !(in->report->formats &&
	         nx_formats_other(in->ctx, in->report->formats, in->text,
	                          before->at, before->at + strlen(address)));
}

static struct words_before words_before(
        const struct nx_heuristic_candidates *in, const char *from,
        const char *at)
{
	const char *text = nx_usable_lead(in->ctx, from, (size_t)(at - from));

	while (from < at && *text && *from != *text)
		from++;
	return (struct words_before){text, from, at};
}

/* All addresses of a line; those after the first of a list have the same
 * position as the first. */
static void search_line(struct nx_heuristic_candidates *out, size_t index)
{
	struct nx_line line = nx_line_trim(out->line[index]);
	struct nx_line rest = line;
	enum nx_heuristic_position position = NX_HEURISTIC_PROSE;
	const char *at;

	if (rest.end - rest.start > LINE_SIZE)
		rest.end = rest.start + LINE_SIZE;
	if (!nx_line_find(rest, "@") || is_about_mail(out->report, line.start))
		return;
	for (;;) {
		const char *address = next_address(out, rest, &at);

		if (!*address)
			return;
		bool first = rest.start == line.start;
		const struct words_before before =
		        words_before(out, rest.start, at);

		if (first || *before.text)
			position = first ? place_of(out, &before, line.start,
			                            index)
			                 : NX_HEURISTIC_PROSE;
		rest.start = at + strlen(address);
		if (is_usable(out, address, &before))
			add_candidate(out, (struct nx_heuristic_candidate){
			                           address, at, index, position,
			                           tells_more(before.text)
			                                   ? line.start
			                                   : rest.start});
	}
}

void nx_heuristic_candidates_find(TALLOC_CTX *ctx,
                                  const struct nx_report *report,
                                  struct nx_heuristic_candidates *out)
{
	*out = (struct nx_heuristic_candidates){
	        .ctx = ctx,
	        .report = report,
	        .text = nx_report_notice(report),
	};
	split(out);
	find_told(out);
	for (size_t i = 0; i < out->lines; i++) {
		search_line(out, i);
		if (!out->named[i])
			out->named[i] =
			        *nx_places_leading(ctx, report, out->line[i]);
	}
}

bool nx_heuristic_candidates_is_header(
        const struct nx_heuristic_candidates *candidates, size_t line)
{
	enum nx_heuristic_kind *kind = &candidates->kind[line];
	const char *start = nx_line_trim(candidates->line[line]).start;

	if (*kind == NX_HEURISTIC_UNKNOWN)
		*kind = is_about_mail(candidates->report, start) ||
		                        is_to_header(candidates->report, start)
		                ? NX_HEURISTIC_OF_MAIL
		                : NX_HEURISTIC_OTHER;
	return *kind == NX_HEURISTIC_OF_MAIL;
}

size_t nx_heuristic_candidates_from(
        const struct nx_heuristic_candidates *candidates, size_t line)
{
	size_t low = 0;
	size_t high = candidates->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (candidates->candidate[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool nx_heuristic_candidates_are(
        const struct nx_heuristic_candidates *candidates, const char *address)
{
	size_t same = 0;

	while (same < candidates->count &&
	       nx_text_equal(candidates->candidate[same].address, address))
		same++;
	return same == candidates->count;
}

bool nx_heuristic_candidates_name(
        const struct nx_heuristic_candidates *candidates, const char *address)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (nx_text_equal(candidates->candidate[i].address, address))
			return true;
	return false;
}
