/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_SOCKETMAP_REPLY_H
#define NX_PROTO_SOCKETMAP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The client's side of socketmap (proto/ask.h has the other): writes questions,
 * reads replies, which come in the order of the questions. It is linked into a
 * program of libc only, and asks for no memory.
 */
enum {
	NX_SOCKETMAP_ROOM = 2304, /* octets of a question that is written */
	NX_SOCKETMAP_TEXT = 1024  /* octets of the text of a reply, with its
	                             NUL; what is longer is cut */
};

enum nx_socketmap_answer {
	NX_SOCKETMAP_NONE = 0,  /* the reply is not whole yet */
	NX_SOCKETMAP_NOT_FOUND, /* the map does not have the key */
	NX_SOCKETMAP_FOUND,     /* the text is its value */
	NX_SOCKETMAP_TROUBLE,   /* TEMP, TIMEOUT or PERM: the text is why */
	NX_SOCKETMAP_BROKEN     /* this is no socketmap: hang up */
};

struct nx_socketmap_reply { /* all zero at first */
	enum nx_socketmap_answer answer;
	size_t length, read; /* of the netstring's text */
	int digits;
	bool announced; /* the length is complete */
	char text[NX_SOCKETMAP_TEXT];
};

/* Returns the size of what it wrote, 0 when there is no room for it. */
size_t nx_socketmap_ask(char out[NX_SOCKETMAP_ROOM], const char *map,
                        const char *key, size_t size);

/* Takes bytes of the server up to the end of a reply; returns how many. Total.
 */
size_t nx_socketmap_reply_feed(struct nx_socketmap_reply *reply,
                               const char *bytes, size_t size);

/* Its text, which lives until _next. */
const char *nx_socketmap_reply_text(const struct nx_socketmap_reply *reply);

/* Goes on to the next reply. */
void nx_socketmap_reply_next(struct nx_socketmap_reply *reply);

#endif
