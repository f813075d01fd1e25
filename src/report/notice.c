/* SPDX-License-Identifier: ISC */
#include "report/notice.h"

#include "report/any.h"
#include "report/conditions/formats.h"
#include "report/conditions/wording.h"
#include "report/lines.h"
#include "report/quoted.h"

enum { FIELDS = 4 /* of a message at least; a summary has fewer */ };

struct field_block {
	size_t fields;
	bool from;   /* the sender is named */
	bool proper; /* has a field that no summary for people has */
};

/* "Name: value". */
static bool is_field(struct nx_line line)
{
	size_t size = 0;

	while (nx_text_is_word(line.start[size]) || line.start[size] == '-')
		size++;
	return size > 1 && line.start[size] == ':';
}

static void add(struct field_block *block, struct nx_line line)
{
	static const char *const senders[] = {"From:", "Sender:", NULL};
	static const char *const proper[] = {"Message-ID:",
	                                     "MIME-Version:",
	                                     "Received:",
	                                     "Return-Path:",
	                                     "Content-Type:",
	                                     "Content-Transfer-Encoding:",
	                                     NULL};

	block->fields++;
	block->from |= nx_any_starts(line.start, senders);
	block->proper |= nx_any_starts(line.start, proper);
}

/* The lines from here to the next blank one are fields. */
static bool is_message(struct nx_line line)
{
	struct field_block block = {0};

	for (; *line.start && !nx_line_is_blank(line);
	     line = nx_line_next(line))
		if (is_field(line))
			add(&block, line);
		else if (!nx_text_is_blank(*line.start) || !block.fields)
			return false;
	return block.fields >= FIELDS && block.from && block.proper;
}

/* Where, after a blank line, the headers of a returned message stand in a text
 * without a word before them: only lines of fields, with the sender and a field
 * that only a message has among them. The end of the text when there are
 * none. */
static const char *headers_in(const char *text)
{
	bool behind_blank = false;
	bool any = false; /* words before the headers */

	for (struct nx_line line = nx_line_at(text); *line.start;
	     line = nx_line_next(line)) {
		if (any && behind_blank && is_field(line) && is_message(line))
			return line.start;
		behind_blank = nx_line_is_blank(line);
		any |= !behind_blank;
	}
	return text + strlen(text);
}

/* Where the headers that start there end. */
static const char *headers_end(const char *headers)
{
	struct nx_line line = nx_line_at(headers);

	while (*line.start && !nx_line_is_blank(line))
		line = nx_line_next(line);
	return line.start;
}

struct nx_notice {
	const struct nx_formats *formats; /* NULL: the whole text is judged */
	const char *explanation;
	const char *text; /* NULL until first used */
	const uint64_t *hits;
	const struct nx_spoken *spoken;  /* NULL until first used */
	const struct nx_spoken *subject; /* NULL until first used */
};

struct nx_notice *nx_notice_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const char *explanation)
{
	struct nx_notice *notice = talloc_zero(ctx, struct nx_notice);

	notice->formats = formats;
	notice->explanation = explanation;
	return notice;
}

/* The text up to where a returned message starts in it. Markers are looked for
 * in its headers, too, and not in its body. */
static char *cut(struct nx_notice *notice)
{
	const struct nx_formats *formats = notice->formats;
	const char *text = notice->explanation;
	const char *end = headers_in(text);
	const struct nx_patterns *markers = &formats->markers;
	struct nx_patterns some = {
	        talloc_array(notice, const struct nx_pattern *, markers->count),
	        0,
	};
	char *with_headers =
	        talloc_strndup(notice, text, (size_t)(headers_end(end) - text));

	notice->hits = nx_prefilter_find(notice, formats->of_text, with_headers,
	                                 strlen(with_headers));
	for (size_t i = 0; i < markers->count; i++)
		if (nx_patterns_may_match(notice->hits, i))
			some.item[some.count++] = markers->item[i];
	char *cut = nx_patterns_cut(notice, &some, with_headers);
	size_t size = (size_t)(cut == with_headers ? end - text
	                                           : headers_in(cut) - cut);

	cut[size] = '\0';
	return cut;
}

const char *nx_notice_text(struct nx_notice *notice)
{
	if (notice->text)
		return notice->text;
	if (!notice->formats)
		return notice->text = notice->explanation;
	char *text = cut(notice);

	nx_quoted_clear(text);
	return notice->text = text;
}

const uint64_t *nx_notice_hits(struct nx_notice *notice)
{
	(void)nx_notice_text(notice);
	return notice->hits;
}

const struct nx_spoken *nx_notice_spoken(struct nx_notice *notice,
                                         const struct nx_wording *wording)
{
	if (!notice->spoken)
		notice->spoken = nx_wording_mark(notice, wording,
		                                 nx_notice_text(notice));
	return notice->spoken;
}

const struct nx_spoken *nx_notice_subject(struct nx_notice *notice,
                                          const struct nx_wording *wording,
                                          const char *subject)
{
	if (!notice->subject)
		notice->subject = nx_wording_mark(notice, wording, subject);
	return notice->subject;
}
