/* SPDX-License-Identifier: ISC */
#include "report/readers/heuristic_words.h"

#include "base/text.h"
#include "report/explanation.h"

#include <string.h>

enum { PARAGRAPHS = 2 /* allowed between an address and the reason */ };

struct seeker {
	TALLOC_CTX *ctx;
	const struct nx_heuristic_candidates *at;
	const struct nx_heuristic_candidate *one; /* that is asked about */
	bool is_known;                            /* … and is a recipient */
};

static bool has_code(struct seeker *seeker, const char *text)
{
	struct nx_reply reply;

	nx_reply_parse(seeker->ctx, text, &reply);
	return reply.code >= 400;
}

/* What some lines say of a recipient. */
struct words {
	char *text;
	bool tells;     /* … what became of the mail */
	bool is_others; /* they are about another recipient */
};

static bool is_evidence(struct seeker *seeker, struct words words)
{
	struct nx_reply reply;

	nx_reply_parse(seeker->ctx, words.text, &reply);
	return words.tells || reply.code >= 400 || reply.status.class >= 4;
}

/* Adds a line to the words of lines up to "to", unless it is a header. False
 * when there is no more room. */
static bool add_line(struct seeker *seeker, struct words *words, size_t index,
                     size_t to)
{
	const struct nx_heuristic_candidates *at = seeker->at;
	struct nx_line line =
	        nx_line_cut(nx_line_trim(at->line[index]), NX_LINE_SAID_RAW);

	if (strlen(words->text) >= NX_LINE_SAID_RAW)
		return false;
	if (nx_line_starts(line, "<<<") || nx_line_starts(line, "->>"))
		line.start += 3; /* mark of a transcript */
	if (nx_heuristic_candidates_is_header(at, index))
		return true;
	words->tells |= at->told[index] > 0 && at->told[index] <= to;
	words->text = talloc_asprintf_append_buffer(
	        words->text, " %.*s", (int)(line.end - line.start), line.start);
	return true;
}

/* Joins lines to one text. */
static struct words join(struct seeker *seeker, const char *first, size_t from,
                         size_t to)
{
	struct words words = {.text = talloc_strdup(seeker->ctx, first)};

	for (size_t i = from; i < to && add_line(seeker, &words, i, to); i++)
		continue;
	words.text = nx_text_squeeze(seeker->ctx, words.text, NX_LINE_SAID);
	return words;
}

/* Neither a blank line nor one that names a recipient. */
static bool is_prose(const struct seeker *seeker, size_t index)
{
	return !nx_line_is_blank(seeker->at->line[index]) &&
	       !seeker->at->named[index];
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
	while (from < seeker->at->lines && is_prose(seeker, from))
		from++;
	return from;
}

static const char *words_of_line(struct seeker *seeker)
{
	struct nx_line words = seeker->at->line[seeker->one->line];

	words.start =
	        seeker->one->words + strspn(seeker->one->words, ">\"'):;,. \t");
	if (words.start >= words.end)
		return "";
	return nx_line_text(seeker->ctx, nx_line_cut(words, NX_LINE_SAID_RAW));
}

enum named { NOBODY, ANOTHER, THIS };

/* Which candidates the lines name. */
static enum named named_in(const struct seeker *seeker, size_t from, size_t to)
{
	enum named named = NOBODY;

	for (size_t i = nx_heuristic_candidates_from(seeker->at, from);
	     i < seeker->at->count && seeker->at->candidate[i].line < to; i++) {
		const struct nx_heuristic_candidate *here =
		        &seeker->at->candidate[i];

		if (nx_text_equal(here->address, seeker->one->address))
			return THIS;
		if (here->position != NX_HEURISTIC_HEADER)
			named = ANOTHER;
	}
	return named;
}

/* From lines that name several recipients, takes those that name this one, and
 * what follows them; what stands before any name is said of all. */
static struct words join_own(struct seeker *seeker, size_t from, size_t to)
{
	enum named now = NOBODY;
	struct words words = {.text = talloc_strdup(seeker->ctx, "")};

	for (size_t i = from; i < to; i++) {
		enum named named = named_in(seeker, i, i + 1);

		if (named != NOBODY)
			now = named;
		if (now != ANOTHER && !add_line(seeker, &words, i, to))
			break;
	}
	words.text = nx_text_squeeze(seeker->ctx, words.text, NX_LINE_SAID);
	return words;
}

/* The next paragraph; *next moves after it. "" when a line that names a
 * recipient comes first, and when it is about another one, as what follows it
 * is. */
static struct words paragraph(struct seeker *seeker, size_t *next)
{
	while (*next < seeker->at->lines &&
	       nx_line_is_blank(seeker->at->line[*next]))
		++*next;
	size_t first = *next;

	*next = block_end(seeker, first);
	const bool is_others = named_in(seeker, first, *next) == ANOTHER;

	struct words words = join_own(seeker, first, is_others ? first : *next);

	words.is_others = is_others;
	return words;
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
		struct words more = paragraph(seeker, &next);

		if (more.is_others)
			return text;
		if (has_code(seeker, more.text))
			return both(seeker, text, more.text);
	}
	return text;
}

