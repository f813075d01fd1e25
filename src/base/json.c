/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

/*
 * A struct nx_json is jansson's value under another name; its members are never
 * used. A root is held by a holder on the caller's context, everything else by
 * its container; a parsed value and all in it are held by memory of the
 * context.
 */

enum { MAX_DEPTH = 32, PIECE = 8 * 1024, ALIGNED = 16 };

struct json_holder {
	json_t *root;
};

static int free_holder(struct json_holder *holder)
{
	json_decref(holder->root);
	return 0;
}

/* jansson returns NULL and -1 when it is out of memory. */
static json_t *need(json_t *value)
{
	if (!value)
		abort();
	return value;
}

static json_t *inner(struct nx_json *value)
{
	return (json_t *)value;
}

static const json_t *peek(const struct nx_json *value)
{
	return (const json_t *)value;
}

static struct nx_json *hold(TALLOC_CTX *ctx, json_t *root)
{
	struct json_holder *holder = talloc_zero(ctx, struct json_holder);
	holder->root = need(root);
	talloc_set_destructor(holder, free_holder);
	return (struct nx_json *)root;
}

/* Seeds jansson's hash tables from the stack's address: otherwise jansson would
 * open /dev/urandom, which the sandbox forbids. Only the first call has an
 * effect. */
static void seed_hash(void)
{
	uintptr_t place = (uintptr_t)&place;
	uint32_t seed = (uint32_t)(place >> 4) * UINT32_C(2654435761);
	json_object_seed(seed | 1); /* 0 would make jansson choose one itself */
}

static json_t *new_object(void)
{
	seed_hash();
	return need(json_object());
}

/* One bad byte would make jansson refuse to write the whole document. */
static json_t *new_text(const char *value)
{
	if (nx_text_is_valid(value))
		return need(json_string_nocheck(value));
	size_t size = strlen(value);
	char *mended = nx_text_repair(NULL, value, size, size);
	json_t *text = need(json_string_nocheck(mended));
	talloc_free(mended);
	return text;
}

static void set(struct nx_json *object, const char *name, json_t *value)
{
	if (json_object_set_new_nocheck(inner(object), name, need(value)) < 0)
		abort();
}

static void append(struct nx_json *array, json_t *value)
{
	if (json_array_append_new(inner(array), need(value)) < 0)
		abort();
}

struct nx_json *nx_json_object_new(TALLOC_CTX *ctx)
{
	return hold(ctx, new_object());
}

struct nx_json *nx_json_array_new(TALLOC_CTX *ctx)
{
	return hold(ctx, json_array());
}

void nx_json_add_text(struct nx_json *object, const char *name,
                      const char *value)
{
	set(object, name, new_text(value));
}

void nx_json_add_number(struct nx_json *object, const char *name, int64_t value)
{
	set(object, name, json_integer(value));
}

void nx_json_add_bool(struct nx_json *object, const char *name, bool value)
{
	set(object, name, json_boolean(value));
}

void nx_json_add_null(struct nx_json *object, const char *name)
{
	set(object, name, json_null());
}

struct nx_json *nx_json_add_object(struct nx_json *object, const char *name)
{
	json_t *member = new_object();
	set(object, name, member);
	return (struct nx_json *)member;
}

struct nx_json *nx_json_add_array(struct nx_json *object, const char *name)
{
	json_t *member = json_array();
	set(object, name, member);
	return (struct nx_json *)member;
}

struct nx_json *nx_json_append_object(struct nx_json *array)
{
	json_t *item = new_object();
	append(array, item);
	return (struct nx_json *)item;
}

void nx_json_append_text(struct nx_json *array, const char *value)
{
	append(array, new_text(value));
}

struct buffer {
	char *bytes; /* a talloc array, with room for one NUL more */
	size_t used;
	size_t room;
};

static void put(struct buffer *buffer, const char *bytes, size_t size)
{
	if (size > buffer->room - buffer->used) {
		buffer->room = 2 * buffer->room + size;
		buffer->bytes = talloc_realloc(NULL, buffer->bytes, char,
		                               buffer->room + 1);
	}
	memcpy(buffer->bytes + buffer->used, bytes, size);
	buffer->used += size;
}

/* jansson escapes everything that is not printable ASCII, except DEL. */
static int put_piece(const char *bytes, size_t size, void *data)
{
	struct buffer *buffer = data;
	const char *del;
	while ((del = memchr(bytes, 0x7F, size))) {
		size_t before = (size_t)(del - bytes);
		put(buffer, bytes, before);
		put(buffer, "\\u007F", 6);
		bytes += before + 1;
		size -= before + 1;
	}
	put(buffer, bytes, size);
	return 0;
}

