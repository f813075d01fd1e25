/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

/*
 * A struct nx_json is jansson's value under another name; its members are never
 * used. The value and all in it are held by memory of the context.
 */

enum { MAX_DEPTH = 32, PIECE = 8 * 1024, ALIGNED = 16 };

static const json_t *peek(const struct nx_json *value)
{
	return (const json_t *)value;
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

enum nx_json_kind nx_json_kind(const struct nx_json *object, const char *name)
{
	const json_t *value = member(object, name);
	if (value == NULL)
		return NX_JSON_NONE;
	switch (json_typeof(value)) {
	case JSON_STRING:
		return NX_JSON_TEXT;
	case JSON_INTEGER:
		return NX_JSON_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return NX_JSON_BOOL;
	case JSON_ARRAY:
		return NX_JSON_ARRAY;
	case JSON_OBJECT:
		return NX_JSON_OBJECT;
	case JSON_NULL:
	case JSON_REAL:
		break;
	}
	return NX_JSON_OTHER;
}

const char *nx_json_name(const struct nx_json *object, size_t index)
{
	json_t *value = (json_t *)object;
	void *at = json_object_iter(value);
	while (at != NULL && index-- > 0)
		at = json_object_iter_next(value, at);
	return json_object_iter_key(at);
}

const char *nx_json_item_text(const struct nx_json *array, size_t index)
{
	return json_string_value(json_array_get(peek(array), index));
}

bool nx_json_is_object(const struct nx_json *value)
{
	return json_is_object(peek(value));
}
