/* SPDX-License-Identifier: ISC */
#include "serve/listen.h"

#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static bool fail(struct nx_error *err, const char *name)
{
	return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s", name,
	                    strerror(errno));
}

/* --- owner, group and mode ------------------------------------------------ */

static bool parse_id(const char *text, long *out)
{
	char *end = NULL;
	*out = strtol(text, &end, 10);
	return end != text && *end == '\0' && *out >= 0;
}

/* -1: not given */
static bool find_owner(const char *name, long *out, struct nx_error *err)
{
	*out = -1;
	if (*name == '\0' || parse_id(name, out))
		return true;
	const struct passwd *user = getpwnam(name);
	if (user == NULL)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "owner: there is no user %s", name);
	*out = user->pw_uid;
	return true;
}

static bool find_group(const char *name, long *out, struct nx_error *err)
{
	*out = -1;
	if (*name == '\0' || parse_id(name, out))
		return true;
	const struct group *group = getgrnam(name);
	if (group == NULL)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "group: there is no group %s", name);
	*out = group->gr_gid;
	return true;
}

static bool is_the_file(const struct stat *about,
                        const struct nx_listener *listener)
{
	return about->st_dev == listener->device &&
	       about->st_ino == listener->inode;
}

/* What is right already is not changed: only the owner could. */
static bool give_away(const struct nx_listener *listener, uid_t owner,
                      gid_t group, mode_t mode, struct nx_error *err)
{
	struct stat about;
	const char *path = listener->path;
	if (lstat(path, &about) != 0)
		return fail(err, path);
	if (!is_the_file(&about, listener))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: is not the socket that we made", path);
	if ((about.st_uid != owner || about.st_gid != group) &&
	    lchown(path, owner, group) != 0)
		return errno == EPERM
		               ? nx_error_set(err, NX_ERROR_TEMPORARY,
		                              "%s: only a member of its group "
		                              "may make it for that group, and "
		                              "only root for another owner",
		                              path)
		               : fail(err, path);
	return (about.st_mode & ALLPERMS) == mode || chmod(path, mode) == 0 ||
	       fail(err, path);
}

bool nx_listen_dress(const struct nx_listener *listener,
                     const struct nx_listen *wanted, struct nx_error *err)
{
	long owner, group;
	if (!find_owner(wanted->owner, &owner, err) ||
	    !find_group(wanted->group, &group, err))
		return false;
	return *listener->path == '\0' ||
	       give_away(listener, owner >= 0 ? (uid_t)owner : listener->owner,
	                 group >= 0 ? (gid_t)group : listener->group,
	                 (mode_t)wanted->mode, err);
}

/* --- unix sockets --------------------------------------------------------- */

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	return address;
}

static bool somebody_answers(const char *path)
{
	const struct sockaddr_un address = address_of(path);
	NX_CLOSES int descriptor =
	        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return connect(descriptor, (const struct sockaddr *)&address,
	               sizeof(address)) == 0 ||
	       errno != ECONNREFUSED;
}

static bool is_ours(const struct stat *about, const struct nx_listen *wanted)
{
	struct nx_error ignored;
	long owner;
	return about->st_uid == geteuid() ||
	       (find_owner(wanted->owner, &owner, &ignored) &&
	        (long)about->st_uid == owner);
}

static bool clear_way(const struct nx_listen *wanted, struct nx_error *err)
{
	struct stat about;
	const char *path = wanted->path;
	if (lstat(path, &about) != 0)
		return errno == ENOENT || fail(err, path);
	if (!S_ISSOCK(about.st_mode))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: is there and is no socket", path);
	if (!is_ours(&about, wanted))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: is there and is somebody else's",
		                    path);
	if (somebody_answers(path))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: somebody listens there already", path);
	return unlink(path) == 0 || fail(err, path);
}

