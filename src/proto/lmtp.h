/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_LMTP_H
#define NX_PROTO_LMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * The server side of LMTP (RFC 2033) as a session without sockets: bytes in,
 * replies out. One reply per accepted recipient after the end of data, which
 * is CRLF.CRLF and nothing else; a lone CR, a lone LF and NUL are content.
 * Replies to a message are given by the owner when it is safely stored, and
 * are never permanent failures: a bounce has nobody to go back to.
 *
 * Extensions: PIPELINING (RFC 2920), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531),
 * ENHANCEDSTATUSCODES (RFC 2034), SIZE (RFC 1870), DSN (RFC 3461: ENVID and
 * ORCPT are kept), XFORWARD (Postfix: the queue id). Parameters that are none
 * of these are passed over, and paths are taken as they are, whatever they are:
 * too long, broken, of no charset. Only a recipient in a domain that is not
 * ours is refused for good.
 */
enum {
	NX_LMTP_COMMAND = 2048,    /* octets of a command line with its CRLF */
	NX_LMTP_RECIPIENTS = 1000, /* of one message */
	NX_LMTP_ERRORS = 10        /* bad commands before the session ends */
};

struct nx_lmtp;

struct nx_lmtp_options {
	const char *host; /* what the greeting calls us */
	size_t keep;      /* octets of a message that are kept; the rest is
	                     only counted */
	size_t size;      /* told as SIZE; 0: no limit is told */
	/* Takes what is left out of the kept octets; may be NULL. */
	void (*beyond)(void *user, const char *bytes, size_t size);
	/* May so many octets more be held for the transaction? NULL: always.
	 * They are given back when the message is answered or the transaction
	 * forgotten: the owner's to notice by nx_lmtp_held. */
	bool (*room)(void *user, size_t more);
	/* Is mail for that domain, in normal form, for us? NULL: for any. What
	 * has no domain is always. */
	bool (*is_ours)(void *user, const char *domain);
	void *user;
};

struct nx_lmtp_recipient {
	const char *address;  /* as it was told, UTF-8; may be "" */
	const char *original; /* ORCPT without its type, xtext decoded, or "" */
};

struct nx_lmtp_message {
	const char *sender;      /* "" for the null sender */
	const char *envelope_id; /* ENVID, xtext decoded, or "" */
	const char *queue_id;    /* XFORWARD IDENT, or "" */
	const struct nx_lmtp_recipient *recipient;
	size_t recipients;
	const char *bytes; /* dots unstuffed */
	size_t size;       /* kept */
	size_t total;      /* received */
	bool lost;         /* there was no room: it can only be deferred */
};

enum nx_lmtp_answer {                    /* one a recipient */
	              NX_LMTP_TAKEN = 0, /* 250: stored, durable */
	              NX_LMTP_KNOWN, /* 250: stored earlier, this is a duplicate
	                              */
	              NX_LMTP_TROUBLE, /* 451: try again */
	              NX_LMTP_FULL     /* 452: no room, try again */
};

/* Every text of the options must live as long as the session. */
struct nx_lmtp *nx_lmtp_new(TALLOC_CTX *ctx,
                            const struct nx_lmtp_options *options);

/* In place of the greeting, when there is no room for a session. */
void nx_lmtp_turn_away(struct nx_lmtp *session, const char *text);

/* Takes bytes of the client; returns how many were used: less than size only
 * when a message has become complete or the session is over. Total. */
size_t nx_lmtp_feed(struct nx_lmtp *session, const char *bytes, size_t size);

/* The message that waits for answers, or NULL; lives until answered. */
const struct nx_lmtp_message *nx_lmtp_message(const struct nx_lmtp *session);

/* Puts more behind what is kept of it. */
void nx_lmtp_append(struct nx_lmtp *session, const char *bytes, size_t size);

/* What may hang on it: goes with the message. */
TALLOC_CTX *nx_lmtp_context(const struct nx_lmtp *session);

/* Answers it: one for each recipient, in order. */
void nx_lmtp_answer(struct nx_lmtp *session, const enum nx_lmtp_answer *answer);

/* "421 " and the text ("4.3.2 ending"), and the end; what is not answered yet
 * is not taken. */
void nx_lmtp_shut(struct nx_lmtp *session, const char *text);

/* What is to be sent; _sent drops so many bytes of it. */
const char *nx_lmtp_output(const struct nx_lmtp *session, size_t *size);
void nx_lmtp_sent(struct nx_lmtp *session, size_t size);

/* Octets that room was asked for and that are still held. */
size_t nx_lmtp_held(const struct nx_lmtp *session);

/* Octets of content that came so far. */
size_t nx_lmtp_total(const struct nx_lmtp *session);

bool nx_lmtp_is_over(const struct nx_lmtp *session);  /* close when sent */
bool nx_lmtp_has_quit(const struct nx_lmtp *session); /* over, by QUIT */
bool nx_lmtp_is_in_data(const struct nx_lmtp *session);

#endif
