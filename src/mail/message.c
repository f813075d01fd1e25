/* SPDX-License-Identifier: ISC */
#include "mail/message.h"

#include "base/text.h"
#include "mail/charset.h"
#include "mail/encoded_word.h"
#include "mail/header_split.h"
#include "mail/part_type.h"
#include "mail/transfer.h"

#include <gmime/gmime.h>
#include <stdatomic.h>
#include <string.h>

enum {
	HEADERS = 200,
	HEADER_TEXT = 16 * 1024,
	WORD_TEXT = 256,
	CHARACTER = 4 /* bytes of one character, at most */
};

struct reader {
	TALLOC_CTX *ctx;
	struct nx_message *message;
	struct nx_part *part; /* grows; count and room */
	size_t parts, room;
	size_t prose; /* bytes of a part that is written for people */
	size_t text_left;
	bool has_status; /* a part for machines has been read */
	bool is_mended;  /* an undeclared boundary was found */
	/* The first part after it: what the report returns. */
	const char *returned;
};

struct bytes {
	const char *text;
	size_t size;
	bool cut; /* there is more */
};

/* A returned mail is not evidence: only its headers are needed, so GMime is
 * told to keep it in one piece instead of parsing it. */
static void keep_returned_whole(void)
{
	g_mime_object_register_type("message", "rfc822", GMIME_TYPE_PART);
	g_mime_object_register_type("message", "global", GMIME_TYPE_PART);
	g_mime_object_register_type("message", "news", GMIME_TYPE_PART);
}

/* Present in a build with LeakSanitizer only. GMime does not free its own
 * entries for the types that are registered again: a few bytes, once. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

void nx_message_start(void)
{
	if (__lsan_disable)
		__lsan_disable();
	g_mime_init();
	if (__lsan_enable)
		__lsan_enable();
	keep_returned_whole();
}

void nx_message_start_charsets(void)
{
	nx_charset_start();
}

bool nx_message_lacked_charset(void)
{
	return nx_charset_lacked();
}

static const char *lower(TALLOC_CTX *ctx, const char *text)
{
	if (text == NULL || *text == '\0')
		return "";
	return nx_text_lower(
	        ctx, nx_text_repair(ctx, text, strlen(text), WORD_TEXT));
}

/* The fields of a head, with decoded values. */
static struct nx_fields read_fields(struct reader *reader, const char *head,
                                    bool *cut)
{
	struct nx_fields fields = nx_fields_parse(reader->ctx, head, NULL);
	*cut = fields.count > HEADERS;
	if (*cut)
		fields.count = HEADERS;
	return nx_encoded_word_fields(reader->ctx, fields);
}

/* The content of a part as it is in the message, not copied. */
static struct bytes raw_content(GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	if (wrapper == NULL)
		return (struct bytes){.text = ""};
	GMimeStream *stream = g_mime_data_wrapper_get_stream(wrapper);
	if (stream == NULL || !GMIME_IS_STREAM_MEM(stream))
		return (struct bytes){.text = ""};
	GByteArray *all =
	        g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	gint64 start = stream->bound_start;
	gint64 end = stream->bound_end < 0 ? all->len : stream->bound_end;
	if (start < 0 || end > all->len || end <= start)
		return (struct bytes){.text = ""};
	return (struct bytes){.text = (const char *)all->data + start,
	                      .size = (size_t)(end - start)};
}

static enum nx_transfer encoding_of(GMimePart *part)
{
	switch (g_mime_part_get_content_encoding(part)) {
	case GMIME_CONTENT_ENCODING_BASE64:
		return NX_TRANSFER_BASE64;
	case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
		return NX_TRANSFER_QUOTED;
	default:
		return NX_TRANSFER_NONE;
	}
}

/* The content without its transfer encoding. */
static struct bytes content(struct reader *reader, GMimePart *part,
                            size_t limit)
{
	struct bytes bytes = raw_content(part);
	bytes.text =
	        nx_transfer_read(reader->ctx, encoding_of(part), bytes.text,
	                         &bytes.size, limit, &bytes.cut);
	return bytes;
}

static size_t text_limit(const struct reader *reader)
{
	return reader->prose < reader->text_left ? reader->prose
	                                         : reader->text_left;
}

