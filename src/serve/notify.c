/* SPDX-License-Identifier: ISC */
#include "serve/notify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_DESCRIPTOR = 3, MOST_INHERITED = 64 };

/* A name that begins with @ is in the abstract namespace. */
static bool fill_address(const char *name, struct sockaddr_un *out,
                         socklen_t *size)
{
	const size_t length = strlen(name);
	if ((*name != '/' && *name != '@') || length >= sizeof(out->sun_path))
		return false;
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(out->sun_path, name, length);
	if (*name == '@')
		out->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

void nx_notify(const char *text)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t size;
	if (name == NULL || !fill_address(name, &address, &size))
		return;
	const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return;
	(void)!sendto(descriptor, text, strlen(text), MSG_NOSIGNAL,
	              (struct sockaddr *)&address, size);
	close(descriptor);
}

void nx_notify_reloading(void)
{
	char text[80];
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	         now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000);
	nx_notify(text);
}

static int64_t number_of(const char *variable)
{
	const char *text = getenv(variable);
	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

int64_t nx_notify_watchdog(void)
{
	const int64_t pid = number_of("WATCHDOG_PID");
	if (pid != 0 && pid != getpid())
		return 0;
	const int64_t span = number_of("WATCHDOG_USEC");
	return span > 0 ? span : 0;
}

/* The next of several names separated by colons. */
static const char *take_name(TALLOC_CTX *ctx, const char **names)
{
	const size_t size = strcspn(*names, ":");
	const char *name = talloc_strndup(ctx, *names, size);
	*names += size + ((*names)[size] == ':');
	return name;
}

struct nx_inherited *nx_notify_inherited(TALLOC_CTX *ctx, size_t *count)
{
	const int64_t wanted = number_of("LISTEN_FDS");
	const bool ours = number_of("LISTEN_PID") == getpid();
	const char *names = getenv("LISTEN_FDNAMES");
	struct nx_inherited *list =
	        talloc_array(ctx, struct nx_inherited, MOST_INHERITED);
	names = names != NULL ? names : "";
	*count = 0;
	while (ours && (int64_t)*count < wanted && *count < MOST_INHERITED) {
		struct nx_inherited *one = &list[*count];
		one->descriptor = FIRST_DESCRIPTOR + (int)*count;
		one->name = take_name(list, &names);
		fcntl(one->descriptor, F_SETFD, FD_CLOEXEC);
		++*count;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return list;
}
