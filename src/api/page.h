/* SPDX-License-Identifier: ISC */
#ifndef NX_API_PAGE_H
#define NX_API_PAGE_H

#include "api/answer.h"

/* What lists that come in pages have in common. Those that read a parameter
 * return false when it is wrong: then the call is answered. */

/* limit: 1 to 1000, else 100. */
bool nx_api_limit(struct nx_api_call *call, size_t *out);

/* A time; absent it stays as it is. */
bool nx_api_time(struct nx_api_call *call, const char *name, int64_t *out);
/* A class by its name, or NONE when there is no such parameter. */
bool nx_api_class(struct nx_api_call *call, enum nx_cause *out);

/* A cursor of so many numbers; *begins: there is none. */
enum { NX_API_CURSOR = 4 };
bool nx_api_cursor(struct nx_api_call *call, int64_t *number, size_t count,
                   bool *begins);
bool nx_api_wrong_cursor(struct nx_api_call *call);
const char *nx_api_cursor_text(TALLOC_CTX *ctx, const int64_t *number,
                               size_t count);

/* {"items": [ … ], "next": …}: next NULL is the end. */
struct nx_json_out *nx_api_page_begin(struct nx_api_call *call);
void nx_api_page_end(struct nx_api_call *call, struct nx_json_out *object,
                     const char *next);

#endif
