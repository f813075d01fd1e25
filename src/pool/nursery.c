/* SPDX-License-Identifier: ISC */
#include "pool/nursery.h"

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

enum { GRACE_MS = 1000 }; /* for workers to leave at the end */

enum verb { VERB_ASK = 1, VERB_KILL };

struct request {
	enum verb verb;
	int place;
};

struct nx_nursery { /* the pool's side */
	int pid;    /* 0: no child of this process */
	int socket;
	char *seats; /* one page a place, shared */
	size_t page;
	int places;
};

struct house { /* the nursery's side */
	const struct nx_nursery *nursery;
	const struct nx_engine *engine;
	struct nx_nursery_lesson lesson;
	int socket;
	int deaths; /* signalfd */
	int pid[NX_NURSERY_PLACES];
	int workers;
};

struct nx_seat *nx_nursery_seat(const struct nx_nursery *nursery, int place)
{
	return (void *)(nursery->seats + (size_t)place * nursery->page);
}

/* One report, with a descriptor when channel is one. */
static void tell(const struct house *house, struct nx_nursery_report report)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec bytes = {.iov_base = &report, .iov_len = sizeof(report)};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
	if (report.channel >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &report.channel, sizeof(int));
	}
	while (sendmsg(house->socket, &message, MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
}

/* The pages of all other workers go. */
static void keep_seat(const struct nx_nursery *nursery, int place)
{
	char *const mine = (char *)nx_nursery_seat(nursery, place);
	char *const end =
	        nursery->seats + (size_t)nursery->places * nursery->page;
	if (mine > nursery->seats)
		munmap(nursery->seats, (size_t)(mine - nursery->seats));
	if (mine + nursery->page < end)
		munmap(mine + nursery->page,
		       (size_t)(end - mine) - nursery->page);
}

static _Noreturn void be_worker(const struct house *house, int place,
                                int channel, int parent)
{
	prctl(PR_SET_NAME, "nixie-worker");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NX_WORKER_DONE);
	keep_seat(house->nursery, place);
	nx_sandbox_close_all_but(channel);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	nx_worker_run(house->engine, nx_nursery_seat(house->nursery, place));
}

/* -1 with errno when there is none. The pool's end is *channel. */
static int fork_worker(const struct house *house, int place, int *channel)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	const int parent = getpid();
	/* Without the handlers of pthread_atfork: that of libuv closes
	 * descriptors by numbers that are others' by now. */
	const int pid = _Fork();
	if (pid == 0)
		be_worker(house, place, ends[1], parent);
	const int cause = errno;
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*channel = ends[0];
	errno = cause;
	return pid;
}

static void learn(struct house *house)
{
	if (house->lesson.learn)
		house->lesson.learn(house->lesson.subject);
	house->lesson.learn = NULL;
}

static void raise_worker(struct house *house, int place)
{
	struct nx_nursery_report report = {
	        .news = NX_NURSERY_BORN, .place = place, .channel = -1};
	struct nx_seat *seat = nx_nursery_seat(house->nursery, place);
	if (atomic_load(&seat->begun) > 0)
		learn(house);
	atomic_store(&seat->begun, 0);
	atomic_store(&seat->finished, 0);
	report.pid = fork_worker(house, place, &report.channel);
	if (report.pid < 0) {
		report.news = NX_NURSERY_BARREN;
		report.status = errno;
	} else {
		house->pid[place] = report.pid;
		house->workers++;
	}
	tell(house, report);
	if (report.channel >= 0)
		close(report.channel);
}

static int place_of(const struct house *house, int pid)
{
	int place = 0;
	while (house->pid[place] != pid)
		place++;
	return place;
}

