/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_LMTP_H
#define NX_PROTO_LMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * The server side of LMTP (RFC 2033) as a session without sockets: bytes in,
 * replies out. One reply per accepted recipient after the end of data, which is
 * only CRLF.CRLF; a lone CR, a lone LF and NUL are content. The owner gives the
 * replies to a message when it is safely stored. Of reports that come in they
 * are never permanent failures, since a bounce has nobody to go back to. Only
 * where mail of our own goes out, and is stopped (the blocked door), is there a
 * sender who can be told: such a session alone refuses for good, and has
 * answers of its own for that, which no other session can give.
 *
 * Extensions: PIPELINING (RFC 2920), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531),
 * ENHANCEDSTATUSCODES (RFC 2034), SIZE (RFC 1870), DSN (RFC 3461: ENVID and
 * ORCPT are kept), XFORWARD (Postfix: the queue id). Other parameters are
 * ignored, and paths are taken as they are, even when too long, broken or in no
 * charset. Only a recipient in a domain that is not ours is refused
 * permanently.
 */
enum {
	NX_LMTP_COMMAND = 2048,    /* octets of a command line with its CRLF */
	NX_LMTP_RECIPIENTS = 1000, /* of one message */
	NX_LMTP_ERRORS = 10        /* bad commands before the session ends */
};

struct nx_lmtp;

struct nx_lmtp_options {
	const char *host; /* the name of this host in the greeting */
	size_t keep;      /* octets of a message that are kept; the rest is
	                     only counted */
	size_t size;      /* announced as SIZE; 0: no limit is announced */
	/* Gets the octets beyond those that are kept; may be NULL. */
	void (*beyond)(void *user, const char *bytes, size_t size);
	/* May so many more octets be held for the transaction? NULL: always.
	 * They are released when the message is answered or the transaction is
	 * dropped: the owner learns that from nx_lmtp_held. */
	bool (*room)(void *user, size_t more);
	/* Is mail for that domain, in normal form, for us? NULL: for any. An
	 * address without a domain is always accepted. */
	bool (*is_ours)(void *user, const char *domain);
	bool is_door; /* mail of ours that goes out: nx_lmtp_answer_door */
	void *user;
};

struct nx_lmtp_recipient {
	const char *address;  /* as given, UTF-8; may be "" */
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

enum nx_lmtp_answer {                    /* one per recipient */
	              NX_LMTP_TAKEN = 0, /* 250: stored, durable */
	              NX_LMTP_KNOWN,     /* 250: a duplicate, stored earlier */
	              NX_LMTP_TROUBLE,   /* 451: try again */
	              NX_LMTP_FULL       /* 452: no room, try again */
};

enum nx_lmtp_door {                           /* the same, of the door */
	            NX_LMTP_DOOR_TROUBLE = 0, /* 451: try again */
	            NX_LMTP_DOOR_FREE,      /* 451: it may be sent, try again */
	            NX_LMTP_DOOR_SWALLOWED, /* 250: it goes nowhere */
	            NX_LMTP_DOOR_REFUSED    /* 550, with the text */
};

struct nx_lmtp_door_answer {
	enum nx_lmtp_door answer;
	const char *text; /* "5.7.1 suppressed", one line of ASCII */
};

/* Every text of the options must live as long as the session. */
struct nx_lmtp *nx_lmtp_new(TALLOC_CTX *ctx,
                            const struct nx_lmtp_options *options);

/* Sends text in place of the greeting, when there is no room for a session. */
void nx_lmtp_turn_away(struct nx_lmtp *session, const char *text);

/* Takes bytes from the client; returns how many were used: less than size only
 * when a message is complete or the session is over. Total. */
size_t nx_lmtp_feed(struct nx_lmtp *session, const char *bytes, size_t size);

/* The message that waits for answers, or NULL; lives until answered. */
const struct nx_lmtp_message *nx_lmtp_message(const struct nx_lmtp *session);

/* Appends more bytes to what is kept of it. */
void nx_lmtp_append(struct nx_lmtp *session, const char *bytes, size_t size);

/* A context that is freed with the message. */
TALLOC_CTX *nx_lmtp_context(const struct nx_lmtp *session);

/* Answers it: one for each recipient, in order. */
void nx_lmtp_answer(struct nx_lmtp *session, const enum nx_lmtp_answer *answer);

/* The same for a session that is a door; any other defers them all. */
void nx_lmtp_answer_door(struct nx_lmtp *session,
                         const struct nx_lmtp_door_answer *answer);

/* Sends "421 " and the text ("4.3.2 ending"), and ends the session; a message
 * that is not answered yet is not taken. */
void nx_lmtp_shut(struct nx_lmtp *session, const char *text);

/* The bytes to be sent; _sent drops so many of them. */
const char *nx_lmtp_output(const struct nx_lmtp *session, size_t *size);
void nx_lmtp_sent(struct nx_lmtp *session, size_t size);

/* Octets that room was asked for and that are still held. */
size_t nx_lmtp_held(const struct nx_lmtp *session);

/* Octets of content received so far. */
size_t nx_lmtp_total(const struct nx_lmtp *session);

/* Close it when all is sent. */
bool nx_lmtp_is_over(const struct nx_lmtp *session);

/* It is over because of QUIT. */
bool nx_lmtp_has_quit(const struct nx_lmtp *session);
bool nx_lmtp_is_in_data(const struct nx_lmtp *session);

#endif