/* The bytes as text, which may end in the middle of what one byte became. */
static struct bytes text_of(struct reader *reader, const char *label,
                            struct bytes bytes, size_t limit)
{
	const char *text = nx_charset_text(reader->ctx, label, bytes.text,
	                                   bytes.size, limit);
	const size_t size = strlen(text);
	const bool full = size + CHARACTER > limit;
	return (struct bytes){.text = text,
	                      .size = size,
	                      .cut = bytes.cut || bytes.size > limit ||
	                             (full && size != bytes.size)};
}

static struct bytes part_text(struct reader *reader, GMimePart *part,
                              size_t limit)
{
	GMimeContentType *type =
	        g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *label = g_mime_content_type_get_parameter(type, "charset");
	struct bytes bytes = content(reader, part, limit);
	if (label == NULL && g_mime_content_type_is_type(type, "text", "html"))
		label = nx_charset_of_html(reader->ctx, bytes.text, bytes.size);
	return text_of(reader, label != NULL ? label : "", bytes, limit);
}

static struct nx_fields returned_headers(struct reader *reader,
                                         struct bytes bytes)
{
	bool ignored;
	size_t size = nx_header_split_size(bytes.text, bytes.size);
	return read_fields(reader,
	                   nx_charset_text(reader->ctx, "", bytes.text, size,
	                                   text_limit(reader)),
	                   &ignored);
}

static void read_returned(struct reader *reader, GMimePart *leaf,
                          struct nx_part *part)
{
	struct bytes mail = content(reader, leaf, reader->text_left);
	part->headers = returned_headers(reader, mail);
	part->raw = mail.text;
	part->raw_size = mail.size;
}

static void read_text(struct reader *reader, GMimePart *leaf,
                      struct nx_part *part)
{
	bool is_status = nx_part_type_is_status(part->type);
	bool known = is_status || nx_part_type_is_text(part->type);
	if (!known && !nx_part_may_be_status(part->type))
		return;
	struct bytes text =
	        part_text(reader, leaf,
	                  is_status ? reader->text_left : text_limit(reader));
	if (!is_status && (text.cut || !known))
		is_status = nx_part_is_status(text.text);
	if (!known && !is_status)
		return;
	if (is_status && text.cut)
		text = part_text(reader, leaf, reader->text_left);
	reader->message->truncated |= is_status && text.cut;
	reader->has_status |= is_status;
	part->text = text.text;
	part->cut = text.cut;
	reader->text_left -= text.size;
}

static void read_leaf(struct reader *reader, GMimePart *leaf,
                      struct nx_part *part)
{
	const char *name = g_mime_part_get_filename(leaf);
	if (name != NULL)
		part->file_name = nx_text_repair(reader->ctx, name,
		                                 strlen(name), WORD_TEXT);
	if (reader->has_status && reader->returned == NULL &&
	    !nx_part_type_is_status(part->type) && raw_content(leaf).size > 0)
		reader->returned = raw_content(leaf).text;
	if (reader->text_left == 0)
		reader->message->truncated = true;
	else if (nx_part_is_returned(part->type, part->file_name))
		read_returned(reader, leaf, part);
	else
		read_text(reader, leaf, part);
}

static const char *type_of(struct reader *reader, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *media = g_mime_content_type_get_media_type(type);
	const char *sub = g_mime_content_type_get_media_subtype(type);
	char *raw = talloc_strdup(reader->ctx, media != NULL ? media : "");
	raw = talloc_strdup_append_buffer(raw, "/");
	raw = talloc_strdup_append_buffer(raw, sub != NULL ? sub : "");
	const char *name = lower(reader->ctx, raw);
	/* "Content-Type: text" is read as text, but named a stream */
	if (GMIME_IS_TEXT_PART(object) && strncmp(name, "text/", 5) != 0)
		return "text/plain";
	return name;
}

static const char *description_of(struct reader *reader, GMimeObject *object)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	        g_mime_object_get_header_list(object), "Content-Description");
	const char *raw =
	        header != NULL ? g_mime_header_get_raw_value(header) : NULL;
	if (raw == NULL)
		return "";
	return nx_encoded_word_text(
	        reader->ctx, "",
	        nx_text_squeeze(reader->ctx, raw, HEADER_TEXT));
}