char *nx_json_write(TALLOC_CTX *ctx, const struct nx_json *value, int indent)
{
	struct buffer buffer = {.room = 1024};
	size_t flags = JSON_ENSURE_ASCII;
	flags |= indent > 0 ? JSON_INDENT((size_t)indent) : JSON_COMPACT;
	buffer.bytes = talloc_array(ctx, char, buffer.room + 1);
	if (json_dump_callback(peek(value), put_piece, &buffer, flags) < 0)
		abort(); /* out of memory, or a value contains itself */
	buffer.bytes[buffer.used] = '\0';
	return buffer.bytes;
}

/* The offset where a text first opens more containers than allowed, or its end:
 * jansson would follow it 2,048 levels down. */
static size_t find_too_deep(const char *text, size_t size)
{
	bool is_string = false;
	int depth = 0;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (is_string && c == '\\')
			i++;
		else if (c == '"')
			is_string = !is_string;
		else if (!is_string && (c == '[' || c == '{'))
			depth++;
		else if (!is_string && (c == ']' || c == '}'))
			depth--;
		if (depth > MAX_DEPTH)
			return i;
	}
	return size;
}

static bool refuse_depth(const char *text, size_t stop, struct nx_error *err)
{
	int line = 1, column = 1;
	for (size_t i = 0; i < stop; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return nx_error_set(err, NX_ERROR_DATA,
	                    "line %d, column %d: nested deeper than %d", line,
	                    column, MAX_DEPTH);
}

static bool refuse(const json_error_t *fault, struct nx_error *err)
{
	char *why = nx_text_escape(NULL, fault->text, true);
	nx_error_set(err, NX_ERROR_DATA, "line %d, column %d: %s", fault->line,
	             fault->column, why);
	talloc_free(why);
	return false;
}

/*
 * A parsed value is only read, so the memory that jansson requests while
 * parsing is cut from a few blocks and freed with them: a daemon parses a
 * record for every message, and each has about sixty parts.
 */
struct pieces {
	TALLOC_CTX *ctx;
	char *at;
	size_t left;
};

static _Thread_local struct pieces *parsing; /* NULL: no parse is running */

static void *cut(size_t size)
{
	if (parsing == NULL)
		return malloc(size);
	size = (size + ALIGNED - 1) & ~(size_t)(ALIGNED - 1);
	if (size > parsing->left) {
		parsing->left = size > PIECE ? size : PIECE;
		parsing->at = talloc_size(parsing->ctx, parsing->left);
	}
	char *out = parsing->at;
	parsing->at += size;
	parsing->left -= size;
	return out;
}

static void let_go(void *bytes)
{
	if (parsing == NULL)
		free(bytes);
}

static void use_pieces(void)
{
	json_set_alloc_funcs(cut, let_go);
}

static json_t *load(TALLOC_CTX *ctx, const char *text, size_t size,
                    json_error_t *fault)
{
	static once_flag once = ONCE_FLAG_INIT;
	struct pieces pieces = {.ctx = ctx};
	call_once(&once, use_pieces);
	parsing = &pieces;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, fault);
	parsing = NULL;
	return root;
}

bool nx_json_parse(TALLOC_CTX *ctx, const char *text, size_t size,
                   const struct nx_json **out, struct nx_error *err)
{
	json_error_t fault;
	size_t stop = find_too_deep(text, size);
	if (stop < size)
		return refuse_depth(text, stop, err);
	seed_hash();
	*out = (const struct nx_json *)load(ctx, text, size, &fault);
	return *out != NULL || refuse(&fault, err);
}

static const json_t *member(const struct nx_json *object, const char *name)
{
	return json_object_get(peek(object), name);
}

const char *nx_json_text(const struct nx_json *object, const char *name)
{
	const char *text = json_string_value(member(object, name));
	return text ? text : "";
}

int64_t nx_json_number(const struct nx_json *object, const char *name)
{
	return json_integer_value(member(object, name));
}

bool nx_json_is_true(const struct nx_json *object, const char *name)
{
	return json_is_true(member(object, name));
}

const struct nx_json *nx_json_member(const struct nx_json *object,
                                     const char *name)
{
	const json_t *value = member(object, name);
	bool is_container = json_is_object(value) || json_is_array(value);
	return is_container ? (const struct nx_json *)value : NULL;
}

size_t nx_json_count(const struct nx_json *array)
{
	return json_array_size(peek(array));
}

const struct nx_json *nx_json_item(const struct nx_json *array, size_t index)
{
	return (const struct nx_json *)json_array_get(peek(array), index);
}

const char *nx_json_item_text(const struct nx_json *array, size_t index)
{
	const char *text =
	        json_string_value(json_array_get(peek(array), index));
	return text ? text : "";
}
