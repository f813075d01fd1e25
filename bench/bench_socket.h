/* SPDX-License-Identifier: ISC */
#ifndef NX_BENCH_SOCKET_H
#define NX_BENCH_SOCKET_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Where a server of a benchmark listens: a path, or a port of 127.0.0.1. */
struct bench_socket {
	union {
		struct sockaddr address;
		struct sockaddr_un path;
		struct sockaddr_in port;
	};
	socklen_t size;
};

/* A new socket for that place. */
static inline int bench_socket(const char *name, struct bench_socket *out)
{
	const int on = 1;
	char *end;
	const long port = strtol(name, &end, 10);
	const int is_port = end != name && *end == '\0';
	const int made = socket(is_port ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
	*out = (struct bench_socket){.size = sizeof(out->path)};
	out->path.sun_family = AF_UNIX;
	if (!is_port) {
		(void)snprintf(out->path.sun_path, sizeof(out->path.sun_path),
		               "%s", name);
		return made;
	}
	out->size = sizeof(out->port);
	out->port =
	        (struct sockaddr_in){.sin_family = AF_INET,
	                             .sin_port = htons((uint16_t)port),
	                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	(void)setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return made;
}

#endif
