/* SPDX-License-Identifier: ISC */
#include "report/readers/heuristic_candidates.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "report/any.h"
#include "report/conditions/formats.h"
#include "report/explanation.h"
#include "report/readers/places.h"
#include "report/readers/usable.h"

#include <string.h>

/* Where addresses stand in the text of an unknown report. */
enum {
	LINES = 8 * NX_REPORT_RECIPIENTS,
	SPOTS = 4 * NX_REPORT_RECIPIENTS, /* an address may be named again */
	LINE_SIZE = 2048
};

/* --- the lines ------------------------------------------------------------ */

/* Where a line names several recipients with what is said of each, each gets
 * its own part. */
static void split(struct nx_heuristic_candidates *out)
{
	const char *text = out->text;

	out->line = talloc_array(out->ctx, struct nx_line, LINES);
	out->named = talloc_zero_array(out->ctx, bool, LINES);
	out->candidate =
	        talloc_array(out->ctx, struct nx_heuristic_candidate, SPOTS);
	while (*text && out->lines < LINES)
		out->line[out->lines++] =
		        nx_places_next_line(out->ctx, out->report, &text);
	out->cut = *text;
}

/* --- the addresses -------------------------------------------------------- */

/* Headers, and commands that name the sender. */
static bool is_about_mail(const char *line)
{
	static const char *const starts[] = {
	        "From:",        "Subject:",  "Date:",       "Sent:",
	        "Message-ID:",  "Reply-To:", "Sender:",     "Return-Path:",
	        "Received:",    "Cc:",       "Bcc:",        "X-",
	        "Content-",     "MIME-",     "References:", "In-Reply-To:",
	        "Disposition-", "MAIL FROM", ">>> MAIL",    ">>> EHLO",
	        "Message id",   "Von:",      "Betreff:",    "De:",
	        "Da:",          "Van:",      "От:",         "差出人",
	        "件名",         NULL};

	return nx_any_starts(line, starts);
}

static bool is_to_header(const char *line)
{
	static const char *const starts[] = {
	        "To:", "An:", "Para:", "Aan:", "Кому:", "宛先", NULL};

	return nx_any_starts(line, starts);
}

/* Words for a recipient. */
static const char *const names[] = {
        "recipient", "recipients", "address", "addresses",    "user",
        "mailbox",   "account",    "rcpt to", "addressed to", NULL};

/* "Recipient: jan smits@example.com": a field has no words before its address,
 * they belong to it. */
static bool is_part_of_value(TALLOC_CTX *ctx, const char *before)
{
	const char *colon = strrchr(before, ':');

	if (!colon || !nx_explanation_has_words(colon))
		return false;
	const char *label =
	        talloc_strndup(ctx, before, (size_t)(colon - before));

	return nx_any_ends(label, names) && !nx_text_ends(colon, "smtp") &&
	       !strpbrk(colon, "0123456789");
}

/* After "recipient:", "550 5.1.1", "unknown user" and the like. */
static bool is_label(TALLOC_CTX *ctx, const char *before)
{
	struct nx_reply reply;

	if (nx_text_ends(before, ":") || nx_any_ends(before, names))
		return true;
	nx_reply_parse(ctx, before, &reply);
	return reply.code >= 400 && !nx_explanation_has_words(before);
}

static enum nx_heuristic_position place_of(
        const struct nx_heuristic_candidates *in, const char *before,
        const char *line)
{
	if (is_to_header(line))
		return NX_HEURISTIC_HEADER;
	return !*before || nx_text_equal(before, "smtp") ||
	                       is_label(in->ctx, before)
	               ? NX_HEURISTIC_NAMED
	               : NX_HEURISTIC_PROSE;
}

static void add_candidate(struct nx_heuristic_candidates *out, size_t index,
                          const char *address,
                          enum nx_heuristic_position position,
                          const char *words)
{
	if (out->count == SPOTS) {
		out->cut = true;
		return;
	}
	out->candidate[out->count++] = (struct nx_heuristic_candidate){
	        address, index, position, words};
	out->named[index] |= position == NX_HEURISTIC_NAMED;
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

static bool is_usable(const struct nx_heuristic_candidates *in,
                      const char *address, const char *at, const char *before)
{
	return nx_usable_address(in->ctx, in->report, address, before) &&
	       !is_part_of_value(in->ctx, before) &&
	       !(in->report->formats &&
	         nx_formats_other(in->ctx, in->report->formats, in->text, at,
	                          at + strlen(address)));
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
	if (!nx_line_find(rest, "@") || is_about_mail(line.start))
		return;
	for (;;) {
		const char *address = next_address(out, rest, &at);

		if (!*address)
			return;
		bool first = rest.start == line.start;
		const char *before = nx_usable_lead(out->ctx, rest.start,
		                                    (size_t)(at - rest.start));

		if (first || *before)
			position = first ? place_of(out, before, line.start)
			                 : NX_HEURISTIC_PROSE;
		rest.start = at + strlen(address);
		if (is_usable(out, address, at, before))
			add_candidate(out, index, address, position,
			              tells_more(before) ? line.start
			                                 : rest.start);
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
	for (size_t i = 0; i < out->lines; i++) {
		search_line(out, i);
		if (!out->named[i])
			out->named[i] =
			        *nx_places_leading(ctx, report, out->line[i]);
	}
}

bool nx_heuristic_is_header(const char *line)
{
	return is_about_mail(line) || is_to_header(line);
}
