/* SPDX-License-Identifier: ISC */
#include "event/content.h"

#include "base/text.h"
#include "event/raw_line.h"

#include <string.h>

/* A MiB that is read has at least half of it left as LF, and room for what was
 * added. */
enum { NAMED_SIZE = 256 * 1024 };

struct content {
	struct nx_digest_state state;
	bool is_named;         /* by a Message-ID or a date */
	const char *first_hop; /* its oldest Received header, or NULL */
	size_t line_ends;      /* not added yet: the last do not count */
	size_t left;           /* bytes that still count */
};

/* --- adding --------------------------------------------------------------- */

static void add(struct content *content, const char *bytes, size_t size)
{
	if (size > content->left)
		size = content->left;
	nx_digest_add(&content->state, bytes, size);
	content->left -= size;
}

static void add_line(struct content *content, struct nx_raw_line line)
{
	const struct nx_raw_line text = nx_raw_line_text(line);
	const size_t size = nx_raw_line_size(text);
	if (size > 0) {
		for (; content->line_ends > 0 && content->left > 0;
		     content->line_ends--)
			add(content, "\n", 1);
		add(content, text.at, size);
	}
	content->line_ends++;
}

/* An mbox has a ">" before the "From " that begins a line of a text. */
static struct nx_raw_line unquoted(struct nx_raw_line line)
{
	const char *at = line.at;
	while (at < line.end && *at == '>')
		at++;
	const struct nx_raw_line rest = {at, line.end};
	return nx_raw_line_begins(rest, "from ") ? rest : line;
}

/* --- the header ----------------------------------------------------------- */

static bool has_value(struct nx_raw_line line, const char *name)
{
	if (!nx_raw_line_begins(line, name))
		return false;
	line.at += strlen(name);
	while (line.at < line.end && nx_text_is_fold(*line.at))
		line.at++;
	return !nx_raw_line_ends_header(line);
}

/* A name counts wherever it stands: more may stand above it than counts. */
static void add_name(struct content *content, struct nx_raw_line line)
{
	const struct nx_raw_line text = nx_raw_line_text(line);
	content->is_named = true;
	nx_digest_add(&content->state, text.at, nx_raw_line_size(text));
}

static void look_at_header(struct content *content, struct nx_raw_line rest)
{
	struct nx_raw_line line = nx_raw_line_next(&rest);
	for (; !nx_raw_line_ends_header(line); line = nx_raw_line_next(&rest)) {
		if (has_value(line, "message-id:") || has_value(line, "date:"))
			add_name(content, line);
		if (nx_raw_line_begins(line, "received:"))
			content->first_hop = line.at;
	}
}

/* "RO" of a mail reader; "5.1.1" is part of what a report says. */
static bool is_flags(struct nx_raw_line line)
{
	if (!nx_raw_line_begins(line, "status:") &&
	    !nx_raw_line_begins(line, "x-status:"))
		return false;
	for (; line.at < line.end; line.at++)
		if (nx_text_is_digit(*line.at))
			return false;
	return true;
}

/* Whether those that pass a message on, or keep it, write that header. */
static bool is_of_the_way(const struct content *content,
                          struct nx_raw_line line)
{
	static const char *const names[] = {"received:",
	                                    "return-path:",
	                                    "delivered-to:",
	                                    "x-original-to:",
	                                    "envelope-to:",
	                                    "delivery-date:",
	                                    "x-received:",
	                                    "x-delivered-to:",
	                                    "x-envelope-to:",
	                                    "x-envelope-from:",
	                                    "x-sieve:",
	                                    "x-cyrus-session-id:",
	                                    "content-length:",
	                                    "lines:",
	                                    "x-keywords:",
	                                    "x-uid:",
	                                    "x-uidl:",
	                                    "x-imap:",
	                                    "x-imapbase:",
	                                    "x-mozilla-status:",
	                                    "x-mozilla-status2:",
	                                    "x-mozilla-keys:",
	                                    NULL};
	if (!content->is_named && line.at == content->first_hop)
		return false;
	return nx_raw_line_begins_any(line, names) || is_flags(line);
}

static void add_header(struct content *content, struct nx_raw_line *rest)
{
	bool skips = false;
	struct nx_raw_line line = nx_raw_line_next(rest);
	for (; !nx_raw_line_ends_header(line); line = nx_raw_line_next(rest)) {
		if (!nx_raw_line_is_folded(line))
			skips = is_of_the_way(content, line);
		if (!skips)
			add_line(content, line);
	}
	add_line(content, line);
}

void nx_event_content(const char *bytes, size_t size,
                      uint8_t out[NX_DIGEST_SIZE])
{
	struct nx_raw_line rest = {bytes, bytes + size};
	struct content content = {.is_named = false};
	nx_digest_init(&content.state);
	nx_raw_line_skip_framing(&rest);
	look_at_header(&content, rest);
	content.left = content.is_named ? NAMED_SIZE : SIZE_MAX;
	add_header(&content, &rest);
	while (rest.at < rest.end && content.left > 0)
		add_line(&content, unquoted(nx_raw_line_next(&rest)));
	nx_digest_end(&content.state, out);
}

void nx_event_digest(const char *recipient,
                     const uint8_t content[NX_DIGEST_SIZE],
                     uint8_t out[NX_DIGEST_SIZE])
{
	struct nx_digest_state state;
	nx_digest_init(&state);
	nx_digest_add(&state, recipient, strlen(recipient) + 1);
	nx_digest_add(&state, content, NX_DIGEST_SIZE);
	nx_digest_end(&state, out);
}
