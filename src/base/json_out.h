/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_JSON_OUT_H
#define NX_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * JSON written straight into a text, member by member. The text is one line of
 * printable ASCII (everything else as "\u1234"), which is safe on any terminal.
 * Inside an array the name is NULL. The caller must close what it opens.
 */
enum { NX_JSON_OUT_DEPTH = 8 };

struct nx_json_out {
	char *text; /* on the context given to _new; complete after the last
	               end */
	size_t size;
	size_t room;
	int depth;
	char closer[NX_JSON_OUT_DEPTH];
};

/* Begins with an open object. */
struct nx_json_out *nx_json_out_new(TALLOC_CTX *ctx);

void nx_json_out_object(struct nx_json_out *out, const char *name);
void nx_json_out_array(struct nx_json_out *out, const char *name);
void nx_json_out_end(struct nx_json_out *out); /* closes the innermost */

/* Writes at most limit bytes of value, never half a character; a byte that is
 * not UTF-8 is written as U+FFFD. */
void nx_json_out_text(struct nx_json_out *out, const char *name,
                      const char *value, size_t limit);
void nx_json_out_whole(struct nx_json_out *out, const char *name,
                       const char *value); /* without a limit */
void nx_json_out_number(struct nx_json_out *out, const char *name,
                        int64_t value);
void nx_json_out_bool(struct nx_json_out *out, const char *name, bool value);
void nx_json_out_null(struct nx_json_out *out, const char *name);

#endif
