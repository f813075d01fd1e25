/* SPDX-License-Identifier: ISC */
#include "base/yaml.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

enum { MAX_SIZE = 1 << 20, MAX_DEPTH = 16, MAX_NODES = 200000 };

/* A LIST or MAP that has not ended yet. */
struct frame {
	struct nx_yaml *node;
	const struct nx_yaml **tail; /* where the next child is linked */
};

/* A key whose value has not been read yet; there is at most one, since the
 * value takes it when it begins. */
struct key {
	const char *text; /* NULL: there is none */
	yaml_mark_t mark;
};

struct yaml_reader {
	yaml_parser_t parser;
	TALLOC_CTX *tree; /* context of all nodes and their text */
	const char *file;
	struct nx_error *err;
	struct nx_yaml *root;
	struct key key;
	bool has_document;
	size_t nodes;
	size_t depth;
	struct frame stack[MAX_DEPTH];
};

static bool refuse_at(struct yaml_reader *r, size_t line, size_t column,
                      const char *why)
{
	struct nx_yaml place = {.file = r->file,
	                        .line = (int)line + 1,
	                        .column = (int)column + 1};
	return nx_yaml_error(r->err, &place, "%s", why);
}

static bool refuse(struct yaml_reader *r, const yaml_event_t *event,
                   const char *why)
{
	return refuse_at(r, event->start_mark.line, event->start_mark.column,
	                 why);
}

/* For this error libyaml knows only the byte at which its reader stopped. */
static bool refuse_byte(struct yaml_reader *r, const char *text, size_t size)
{
	size_t line = 0, column = 0;
	size_t stop = r->parser.problem_offset;
	for (size_t i = 0; i < size && i < stop; i++) {
		if (text[i] == '\n') {
			line++;
			column = 0;
		} else if (!nx_text_continues(text[i])) {
			column++;
		}
	}
	return refuse_at(r, line, column, r->parser.problem);
}

static bool refuse_syntax(struct yaml_reader *r, const char *text, size_t size)
{
	const yaml_mark_t *mark = &r->parser.problem_mark;
	switch (r->parser.error) {
	case YAML_MEMORY_ERROR:
		return nx_error_set(r->err, NX_ERROR_TEMPORARY,
		                    "%s: out of memory", r->file);
	case YAML_READER_ERROR:
		return refuse_byte(r, text, size);
	case YAML_NO_ERROR:
	case YAML_SCANNER_ERROR:
	case YAML_PARSER_ERROR:
	case YAML_COMPOSER_ERROR:
	case YAML_WRITER_ERROR:
	case YAML_EMITTER_ERROR:
		break;
	}
	return refuse_at(r, mark->line, mark->column,
	                 r->parser.problem ? r->parser.problem : "bad syntax");
}

static struct frame *innermost(struct yaml_reader *r)
{
	return r->depth > 0 ? &r->stack[r->depth - 1] : NULL;
}

static bool wants_key(struct yaml_reader *r)
{
	struct frame *frame = innermost(r);
	return frame && frame->node->kind == NX_YAML_MAP && !r->key.text;
}

static void link_node(struct yaml_reader *r, struct nx_yaml *node)
{
	struct frame *frame = innermost(r);
	if (!frame) {
		r->root = node;
		return;
	}
	if (r->key.text) {
		node->key = r->key.text;
		node->key_line = (int)r->key.mark.line + 1;
		node->key_column = (int)r->key.mark.column + 1;
		r->key.text = NULL;
	}
	*frame->tail = node;
	frame->tail = &node->next;
	frame->node->count++;
}

static struct nx_yaml *add_node(struct yaml_reader *r, enum nx_yaml_kind kind,
                                yaml_mark_t mark)
{
	struct nx_yaml *node = talloc_zero(r->tree, struct nx_yaml);
	node->kind = kind;
	node->line = (int)mark.line + 1;
	node->column = (int)mark.column + 1;
	node->file = r->file;
	node->key = node->text = "";
	link_node(r, node);
	return node;
}

/* Checks what holds for every node. */
static bool check_node(struct yaml_reader *r, const yaml_event_t *event,
                       const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return refuse(r, event, "anchors are not allowed");
	if (tag)
		return refuse(r, event, "tags are not allowed");
	if (++r->nodes > MAX_NODES)
		return refuse(r, event, "more than 200000 nodes");
	return true;
}

static bool take_key(struct yaml_reader *r, const yaml_event_t *event,
                     const char *text)
{
	bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (!*text)
		return refuse(r, event, "a key must not be empty");
	if (is_plain && strcmp(text, "<<") == 0)
		return refuse(r, event, "merge keys are not allowed");
	r->key.text = text;
	r->key.mark = event->start_mark;
	return true;
}

static bool take_scalar(struct yaml_reader *r, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t size = event->data.scalar.length;
	if (!check_node(r, event, event->data.scalar.anchor,
	                event->data.scalar.tag))
		return false;
	if (memchr(value, '\0', size))
		return refuse(r, event, "NUL characters are not allowed");
	const char *text = talloc_strndup(r->tree, value, size);
	if (wants_key(r))
		return take_key(r, event, text);
	add_node(r, NX_YAML_TEXT, event->start_mark)->text = text;
	return true;
}

