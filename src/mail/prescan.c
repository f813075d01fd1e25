/* SPDX-License-Identifier: ISC */
#include "mail/prescan.h"

#include "base/text.h"
#include "mail/utf16.h"

#include <string.h>
#include <strings.h>

/*
 * Scans line by line. A line that could start a header counts as one wherever
 * it stands, because the parent does not know which parts are messages. Lines
 * where headers must be (at the top, after a line that starts with "--") have
 * the smaller budget.
 */
enum {
	ADDRESS_MARKS = 1000, /* commas or colons of one address header */
	ELSEWHERE = 10,       /* budget of lines that may not be headers */
	SUBSTITUTE = 0x1a     /* the control character SUB */
};

enum line_kind { PLAIN = 0, FIELD, ADDRESS, TYPE };

struct count {
	size_t fields;
	size_t addresses;
};

struct prescan {
	TALLOC_CTX *ctx;
	const char *at; /* what has not been scanned yet */
	const char *end;
	const char *first; /* what is kept: a stretch of the input … */
	char *copy;        /* … or, once something was left out, a copy */
	size_t kept;
	bool capped;
	size_t whole; /* size kept when the first thing was left out */
	bool header;  /* a header is expected here */
	struct count sure, maybe;
	size_t types, boundaries;
	/* for the field that the line belongs to */
	enum line_kind kind;
	bool broken; /* in the middle of a line that is too long */
	size_t room; /* bytes that it may still use */
	size_t marks;
};

struct stretch {
	char *bytes;
	size_t size;
};

struct raw_line {
	const char *text;
	size_t size;   /* including the line end */
	bool is_whole; /* the line end is there */
};

/* Room for everything left and for the line ends that are inserted. */
static void begin_copy(struct prescan *reader)
{
	size_t size = (size_t)(reader->end - reader->first);
	reader->copy =
	        talloc_size(reader->ctx, size + size / NX_PRESCAN_LINE + 16);
	memcpy(reader->copy, reader->first, reader->kept);
}

static void keep(struct prescan *reader, const char *text, size_t size)
{
	if (reader->copy == NULL && text == reader->first + reader->kept) {
		reader->kept += size;
		return;
	}
	if (reader->copy == NULL)
		begin_copy(reader);
	memcpy(reader->copy + reader->kept, text, size);
	reader->kept += size;
}

static void leave_out(struct prescan *reader)
{
	if (!reader->capped)
		reader->whole = reader->kept;
	reader->capped = true;
}

static struct raw_line next_line(struct prescan *reader)
{
	size_t left = (size_t)(reader->end - reader->at);
	size_t most = left < NX_PRESCAN_LINE ? left : NX_PRESCAN_LINE;
	struct raw_line line = {.text = reader->at, .size = most};
	const char *lf = memchr(line.text, '\n', most);
	if (lf != NULL)
		line.size = (size_t)(lf - line.text) + 1;
	line.is_whole = lf != NULL || most == left;
	reader->at += line.size;
	return line;
}

static bool is_empty(struct raw_line line)
{
	return *line.text == '\n' ||
	       (*line.text == '\r' && (line.size == 1 || line.text[1] == '\n'));
}

/* The length of the header name that the line starts with, or 0: up to the
 * first blank, with only blanks before the colon (RFC 5322 section 4.5). */
static size_t name_size(struct raw_line line)
{
	enum { NEAR = 16 }; /* a longer word is encoded data, as a rule */
	size_t name = 0;
	while (name < line.size && line.text[name] != ':' &&
	       !nx_text_is_fold(line.text[name])) {
		if (++name == NEAR &&
		    memchr(line.text + name, ':', line.size - name) == NULL)
			return 0;
	}
	size_t colon = name;
	while (colon < line.size && nx_text_is_fold(line.text[colon]))
		colon++;
	return colon < line.size && line.text[colon] == ':' ? name : 0;
}

static bool is_name(const char *text, size_t size, const char *name)
{
	return strlen(name) == size && strncasecmp(text, name, size) == 0;
}

/* Headers that the parser reads as lists of addresses. */
static bool is_address_name(const char *text, size_t size)
{
	static const char *const names[] = {"To",     "From", "Cc",
	                                    "Sender", "Bcc",  "Reply-To"};
	static const char first[] = "tTfFcCsSbBrR";
	if (memchr(first, *text, sizeof(first) - 1) == NULL)
		return false;
	if (size > 7 && strncasecmp(text, "Resent-", 7) == 0)
		return is_address_name(text + 7, size - 7);
	for (size_t i = 0; size <= 8 && i < sizeof(names) / sizeof(*names); i++)
		if (is_name(text, size, names[i]))
			return true;
	return false;
}

static enum line_kind kind_of(struct raw_line line)
{
	size_t size = name_size(line);
	if (size == 0)
		return PLAIN;
	if (is_name(line.text, size, "Content-Type"))
		return TYPE;
	return is_address_name(line.text, size) ? ADDRESS : FIELD;
}

static bool is_within(size_t count, size_t limit, bool sure)
{
	return count <= (sure ? limit : limit * ELSEWHERE);
}

