/* SPDX-License-Identifier: ISC */
#include "pool/worker_host.h"

#include "pool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	GRACE_MS = 1000,   /* for workers to end, at the end */
	LOADING_MS = 30000 /* for rules that the worker host loads itself */
};

enum host_verb { VERB_ASK = 1, VERB_KILL };

struct host_order {
	enum host_verb verb;
	int place;
};

union control { /* for one descriptor */
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

struct nx_worker_host { /* the pool's side */
	int pid;
	int socket;
	char *slots; /* one page per place, shared */
	int file;    /* of the slots */
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

bool nx_worker_host_await(int descriptor, int wait_ms)
{
	struct pollfd event = {.fd = descriptor, .events = POLLIN};
	int ready;
	do
		ready = poll(&event, 1, wait_ms);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* Sends bytes, and a descriptor unless it is negative. When this fails the
 * other side is gone, which is noticed when reading. */
static void send_with(int socket, const void *bytes, size_t size,
                      int descriptor)
{
	union control control = {0};
	struct iovec piece = {.iov_base = (void *)bytes, .iov_len = size};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	if (descriptor >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
	}
	while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

/* *descriptor is -1 when none came. */
static bool receive_with(int socket, void *bytes, size_t size, int *descriptor)
{
	union control control = {0};
	struct iovec piece = {.iov_base = bytes, .iov_len = size};
	struct msghdr message = {.msg_iov = &piece,
	                         .msg_iovlen = 1,
	                         .msg_control = control.bytes,
	                         .msg_controllen = sizeof(control.bytes)};
	ssize_t n;
	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	*descriptor = -1;
	if (head != NULL && head->cmsg_type == SCM_RIGHTS)
		memcpy(descriptor, CMSG_DATA(head), sizeof(int));
	return n == (ssize_t)size;
}

/* --- the worker host's side ----------------------------------------------- */

static void tell(const struct host_process *process,
                 enum nx_worker_host_event event, int place, int status)
{
	const struct nx_worker_host_report report = {event, place, status};
	send_with(process->socket, &report, sizeof(report), -1);
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
	signal(SIGABRT, SIG_DFL); /* the pool says what it died of */
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

/* -1 with errno when there is none. */
static int fork_worker(const struct host_process *process, int place,
                       int descriptor)
{
	const int parent = getpid();
	/* Without the handlers of pthread_atfork: libuv's closes descriptors by
	 * numbers that now belong to others. */
	const int pid = _Fork();
	if (pid == 0)
		be_worker(process, place, descriptor, parent);
	return pid;
}

static void warm_up(struct host_process *process)
{
	if (process->warm_up.warm_up)
		process->warm_up.warm_up(process->warm_up.subject);
	process->warm_up.warm_up = NULL;
}

static void spawn_worker(struct host_process *process, int place,
                         int descriptor)
{
	struct nx_worker_slot *slot = nx_worker_host_slot(process->host, place);
	if (atomic_load(&slot->begun) > 0)
		warm_up(process);
	atomic_store(&slot->begun, 0);
	atomic_store(&slot->finished, 0);
	const int pid = fork_worker(process, place, descriptor);
	if (pid < 0) {
		tell(process, NX_WORKER_HOST_SPAWN_FAILED, place, errno);
		return;
	}
	process->pid[place] = pid;
	process->workers++;
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
		tell(process, NX_WORKER_HOST_ENDED, place, status);
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
	struct host_order order;
	int channel;
	if (!receive_with(process->socket, &order, sizeof(order), &channel))
		return false;
	if (order.verb == VERB_KILL)
		kill_worker(process, order.place);
	else if (channel < 0) /* too many are open */
		tell(process, NX_WORKER_HOST_SPAWN_FAILED, order.place, EMFILE);
	else
		spawn_worker(process, order.place, channel);
	if (channel >= 0)
		close(channel);
	return true;
}

/* Reports the workers that have ended; false when none did in wait_ms. */
static bool wait_exit(struct host_process *process, int wait_ms)
{
	if (!nx_worker_host_await(process->deaths, wait_ms))
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

/* Those that a terminal or a service manager sends to all processes: the pool
 * acts on them, after what was begun is answered. */
static void ignore_signals(void)
{
	const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
	                       SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM};
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

static void set_signals(void)
{
	ignore_signals();
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXCPU, SIG_DFL);
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static _Noreturn void be_worker_host(const struct nx_worker_host *host,
                                     const struct nx_worker_source *source,
                                     int socket)
{
	prctl(PR_SET_NAME, NX_WORKER_HOST_NAME);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	nx_sandbox_close_all_but(socket);
	set_signals();
	sigset_t deaths;
	sigemptyset(&deaths);
	sigaddset(&deaths, SIGCHLD);
	struct host_process process = {
	        .host = host,
	        .engine = source->engine,
	        .warm_up = source->warm_up,
	        .socket = NX_SANDBOX_CHANNEL,
	        .deaths = signalfd(-1, &deaths, SFD_CLOEXEC | SFD_NONBLOCK)};
	if (process.deaths < 0)
		_exit(1);
	nx_message_start();
	serve_pool(&process);
	end_workers(&process);
	_exit(0);
}

static bool map_slots(struct nx_worker_host *host)
{
	host->page = (size_t)sysconf(_SC_PAGESIZE);
	void *slots = mmap(NULL, (size_t)host->places * host->page,
	                   PROT_READ | PROT_WRITE, MAP_SHARED, host->file, 0);
	host->slots = slots;
	return slots != MAP_FAILED;
}

static bool make_slots(struct nx_worker_host *host, struct nx_error *err)
{
	host->file = memfd_create("nixie-slots", MFD_CLOEXEC);
	const long size = host->places * sysconf(_SC_PAGESIZE);
	if (host->file >= 0 && ftruncate(host->file, size) == 0 &&
	    map_slots(host))
		return true;
	nx_error_set(err, NX_ERROR_TEMPORARY, "no memory for the workers: %s",
	             strerror(errno));
	if (host->file >= 0)
		close(host->file);
	return false;
}

/* --- a worker host that is a new process of the program ------------------- */

static bool tell_of_rules(int socket, const struct nx_error *err)
{
	return send(socket, err, sizeof(*err), MSG_NOSIGNAL) == sizeof(*err);
}

static bool hear_of_rules(int socket, struct nx_error *err)
{
	struct nx_error said;
	if (!nx_worker_host_await(socket, LOADING_MS) ||
	    recv(socket, &said, sizeof(said), 0) != sizeof(said))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "the rules cannot be loaded for the "
		                    "workers");
	if (said.kind == NX_ERROR_NONE)
		return true;
	*err = said;
	return false;
}

/* /proc/self/exe is the program that runs, even when another one has been
 * installed since. */
static _Noreturn void start_program(const struct nx_worker_host *host,
                                    const struct nx_worker_source *source,
                                    int socket)
{
	struct nx_error err;
	char number[2][16];
	const struct nx_rules_from *rules = source->rules;
	const char *const argv[NX_WORKER_HOST_ARGUMENTS + 1] = {
	        NX_WORKER_HOST_NAME, number[0],   number[1],
	        rules->shipped,      rules->site, rules->profile,
	        source->config,      NULL};
	snprintf(number[0], sizeof(number[0]), "%d", socket);
	snprintf(number[1], sizeof(number[1]), "%d", host->file);
	fcntl(socket, F_SETFD, 0);
	fcntl(host->file, F_SETFD, 0);
	ignore_signals();
	execv("/proc/self/exe", (char *const *)argv);
	nx_error_set(&err, NX_ERROR_TEMPORARY, "/proc/self/exe: %s",
	             strerror(errno));
	(void)tell_of_rules(socket, &err);
	_exit(1);
}

_Noreturn void nx_worker_host_run(const struct nx_engine *engine, int socket,
                                  int slots, const struct nx_error *err)
{
	const long pages = lseek(slots, 0, SEEK_END) / sysconf(_SC_PAGESIZE);
	struct nx_worker_host host = {.file = slots, .places = (int)pages};
	const struct nx_worker_source source = {.engine = engine};
	if (!tell_of_rules(socket, err) || engine == NULL || !map_slots(&host))
		_exit(1);
	be_worker_host(&host, &source, socket);
}

/* --- the pool's side ------------------------------------------------------ */

static bool start_worker_host(struct nx_worker_host *host,
                              const struct nx_worker_source *source,
                              struct nx_error *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no socket for the workers: %s",
		                    strerror(errno));
	host->socket = ends[0];
	host->pid = _Fork();
	if (host->pid == 0 && source->rules == NULL)
		be_worker_host(host, source, ends[1]);
	if (host->pid == 0)
		start_program(host, source, ends[1]);
	const int cause = errno;
	close(ends[1]);
	if (host->pid > 0)
		return true;
	close(ends[0]);
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "no process for the workers: %s", strerror(cause));
}

bool nx_worker_host_open(TALLOC_CTX *ctx, const struct nx_worker_source *source,
                         int places, struct nx_worker_host **out,
                         struct nx_error *err)
{
	struct nx_worker_host *host = talloc_zero(ctx, struct nx_worker_host);
	host->places = places;
	if (!make_slots(host, err))
		return false;
	const bool started = start_worker_host(host, source, err);
	close(host->file);
	*out = host;
	if (!started)
		munmap(host->slots, (size_t)places * host->page);
	if (!started || source->rules == NULL ||
	    hear_of_rules(host->socket, err))
		return started;
	nx_worker_host_close(host);
	return false;
}

int nx_worker_host_ask(const struct nx_worker_host *host, int place)
{
	const struct host_order order = {VERB_ASK, place};
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	send_with(host->socket, &order, sizeof(order), ends[1]);
	close(ends[1]);
	return ends[0];
}

void nx_worker_host_kill(const struct nx_worker_host *host, int place)
{
	const struct host_order order = {VERB_KILL, place};
	send_with(host->socket, &order, sizeof(order), -1);
}

int nx_worker_host_socket(const struct nx_worker_host *host)
{
	return host->socket;
}

struct nx_worker_host_report nx_worker_host_receive(
        const struct nx_worker_host *host, int wait_ms)
{
	struct nx_worker_host_report report = {NX_WORKER_HOST_QUIET, 0, 0};
	int none;
	if (nx_worker_host_await(host->socket, wait_ms) &&
	    !receive_with(host->socket, &report, sizeof(report), &none))
		report.event = NX_WORKER_HOST_GONE;
	return report;
}

void nx_worker_host_close(struct nx_worker_host *host)
{
	close(host->socket);
	while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(host->slots, (size_t)host->places * host->page);
}
