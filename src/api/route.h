/* SPDX-License-Identifier: ISC */
#ifndef NX_API_ROUTE_H
#define NX_API_ROUTE_H

#include "api/answer.h"

/* What the files of the API share. */

/* "GET", … */
const char *nx_api_route_method(const struct nx_api_route *route);

/* --- uri.c ---------------------------------------------------------------- */

enum nx_api_part { NX_API_PATH, NX_API_QUERY /* "+" is a blank */ };

/* Percent-encoded text; NULL when it is not, or is no UTF-8, or has control
 * characters. */
const char *nx_api_decode(TALLOC_CTX *ctx, const char *text, size_t size,
                          enum nx_api_part part);

/* Fills call->query; false: it is answered. */
bool nx_api_parse_query(struct nx_api_call *call);

/* --- access.c ------------------------------------------------------------- */

/* Not what a page in a browser has sent. */
bool nx_api_is_ours(struct nx_api_call *call);

#endif
