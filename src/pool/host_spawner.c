/* SPDX-License-Identifier: ISC */
#include "pool/host_spawner.h"

#include "pool/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOADING_MS = 30000, DESCRIPTORS = 2 };

struct nx_host_spawner {
	int pid;
	int socket;
};

struct spawn_order {
	int places;
	char shipped[PATH_MAX]; /* as in struct nx_rules_from */
	char site[PATH_MAX];
	char profile[NAME_MAX];
	char config[PATH_MAX];
};

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
};

/* --- the host spawner's side ---------------------------------------------- */

/* The first thing a worker host sends: whether the rules could be loaded. */
static _Noreturn void be_worker_host(nx_host_spawner_load *load,
                                     const struct spawn_order *request,
                                     int socket, int slots)
{
	struct nx_error err = {.kind = NX_ERROR_NONE};
	const struct nx_engine *engine = NULL;
	const struct nx_rules_from from = {.shipped = request->shipped,
	                                   .site = request->site,
	                                   .profile = request->profile};
	const struct nx_host_spawner_order order = {.rules = &from,
	                                            .config = request->config};
	const bool loaded = load(NULL, &order, &engine, &err);
	if (send(socket, &err, sizeof(err), MSG_NOSIGNAL) != sizeof(err) ||
	    !loaded)
		_exit(1);
	nx_worker_host_run(engine, socket, slots, request->places);
}

static bool take_request(int socket, struct spawn_order *request,
                         int descriptor[DESCRIPTORS])
{
	union control control = {0};
	struct iovec bytes = {.iov_base = request, .iov_len = sizeof(*request)};
	struct msghdr message = {.msg_iov = &bytes,
	                         .msg_iovlen = 1,
	                         .msg_control = control.bytes,
	                         .msg_controllen = sizeof(control.bytes)};
	ssize_t n;
	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	if (n != sizeof(*request) || head == NULL ||
	    head->cmsg_len != CMSG_LEN(DESCRIPTORS * sizeof(int)))
		return false;
	memcpy(descriptor, CMSG_DATA(head), DESCRIPTORS * sizeof(int));
	return true;
}

/* A fork that fails is seen as a worker host that has ended. */
static _Noreturn void be_host_spawner(nx_host_spawner_load *load, int socket,
                                      int parent)
{
	struct spawn_order request;
	int descriptor[DESCRIPTORS];
	prctl(PR_SET_NAME, "nixie-keeper");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	nx_sandbox_close_all_but(socket);
	nx_worker_host_ignore_signals();
	signal(SIGCHLD, SIG_IGN);
	while (getppid() == parent &&
	       take_request(NX_SANDBOX_CHANNEL, &request, descriptor)) {
		if (_Fork() == 0)
			be_worker_host(load, &request, descriptor[0],
			               descriptor[1]);
		close(descriptor[0]);
		close(descriptor[1]);
	}
	_exit(0);
}

/* --- our side ------------------------------------------------------------- */

bool nx_host_spawner_open(TALLOC_CTX *ctx, nx_host_spawner_load *load,
                          struct nx_host_spawner **out, struct nx_error *err)
{
	int ends[2];
	const int parent = getpid();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no socket for the workers: %s",
		                    strerror(errno));
	const int pid = fork();
	if (pid == 0)
		be_host_spawner(load, ends[1], parent);
	const int cause = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no process for the workers: %s",
		                    strerror(cause));
	}
	*out = talloc(ctx, struct nx_host_spawner);
	**out = (struct nx_host_spawner){.pid = pid, .socket = ends[0]};
	return true;
}

static bool ask(const struct nx_host_spawner *spawner,
                const struct spawn_order *request,
                const int descriptor[DESCRIPTORS])
{
	union control control = {0};
	struct iovec bytes = {.iov_base = (void *)request,
	                      .iov_len = sizeof(*request)};
	struct msghdr message = {.msg_iov = &bytes,
	                         .msg_iovlen = 1,
	                         .msg_control = control.bytes,
	                         .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(DESCRIPTORS * sizeof(int));
	memcpy(CMSG_DATA(head), descriptor, DESCRIPTORS * sizeof(int));
	ssize_t n;
	do
		n = sendmsg(spawner->socket, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == sizeof(*request);
}

static bool hear_of_rules(const struct nx_worker_host *host,
                          struct nx_error *err)
{
	struct nx_error said;
	const int socket = nx_worker_host_socket(host);
	struct pollfd event = {.fd = socket, .events = POLLIN};
	if (poll(&event, 1, LOADING_MS) <= 0 ||
	    recv(socket, &said, sizeof(said), 0) != sizeof(said))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "the rules cannot be loaded for the "
		                    "workers");
	if (said.kind == NX_ERROR_NONE)
		return true;
	*err = said;
	return false;
}

static bool put(char *to, size_t room, const char *text, struct nx_error *err)
{
	if (strlen(text) >= room)
		return nx_error_set(err, NX_ERROR_CONFIG, "%.80s...: %s", text,
		                    strerror(ENAMETOOLONG));
	memcpy(to, text, strlen(text) + 1);
	return true;
}

static bool fill(struct spawn_order *request,
                 const struct nx_host_spawner_order *order,
                 struct nx_error *err)
{
	const struct nx_rules_from *from = order->rules;
	*request = (struct spawn_order){.places = order->places};
	return put(request->shipped, sizeof(request->shipped), from->shipped,
	           err) &&
	       put(request->site, sizeof(request->site), from->site, err) &&
	       put(request->profile, sizeof(request->profile), from->profile,
	           err) &&
	       put(request->config, sizeof(request->config), order->config,
	           err);
}

bool nx_host_spawner_spawn(TALLOC_CTX *ctx,
                           const struct nx_host_spawner *spawner,
                           const struct nx_host_spawner_order *order,
                           struct nx_worker_host **out, struct nx_error *err)
{
	struct spawn_order request;
	int descriptor[DESCRIPTORS];
	if (!fill(&request, order, err) ||
	    !nx_worker_host_prepare(ctx, order->places, out, &descriptor[0],
	                            &descriptor[1], err))
		return false;
	const bool asked = ask(spawner, &request, descriptor);
	close(descriptor[0]);
	close(descriptor[1]);
	if (asked && hear_of_rules(*out, err))
		return true;
	nx_worker_host_close(*out);
	*out = NULL;
	return asked ? false
	             : nx_error_set(err, NX_ERROR_INTERNAL,
	                            "the process that workers come from is "
	                            "gone");
}

void nx_host_spawner_close(struct nx_host_spawner *spawner)
{
	if (spawner == NULL)
		return;
	close(spawner->socket);
	while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR)
		;
	talloc_free(spawner);
}
