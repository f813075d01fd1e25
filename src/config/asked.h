/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_ASKED_H
#define NX_CONFIG_ASKED_H

#include "proto/ask.h"

/* The next hop of mail that must not be sent, when none is named. */
#define NX_ASKED_NEXT_HOP "nixie-blocked:unix:nixie/blocked.sock"

/*
 * What is answered on a socket where mail servers ask.
 */
struct nx_asked {
	enum nx_ask_protocol protocol;
	const char *map;       /* NAME or NAME:STREAM of NX_ASK_TCP_TABLE, else
	                          "" */
	const char *transport; /* of mail that must not be sent */
	bool open;             /* trouble lets mail pass; else it has to wait */
};

enum nx_asked_map {
	NX_ASKED_UNKNOWN = 0,
	NX_ASKED_ACCESS,    /* for an access table of Postfix */
	NX_ASKED_TRANSPORT, /* for its transport_maps */
	NX_ASKED_CHECK      /* what is known */
};

/* The map of the name's first size letters. */
enum nx_asked_map nx_asked_map_of_name(const char *name, size_t size);

/* What is answered on a socket that a service manager passes under this name:
 * "ask", which is for socketmap, or "ask-PROTOCOL"; false when it is none of
 * these. */
bool nx_asked_of_passed(const char *name, struct nx_asked *out);

/* The name is that of a protocol. */
bool nx_asked_protocol_of_name(const char *name, enum nx_ask_protocol *out);

#endif
