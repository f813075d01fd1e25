/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_ASK_H
#define NX_PROTO_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * The server side of the protocols by which mail servers ask about an address,
 * as a session without sockets: bytes in, a question, its answer, bytes out.
 * It knows no map and no address: what they mean is its owner's to say.
 * Questions that are sent together are answered one after the other, in order.
 * What breaks the protocol, or is longer than NX_ASK_REQUEST, ends the session,
 * after the answer that the protocol has for that.
 */
enum nx_ask_protocol {
	/* Sendmail's and Postfix's socketmap: netstrings, "NAME KEY" to
	 * "OK text", "NOTFOUND ", "TEMP text" or "PERM text". */
	NX_ASK_SOCKETMAP = 0,
	/* Postfix's tcp_table: lines, "get KEY" to "200 text", "500 text" or
	 * "400 text", with %XX. */
	NX_ASK_TCP_TABLE,
	/* Postfix's policy delegation: lines of NAME=VALUE up to an empty one,
	 * to "action=text" and an empty line. Only
	 * request=smtpd_access_policy; of an attribute that comes twice the
	 * last counts, and unknown ones are ignored. It has no word for
	 * trouble: the session ends without an answer, as Postfix wants it,
	 * which then does what its own configuration says. */
	NX_ASK_POLICY
};

enum {
	NX_ASK_REQUEST = 4096, /* octets of a netstring's text, of a line with
	                          its end, of a policy request with its last */
	NX_ASK_TEXT = 1024     /* octets of the text of an answer */
};

struct nx_ask;

/* All are UTF-8, bytes that are not are U+FFFD, and so is NUL; "" when absent.
 * They are as they were given: an address may be anything. */
struct nx_ask_question {
	const char *map;     /* NAME of NAME:STREAM or NAME/STREAM: Postfix
	                        takes what is behind a colon for the NAME */
	const char *stream;  /* STREAM of it */
	const char *address; /* the key, or recipient */
	/* Of policy alone: */
	const char *sender;
	const char *login;    /* sasl_username */
	const char *instance; /* the same for all recipients of a message */
	const char *queue_id;
	const char *client; /* client_address */
	const char *state;  /* protocol_state */
};

enum nx_ask_answer {
	NX_ASK_NONE = 0, /* nothing is known: NOTFOUND, 500, DUNNO; the text is
	                    not sent */
	NX_ASK_FOUND,    /* the text is the value: OK, 200, the action */
	NX_ASK_TROUBLE,  /* try again: TEMP, 400, or the end of a policy session
	                  */
	NX_ASK_REFUSED   /* ask no more, there is no such map: PERM; 400 and the
	                    end of a policy session where there is no word for
	                    it */
};

/* map is NAME or NAME:STREAM, or "", for a protocol that has no word for it;
 * socketmap has, and does not look at it. It is copied. */
struct nx_ask *nx_ask_new(TALLOC_CTX *ctx, enum nx_ask_protocol protocol,
                          const char *map);

/* Takes bytes from the client; returns how many were used: less than size only
 * when a question is complete or the session is over. Total. A client that
 * pipelines and does not read makes the output grow: feed no more while much of
 * it waits to be sent. */
size_t nx_ask_feed(struct nx_ask *session, const char *bytes, size_t size);

/* The question that waits for its answer, or NULL; lives until answered. */
const struct nx_ask_question *nx_ask_question(const struct nx_ask *session);

/* Answers it. The text is encoded as the protocol wants it: in a policy action
 * control characters become blanks; what is beyond NX_ASK_TEXT is cut. */
void nx_ask_answer(struct nx_ask *session, enum nx_ask_answer answer,
                   const char *text);

/* The bytes to be sent; _sent drops so many of them. */
const char *nx_ask_output(const struct nx_ask *session, size_t *size);
void nx_ask_sent(struct nx_ask *session, size_t size);

/* Nothing of a question has come that is not answered, and all is sent. */
bool nx_ask_is_idle(const struct nx_ask *session);

/* Close it when all is sent. */
bool nx_ask_is_over(const struct nx_ask *session);

#endif
