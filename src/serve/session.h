/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_SESSION_H
#define NX_SERVE_SESSION_H

#include "deliver/large_message.h"
#include "serve/door.h"
#include "serve/listen_set.h"
#include "serve/lmtp_listener.h"

/*
 * One client of the LMTP listener. Owned by the LMTP listener's list; frees
 * itself when its connection is closed and the pipeline has no message of
 * it.
 */
enum { NX_SESSION_READ = 64 * 1024 /* bytes read at a time */ };

struct nx_lmtp_shared { /* what sessions share */
	uv_loop_t *loop;
	struct nx_pipeline *pipeline;
	char *host;
	struct nx_limits limits;
	const char **domain; /* that mail is accepted for; none: for any */
	size_t domains;
	const struct nx_door *door; /* by the name of its socket; NULL: this is
	                               where reports come in */
	size_t doors;
	int64_t held; /* bytes of messages, all sessions */
	bool draining;
	struct nx_session *first;
	size_t sessions;
	char input[NX_SESSION_READ]; /* for the session that is read from */
};

struct nx_session {
	struct nx_lmtp_shared *shared;
	struct nx_session *next, **back;
	union nx_peer peer;
	uv_write_t write;
	uv_shutdown_t shutdown;
	struct nx_lmtp *lmtp;
	int64_t granted; /* counted in shared->held */
	char *pending;   /* read while it could not be used */
	size_t pending_size, pending_room;
	bool is_door;
	struct nx_door door; /* when it is one */
	struct nx_submission submission;
	struct nx_large_message large;
	bool offered; /* the pipeline has a message of this session */
	bool reading, writing;
	bool lingering; /* has sent its last reply; waits for the client to
	                   close */
	bool closing, closed;
	int64_t since;      /* uv_now at the start of the session */
	int64_t last_word;  /* of our last reply */
	int64_t data_since; /* start of the message */
	int64_t data_mark;  /* when so many bytes had arrived: */
	size_t data_marked;
};

/* Accepts from a listener; NULL when that fails. */
struct nx_session *nx_session_accept(struct nx_lmtp_shared *shared,
                                     uv_stream_t *from,
                                     const struct nx_listener *listener);

/* Sends "421 " and the text, and ends the session. */
void nx_session_shut(struct nx_session *session, const char *text);

/* Ends the session when it is too slow. */
void nx_session_tick(struct nx_session *session, int64_t now);

/* When the listener is draining: ends the session unless it has a message that
 * may still be answered. */
void nx_session_drain(struct nx_session *session, bool at_once);

void nx_session_close(struct nx_session *session);

#endif