/* A line beside its own names another. */
static bool is_in_list(const struct seeker *seeker)
{
	const struct nx_heuristic_candidate *one = seeker->one;
	size_t index = (size_t)(one - seeker->at->candidate);

	for (size_t i = index - (index > 0);
	     i <= index + 1 && i < seeker->at->count; i++) {
		const struct nx_heuristic_candidate *other =
		        &seeker->at->candidate[i];

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

/* What one of the next paragraphs says. */
static const char *told_from(struct seeker *seeker, size_t next)
{
	for (int i = 0; i < PARAGRAPHS; i++) {
		struct words words = paragraph(seeker, &next);

		if (words.is_others)
			return "";
		if (is_evidence(seeker, words))
			return with_code(seeker, words.text, next);
	}
	return "";
}

/* Words, and what the next paragraphs add when they have no code. */
static const char *with_reason(struct seeker *seeker, const char *text,
                               size_t next)
{
	return has_code(seeker, text)
	               ? text
	               : both(seeker, text, told_from(seeker, next));
}

/* What its own line and those below say. */
static const char *told_beside(struct seeker *seeker)
{
	size_t line = seeker->one->line;
	size_t end = end_beside(seeker);
	struct words words = join(seeker, words_of_line(seeker), line + 1, end);

	words.tells |=
	        seeker->at->told[line] > 0 && seeker->at->told[line] <= end;
	return is_evidence(seeker, words) ? with_reason(seeker, words.text, end)
	                                  : "";
}

/* What stands after the list that the line is part of. */
static const char *told_below(struct seeker *seeker)
{
	size_t next = seeker->one->line;

	while (next < seeker->at->lines && seeker->at->named[next])
		next++;
	return told_from(seeker, next);
}

/* What the paragraph before that list says: usually a heading. */
static const char *told_above(struct seeker *seeker)
{
	size_t last = seeker->one->line;

	while (last > 0 && (seeker->at->named[last - 1] ||
	                    nx_line_is_blank(seeker->at->line[last - 1])))
		last--;
	size_t first = block_start(seeker, last);

	if (first > 0 && seeker->at->named[first - 1])
		return ""; /* it is about the one named above it */
	struct words words = join(seeker, "", first, last);

	return is_evidence(seeker, words) &&
	                       named_in(seeker, first, last) != ANOTHER
	               ? words.text
	               : "";
}

/* The paragraph around an address in prose, and the next one: of the only
 * address, or a recipient, that one may be the first to tell something. */
static const char *told_around(struct seeker *seeker)
{
	size_t first = block_start(seeker, seeker->one->line);
	size_t end = block_end(seeker, seeker->one->line);
	struct words words = join_own(seeker, first, end);

	if (is_evidence(seeker, words))
		return with_reason(seeker, words.text, end);
	if (!seeker->is_known &&
	    !nx_heuristic_candidates_are(seeker->at, seeker->one->address))
		return "";
	const char *more = told_from(seeker, end);

	return *more ? both(seeker, words.text, more) : "";
}

/* A heading stands directly above the list of that line, and what follows the
 * list is the heading of another. */
static bool is_below_heading(const struct seeker *seeker, size_t line)
{
	size_t first = line;
	size_t next = line;

	while (first > 0 && seeker->at->named[first - 1])
		first--;
	while (next < seeker->at->lines &&
	       (seeker->at->named[next] ||
	        nx_line_is_blank(seeker->at->line[next])))
		next++;
	next = block_end(seeker, next);
	return first > 0 && !nx_line_is_blank(seeker->at->line[first - 1]) &&
	       next < seeker->at->lines && seeker->at->named[next];
}

/* A heading alone does not say why. */
static const char *with_next(struct seeker *seeker, const char *heading)
{
	size_t next = seeker->one->line + 1;

	return *heading && !has_code(seeker, heading)
	               ? both(seeker, heading, paragraph(seeker, &next).text)
	               : heading;
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
		text = with_next(seeker, told_above(seeker));
	const char *own = words_of_line(seeker);

	return *text && nx_explanation_has_words(own) ? both(seeker, own, text)
	                                              : text;
}

const char *nx_heuristic_words_of(
        TALLOC_CTX *ctx, const struct nx_heuristic_candidates *candidates,
        const struct nx_heuristic_candidate *one, bool is_known)
{
	struct seeker seeker = {talloc_new(ctx), candidates, one, is_known};
	const char *words = talloc_strdup(ctx, told(&seeker));

	talloc_free(seeker.ctx);
	return words;
}

const char *nx_heuristic_words_all(
        TALLOC_CTX *ctx, const struct nx_heuristic_candidates *candidates)
{
	struct seeker seeker = {.ctx = ctx, .at = candidates};

	return join(&seeker, "", 0, candidates->lines).text;
}

const char *nx_heuristic_words_next(
        TALLOC_CTX *ctx, const struct nx_heuristic_candidates *candidates,
        size_t *line)
{
	struct seeker seeker = {.ctx = ctx, .at = candidates};
	size_t first = *line;

	while (first < candidates->lines &&
	       nx_line_is_blank(candidates->line[first]))
		first++;
	*line = first;
	while (*line < candidates->lines &&
	       !nx_line_is_blank(candidates->line[*line]))
		++*line;
	return join(&seeker, "", first, *line).text;
}
