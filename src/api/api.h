/* SPDX-License-Identifier: ISC */
#ifndef NX_API_API_H
#define NX_API_API_H

#include "api/token_file.h"
#include "base/json.h"
#include "base/json_out.h"
#include "config/config.h"
#include "deliver/submission.h"
#include "proto/lmtp.h"
#include "store/store.h"

/*
 * What applications ask by HTTP, without sockets: a call is a request and its
 * answer. A route (route.c) says what is done with the calls of a path, in
 * steps that run on different threads, one after the other:
 *
 *     nx_api_admit     when the header is there: is there such a path, and may
 *                      this client ask it?
 *     nx_api_prepare   when the body is there: reads it, asks no store
 *     then, by the way of the route:
 *     NX_API_READS     nx_api_read, with a store that only reads
 *     NX_API_WRITES    nx_api_write, in the next group of the writer; answered
 *                      when that is committed
 *     NX_API_SUBMITS   call->submission goes the way of all messages;
 *                      nx_api_submitted has what came of it
 *     NX_API_DAEMON    the daemon answers, of itself
 *
 * All that is made for a call hangs on it; one thread has it, and what it hangs
 * on, at a time.
 */
enum nx_api_method {
	NX_API_NO_METHOD = 0, /* one that no route has */
	NX_API_GET,           /* and HEAD */
	NX_API_PUT,
	NX_API_POST,
	NX_API_DELETE
};

enum nx_api_way {
	NX_API_ANSWERED = 0, /* there is an answer already */
	NX_API_READS,
	NX_API_WRITES,
	NX_API_SUBMITS,
	NX_API_DAEMON
};

enum {
	NX_API_BODY = 1024 * 1024, /* octets of JSON */
	NX_API_ITEMS = 1000        /* of one request, or of a page */
};

struct nx_api_pair {
	const char *name, *value;
};

struct nx_api_request { /* as it came; absent is "" */
	enum nx_api_method method;
	const char *target; /* path and query, not decoded */
	const char *media_type;
	const char *authorization;
	const char *host;
	bool has_origin;
	const char *body;
	size_t size, whole; /* of it, and of what came */
	/* of the socket that it came by */
	bool is_tcp;
	const struct nx_bearer *token; /* that are taken there; none: whoever
	                                 can connect may do everything */
	size_t tokens;
};

struct nx_api_answer {
	int status;
	const char *type; /* of the body */
	const char *body;
	size_t size;
	const char *allow; /* methods, with 405; else "" */
	int retry_after;   /* seconds, with 503; else 0 */
	bool is_constant;  /* the body outlives the call */
	bool ends;         /* the connection is closed after it */
};

struct nx_api_settings { /* of the configuration in use */
	const struct nx_streams *streams;
	const char *stream;  /* of questions that name none */
	size_t message_size; /* octets of a message */
};

struct nx_api_route;

struct nx_api_call {
	struct nx_api_request request;
	const struct nx_api_settings *settings; /* live as long as the call */
	/* by nx_api_admit */
	const struct nx_api_route *route;
	const char *operand; /* what stands for "{}" in its path, or "" */
	const struct nx_bearer *token; /* that it showed, or NULL */
	/* by nx_api_prepare */
	const struct nx_api_pair *query;
	size_t queries;
	const struct nx_json
	        *json;       /* the body, where that is JSON; else NULL */
	enum nx_api_way way; /* at first the route's */
	void *prepared;      /* the route's own */
	struct nx_submission submission;
	/* of nx_api_read */
	struct nx_store *store;
	int64_t now;
	struct nx_api_answer answer;
	/* by routes that check: of how many addresses that was answered */
	struct {
		size_t free, suppressed;
	} checked;
};

/* The writer's, within a group: nothing may be begun or committed. */
struct nx_api_writing {
	struct nx_store *store;
	const struct nx_policy *policy;
	int64_t now;
};

struct nx_api_route {
	enum nx_api_method method;
	enum nx_scope scope;
	enum nx_api_way way;
	bool checks;              /* it says whether addresses may be mailed */
	const char *path;         /* "{}" is one segment: the operand */
	const char *media_type;   /* of the body; NULL: it has none */
	const char *const *query; /* names; the last NULL; or NULL */
	/* NULL or: false, the call is answered. May change the way. */
	bool (*prepare)(struct nx_api_call *call);
	/* The first two answer, or fail: then 503 is answered. A group may be
	 * tried again: write begins anew each time, and what it answers is
	 * said only after the commit. */
	bool (*read)(struct nx_api_call *call, struct nx_error *err);
	bool (*write)(struct nx_api_call *call,
	              const struct nx_api_writing *writing,
	              struct nx_error *err);
	/* one answer per recipient */
	void (*submitted)(struct nx_api_call *call,
	                  const enum nx_lmtp_answer *answer);
};

/* Its texts are "". Memory for a look-up comes from ctx when that is a pool. */
struct nx_api_call *nx_api_call_new(TALLOC_CTX *ctx,
                                    const struct nx_api_settings *settings);

/* False: it is answered. */
bool nx_api_admit(struct nx_api_call *call);
bool nx_api_prepare(struct nx_api_call *call);

void nx_api_read(struct nx_api_call *call);
NX_MUST_USE bool nx_api_write(struct nx_api_call *call,
                              const struct nx_api_writing *writing,
                              struct nx_error *err);
void nx_api_submitted(struct nx_api_call *call,
                      const enum nx_lmtp_answer *answer);

/* The greatest body of the route, and what is kept of it, in octets. */
size_t nx_api_most(const struct nx_api_call *call);
size_t nx_api_kept(const struct nx_api_call *call);

#endif