/* No client can connect before the file has its owner and mode. */
static bool bind_closed(int descriptor, const char *path)
{
	const struct sockaddr_un address = address_of(path);
	const mode_t old = umask(0777);
	const int result = bind(descriptor, (const struct sockaddr *)&address,
	                        sizeof(address));
	umask(old);
	return result == 0;
}

static bool note_file(struct nx_listener *out, const char *path,
                      struct nx_error *err)
{
	struct stat about;
	if (lstat(path, &about) != 0)
		return fail(err, path);
	out->path = path;
	out->device = about.st_dev;
	out->inode = about.st_ino;
	out->owner = about.st_uid;
	out->group = about.st_gid;
	return true;
}

static bool cannot_bind(const struct nx_listen *wanted, struct nx_error *err)
{
	const int size = (int)(strrchr(wanted->path, '/') - wanted->path);
	if (errno != ENOENT)
		return fail(err, wanted->path);
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "cannot listen on unix:%s: directory %.*s is "
	                    "missing",
	                    wanted->path, size, wanted->path);
}

static bool bind_unix(const struct nx_listen *wanted, struct nx_listener *out,
                      struct nx_error *err)
{
	if (!clear_way(wanted, err))
		return false;
	if (!bind_closed(out->descriptor, wanted->path))
		return cannot_bind(wanted, err);
	if (!note_file(out, wanted->path, err))
		return false;
	return nx_listen_dress(out, wanted, err);
}

/* --- TCP ------------------------------------------------------------------ */

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

static bool fill_address(const struct nx_listen *wanted, union address *out,
                         socklen_t *size)
{
	const uint16_t port = htons((uint16_t)wanted->port);
	*out = (union address){0};
	if (inet_pton(AF_INET, wanted->host, &out->four.sin_addr) == 1) {
		out->four.sin_family = AF_INET;
		out->four.sin_port = port;
		*size = sizeof(out->four);
		return true;
	}
	out->six.sin6_family = AF_INET6;
	out->six.sin6_port = port;
	*size = sizeof(out->six);
	return inet_pton(AF_INET6, wanted->host, &out->six.sin6_addr) == 1;
}

static bool bind_tcp(const struct nx_listen *wanted, struct nx_listener *out,
                     struct nx_error *err)
{
	union address address;
	socklen_t size;
	const int yes = 1;
	if (!fill_address(wanted, &address, &size))
		return nx_error_set(err, NX_ERROR_CONFIG, "%s: no address",
		                    wanted->name);
	setsockopt(out->descriptor, SOL_SOCKET, SO_REUSEADDR, &yes,
	           sizeof(yes));
	return bind(out->descriptor, &address.any, size) == 0 ||
	       fail(err, wanted->name);
}

/* --- both ----------------------------------------------------------------- */

static const char *name_of(TALLOC_CTX *ctx, const union address *address)
{
	char text[INET6_ADDRSTRLEN] = "";
	switch (address->any.sa_family) {
	case AF_UNIX:
		return talloc_asprintf(ctx, "unix:%s", address->local.sun_path);
	case AF_INET:
		inet_ntop(AF_INET, &address->four.sin_addr, text, sizeof(text));
		return talloc_asprintf(ctx, "%s:%d", text,
		                       ntohs(address->four.sin_port));
	case AF_INET6:
		inet_ntop(AF_INET6, &address->six.sin6_addr, text,
		          sizeof(text));
		return talloc_asprintf(ctx, "[%s]:%d", text,
		                       ntohs(address->six.sin6_port));
	default:
		return "";
	}
}

/* What the socket is; false when it does not listen. */
static bool examine(TALLOC_CTX *ctx, int descriptor, union address *address,
                    struct nx_listener *out, struct nx_error *err)
{
	socklen_t size = sizeof(*address);
	int listens = 0;
	socklen_t answer = sizeof(listens);
	*address = (union address){0};
	*out = (struct nx_listener){
	        .path = "", .passed_as = "", .descriptor = descriptor};
	if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens,
	               &answer) != 0 ||
	    !listens || getsockname(descriptor, &address->any, &size) != 0)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "descriptor %d: no socket that listens",
		                    descriptor);
	out->is_unix = address->any.sa_family == AF_UNIX;
	out->name = out->wanted = name_of(ctx, address);
	return true;
}

