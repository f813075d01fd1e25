/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_JSON_H
#define NX_BASE_JSON_H

#include "base/error.h"

#include <stdint.h>
#include <talloc.h>

/*
 * JSON that is read; jansson is fenced here. What writes it is base/json_out.h.
 * A value is not a talloc pointer: it cannot be freed, stolen or used as a
 * context itself.
 */
struct nx_json;

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

/* For bodies that are taken strictly. */
enum nx_json_kind {
	NX_JSON_NONE = 0, /* there is no such member */
	NX_JSON_TEXT,
	NX_JSON_NUMBER, /* a whole one */
	NX_JSON_BOOL,
	NX_JSON_ARRAY,
	NX_JSON_OBJECT,
	NX_JSON_OTHER /* null, a fraction */
};
enum nx_json_kind nx_json_kind(const struct nx_json *object, const char *name);
/* The name of the member at index, in no certain order; NULL from the last one
 * on, and when it is no object. */
const char *nx_json_name(const struct nx_json *object, size_t index);
/* NULL when it is no text. */
const char *nx_json_item_text(const struct nx_json *array, size_t index);
bool nx_json_is_object(const struct nx_json *value);

#endif
