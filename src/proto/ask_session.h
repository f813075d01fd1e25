/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_ASK_SESSION_H
#define NX_PROTO_ASK_SESSION_H

#include "proto/ask.h"

/*
 * What the files of a session that is asked share: ask.c holds it together,
 * ask_read.c makes questions of bytes, ask_write.c bytes of answers.
 *
 * The buffers are made when first needed. What is usual is kept for the next
 * question, what is larger is given back, so that no question asks for memory
 * and an idle session has little.
 */
enum {
	NX_ASK_ROOM = 512,  /* at first */
	NX_ASK_KEPT = 2048, /* of each buffer, when it is empty */
	NX_ASK_DIGITS = 4   /* of the length of a netstring */
};

enum nx_ask_state { NX_ASK_READING = 0, NX_ASK_WAITING, NX_ASK_OVER };

struct nx_ask_buffer {
	char *bytes; /* one more than size has room, too */
	size_t size, room;
};

struct nx_ask {
	enum nx_ask_protocol protocol;
	enum nx_ask_state state;
	const char *map, *stream; /* of the listener */
	struct nx_ask_question question;
	TALLOC_CTX *repaired; /* texts of the question that had to be, or NULL
	                       */
	struct nx_ask_buffer input, output;
	size_t line;    /* where the last line of the input begins */
	size_t length;  /* of the netstring's text */
	int digits;     /* of that length so far */
	bool announced; /* it is complete */
};

void nx_ask_session_put(struct nx_ask *session, struct nx_ask_buffer *buffer,
                        const char *bytes, size_t size);

/* The bytes so far are a question. */
void nx_ask_read_netstring(struct nx_ask *session);
void nx_ask_read_get(struct nx_ask *session);
void nx_ask_read_policy(struct nx_ask *session);

/* Writes an answer; false when the protocol has no word for it. */
bool nx_ask_write(struct nx_ask *session, enum nx_ask_answer answer,
                  const char *text);

/* The client broke the protocol: says so where that is possible. */
void nx_ask_session_break(struct nx_ask *session, const char *text);

#endif
