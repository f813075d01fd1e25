/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_ANSWERS_H
#define NX_SERVE_ANSWERS_H

#include "config/config.h"
#include "serve/metrics.h"
#include "serve/pipeline.h"

/*
 * What mail servers are answered, from a reading store of its own, which never
 * waits: a store that was moved or is locked is trouble at once; of whom
 * nothing is known it need not be asked. Used by the thread of the loop.
 */
struct nx_answers;

struct nx_answers *nx_answers_new(TALLOC_CTX *ctx, struct nx_pipeline *pipeline,
                                  const struct nx_config *config);

/* No question follows. */
void nx_answers_stop(struct nx_answers *answers);

/* Streams and their texts are used until the next call. */
void nx_answers_configure(struct nx_answers *answers,
                          const struct nx_config *config);

/* What is answered until the end is as the last commit before the beginning
 * left it. time is in milliseconds of any clock that only goes forward: a store
 * that is away is looked for some times a second. */
void nx_answers_begin(struct nx_answers *answers, uint64_t time);
void nx_answers_end(struct nx_answers *answers);

/* To be called once a second: a store that was moved is closed, also when
 * nobody asks. */
void nx_answers_tick(struct nx_answers *answers, uint64_t time);

struct nx_answers_waiter { /* whom an answer may have to wait for */
	nx_attempt_done *done;
	void *user;
	bool waits; /* the answer is to be given when done is called, as trouble
	               when that says so; nothing is lost in between */
};

/* The text lives until the next answer. *checked: what it says; of a question
 * that is refused, nothing. An address that is suppressed is an attempt, for
 * access and for policy at RCPT, once a minute, or once for a message where the
 * client tells them apart, and is recorded later. */
enum nx_ask_answer nx_answers_give(struct nx_answers *answers,
                                   const struct nx_asked *asked,
                                   const struct nx_ask_question *question,
                                   struct nx_answers_waiter *waiter,
                                   const char **text, enum nx_checked *checked);

/* How it was asked. */
enum nx_via nx_answers_via(const struct nx_asked *asked,
                           const struct nx_ask_question *question);

/* What is answered to whoever cannot be served now. */
enum nx_ask_answer nx_answers_trouble(const struct nx_asked *asked,
                                      const struct nx_ask_question *question,
                                      const char **text);

#endif