static bool begin(struct yaml_reader *r, const yaml_event_t *event,
                  enum nx_yaml_kind kind)
{
	if (wants_key(r))
		return refuse(r, event, "a key must be text");
	if (r->depth == MAX_DEPTH)
		return refuse(r, event, "nested deeper than 16");
	struct nx_yaml *node = add_node(r, kind, event->start_mark);
	r->stack[r->depth++] = (struct frame){node, &node->first};
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct nx_yaml *x = *(const struct nx_yaml *const *)a;
	const struct nx_yaml *y = *(const struct nx_yaml *const *)b;
	int order = strcmp(x->key, y->key);
	if (order == 0)
		order = x->key_line - y->key_line;
	return order ? order : x->key_column - y->key_column;
}

static bool refuse_duplicate(struct yaml_reader *r, const struct nx_yaml *node)
{
	struct nx_yaml place = {.file = r->file,
	                        .line = node->key_line,
	                        .column = node->key_column};
	return nx_yaml_error(r->err, &place, "duplicate key \"%s\"",
	                     nx_text_escape(r->tree, node->key, true));
}

/* Sorts first, because a hostile map of 200,000 keys must not take quadratic
 * time. */
static bool check_duplicates(struct yaml_reader *r, const struct nx_yaml *map)
{
	const struct nx_yaml **sorted =
	        talloc_array(r->tree, const struct nx_yaml *, map->count);
	size_t count = 0;
	for (const struct nx_yaml *node = map->first; node; node = node->next)
		sorted[count++] = node;
	qsort(sorted, count, sizeof(const struct nx_yaml *), by_key);
	for (size_t i = 1; i < count; i++)
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			return refuse_duplicate(r, sorted[i]);
	talloc_free(sorted);
	return true;
}

static bool end(struct yaml_reader *r)
{
	const struct nx_yaml *node = r->stack[--r->depth].node;
	return node->kind != NX_YAML_MAP || check_duplicates(r, node);
}

static bool begin_document(struct yaml_reader *r, const yaml_event_t *event)
{
	if (r->has_document)
		return refuse(r, event, "more than one document");
	r->has_document = true;
	return true;
}

static bool take(struct yaml_reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return true;
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(r, event);
	case YAML_ALIAS_EVENT:
		return refuse(r, event, "aliases are not allowed");
	case YAML_SCALAR_EVENT:
		return take_scalar(r, event);
	case YAML_SEQUENCE_START_EVENT:
		return check_node(r, event, event->data.sequence_start.anchor,
		                  event->data.sequence_start.tag) &&
		       begin(r, event, NX_YAML_LIST);
	case YAML_MAPPING_START_EVENT:
		return check_node(r, event, event->data.mapping_start.anchor,
		                  event->data.mapping_start.tag) &&
		       begin(r, event, NX_YAML_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return end(r);
	}
	return true;
}

static bool read_events(struct yaml_reader *r, const char *text, size_t size)
{
	for (bool more = true; more;) {
		yaml_event_t event;
		if (!yaml_parser_parse(&r->parser, &event))
			return refuse_syntax(r, text, size);
		bool good = take(r, &event);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (!good)
			return false;
	}
	return true;
}

/* Directives are read before the first event, thousands of them in quadratic
 * time; nothing that is allowed here needs one. */
static bool check_directives(struct yaml_reader *r, const char *text,
                             size_t size)
{
	size_t line = 0;
	for (size_t at = 0; at < size; line++) {
		if (text[at] == '%')
			return refuse_at(r, line, 0,
			                 "directives are not allowed");
		const char *feed = memchr(text + at, '\n', size - at);
		at = feed ? (size_t)(feed - text) + 1 : size;
	}
	return true;
}

static bool read_text(struct yaml_reader *r, const char *text, size_t size)
{
	if (size > MAX_SIZE)
		return refuse_at(r, 0, 0, "larger than 1 MiB");
	if (size >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0) {
		text += 3; /* libyaml would count it as a column */
		size -= 3;
	}
	if (!check_directives(r, text, size))
		return false;
	if (!yaml_parser_initialize(&r->parser))
		return nx_error_set(r->err, NX_ERROR_TEMPORARY,
		                    "%s: out of memory", r->file);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text,
	                             size);
	bool good = read_events(r, text, size);
	yaml_parser_delete(&r->parser);
	return good;
}

/* A file with only comments is a map in which everything is absent. */
static const struct nx_yaml *finish(struct yaml_reader *r)
{
	struct nx_yaml *root = r->root;
	if (!root)
		return add_node(r, NX_YAML_MAP, (yaml_mark_t){0, 0, 0});
	if (root->kind == NX_YAML_TEXT && !*root->text)
		root->kind = NX_YAML_MAP;
	return root;
}

bool nx_yaml_parse(TALLOC_CTX *ctx, const char *file, const char *text,
                   size_t size, const struct nx_yaml **out,
                   struct nx_error *err)
{
	struct yaml_reader r = {.tree = talloc_new(ctx), .err = err};
	r.file = talloc_strdup(r.tree, file);
	if (!read_text(&r, text, size)) {
		talloc_free(r.tree);
		return false;
	}
	*out = finish(&r);
	return true;
}