static void reap(struct house *house)
{
	int status;
	int pid;
	while (house->workers > 0 &&
	       (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		const int place = place_of(house, pid);
		house->pid[place] = 0;
		house->workers--;
		if (nx_worker_lacked_charsets(status))
			nx_message_start_charsets();
		tell(house, (struct nx_nursery_report){.news = NX_NURSERY_ENDED,
		                                       .place = place,
		                                       .pid = pid,
		                                       .status = status,
		                                       .channel = -1});
	}
}

static void kill_worker(const struct house *house, int place)
{
	if (house->pid[place] > 0)
		kill(house->pid[place], SIGKILL);
}

/* False when the pool has closed its end. */
static bool obey(struct house *house)
{
	struct request request;
	const ssize_t n = recv(house->socket, &request, sizeof(request), 0);
	if (n != sizeof(request))
		return n < 0 && errno == EINTR;
	if (request.verb == VERB_KILL)
		kill_worker(house, request.place);
	else if (house->pid[request.place] == 0)
		raise_worker(house, request.place);
	return true;
}

/* Takes the deaths that are waiting; false when none came in wait_ms. */
static bool mourn(struct house *house, int wait_ms)
{
	struct pollfd deaths = {.fd = house->deaths, .events = POLLIN};
	if (poll(&deaths, 1, wait_ms) <= 0)
		return false;
	struct signalfd_siginfo info;
	if (read(house->deaths, &info, sizeof(info)) > 0)
		reap(house);
	return true;
}

static void keep_house(struct house *house)
{
	struct pollfd events[] = {{.fd = house->socket, .events = POLLIN},
	                          {.fd = house->deaths, .events = POLLIN}};
	for (;;) {
		if (poll(events, 2, -1) < 0 && errno != EINTR)
			return;
		if (events[1].revents != 0)
			mourn(house, 0);
		if (events[0].revents != 0 && !obey(house))
			return;
	}
}

static void close_house(struct house *house)
{
	reap(house);
	while (house->workers > 0 && mourn(house, GRACE_MS))
		;
	for (int i = 0; i < NX_NURSERY_PLACES; i++)
		kill_worker(house, i);
	while (house->workers > 0 && mourn(house, -1))
		;
}

/* So that messages are answered first. */
void nx_nursery_ignore_signals(void)
{
	const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
	                       SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM};
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

static void set_signals(void)
{
	nx_nursery_ignore_signals();
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXCPU, SIG_DFL);
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static _Noreturn void be_nursery(const struct nx_nursery *nursery,
                                 const struct nx_engine *engine,
                                 const struct nx_nursery_lesson *lesson,
                                 int socket)
{
	prctl(PR_SET_NAME, "nixie-nursery");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	nx_sandbox_close_all_but(socket);
	set_signals();
	sigset_t deaths;
	sigemptyset(&deaths);
	sigaddset(&deaths, SIGCHLD);
	struct house house = {
	        .nursery = nursery,
	        .engine = engine,
	        .lesson = *lesson,
	        .socket = NX_SANDBOX_CHANNEL,
	        .deaths = signalfd(-1, &deaths, SFD_CLOEXEC | SFD_NONBLOCK)};
	if (house.deaths < 0)
		_exit(1);
	nx_message_start();
	keep_house(&house);
	close_house(&house);
	_exit(0);
}

/* file -1: shared with what is forked from here */
static bool map_seats(struct nx_nursery *nursery, int file,
                      struct nx_error *err)
{
	nursery->page = (size_t)sysconf(_SC_PAGESIZE);
	void *seats =
	        mmap(NULL, (size_t)nursery->places * nursery->page,
	             PROT_READ | PROT_WRITE,
	             MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);
	if (seats == MAP_FAILED)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no memory for the workers: %s",
		                    strerror(errno));
	nursery->seats = seats;
	return true;
}

static bool fork_nursery(struct nx_nursery *nursery,
                         const struct nx_engine *engine,
                         const struct nx_nursery_lesson *lesson,
                         struct nx_error *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no socket for the workers: %s",
		                    strerror(errno));
	nursery->pid = fork();
	if (nursery->pid == 0)
		be_nursery(nursery, engine, lesson, ends[1]);
	const int cause = errno;
	close(ends[1]);
	nursery->socket = ends[0];
	if (nursery->pid > 0)
		return true;
	close(ends[0]);
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "no process for the workers: %s", strerror(cause));
}

static void unmap_seats(const struct nx_nursery *nursery)
{
	munmap(nursery->seats, (size_t)nursery->places * nursery->page);
}

bool nx_nursery_open(TALLOC_CTX *ctx, const struct nx_engine *engine,
                     const struct nx_nursery_lesson *lesson, int places,
                     struct nx_nursery **out, struct nx_error *err)
{
	struct nx_nursery *nursery = talloc_zero(ctx, struct nx_nursery);
	nursery->places = places;
	*out = nursery;
	if (!map_seats(nursery, -1, err))
		return false;
	if (fork_nursery(nursery, engine, lesson, err))
		return true;
	unmap_seats(nursery);
	return false;
}