/* Counts a new header; false when there are too many. */
static bool count_field(struct prescan *reader)
{
	bool sure = reader->header;
	struct count *count = sure ? &reader->sure : &reader->maybe;
	count->fields++;
	count->addresses += reader->kind == ADDRESS;
	reader->types += reader->kind == TYPE;
	if (reader->kind == ADDRESS &&
	    !is_within(count->addresses, NX_PRESCAN_ADDRESS_HEADERS, sure))
		return false;
	if (reader->kind == TYPE && reader->types > NX_PRESCAN_TYPES)
		return false;
	return is_within(count->fields, NX_PRESCAN_HEADERS, sure);
}

/* How much of a line of an address header may stay: nested groups make the
 * parser recurse, once per colon. */
static size_t address_size(struct prescan *reader, struct raw_line line)
{
	for (size_t i = 0; i < line.size; i++) {
		char c = line.text[i];
		reader->marks += c == ',' || c == ':';
		if (reader->marks > ADDRESS_MARKS)
			return i;
	}
	return line.size;
}

/* Keeps as much of a line of a header as is allowed; once something is cut off,
 * the rest of the header is left out. */
static void keep_field(struct prescan *reader, struct raw_line line)
{
	size_t size = line.size;
	reader->broken = !line.is_whole;
	if (reader->kind == ADDRESS && reader->room > 0)
		size = address_size(reader, line);
	if (size > reader->room)
		size = reader->room;
	keep(reader, line.text, size);
	reader->room -= size;
	if (size == line.size && line.is_whole)
		return;
	leave_out(reader);
	if (size > 0)
		keep(reader, "\n", 1);
	reader->room = 0;
}

static void keep_plain(struct prescan *reader, struct raw_line line)
{
	keep(reader, line.text, line.size);
	if (line.is_whole)
		return;
	leave_out(reader);
	keep(reader, "\n", 1);
}

static void start_field(struct prescan *reader, struct raw_line line)
{
	reader->kind = kind_of(line);
	reader->room = NX_PRESCAN_HEADER;
	reader->marks = 0;
	if (reader->kind == PLAIN) {
		keep_plain(reader, line);
		return;
	}
	if (!count_field(reader))
		reader->room = 0;
	keep_field(reader, line);
}

static void take_line(struct prescan *reader, struct raw_line line)
{
	if (reader->broken) {
		keep_field(reader, line);
		return;
	}
	if (is_empty(line)) {
		reader->header = false;
		reader->kind = PLAIN;
		reader->room = NX_PRESCAN_LINE;
		keep_plain(reader, line);
		return;
	}
	if (nx_text_is_fold(*line.text) &&
	    (reader->kind != PLAIN || reader->header)) {
		keep_field(reader, line);
		return;
	}
	if (line.size >= 2 && memcmp(line.text, "--", 2) == 0) {
		reader->header = true;
		if (++reader->boundaries > NX_PRESCAN_BOUNDARIES) {
			leave_out(reader);
			reader->room = 0;
			return;
		}
	}
	start_field(reader, line);
}

static bool starts(const struct prescan *reader, const char *word)
{
	size_t size = strlen(word);
	return (size_t)(reader->end - reader->at) >= size &&
	       memcmp(reader->at, word, size) == 0;
}

static struct raw_line peek_line(const struct prescan *reader)
{
	struct prescan ahead = *reader;
	return next_line(&ahead);
}

static bool is_white(struct raw_line line)
{
	size_t blanks = 0;
	while (blanks < line.size && nx_text_is_blank(line.text[blanks]))
		blanks++;
	return blanks > 0 && blanks == line.size;
}

/* Whether the line is a header that typically stands first in mail. */
static bool is_first_name(struct raw_line line)
{
	static const char *const names[] = {
	        "Return-Path", "Received", "Delivered-To", "X-Original-To",
	        "Envelope-To", "From",     "Date",         "Message-ID",
	        "Subject",     "To",       "MIME-Version",
	};
	size_t size = name_size(line);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_name(line.text, size, names[i]))
			return true;
	return false;
}

/* One line of a dialogue or a log, which is not a header, before two that
 * are. */
static bool is_stray(const struct prescan *reader)
{
	struct prescan ahead = *reader;
	if (name_size(next_line(&ahead)) > 0 || ahead.at == ahead.end ||
	    !is_first_name(next_line(&ahead)) || ahead.at == ahead.end)
		return false;
	struct raw_line third = next_line(&ahead);
	return nx_text_is_fold(*third.text) || name_size(third) > 0;
}

/* Skips what mailbox files and some senders put before the headers: a "From "
 * line, a byte order mark, empty or blank lines, or blanks before the first
 * header. */
static void skip_front(struct prescan *reader)
{
	for (;;) {
		if (starts(reader, "\xef\xbb\xbf"))
			reader->at += 3;
		else if (is_white(peek_line(reader)) ||
		         starts(reader, "From ") || starts(reader, ">From "))
			next_line(reader);
		else
			break;
	}
	if (is_stray(reader))
		next_line(reader);
	const char *first = reader->at;
	while (first < reader->end && nx_text_is_fold(*first))
		first++;
	struct raw_line line = peek_line(reader);
	line.size -= (size_t)(first - line.text);
	line.text = first;
	if (is_first_name(line))
		reader->at = first;
}

