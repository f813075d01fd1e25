/* SPDX-License-Identifier: ISC */
#include "filter/daemon.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void nx_daemon_hang_up(struct nx_daemon *daemon)
{
	if (daemon->connected)
		close(daemon->descriptor);
	daemon->connected = false;
	daemon->filled = 0;
	nx_socketmap_reply_next(&daemon->reply);
}

static bool fail(struct nx_daemon *daemon, const char *text, const char **why)
{
	*why = text;
	nx_daemon_hang_up(daemon);
	return false;
}

static bool open_connection(struct nx_daemon *daemon, const char **why)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strncpy(address.sun_path, daemon->path, sizeof(address.sun_path) - 1);
	daemon->descriptor =
	        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	daemon->connected = daemon->descriptor >= 0;
	/* a full backlog fails too: whoever does not accept does not answer */
	if (!daemon->connected ||
	    connect(daemon->descriptor, (const struct sockaddr *)&address,
	            sizeof(address)) < 0)
		return fail(daemon, strerror(errno), why);
	return true;
}

bool nx_daemon_send(struct nx_daemon *daemon, const char **why)
{
	const ssize_t sent = send(daemon->descriptor, daemon->output,
	                          daemon->filled, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ||
		       fail(daemon, strerror(errno), why);
	daemon->filled -= (size_t)sent;
	memmove(daemon->output, daemon->output + sent, daemon->filled);
	return true;
}

bool nx_daemon_ask(struct nx_daemon *daemon, const char *key, size_t size,
                   const char **why)
{
	char question[NX_SOCKETMAP_ROOM];
	const size_t asked = nx_socketmap_ask(question, daemon->map, key, size);
	if (!daemon->connected && !open_connection(daemon, why))
		return false;
	if (asked == 0 || daemon->filled + asked > sizeof(daemon->output))
		return fail(daemon, "takes no more questions", why);
	memcpy(daemon->output + daemon->filled, question, asked);
	daemon->filled += asked;
	return nx_daemon_send(daemon, why);
}

struct pollfd nx_daemon_poll(const struct nx_daemon *daemon)
{
	return (struct pollfd){
	        .fd = daemon->connected ? daemon->descriptor : -1,
	        .events = (short)(POLLIN | (daemon->filled > 0 ? POLLOUT : 0))};
}

bool nx_daemon_receive(struct nx_daemon *daemon, char *bytes, size_t size,
                       size_t *got, const char **why)
{
	const ssize_t received = recv(daemon->descriptor, bytes, size, 0);
	*got = received > 0 ? (size_t)received : 0;
	if (received > 0 ||
	    (received < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	return fail(daemon,
	            received == 0 ? "closed the connection" : strerror(errno),
	            why);
}
