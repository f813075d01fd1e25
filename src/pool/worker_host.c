/* SPDX-License-Identifier: ISC */
#include "pool/worker_host.h"

#include "pool/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRACE_MS = 1000 }; /* for workers to end, at the end */

enum host_verb { VERB_ASK = 1, VERB_KILL };

struct host_order {
	enum host_verb verb;
	int place;
};

struct nx_worker_host { /* the pool's side */
	int pid;        /* 0: not a child of this process */
	int socket;
	char *slots; /* one page per place, shared */
	size_t page;
	int places;
};

struct host_process { /* the worker host's side */
	const struct nx_worker_host *host;
	const struct nx_engine *engine;
	struct nx_worker_warm_up warm_up;
	int socket;
	int deaths; /* signalfd */
	int pid[NX_WORKER_HOST_PLACES];
	int workers;
};

struct nx_worker_slot *nx_worker_host_slot(const struct nx_worker_host *host,
                                           int place)
{
	return (void *)(host->slots + (size_t)place * host->page);
}

/* Sends one report, with a descriptor if channel is one. */
static void tell(const struct host_process *process,
                 struct nx_worker_host_report report)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec bytes = {.iov_base = &report, .iov_len = sizeof(report)};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
	if (report.descriptor >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &report.descriptor, sizeof(int));
	}
	while (sendmsg(process->socket, &message, MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
}

/* Unmaps the pages of all other workers. */
static void keep_slot(const struct nx_worker_host *host, int place)
{
	char *const mine = (char *)nx_worker_host_slot(host, place);
	char *const end = host->slots + (size_t)host->places * host->page;
	if (mine > host->slots)
		munmap(host->slots, (size_t)(mine - host->slots));
	if (mine + host->page < end)
		munmap(mine + host->page, (size_t)(end - mine) - host->page);
}

static _Noreturn void be_worker(const struct host_process *process, int place,
                                int descriptor, int parent)
{
	prctl(PR_SET_NAME, "nixie-worker");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NX_WORKER_DONE);
	keep_slot(process->host, place);
	nx_sandbox_close_all_but(descriptor);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	nx_worker_run(process->engine,
	              nx_worker_host_slot(process->host, place));
}

/* -1 with errno when there is none. The pool's end is *channel. */
static int fork_worker(const struct host_process *process, int place,
                       int *descriptor)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	const int parent = getpid();
	/* Without the handlers of pthread_atfork: libuv's closes descriptors by
	 * numbers that now belong to others. */
	const int pid = _Fork();
	if (pid == 0)
		be_worker(process, place, ends[1], parent);
	const int cause = errno;
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*descriptor = ends[0];
	errno = cause;
	return pid;
}

static void warm_up(struct host_process *process)
{
	if (process->warm_up.warm_up)
		process->warm_up.warm_up(process->warm_up.subject);
	process->warm_up.warm_up = NULL;
}

static void spawn_worker(struct host_process *process, int place)
{
	struct nx_worker_host_report report = {.event = NX_WORKER_HOST_SPAWNED,
	                                       .place = place,
	                                       .descriptor = -1};
	struct nx_worker_slot *slot = nx_worker_host_slot(process->host, place);
	if (atomic_load(&slot->begun) > 0)
		warm_up(process);
	atomic_store(&slot->begun, 0);
	atomic_store(&slot->finished, 0);
	report.pid = fork_worker(process, place, &report.descriptor);
	if (report.pid < 0) {
		report.event = NX_WORKER_HOST_SPAWN_FAILED;
		report.status = errno;
	} else {
		process->pid[place] = report.pid;
		process->workers++;
	}
	tell(process, report);
	if (report.descriptor >= 0)
		close(report.descriptor);
}

static int place_of(const struct host_process *process, int pid)
{
	int place = 0;
	while (process->pid[place] != pid)
		place++;
	return place;
}