/* The last parser is kept for the next message, since making one costs a
 * twentieth of a message. It still holds the last stream, but does not read it
 * again. Threads take it from each other as a whole. */
static _Atomic(GMimeParser *) spare;

static GMimeParser *take_parser(GMimeStream *stream)
{
	GMimeParser *parser = atomic_exchange(&spare, NULL);
	if (parser == NULL)
		parser = g_mime_parser_new_with_stream(stream);
	else
		g_mime_parser_init_with_stream(parser, stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	return parser;
}

static void keep_parser(GMimeParser *parser)
{
	parser = atomic_exchange(&spare, parser);
	if (parser != NULL)
		g_object_unref(parser);
}

/* The parsed bytes, which are used in place: the array belongs to this struct.
 * top is NULL when they have no headers. */
struct parsed {
	GMimeObject *top;
	GByteArray *array;
};

static struct parsed parse(const char *bytes, size_t size)
{
	GByteArray *array = g_byte_array_new_take((guint8 *)bytes, size);
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(array);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	GMimeParser *parser = take_parser(stream);
	GMimeObject *top = g_mime_parser_construct_part(parser, NULL);
	keep_parser(parser);
	g_object_unref(stream);
	return (struct parsed){top, array};
}

static void end_parsed(struct parsed parsed)
{
	if (parsed.top != NULL)
		g_object_unref(parsed.top);
	g_byte_array_free(parsed.array, FALSE);
}

/* Adds a part at the end of the list; the pointer is valid until the next. */
static struct nx_part *add_part(struct reader *reader, size_t parent, int depth)
{
	if (reader->parts == reader->room) {
		reader->room = reader->room == 0 ? 8 : reader->room * 2;
		reader->part = talloc_realloc(reader->ctx, reader->part,
		                              struct nx_part, reader->room);
	}
	struct nx_part *part = &reader->part[reader->parts++];
	*part = (struct nx_part){.type = "text/plain",
	                         .disposition = "",
	                         .file_name = "",
	                         .description = "",
	                         .text = "",
	                         .raw = "",
	                         .depth = depth,
	                         .parent = parent};
	return part;
}

static void read_part(struct reader *reader, GMimeObject *object, size_t parent,
                      int depth);

static void read_multipart(struct reader *reader, GMimeMultipart *multipart,
                           size_t index, int depth);

/* A multipart without its boundary: another boundary that is in it is used
 * instead, once; otherwise it is all text. */
static void read_unbound(struct reader *reader, struct bytes body, size_t index,
                         int depth)
{
	struct nx_prescan prescan = {.bytes = ""};
	if (!reader->is_mended)
		nx_header_split_mend(reader->ctx, body.text, body.size,
		                     &prescan);
	reader->is_mended = true;
	struct parsed parsed = parse(prescan.bytes, prescan.size);
	if (parsed.top != NULL && GMIME_IS_MULTIPART(parsed.top)) {
		read_multipart(reader, GMIME_MULTIPART(parsed.top), index,
		               depth);
		reader->returned = NULL; /* it is not in the message */
	} else {
		struct nx_part *part = &reader->part[index];
		body = text_of(reader, "", body, text_limit(reader));
		part->text = body.text;
		part->cut = body.cut;
		reader->text_left -= body.size;
	}
	end_parsed(parsed);
}

static void read_multipart(struct reader *reader, GMimeMultipart *multipart,
                           size_t index, int depth)
{
	struct nx_part *part = &reader->part[index];
	int count = g_mime_multipart_get_count(multipart);
	if (strcmp(part->type, "multipart/report") == 0 &&
	    *reader->message->report_type == '\0')
		reader->message->report_type =
		        lower(reader->ctx,
		              g_mime_object_get_content_type_parameter(
		                      GMIME_OBJECT(multipart), "report-type"));
	const char *prologue = g_mime_multipart_get_prologue(multipart);
	if (count == 0 && prologue != NULL)
		read_unbound(reader,
		             (struct bytes){prologue, strlen(prologue), false},
		             index, depth);
	for (int i = 0; i < count; i++)
		read_part(reader, g_mime_multipart_get_part(multipart, i),
		          index, depth + 1);
}

static void read_part(struct reader *reader, GMimeObject *object, size_t parent,
                      int depth)
{
	if (object == NULL)
		return;
	if (depth > NX_MESSAGE_DEPTH || reader->parts >= NX_MESSAGE_PARTS) {
		reader->message->truncated = true;
		return;
	}
	size_t index = reader->parts;
	struct nx_part *part = add_part(reader, parent, depth);
	part->type = type_of(reader, object);
	part->description = description_of(reader, object);
	if (g_mime_object_get_content_disposition(object) != NULL)
		part->disposition = lower(
		        reader->ctx, g_mime_object_get_disposition(object));
	if (GMIME_IS_MULTIPART(object))
		read_multipart(reader, GMIME_MULTIPART(object), index, depth);
	else if (GMIME_IS_PART(object) &&
	         strstr(part->type, "part/") != NULL) /* "mutlipart/report" */
		read_unbound(reader, raw_content(GMIME_PART(object)), index,
		             depth);
	else if (GMIME_IS_PART(object))
		read_leaf(reader, GMIME_PART(object), part);
}

/* Bytes without any headers are read as text. */
static void read_bare(struct reader *reader, struct bytes bytes)
{
	struct nx_part *part = add_part(reader, 0, 0);
	struct bytes text = text_of(reader, "", bytes, text_limit(reader));
	part->text = text.text;
	part->cut = text.cut;
}

/* Notes what the pre-scan left out, by places counted from the end: the same
 * bytes follow there in both. */
static void note_cut(struct reader *reader, const struct nx_prescan *prescan,
                     const char *end)
{
	const size_t behind = prescan->size - prescan->whole;
	const bool is_returned = reader->returned != NULL &&
	                         behind < (size_t)(end - reader->returned);
	if (is_returned)
		return;
	if (reader->parts == 1 && *reader->part->text != '\0')
		reader->part->cut = true;
	else
		reader->message->truncated = true;
}

/* Parses the message as a part: as a message its address headers would be
 * parsed too, by a function that recurses for every group. */
static void read_bytes(struct reader *reader, const struct nx_prescan *prescan)
{
	struct nx_header_split head =
	        nx_header_split(reader->ctx, prescan->bytes, prescan->size);
	struct parsed parsed = parse(head.bytes, head.size);
	if (parsed.top != NULL) {
		bool cut;
		reader->message->headers =
		        read_fields(reader, head.fields, &cut);
		reader->message->truncated |= cut;
		read_part(reader, parsed.top, 0, 0);
	} else {
		read_bare(reader,
		          (struct bytes){prescan->bytes, prescan->size, false});
	}
	if (prescan->capped)
		note_cut(reader, prescan, head.bytes + head.size);
	end_parsed(parsed);
}

static struct nx_envelope copy_envelope(TALLOC_CTX *ctx,
                                        const struct nx_envelope *from)
{
	if (from == NULL)
		return (struct nx_envelope){.sender = "",
		                            .recipient = "",
		                            .original_recipient = "",
		                            .queue_id = ""};
	struct nx_envelope copy = *from;
	copy.sender = talloc_strdup(ctx, from->sender);
	copy.recipient = talloc_strdup(ctx, from->recipient);
	copy.original_recipient = talloc_strdup(ctx, from->original_recipient);
	copy.queue_id = talloc_strdup(ctx, from->queue_id);
	return copy;
}

const struct nx_message *nx_message_read(TALLOC_CTX *ctx,
                                         const struct nx_prescan *prescan,
                                         size_t prose,
                                         const struct nx_envelope *envelope)
{
	struct nx_message *message = talloc_zero(ctx, struct nx_message);
	struct reader reader = {.ctx = message,
	                        .message = message,
	                        .prose = prose,
	                        .text_left = NX_MESSAGE_ALL_TEXT};
	message->report_type = "";
	message->envelope = copy_envelope(message, envelope);
	if (prescan->size > 0)
		read_bytes(&reader, prescan);
	message->part = reader.part;
	message->parts = reader.parts;
	return message;
}

const char *nx_message_header(const struct nx_message *message,
                              const char *name)
{
	return nx_fields_get(&message->headers, name);
}
