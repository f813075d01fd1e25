/* SPDX-License-Identifier: ISC */
#include "pipe/connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool fail(struct nx_connection *connection, const char *text)
{
	if (!connection->broken)
		nx_pipe_error(connection->err, "daemon: %s", text);
	connection->broken = true;
	return false;
}

bool nx_connection_open(struct nx_connection *connection, const char *path,
                        int seconds, struct nx_pipe_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval limit = {.tv_sec = seconds};
	if (strlen(path) >= sizeof(address.sun_path))
		return nx_pipe_error(err, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	connection->err = err;
	connection->deadline = milliseconds() + seconds * INT64_C(1000);
	connection->first = connection->end = connection->filled = 0;
	connection->broken = false;
	connection->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->descriptor < 0)
		return nx_pipe_error(err, "socket: %s", strerror(errno));
	/* the same time limit applies to a full backlog */
	setsockopt(connection->descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit,
	           sizeof(limit));
	if (connect(connection->descriptor, (const struct sockaddr *)&address,
	            sizeof(address)) < 0)
		return nx_pipe_error(err, "%s: %s", path, strerror(errno));
	return true;
}

static bool wait_for(struct nx_connection *connection, short what)
{
	struct pollfd ready = {.fd = connection->descriptor, .events = what};
	int64_t left = connection->deadline - milliseconds();
	if (left <= 0 || poll(&ready, 1, (int)left) == 0)
		return fail(connection, "took too long");
	return true;
}

bool nx_connection_flush(struct nx_connection *connection)
{
	size_t sent = 0;
	while (!connection->broken && sent < connection->filled) {
		ssize_t put = send(
		        connection->descriptor, connection->out + sent,
		        connection->filled - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (put > 0)
			sent += (size_t)put;
		else if (errno != EAGAIN)
			fail(connection, strerror(errno));
		else
			(void)wait_for(connection, POLLOUT);
	}
	connection->filled = 0;
	return !connection->broken;
}

bool nx_connection_put(struct nx_connection *connection, const char *bytes,
                       size_t size)
{
	while (size > 0) {
		size_t room = sizeof(connection->out) - connection->filled;
		size_t part = size < room ? size : room;
		memcpy(connection->out + connection->filled, bytes, part);
		connection->filled += part;
		bytes += part;
		size -= part;
		if (connection->filled == sizeof(connection->out) &&
		    !nx_connection_flush(connection))
			return false;
	}
	return !connection->broken;
}

static bool fill(struct nx_connection *connection)
{
	if (!wait_for(connection, POLLIN))
		return false;
	ssize_t got = recv(connection->descriptor, connection->in,
	                   sizeof(connection->in), MSG_DONTWAIT);
	if (got < 0)
		return fail(connection, strerror(errno));
	if (got == 0)
		return fail(connection, "closed the connection");
	connection->first = 0;
	connection->end = (size_t)got;
	return true;
}

bool nx_connection_line(struct nx_connection *connection, char *line,
                        size_t room)
{
	size_t length = 0;
	while (!connection->broken) {
		if (connection->first == connection->end && !fill(connection))
			break;
		char c = connection->in[connection->first++];
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
