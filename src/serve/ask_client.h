/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_ASK_CLIENT_H
#define NX_SERVE_ASK_CLIENT_H

#include "proto/ask.h"
#include "serve/answers.h"
#include "serve/ask_listener.h"
#include "serve/counters.h"

/*
 * One connection of a client that asks, for ask_listener.c. It frees itself
 * when it is closed.
 */
enum {
	NX_ASK_CLIENTS = 1024, /* at a time; more are told to try later, … */
	NX_ASK_AWAY = 64       /* … as long as there are no more of these */
};

struct nx_ask_place { /* a socket where clients ask, which refer to it */
	struct nx_ask_place *next;
	const char *name;
	const char *passed_as; /* as in struct nx_listener */
	struct nx_asked asked;
	bool told; /* in the log, of a map that there is not */
};

struct nx_ask_client {
	struct nx_ask_shared *shared;
	struct nx_ask_place *place;
	struct nx_ask_client *next, **back;
	struct nx_ask_client *next_ready;
	union nx_peer peer;
	uv_write_t write;
	uv_shutdown_t shutdown;
	struct nx_ask *ask;
	char *rest; /* read behind a question that waits for its answer */
	size_t rest_size;
	char *unsent;  /* that the socket did not take, or NULL */
	int64_t since; /* of uv_now: of the last that was read or sent */
	struct {       /* an answer, until its attempt is on the disk */
		bool waits;
		enum nx_ask_answer given;
		char *text;
		uint64_t asked; /* of uv_hrtime */
	} held;
	bool is_ready;  /* in the list of those */
	bool is_beyond; /* of the most: told to try later, then closed */
	bool is_reading;
	bool ended;     /* the client has: it sends no more */
	bool lingering; /* has its last answer; waits for the client to close */
	bool closing, closed;
};

struct nx_ask_shared { /* what clients share */
	uv_loop_t *loop;
	struct nx_answers *answers;
	struct nx_ask_client *first;
	struct nx_ask_client *ready; /* have a question, or are over */
	struct nx_ask_tally tally;
	struct nx_counters *counters;
	uint64_t woken; /* of uv_hrtime: since then … */
	int64_t checked[NX_VIAS][NX_CHECKEDS]; /* … this was answered */
	bool draining;
	char input[NX_ASK_REQUEST]; /* for the client that is read from */
};

void nx_ask_client_accept(struct nx_ask_shared *shared,
                          struct nx_ask_place *place, uv_stream_t *from,
                          bool is_unix);

/* Answers what has come of it. */
void nx_ask_client_serve(struct nx_ask_client *client);

/* Ends it when it is in the middle of something for too long. */
void nx_ask_client_tick(struct nx_ask_client *client, int64_t now);

void nx_ask_client_drain(struct nx_ask_client *client, bool at_once);

#endif
