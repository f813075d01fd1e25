/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_JSON_H
#define NX_BASE_JSON_H

#include "base/error.h"

#include <stdint.h>
#include <talloc.h>

/*
 * JSON values on a talloc context; jansson is fenced here. Objects keep the
 * order in which members were added. Written text is pure printable ASCII
 * (everything else as "\u1234"), so a line of it is safe on any terminal. A
 * value that a _new or _parse function returns belongs to ctx; a value given to
 * _add or _append belongs to its container from then on. A value is not a
 * talloc pointer: it cannot be freed, stolen or used as a context itself.
 */
struct nx_json;

struct nx_json *nx_json_object_new(TALLOC_CTX *ctx);
struct nx_json *nx_json_array_new(TALLOC_CTX *ctx);

void nx_json_add_text(struct nx_json *object, const char *name,
                      const char *value);
void nx_json_add_number(struct nx_json *object, const char *name,
                        int64_t value);
void nx_json_add_bool(struct nx_json *object, const char *name, bool value);
void nx_json_add_null(struct nx_json *object, const char *name);

/* A new object or array as a member; lives as long as its parent. */
struct nx_json *nx_json_add_object(struct nx_json *object, const char *name);
struct nx_json *nx_json_add_array(struct nx_json *object, const char *name);
struct nx_json *nx_json_append_object(struct nx_json *array);
void nx_json_append_text(struct nx_json *array, const char *value);

/* One line without a line end, members in order; indented over several lines
 * when indent > 0. */
char *nx_json_write(TALLOC_CTX *ctx, const struct nx_json *value, int indent);

/* Refuses duplicate names, depth over 32, NUL characters and trailing text;
 * the error names line and column. */
NX_MUST_USE bool nx_json_parse(TALLOC_CTX *ctx, const char *text, size_t size,
                               const struct nx_json **out,
                               struct nx_error *err);

/* Reading: a member that is absent or has another type reads as "", 0, false or
 * NULL, so that a hostile record is harmless. Text lives as long as the
 * value. */
const char *nx_json_text(const struct nx_json *object, const char *name);
int64_t nx_json_number(const struct nx_json *object, const char *name);
bool nx_json_is_true(const struct nx_json *object, const char *name);
const struct nx_json *nx_json_member(const struct nx_json *object,
                                     const char *name);
size_t nx_json_count(const struct nx_json *array);
const struct nx_json *nx_json_item(const struct nx_json *array, size_t index);
const char *nx_json_item_text(const struct nx_json *array, size_t index);

#endif
