/* SPDX-License-Identifier: ISC */
#include "mail/header_split.h"

#include "base/text.h"
#include "mail/fields.h"
#include "mail/transfer.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char FIRST[] = "MIME-Version: 1.0\n";
static const char MIME[] = "Content-";

struct header_line {
	const char *text;
	size_t size; /* including the line end */
};

enum header_kind { FIELD, MIME_FIELD, FOLD, BLANK, OTHER };

static struct header_line line_at(const char *at, const char *end)
{
	const char *lf = memchr(at, '\n', (size_t)(end - at));
	return (struct header_line){at, (size_t)((lf ? lf + 1 : end) - at)};
}

size_t nx_header_split_size(const char *mail, size_t size)
{
	const char *at = mail;
	const char *end = mail + size;
	while (at < end && nx_text_is_blank(*at))
		at++;
	while (at < end && *at != '\n' && *at != '\r')
		at += line_at(at, end).size;
	return (size_t)(at - mail);
}

static bool is_blank(struct header_line line)
{
	for (size_t i = 0; i < line.size; i++)
		if (!nx_text_is_blank(line.text[i]))
			return false;
	return true;
}

static bool is_field(struct header_line line)
{
	const char *colon;
	return nx_fields_name_size(line.text, line.text + line.size, &colon) >
	       0;
}

static enum header_kind kind_of(struct header_line line)
{
	if (is_blank(line))
		return BLANK;
	if (nx_text_is_blank(*line.text))
		return FOLD;
	if (!is_field(line))
		return OTHER;
	bool is_mime = line.size >= sizeof(MIME) &&
	               strncasecmp(line.text, MIME, strlen(MIME)) == 0;
	return is_mime ? MIME_FIELD : FIELD;
}

static char *put(char *to, struct header_line line)
{
	memcpy(to, line.text, line.size);
	return to + line.size;
}

struct nx_header_split nx_header_split(TALLOC_CTX *ctx, const char *bytes,
                                       size_t size)
{
	const char *end = bytes + nx_header_split_size(bytes, size);
	char *fields = talloc_size(ctx, (size_t)(end - bytes) + 1);
	char *reduced = talloc_size(ctx, size + sizeof(FIRST));
	char *field = fields;
	char *kept = stpcpy(reduced, FIRST);
	bool is_kept = true; /* a fold is kept or dropped with its field */
	bool is_reduced = false;

	for (const char *at = bytes; at < end;) {
		struct header_line line = line_at(at, end);
		enum header_kind kind = kind_of(line);
		if (at == bytes)
			is_reduced = kind == FIELD || kind == MIME_FIELD;
		if (kind != FOLD)
			is_kept = kind == MIME_FIELD || kind == OTHER;
		if (kind != BLANK)
			field = put(field, line);
		if (kind != BLANK && is_kept)
			kept = put(kept, line);
		at += line.size;
	}
	*field = '\0';
	if (!is_reduced)
		return (struct nx_header_split){fields, bytes, size};
	kept = put(kept,
	           (struct header_line){end, (size_t)(bytes + size - end)});
	return (struct nx_header_split){fields, reduced,
	                                (size_t)(kept - reduced)};
}

/* The boundary in the line, or a size of 0. */
static struct header_line boundary_of(struct header_line line)
{
	static const char mark[] = "--";
	static const size_t longest = 200;
	while (line.size > 0 && nx_text_is_blank(line.text[line.size - 1]))
		line.size--;
	if (line.size < sizeof(mark) || line.size > longest ||
	    memcmp(line.text, mark, strlen(mark)) != 0 ||
	    memchr(line.text, '"', line.size) != NULL ||
	    memchr(line.text, '\\', line.size) != NULL)
		return (struct header_line){line.text, 0};
	return (struct header_line){line.text + strlen(mark),
	                            line.size - strlen(mark)};
}

static struct header_line find_boundary(const char *body, const char *end)
{
	struct header_line boundary = {body, 0};
	for (const char *at = body; at < end;) {
		struct header_line line = line_at(at, end);
		if (boundary.size > 0 && kind_of(line) == MIME_FIELD)
			return boundary;
		boundary = boundary_of(line);
		at += line.size;
	}
	return (struct header_line){body, 0};
}

void nx_header_split_mend(TALLOC_CTX *ctx, const char *body, size_t size,
                          struct nx_prescan *out)
{
	bool ignored;
	body = nx_transfer_read(ctx, NX_TRANSFER_NONE, body, &size, size,
	                        &ignored);
	struct header_line boundary = find_boundary(body, body + size);
	*out = (struct nx_prescan){.bytes = ""};
	if (boundary.size == 0)
		return;
	char *mended = talloc_asprintf(
	        ctx, "Content-Type: multipart/mixed; boundary=\"%.*s\"\n\n",
	        (int)boundary.size, boundary.text);
	mended = talloc_strndup_append(mended, body, size);
	nx_prescan_message(ctx, mended, strlen(mended), out);
}
