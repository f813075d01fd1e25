/* SPDX-License-Identifier: ISC */
#include "pipe/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool fail(struct nx_wire *wire, const char *text)
{
	if (!wire->broken)
		nx_why(wire->why, "daemon: %s", text);
	wire->broken = true;
	return false;
}

bool nx_wire_open(struct nx_wire *wire, const char *path, int seconds,
                  struct nx_why *why)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval limit = {.tv_sec = seconds};
	if (strlen(path) >= sizeof(address.sun_path))
		return nx_why(why, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	wire->why = why;
	wire->deadline = milliseconds() + seconds * INT64_C(1000);
	wire->first = wire->end = wire->filled = 0;
	wire->broken = false;
	wire->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (wire->descriptor < 0)
		return nx_why(why, "socket: %s", strerror(errno));
	/* a full backlog is waited for as long */
	setsockopt(wire->descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit,
	           sizeof(limit));
	if (connect(wire->descriptor, (const struct sockaddr *)&address,
	            sizeof(address)) < 0)
		return nx_why(why, "%s: %s", path, strerror(errno));
	return true;
}

static bool wait_for(struct nx_wire *wire, short what)
{
	struct pollfd ready = {.fd = wire->descriptor, .events = what};
	int64_t left = wire->deadline - milliseconds();
	if (left <= 0 || poll(&ready, 1, (int)left) == 0)
		return fail(wire, "took too long");
	return true;
}

bool nx_wire_flush(struct nx_wire *wire)
{
	size_t sent = 0;
	while (!wire->broken && sent < wire->filled) {
		ssize_t put =
		        send(wire->descriptor, wire->out + sent,
		             wire->filled - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (put > 0)
			sent += (size_t)put;
		else if (errno != EAGAIN)
			fail(wire, strerror(errno));
		else
			(void)wait_for(wire, POLLOUT);
	}
	wire->filled = 0;
	return !wire->broken;
}

bool nx_wire_put(struct nx_wire *wire, const char *bytes, size_t size)
{
	while (size > 0) {
		size_t room = sizeof(wire->out) - wire->filled;
		size_t part = size < room ? size : room;
		memcpy(wire->out + wire->filled, bytes, part);
		wire->filled += part;
		bytes += part;
		size -= part;
		if (wire->filled == sizeof(wire->out) && !nx_wire_flush(wire))
			return false;
	}
	return !wire->broken;
}

static bool fill(struct nx_wire *wire)
{
	if (!wait_for(wire, POLLIN))
		return false;
	ssize_t got = recv(wire->descriptor, wire->in, sizeof(wire->in),
	                   MSG_DONTWAIT);
	if (got < 0)
		return fail(wire, strerror(errno));
	if (got == 0)
		return fail(wire, "closed the connection");
	wire->first = 0;
	wire->end = (size_t)got;
	return true;
}

bool nx_wire_line(struct nx_wire *wire, char *line, size_t room)
{
	size_t length = 0;
	while (!wire->broken) {
		if (wire->first == wire->end && !fill(wire))
			break;
		char c = wire->in[wire->first++];
		if (c == '\n') {
			length -= length > 0 && line[length - 1] == '\r';
			line[length] = '\0';
			return true;
		}
		if (length + 1 < room)
			line[length++] = c;
	}
	return false;
}
