/* SPDX-License-Identifier: ISC */
#include "report/quoted.h"

#include "report/any.h"
#include "report/lines.h"

static bool is_mark(char c)
{
	return c == '>' || c == '|';
}

static bool starts_text(char c)
{
	return nx_text_is_word(c) || c == '<' || (unsigned char)c >= 0x80;
}

/* "| anna@example.com | unknown |", and a frame. */
static bool is_table(struct nx_line line)
{
	while (line.end > line.start && nx_text_is_blank(line.end[-1]))
		line.end--;
	return *line.start == '|' && line.end - line.start > 1 &&
	       line.end[-1] == '|';
}

/* What follows the marks of a quoted line; empty, at the start of the line,
 * when it is not quoted: ">: unknown" closes a bracket, "|/bin/sh" is a
 * pipe. */
static struct nx_line behind_marks(struct nx_line line)
{
	struct nx_line text = nx_line_trim(line);
	const char *first = text.start;

	if (is_table(text))
		return (struct nx_line){line.start, line.start};
	while (text.start < text.end && is_mark(*text.start))
		text.start =
		        nx_line_trim((struct nx_line){text.start + 1, text.end})
		                .start;
	bool is_quoted =
	        text.start > first &&
	        (text.start == text.end || nx_text_is_blank(text.start[-1]) ||
	         starts_text(*text.start));
	return is_quoted ? text : (struct nx_line){line.start, line.start};
}

static bool is_quoted(struct nx_line line)
{
	return behind_marks(line).start > line.start;
}

/* A reply, or a command of the session. */
static bool is_of_session(struct nx_line text)
{
	static const char *const commands[] = {"EHLO ", "HELO ",
	                                       "MAIL FROM:", "RCPT TO:", NULL};
	const char *at = text.start;

	if (*at >= '2' && *at <= '5' && nx_text_is_digit(at[1]) &&
	    nx_text_is_digit(at[2]) && !nx_text_is_word(at[3]))
		return true;
	return nx_any_starts(at, commands) || nx_line_starts(text, "DATA") ||
	       nx_line_starts(text, "QUIT");
}

/* An address with at most what stands there as a remark on it. */
static bool is_item(struct nx_line text)
{
	size_t size = strcspn(text.start, " \t\n");
	struct nx_line rest =
	        nx_line_trim((struct nx_line){text.start + size, text.end});

	return memchr(text.start, '@', size) &&
	       (rest.start == rest.end || strchr("-:(", *rest.start));
}

/* Sendmail marks the commands that it sent. */
static bool is_transcript(struct nx_line line)
{
	return nx_line_starts(nx_line_trim(line), ">>> ");
}

/* The lines from here to the end are a mail. */
static bool is_mail(struct nx_line line, const char *end)
{
	bool is_list = true;
	bool any = false;

	for (; line.start < end; line = nx_line_next(line)) {
		struct nx_line text = behind_marks(line);

		if (text.start == text.end)
			continue;
		if (!any && is_of_session(text))
			return false;
		any = true;
		is_list = is_list && is_item(text);
	}
	return !is_list;
}

/* After the last of consecutive quoted lines. */
static const char *block_end(struct nx_line line)
{
	while (*line.start && is_quoted(line))
		line = nx_line_next(line);
	return line.start;
}

static void clear(char *from, const char *end)
{
	for (; from < end; from++)
		if (*from != '\n')
			*from = ' ';
}

void nx_quoted_clear(char *notice)
{
	bool any = false; /* words of the notice found */
	const char *next;

	for (char *at = notice; *at; at = notice + (next - notice)) {
		struct nx_line line = nx_line_at(at);

		next = nx_line_after(line);
		if (!is_quoted(line) || is_transcript(line)) {
			any = any || !nx_line_is_blank(line);
			continue;
		}
		next = block_end(line);
		if (any && is_mail(line, next))
			clear(at, next);
	}
}