static bool make_seats(struct nx_nursery *nursery, int *seats,
                       struct nx_error *err)
{
	*seats = memfd_create("nixie-seats", MFD_CLOEXEC);
	const long size = nursery->places * sysconf(_SC_PAGESIZE);
	if (*seats < 0 || ftruncate(*seats, size) != 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no memory for the workers: %s",
		                    strerror(errno));
	return map_seats(nursery, *seats, err);
}

bool nx_nursery_prepare(TALLOC_CTX *ctx, int places, struct nx_nursery **out,
                        int *socket, int *seats, struct nx_error *err)
{
	struct nx_nursery *nursery = talloc_zero(ctx, struct nx_nursery);
	int ends[2];
	nursery->places = places;
	if (!make_seats(nursery, seats, err)) {
		close(*seats);
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		unmap_seats(nursery);
		close(*seats);
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no socket for the workers: %s",
		                    strerror(errno));
	}
	nursery->socket = ends[0];
	*socket = ends[1];
	*out = nursery;
	return true;
}

_Noreturn void nx_nursery_be(const struct nx_engine *engine, int socket,
                             int seats, int places)
{
	struct nx_nursery nursery = {.places = places};
	struct nx_error err;
	if (!map_seats(&nursery, seats, &err))
		_exit(1);
	/* its rules are whole already */
	const struct nx_nursery_lesson none = {0};
	be_nursery(&nursery, engine, &none, socket);
}

static void request(const struct nx_nursery *nursery, enum verb verb, int place)
{
	const struct request words = {.verb = verb, .place = place};
	/* When this fails the nursery is gone, and nx_nursery_hear says so. */
	while (send(nursery->socket, &words, sizeof(words), MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
}

void nx_nursery_ask(struct nx_nursery *nursery, int place)
{
	request(nursery, VERB_ASK, place);
}

void nx_nursery_kill(struct nx_nursery *nursery, int place)
{
	request(nursery, VERB_KILL, place);
}

int nx_nursery_socket(const struct nx_nursery *nursery)
{
	return nursery->socket;
}

static int channel_of(struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int channel = -1;
	if (head != NULL && head->cmsg_type == SCM_RIGHTS)
		memcpy(&channel, CMSG_DATA(head), sizeof(channel));
	return channel;
}

static struct nx_nursery_report take_report(const struct nx_nursery *nursery)
{
	const struct nx_nursery_report gone = {.news = NX_NURSERY_GONE};
	struct nx_nursery_report report = gone;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec bytes = {.iov_base = &report, .iov_len = sizeof(report)};
	struct msghdr message = {.msg_iov = &bytes,
	                         .msg_iovlen = 1,
	                         .msg_control = control.bytes,
	                         .msg_controllen = sizeof(control.bytes)};
	const ssize_t n = recvmsg(nursery->socket, &message, MSG_CMSG_CLOEXEC);
	if (n != sizeof(report))
		return gone;
	report.channel = channel_of(&message);
	return report;
}

struct nx_nursery_report nx_nursery_hear(const struct nx_nursery *nursery,
                                         int wait_ms)
{
	struct pollfd event = {.fd = nursery->socket, .events = POLLIN};
	if (poll(&event, 1, wait_ms) > 0)
		return take_report(nursery);
	return (struct nx_nursery_report){.news = NX_NURSERY_QUIET};
}

/* Another process waits for it; its end of the socket closes with it. */
static void await_end(const struct nx_nursery *nursery)
{
	struct nx_nursery_report report = {.news = NX_NURSERY_QUIET};
	shutdown(nursery->socket, SHUT_WR);
	while (report.news != NX_NURSERY_GONE) {
		report = nx_nursery_hear(nursery, -1);
		if (report.news == NX_NURSERY_BORN && report.channel >= 0)
			close(report.channel);
	}
	close(nursery->socket);
}

void nx_nursery_close(struct nx_nursery *nursery)
{
	if (nursery->pid == 0) {
		await_end(nursery);
	} else {
		close(nursery->socket);
		while (waitpid(nursery->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	unmap_seats(nursery);
}
