/* SPDX-License-Identifier: ISC */
#include "mail/encoded_word.h"

#include "base/text.h"
#include "mail/charset.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_CHARSET = 40 };

struct word { /* "=?charset?B?text?=" */
	char charset[WORD_CHARSET];
	bool base64;
	const char *text;
	size_t size;
	const char *end; /* after it */
};

struct word_writer {
	TALLOC_CTX *ctx;
	char *to; /* where the decoded text continues */
	bool address;
	/* bytes of consecutive words with one character set: a character may be
	 * split between them */
	char charset[WORD_CHARSET];
	char *bytes;
	size_t size;
	const char *raw; /* where these words start, as written */
};

static const char *find_end(const char *from, const char *end)
{
	for (; end - from >= 2; from++)
		if (from[0] == '?' && from[1] == '=')
			return from;
	return NULL;
}

static bool read_charset(const char **at, const char *end, struct word *word)
{
	size_t n = 0;
	while (*at<end &&* * at> ' ' && **at != '?' && **at != '*') {
		if (n == WORD_CHARSET - 1)
			return false;
		word->charset[n++] = *(*at)++;
	}
	word->charset[n] = '\0';
	while (*at<end &&* * at> ' ' && **at != '?')
		(*at)++;
	return n > 0 && *at < end && **at == '?';
}

static bool read_word(const char *at, const char *end, struct word *out)
{
	at += 2;
	if (!read_charset(&at, end, out) || end - at < 3 || at[2] != '?')
		return false;
	char encoding = nx_text_to_lower(at[1]);
	if (encoding != 'b' && encoding != 'q')
		return false;
	out->base64 = encoding == 'b';
	out->text = at + 3;
	const char *stop = find_end(out->text, end);
	if (stop == NULL)
		return false;
	out->size = (size_t)(stop - out->text);
	out->end = stop + 2;
	return true;
}

static size_t decode_quoted(const struct word *word, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < word->size; i++) {
		char c = word->text[i];
		int byte = c == '=' ? nx_text_hex_byte(word->text + i + 1,
		                                       word->size - i - 1)
		                    : -1;
		if (byte >= 0) {
			c = (char)byte;
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		out[n++] = c;
	}
	return n;
}

static void append(struct word_writer *out, const char *text, size_t size)
{
	memcpy(out->to, text, size);
	out->to += size;
}

/* Ends a sequence of words; up_to is where it ends as written. */
static void flush(struct word_writer *out, const char *up_to)
{
	if (out->raw == NULL)
		return;
	char *text = nx_charset_text(out->ctx, out->charset, out->bytes,
	                             out->size, out->size * 3);
	for (char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	if (out->address && strpbrk(text, "<>@,;:\"()[]\\") != NULL)
		append(out, out->raw, (size_t)(up_to - out->raw));
	else
		append(out, text, strlen(text));
	talloc_free(text);
	out->raw = NULL;
	out->size = 0;
}

static void add_word(struct word_writer *out, const char *at,
                     const struct word *word, const char *row_end)
{
	if (out->raw != NULL && !nx_text_equal(out->charset, word->charset))
		flush(out, row_end);
	if (out->raw == NULL)
		out->raw = at;
	memcpy(out->charset, word->charset, WORD_CHARSET);
	char *to = out->bytes + out->size;
	out->size += word->base64 ? nx_text_base64(word->text, word->size, to)
	                          : decode_quoted(word, to);
}

static bool all_blank(const char *from, const char *to)
{
	while (from < to && nx_text_is_blank(*from))
		from++;
	return from == to;
}

static const char *find_start(const char *from, const char *end)
{
	for (; end - from >= 2; from++)
		if (from[0] == '=' && from[1] == '?')
			return from;
	return NULL;
}

/* After the last place where a word could end. */
static const char *last_end(const char *from, const char *end)
{
	while (end - from >= 2 && (end[-2] != '?' || end[-1] != '='))
		end--;
	return end;
}

/* Blanks between two words are not part of the text. */
static void decode(struct word_writer *out, const char *value, const char *end)
{
	const char *done = value; /* everything before is written */
	const char *last = last_end(value, end);
	const char *at = find_start(value, last);
	while (at != NULL) {
		struct word word;
		if (!read_word(at, last, &word)) {
			at = find_start(at + 2, last);
			continue;
		}
		bool joins = out->raw != NULL && all_blank(done, at);
		if (!joins) {
			flush(out, done);
			append(out, done, (size_t)(at - done));
		}
		add_word(out, at, &word, done);
		done = word.end;
		at = find_start(done, last);
	}
	flush(out, done);
	append(out, done, (size_t)(end - done));
}

static bool holds_addresses(const char *name)
{
	static const char *const names[] = {
	        "From",        "To",          "Cc",           "Sender",
	        "Reply-To",    "Return-Path", "Delivered-To", "X-Original-To",
	        "Envelope-To", "Errors-To",   "Bcc",
	};
	if (nx_text_starts(name, "Resent-"))
		name += 7;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (nx_text_equal(name, names[i]))
			return true;
	return false;
}

static const char *decode_value(TALLOC_CTX *ctx, const char *name,
                                const char *value, size_t size, size_t limit)
{
	if (size > limit)
		size = limit;
	const char *clean = nx_charset_text(ctx, "", value, size, limit);
	if (strstr(clean, "=?") == NULL)
		return clean;
	size = strlen(clean);
	/* a byte of a word becomes three at most */
	char *text = talloc_size(ctx, size * 3 + 1);
	struct word_writer out = {.ctx = ctx,
	                          .to = text,
	                          .address = holds_addresses(name),
	                          .bytes = talloc_size(ctx, size + 1)};
	decode(&out, clean, clean + size);
	talloc_free(out.bytes);
	return nx_text_repair(ctx, text, (size_t)(out.to - text), limit);
}

const char *nx_encoded_word_text(TALLOC_CTX *ctx, const char *name,
                                 const char *value)
{
	enum { LIMIT = 16 * 1024 };
	size_t size = strlen(value);
	if (size <= LIMIT && strstr(value, "=?") == NULL &&
	    nx_text_is_ascii(value, size))
		return value;
	return decode_value(ctx, name, value, size, LIMIT);
}

struct nx_fields nx_encoded_word_fields(TALLOC_CTX *ctx,
                                        struct nx_fields fields)
{
	struct nx_field *item =
	        talloc_array(ctx, struct nx_field, fields.count + 1);
	for (size_t i = 0; i < fields.count; i++) {
		const struct nx_field *raw = &fields.item[i];
		item[i] = (struct nx_field){
		        raw->name,
		        nx_encoded_word_text(ctx, raw->name, raw->value)};
	}
	return (struct nx_fields){item, fields.count};
}
