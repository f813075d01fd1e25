/* SPDX-License-Identifier: ISC */
#ifndef NX_API_ANSWER_H
#define NX_API_ANSWER_H

#include "api/api.h"

/* How a call is read and answered, for whoever does: mostly a route. */

/* Ends the object, which is the body. */
void nx_api_answer_json(struct nx_api_call *call, int status,
                        struct nx_json_out *object);

/* The body is a constant: it may be kept as it is sent. */
void nx_api_answer_constant(struct nx_api_call *call, int status,
                            const char *type, const char *body);

/* The value of a query parameter, or ""; and whether it is there. */
const char *nx_api_query(const struct nx_api_call *call, const char *name);
bool nx_api_has_query(const struct nx_api_call *call, const char *name);

/* Whoever asks may do what takes that scope; false: it is answered. */
bool nx_api_has_scope(struct nx_api_call *call, enum nx_scope scope);
/* For acts and logs: the name of its token, or "http". */
const char *nx_api_who(const struct nx_api_call *call);

/* RFC 9457: what is wrong. name is "" for about:blank, else words with hyphens;
 * field is "" when it is no single one. Returns false. */
bool nx_api_problem(struct nx_api_call *call, int status, const char *name,
                    const char *field, const char *format, ...) NX_PRINTF(5, 6);
/* 503: the store cannot be asked or written. Returns false. */
bool nx_api_away(struct nx_api_call *call);

/* The subject that a text names, or NULL: then the call is answered. */
const char *nx_api_subject(struct nx_api_call *call, const char *field,
                           const char *text);

/* The members of the body are these, of these kinds; the rest are absent.
 * False: it is answered. */
struct nx_api_member {
	const char *name;
	enum nx_json_kind kind;
	bool required;
};
bool nx_api_members(struct nx_api_call *call, const struct nx_json *object,
                    const struct nx_api_member *member, size_t members);
/* The same of one in a list: before stands before the names, as "counts[0]." */
bool nx_api_members_of(struct nx_api_call *call, const char *before,
                       const struct nx_json *object,
                       const struct nx_api_member *member, size_t members);

#endif
