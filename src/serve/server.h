/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_SERVER_H
#define NX_SERVE_SERVER_H

#include "config/config.h"

/*
 * nixie serve: the loop, the LMTP listener, the pipeline, the spool, the status
 * socket. SIGHUP reads the configuration and rules again; SIGTERM and SIGINT
 * end it when everything begun is answered.
 */

/* The configuration as the command line and the file give it now, on ctx. */
struct nx_server_source {
	bool (*configure)(void *user, TALLOC_CTX *ctx, struct nx_config *out,
	                  struct nx_error *err);
	void *user;
};

/* Runs until a signal ends it. False: it could not start, or cannot go on. */
NX_MUST_USE bool nx_server_run(const struct nx_server_source *source,
                               struct nx_error *err);

#endif
