/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_HTTP_DESK_H
#define NX_SERVE_HTTP_DESK_H

#include "api/api.h"
#include "serve/pipeline.h"

/*
 * Where the calls of the thread that speaks HTTP are answered: what only reads
 * at once, from a store of its own; all others by the loop, to which they are
 * handed, and from which they come back.
 */
struct nx_http_desk;

struct nx_http_errand { /* a call on its way to the loop and back */
	struct nx_api_call *call;
	/* on the loop: the call is answered */
	void (*done)(struct nx_http_errand *errand);
	uint64_t begun; /* of uv_hrtime: the request was there */
	/* not for whoever hands it over */
	struct nx_http_desk *desk;
	struct nx_task task;
	struct nx_http_errand *next;
};

/* What the daemon says of itself: answers the call, on the loop, or has it
 * written. */
typedef void nx_http_daemon(void *user, struct nx_api_call *call);

struct nx_http_desk *nx_http_desk_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                      struct nx_pipeline *pipeline,
                                      const struct nx_config *config);
void nx_http_desk_set_daemon(struct nx_http_desk *desk, nx_http_daemon *answer,
                             void *user);

/* By any thread, but one at a time. */
void nx_http_desk_read(struct nx_http_desk *desk, struct nx_api_call *call);

/* By any thread; the errand lives until it is done. */
void nx_http_desk_give(struct nx_http_desk *desk,
                       struct nx_http_errand *errand);

/* By any thread: one that checks addresses is answered, and counted. */
void nx_http_desk_count(struct nx_http_desk *desk,
                        const struct nx_http_errand *errand);

/* On the loop, once a second. */
void nx_http_desk_tick(struct nx_http_desk *desk);

/* Nobody may ask any more. Its memory may be freed when the loop has run once
 * more. */
void nx_http_desk_close(struct nx_http_desk *desk);

#endif