/* --- of a service manager ------------------------------------------------- */

static bool is_loopback(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->four.sin_addr.s_addr) >> 24 ==
		       IN_LOOPBACKNET;
	return address->any.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&address->six.sin6_addr);
}

/* A file that we cannot look at is behind a directory that not everybody may
 * enter; a name without a file is open to all. */
static bool is_closed_to_others(const union address *address)
{
	struct stat about;
	const char *path = address->local.sun_path;
	return *path != '\0' &&
	       (stat(path, &about) != 0 || (about.st_mode & S_IWOTH) == 0);
}

bool nx_listen_adopt(TALLOC_CTX *ctx, int descriptor, const char *name,
                     struct nx_listener *out, struct nx_error *err)
{
	union address address;
	if (!examine(ctx, descriptor, &address, out, err))
		return false;
	out->passed_as = name;
	if (!out->is_unix && !is_loopback(&address))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s, passed as %s: not a loopback address "
		                    "(127.0.0.1 or [::1])",
		                    out->name, name);
	if (out->is_unix && !is_closed_to_others(&address))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s, passed as %s: anybody on this host "
		                    "could connect: SocketMode=0660 and "
		                    "SocketGroup= say who may",
		                    out->name, name);
	return true;
}

/* --- of our own ----------------------------------------------------------- */

static bool open_one(TALLOC_CTX *ctx, const struct nx_listen *wanted,
                     struct nx_listener *out, struct nx_error *err)
{
	struct nx_listener seen;
	union address address;
	if (!(*wanted->path != '\0' ? bind_unix(wanted, out, err)
	                            : bind_tcp(wanted, out, err)))
		return false;
	if (listen(out->descriptor, BACKLOG) != 0)
		return fail(err, wanted->name);
	if (!examine(ctx, out->descriptor, &address, &seen, err))
		return false;
	out->name = seen.name;
	out->is_unix = seen.is_unix;
	return true;
}

bool nx_listen_open(TALLOC_CTX *ctx, const struct nx_listen *wanted,
                    struct nx_listener *out, struct nx_error *err)
{
	int family = strchr(wanted->host, ':') != NULL ? AF_INET6 : AF_INET;
	if (*wanted->path != '\0')
		family = AF_UNIX;
	*out = (struct nx_listener){
	        .wanted = wanted->name, .path = "", .passed_as = ""};
	out->descriptor =
	        socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (out->descriptor < 0)
		return fail(err, wanted->name);
	if (open_one(ctx, wanted, out, err))
		return true;
	nx_listen_remove(out);
	close(out->descriptor);
	return false;
}

bool nx_listen_private(TALLOC_CTX *ctx, const char *path,
                       struct nx_listener *out, struct nx_error *err)
{
	const struct sockaddr_un *room = NULL;
	const struct nx_listen wanted = {
	        .name = path,
	        .path = path,
	        .host = "",
	        .owner = "",
	        .group = "",
	        .mode = 0600,
	};
	if (strlen(path) >= sizeof(room->sun_path))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: longer than a socket's path may be",
		                    path);
	return nx_listen_open(ctx, &wanted, out, err);
}

bool nx_listen_is_gone(const struct nx_listener *listener)
{
	struct stat about;
	return *listener->path != '\0' && (lstat(listener->path, &about) != 0 ||
	                                   !is_the_file(&about, listener));
}

void nx_listen_remove(const struct nx_listener *listener)
{
	struct stat about;
	if (*listener->path != '\0' && lstat(listener->path, &about) == 0 &&
	    is_the_file(&about, listener))
		unlink(listener->path);
}
