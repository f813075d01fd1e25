/* SPDX-License-Identifier: ISC */
#include "sys/unix_client.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

enum { PATIENCE_S = 5 };

/* Of the socket or, when that cannot be seen, of what it is in. */
static const struct group *group_of(const char *path)
{
	struct stat about;
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = "";
	if (stat(path, &about) == 0)
		return getgrgid(about.st_gid);
	strncpy(folder, path, sizeof(folder) - 1);
	return stat(dirname(folder), &about) == 0 ? getgrgid(about.st_gid)
	                                          : NULL;
}

static bool not_permitted(const char *path, struct nx_error *err)
{
	const struct group *group = group_of(path);
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: no permission: ask as its owner%s%s", path,
	                    group ? ", or in group " : "",
	                    group ? group->gr_name : "");
}

static bool no_answer(const char *path, struct nx_error *err)
{
	const int number = errno;
	if (number == ENOENT)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "nixie serve is not running (no socket at "
		                    "%s)",
		                    path);
	if (number == ECONNREFUSED)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "nixie serve is not running (nobody "
		                    "answers at %s)",
		                    path);
	if (number == EACCES)
		return not_permitted(path, err);
	return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s", path,
	                    strerror(number));
}

bool nx_unix_client_connect(const char *path, int *out, struct nx_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	*out = -1;
	if (strlen(path) >= sizeof(address.sun_path))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: longer than a socket's path may be",
		                    path);
	*out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	setsockopt(*out, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(*out, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return connect(*out, (struct sockaddr *)&address, sizeof(address)) ==
	               0 ||
	       no_answer(path, err);
}
