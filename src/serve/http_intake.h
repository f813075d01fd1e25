/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_HTTP_INTAKE_H
#define NX_SERVE_HTTP_INTAKE_H

#include "serve/http_connection.h"

/*
 * A request as it comes in: its header to the request of the call, and its body
 * as far as there is room for it. What is refused is read to its end and thrown
 * away, so that the client reads why.
 */
struct nx_http_header { /* while its fields are taken */
	struct nx_api_request *request;
	const char *length;
	int lengths, encodings;
	bool wants_host;
	size_t size;     /* octets of all fields */
	bool is_unclear; /* it may be read in two ways */
	bool asks_first; /* Expect: the body comes when we say so */
};

struct nx_http_header nx_http_intake_begin(
        struct nx_http_connection *connection, const char *method,
        const char *version);
/* The texts live as long as the request. */
void nx_http_intake_field(struct nx_http_header *header, const char *name,
                          const char *value);
/* The call may be answered now. False: it is to be said at once. */
bool nx_http_intake_header_end(struct nx_http_connection *connection,
                               const struct nx_http_header *header);

/* False: nobody waits for the end of this. */
bool nx_http_intake_body(struct nx_http_connection *connection,
                         const char *bytes, size_t size);
/* What takes the place of the rest of a large message is part of it now. */
void nx_http_intake_body_end(struct nx_http_connection *connection);

#endif
