/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_HTTP_SETTINGS_H
#define NX_SERVE_HTTP_SETTINGS_H

#include "api/api.h"

/*
 * What requests by HTTP need of a configuration: they run on a thread of their
 * own, and one that has begun goes on with what it began with.
 */
struct nx_http_face {     /* a socket */
	const char *name; /* as in struct nx_listen */
	const struct nx_bearer *token;
	size_t tokens;
};

struct nx_http_settings {
	struct nx_api_settings api;
	const struct nx_http_face *face;
	size_t faces;
	struct nx_limits limits;
	bool full_addresses; /* in the log */
	/* of whoever has the lock of the listener */
	size_t users;
	struct nx_http_settings *older;
};

/* Reads the files of the tokens, all or nothing. Keeps texts, which owns what
 * the configuration points to. Made and freed on the loop. */
NX_MUST_USE bool nx_http_settings_load(TALLOC_CTX *ctx,
                                       const struct nx_config *config,
                                       TALLOC_CTX *texts,
                                       struct nx_http_settings **out,
                                       struct nx_error *err);

/* The socket of that name, or NULL. */
const struct nx_http_face *nx_http_settings_face(
        const struct nx_http_settings *settings, const char *name);

#endif