static void reap(struct host_process *process)
{
	int status;
	int pid;
	while (process->workers > 0 &&
	       (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		const int place = place_of(process, pid);
		process->pid[place] = 0;
		process->workers--;
		if (nx_worker_lacked_charsets(status))
			nx_message_start_charsets();
		tell(process, (struct nx_worker_host_report){
		                      .event = NX_WORKER_HOST_ENDED,
		                      .place = place,
		                      .pid = pid,
		                      .status = status,
		                      .descriptor = -1});
	}
}

static void kill_worker(const struct host_process *process, int place)
{
	if (process->pid[place] > 0)
		kill(process->pid[place], SIGKILL);
}

/* False when the pool has closed its end. */
static bool handle_order(struct host_process *process)
{
	struct host_order request;
	const ssize_t n = recv(process->socket, &request, sizeof(request), 0);
	if (n != sizeof(request))
		return n < 0 && errno == EINTR;
	if (request.verb == VERB_KILL)
		kill_worker(process, request.place);
	else if (process->pid[request.place] == 0)
		spawn_worker(process, request.place);
	return true;
}

/* Reports the workers that have ended; false when none did in wait_ms. */
static bool wait_exit(struct host_process *process, int wait_ms)
{
	struct pollfd deaths = {.fd = process->deaths, .events = POLLIN};
	if (poll(&deaths, 1, wait_ms) <= 0)
		return false;
	struct signalfd_siginfo info;
	if (read(process->deaths, &info, sizeof(info)) > 0)
		reap(process);
	return true;
}

static void serve_pool(struct host_process *process)
{
	struct pollfd events[] = {{.fd = process->socket, .events = POLLIN},
	                          {.fd = process->deaths, .events = POLLIN}};
	for (;;) {
		if (poll(events, 2, -1) < 0 && errno != EINTR)
			return;
		if (events[1].revents != 0)
			wait_exit(process, 0);
		if (events[0].revents != 0 && !handle_order(process))
			return;
	}
}

static void end_workers(struct host_process *process)
{
	reap(process);
	while (process->workers > 0 && wait_exit(process, GRACE_MS))
		;
	for (int i = 0; i < NX_WORKER_HOST_PLACES; i++)
		kill_worker(process, i);
	while (process->workers > 0 && wait_exit(process, -1))
		;
}

/* So that messages are answered first. */
void nx_worker_host_ignore_signals(void)
{
	const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
	                       SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM};
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

static void set_signals(void)
{
	nx_worker_host_ignore_signals();
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXCPU, SIG_DFL);
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static _Noreturn void be_worker_host(const struct nx_worker_host *host,
                                     const struct nx_engine *engine,
                                     const struct nx_worker_warm_up *warm_up,
                                     int socket)
{
	prctl(PR_SET_NAME, "nixie-nursery");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	nx_sandbox_close_all_but(socket);
	set_signals();
	sigset_t deaths;
	sigemptyset(&deaths);
	sigaddset(&deaths, SIGCHLD);
	struct host_process process = {
	        .host = host,
	        .engine = engine,
	        .warm_up = *warm_up,
	        .socket = NX_SANDBOX_CHANNEL,
	        .deaths = signalfd(-1, &deaths, SFD_CLOEXEC | SFD_NONBLOCK)};
	if (process.deaths < 0)
		_exit(1);
	nx_message_start();
	serve_pool(&process);
	end_workers(&process);
	_exit(0);
}

/* file -1: shared with the processes that are forked from here */
static bool map_slots(struct nx_worker_host *host, int file,
                      struct nx_error *err)
{
	host->page = (size_t)sysconf(_SC_PAGESIZE);
	void *slots = mmap(
	        NULL, (size_t)host->places * host->page, PROT_READ | PROT_WRITE,
	        MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);
	if (slots == MAP_FAILED)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no memory for the workers: %s",
		                    strerror(errno));
	host->slots = slots;
	return true;
}

static bool fork_worker_host(struct nx_worker_host *host,
                             const struct nx_engine *engine,
                             const struct nx_worker_warm_up *warm_up,
                             struct nx_error *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no socket for the workers: %s",
		                    strerror(errno));
	host->pid = fork();
	if (host->pid == 0)
		be_worker_host(host, engine, warm_up, ends[1]);
	const int cause = errno;
	close(ends[1]);
	host->socket = ends[0];
	if (host->pid > 0)
		return true;
	close(ends[0]);
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "no process for the workers: %s", strerror(cause));
}

static void unmap_slots(const struct nx_worker_host *host)
{
	munmap(host->slots, (size_t)host->places * host->page);
}

bool nx_worker_host_open(TALLOC_CTX *ctx, const struct nx_engine *engine,
                         const struct nx_worker_warm_up *warm_up, int places,
                         struct nx_worker_host **out, struct nx_error *err)
{
	struct nx_worker_host *host = talloc_zero(ctx, struct nx_worker_host);
	host->places = places;
	*out = host;
	if (!map_slots(host, -1, err))
		return false;
	if (fork_worker_host(host, engine, warm_up, err))
		return true;
	unmap_slots(host);
	return false;
}