static size_t count_of(const char *bytes, size_t size, char c)
{
	size_t count = 0;
	const char *end = bytes + size;
	const char *at = memchr(bytes, c, size);
	for (; at != NULL; at = memchr(at + 1, c, (size_t)(end - at) - 1))
		count++;
	return count;
}

/* True when line ends are CR alone: more of them than of the others. */
static bool has_bare_cr(const char *bytes, size_t size)
{
	size_t bare = 0;
	const char *end = bytes + size;
	const char *at = memchr(bytes, '\r', size);
	for (; at != NULL; at = memchr(at + 1, '\r', (size_t)(end - at) - 1))
		bare += end - at > 1 && at[1] != '\n';
	return bare > 0 && bare > count_of(bytes, size, '\n');
}

/* The first of several NULs in a row, unless the line has nothing else. */
static bool is_damage(const char *bytes, size_t size, size_t at)
{
	if (at > 0 && bytes[at - 1] == '\0')
		return false;
	size_t end = at;
	while (end < size && bytes[end] == '\0')
		end++;
	bool begins = at == 0 || bytes[at - 1] == '\n';
	return !begins || (end < size && !nx_text_is_blank(bytes[end]));
}

/* The bytes of UTF-16 up to a boundary, which is in ASCII again. */
static size_t utf16_size(const char *bytes, size_t size)
{
	for (size_t i = 2; i + 2 < size; i++) {
		if (memcmp(bytes + i, "--", 2) != 0 || bytes[i + 2] == '\0')
			continue;
		if (bytes[i - 1] == '\n')
			return i - 1;
		if (bytes[i - 1] == '\0' && bytes[i - 2] == '\n')
			return i;
	}
	return size;
}

/* Writes lines of UTF-16 as UTF-8 when they start here; returns how many bytes
 * they were. */
static size_t take_utf16(TALLOC_CTX *ctx, struct stretch in,
                         struct stretch *out)
{
	enum nx_utf16 order = nx_utf16_order(in.bytes, in.size);
	if (order == NX_UTF16_NONE)
		return 0;
	size_t used = utf16_size(in.bytes, in.size);
	size_t size = used;
	char *text = nx_utf16_read(ctx, in.bytes, &size, order);
	memcpy(out->bytes + out->size, text, size);
	out->size += size;
	talloc_free(text);
	return used;
}

/* A copy with UTF-16 as UTF-8, and SUB in place of NULs (ECMA-6 section 7.1:
 * for what was lost), so that what they separate is not joined; a lone CR
 * becomes LF when asked for. */
static char *clean(TALLOC_CTX *ctx, const char *bytes, size_t *size,
                   bool turn_cr)
{
	struct stretch out = {talloc_size(ctx, *size / 2 * 3 + 2), 0};
	bool begins = true; /* a line begins here */
	for (size_t i = 0; i < *size; i++) {
		struct stretch rest = {(char *)bytes + i, *size - i};
		size_t used = begins ? take_utf16(ctx, rest, &out) : 0;
		if (used > 0) {
			i += used - 1;
			continue;
		}
		begins = bytes[i] == '\n';
		if (bytes[i] == '\0') {
			if (is_damage(bytes, *size, i))
				out.bytes[out.size++] = SUBSTITUTE;
			continue;
		}
		bool pair = i + 1 < *size && bytes[i + 1] == '\n';
		out.bytes[out.size++] = bytes[i];
		if (turn_cr && bytes[i] == '\r' && !pair)
			out.bytes[out.size - 1] = '\n';
	}
	*size = out.size;
	return out.bytes;
}

void nx_prescan_message(TALLOC_CTX *ctx, const char *bytes, size_t size,
                        struct nx_prescan *out)
{
	struct prescan reader = {.ctx = ctx};
	const bool too_long = size > NX_PRESCAN_BYTES;
	if (too_long)
		size = NX_PRESCAN_BYTES;
	bool has_nul = size > 0 && memchr(bytes, '\0', size) != NULL;
	bool turn_cr = size > 0 && has_bare_cr(bytes, size);
	if (has_nul || turn_cr)
		bytes = clean(ctx, bytes, &size, turn_cr);
	if (size > NX_PRESCAN_BYTES) { /* UTF-8 may be longer than UTF-16 */
		size = NX_PRESCAN_BYTES;
		reader.capped = true;
	}
	reader.at = size > 0 ? bytes : "";
	reader.end = reader.at + size;
	skip_front(&reader);
	reader.first = reader.at;
	reader.header = true;
	reader.room = NX_PRESCAN_HEADER;
	while (reader.at < reader.end)
		take_line(&reader, next_line(&reader));
	if (too_long)
		leave_out(&reader);
	out->bytes = reader.copy != NULL ? reader.copy : reader.first;
	out->size = reader.kept;
	out->capped = reader.capped;
	out->whole = reader.capped ? reader.whole : reader.kept;
}