static bool make_slots(struct nx_worker_host *host, int *slots,
                       struct nx_error *err)
{
	*slots = memfd_create("nixie-seats", MFD_CLOEXEC);
	const long size = host->places * sysconf(_SC_PAGESIZE);
	if (*slots < 0 || ftruncate(*slots, size) != 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no memory for the workers: %s",
		                    strerror(errno));
	return map_slots(host, *slots, err);
}

bool nx_worker_host_prepare(TALLOC_CTX *ctx, int places,
                            struct nx_worker_host **out, int *socket,
                            int *slots, struct nx_error *err)
{
	struct nx_worker_host *host = talloc_zero(ctx, struct nx_worker_host);
	int ends[2];
	host->places = places;
	if (!make_slots(host, slots, err)) {
		close(*slots);
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		unmap_slots(host);
		close(*slots);
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no socket for the workers: %s",
		                    strerror(errno));
	}
	host->socket = ends[0];
	*socket = ends[1];
	*out = host;
	return true;
}

_Noreturn void nx_worker_host_run(const struct nx_engine *engine, int socket,
                                  int slots, int places)
{
	struct nx_worker_host host = {.places = places};
	struct nx_error err;
	if (!map_slots(&host, slots, &err))
		_exit(1);
	/* its rules are already compiled */
	const struct nx_worker_warm_up none = {0};
	be_worker_host(&host, engine, &none, socket);
}

static void request(const struct nx_worker_host *host, enum host_verb verb,
                    int place)
{
	const struct host_order words = {.verb = verb, .place = place};
	/* If this fails the worker host is gone, and nx_worker_host_receive
	 * says so. */
	while (send(host->socket, &words, sizeof(words), MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
}

void nx_worker_host_ask(struct nx_worker_host *host, int place)
{
	request(host, VERB_ASK, place);
}

void nx_worker_host_kill(struct nx_worker_host *host, int place)
{
	request(host, VERB_KILL, place);
}

int nx_worker_host_socket(const struct nx_worker_host *host)
{
	return host->socket;
}

static int channel_of(struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int descriptor = -1;
	if (head != NULL && head->cmsg_type == SCM_RIGHTS)
		memcpy(&descriptor, CMSG_DATA(head), sizeof(descriptor));
	return descriptor;
}

static struct nx_worker_host_report take_report(
        const struct nx_worker_host *host)
{
	const struct nx_worker_host_report gone = {.event =
	                                                   NX_WORKER_HOST_GONE};
	struct nx_worker_host_report report = gone;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec bytes = {.iov_base = &report, .iov_len = sizeof(report)};
	struct msghdr message = {.msg_iov = &bytes,
	                         .msg_iovlen = 1,
	                         .msg_control = control.bytes,
	                         .msg_controllen = sizeof(control.bytes)};
	const ssize_t n = recvmsg(host->socket, &message, MSG_CMSG_CLOEXEC);
	if (n != sizeof(report))
		return gone;
	report.descriptor = channel_of(&message);
	return report;
}

struct nx_worker_host_report nx_worker_host_receive(
        const struct nx_worker_host *host, int wait_ms)
{
	struct pollfd event = {.fd = host->socket, .events = POLLIN};
	if (poll(&event, 1, wait_ms) > 0)
		return take_report(host);
	return (struct nx_worker_host_report){.event = NX_WORKER_HOST_QUIET};
}

/* Its parent is another process, which waits for it; its end of the socket
 * closes when it ends. */
static void await_end(const struct nx_worker_host *host)
{
	struct nx_worker_host_report report = {.event = NX_WORKER_HOST_QUIET};
	shutdown(host->socket, SHUT_WR);
	while (report.event != NX_WORKER_HOST_GONE) {
		report = nx_worker_host_receive(host, -1);
		if (report.event == NX_WORKER_HOST_SPAWNED &&
		    report.descriptor >= 0)
			close(report.descriptor);
	}
	close(host->socket);
}

void nx_worker_host_close(struct nx_worker_host *host)
{
	if (host->pid == 0) {
		await_end(host);
	} else {
		close(host->socket);
		while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	unmap_slots(host);
}
