/* SPDX-License-Identifier: ISC */
#include "filter/daemon.h"
#include "proto/smtpd_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/*
 * filter-nixie: OpenSMTPD starts it and asks it at each RCPT TO; it asks the
 * daemon. smtpd ends when it ends, and a session waits until it is answered: so
 * once it has started it goes on whatever comes, answers all it is asked, and
 * waits for nothing but poll(2). Uses libc only, so that no library can be
 * missing.
 */
#define SOCKET "/run/nixie/ask.sock"
enum { SECONDS = 5, SECONDS_MAX = 60, STREAM = 200, USAGE = 2 };

struct filter {
	struct nx_smtpd_filter smtpd;
	struct nx_daemon daemon;
	int64_t patience; /* milliseconds */
	bool open;        /* trouble lets a recipient pass */
	bool away;        /* and it was said */
	char input[4096]; /* of smtpd */
	size_t first, end;
	char map[STREAM + 16];
};

static const char usage[] =
        "usage: filter-nixie [OPTION]...\n"
        "refuse suppressed recipients; OpenSMTPD starts it (proc-exec)\n\n"
        "      --socket PATH             where the daemon is asked\n"
        "                                (" SOCKET ")\n"
        "      --stream NAME             that the mail is of\n"
        "      --on-trouble open|closed  when it cannot be asked: let all\n"
        "                                pass, or 451 for all (closed)\n"
        "      --timeout SECONDS         for its answer (5)\n"
        "  -h, --help                    this text\n"
        "      --version                 which nixie it is of\n";

static const struct option longs[] = {
        {"socket", required_argument, NULL, 's'},
        {"stream", required_argument, NULL, 'm'},
        {"on-trouble", required_argument, NULL, 'o'},
        {"timeout", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
};

static int64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000) + time.tv_nsec / 1000000;
}

/* --- answers -------------------------------------------------------------- */

static void answer_trouble(struct filter *filter, const char *why)
{
	if (!filter->away)
		fprintf(stderr, "%s: %s: recipients %s\n", filter->daemon.path,
		        why, filter->open ? "pass" : "are answered 451");
	filter->away = true;
	nx_smtpd_filter_answer(&filter->smtpd,
	                       filter->open ? ""
	                                    : "451 4.3.0 it cannot be told now "
	                                      "whether the recipient is "
	                                      "suppressed");
}

/* Nobody waits for a connection that was lost. */
static void answer_all(struct filter *filter, const char *why)
{
	int64_t until;
	while (nx_smtpd_filter_is_waiting(&filter->smtpd, &until))
		answer_trouble(filter, why);
}

static void answer(struct filter *filter, const char *reply)
{
	if (filter->away)
		fprintf(stderr, "%s: answers again\n", filter->daemon.path);
	filter->away = false;
	nx_smtpd_filter_answer(&filter->smtpd, reply);
}

/* False: what comes on this connection is no use any more. */
static bool take_reply(struct filter *filter)
{
	char reply[NX_SMTPD_FILTER_REPLY];
	const char *text = nx_socketmap_reply_text(&filter->daemon.reply);
	int64_t until;
	if (!nx_smtpd_filter_is_waiting(&filter->smtpd, &until))
		return false;
	switch (filter->daemon.reply.answer) {
	case NX_SOCKETMAP_NONE:
	case NX_SOCKETMAP_BROKEN:
		return false;
	case NX_SOCKETMAP_NOT_FOUND:
		answer(filter, "");
		break;
	case NX_SOCKETMAP_FOUND:
		if (nx_smtpd_filter_reply_of(text, reply))
			answer(filter, reply);
		else
			answer_trouble(filter, "its answer is unknown");
		break;
	case NX_SOCKETMAP_TROUBLE:
		answer_trouble(filter, "it cannot tell now");
		break;
	}
	nx_socketmap_reply_next(&filter->daemon.reply);
	return true;
}

static void receive(struct filter *filter)
{
	char bytes[4096];
	size_t got;
	size_t used = 0;
	const char *why = "speaks no socketmap";
	if (!nx_daemon_receive(&filter->daemon, bytes, sizeof(bytes), &got,
	                       &why)) {
		answer_all(filter, why);
		return;
	}
	while (used < got) {
		used += nx_socketmap_reply_feed(&filter->daemon.reply,
		                                bytes + used, got - used);
		if (filter->daemon.reply.answer == NX_SOCKETMAP_NONE ||
		    take_reply(filter))
			continue;
		nx_daemon_hang_up(&filter->daemon);
		answer_all(filter, why);
		return;
	}
}

/* --- questions ------------------------------------------------------------ */

static void ask(struct filter *filter)
{
	size_t size;
	const char *why;
	const char *recipient =
	        nx_smtpd_filter_recipient(&filter->smtpd, &size);
	const bool asked =
	        nx_daemon_ask(&filter->daemon, recipient, size, &why);
	nx_smtpd_filter_wait(&filter->smtpd, now() + filter->patience);
	if (!asked)
		answer_all(filter, why);
}

static void take_input(struct filter *filter)
{
	size_t used = 1;
	size_t size;
	while (used > 0 && filter->first < filter->end) {
		used = nx_smtpd_filter_feed(&filter->smtpd,
		                            filter->input + filter->first,
		                            filter->end - filter->first);
		filter->first += used;
		if (nx_smtpd_filter_recipient(&filter->smtpd, &size) != NULL)
			ask(filter);
	}
}

/* False: smtpd has ended. */
static bool read_input(struct filter *filter)
{
	const ssize_t got =
	        read(STDIN_FILENO, filter->input, sizeof(filter->input));
	if (got == 0)
		return false;
	filter->first = 0;
	filter->end = got > 0 ? (size_t)got : 0;
	return got > 0 || errno == EAGAIN || errno == EINTR;
}

static bool write_output(struct filter *filter)
{
	size_t size;
	const char *bytes = nx_smtpd_filter_output(&filter->smtpd, &size);
	const ssize_t sent = size > 0 ? write(STDOUT_FILENO, bytes, size) : 0;
	if (sent > 0)
		nx_smtpd_filter_sent(&filter->smtpd, (size_t)sent);
	return sent >= 0 || errno == EAGAIN || errno == EINTR;
}

/* --- the loop ------------------------------------------------------------- */

enum { INPUT, OUTPUT, DAEMON, DESCRIPTORS };

/* Milliseconds until the first who waits has waited long enough; -1: nobody
 * does. */
static int patience_left(const struct filter *filter)
{
	int64_t until;
	if (!nx_smtpd_filter_is_waiting(&filter->smtpd, &until))
		return -1;
	const int64_t left = until - now();
	return left > 0 ? (int)left : 0;
}

static bool wait_for(struct filter *filter, struct pollfd ready[DESCRIPTORS])
{
	size_t unsent;
	(void)nx_smtpd_filter_output(&filter->smtpd, &unsent);
	ready[INPUT] = (struct pollfd){
	        .fd = filter->first < filter->end ? -1 : STDIN_FILENO,
	        .events = POLLIN};
	ready[OUTPUT] = (struct pollfd){.fd = unsent > 0 ? STDOUT_FILENO : -1,
	                                .events = POLLOUT};
	ready[DAEMON] = nx_daemon_poll(&filter->daemon);
	return poll(ready, DESCRIPTORS, patience_left(filter)) >= 0;
}

static void serve_daemon(struct filter *filter, const struct pollfd *ready)
{
	const char *why;
	if ((ready->revents & POLLOUT) &&
	    !nx_daemon_send(&filter->daemon, &why))
		answer_all(filter, why);
	else if (ready->revents & ~POLLOUT)
		receive(filter);
	if (patience_left(filter) == 0) {
		nx_daemon_hang_up(&filter->daemon);
		answer_all(filter, "took too long");
	}
}

static void run(struct filter *filter)
{
	struct pollfd ready[DESCRIPTORS];
	for (;;) {
		if (!wait_for(filter, ready))
			continue;
		if (ready[INPUT].revents && !read_input(filter))
			return;
		serve_daemon(filter, &ready[DAEMON]);
		take_input(filter);
		if (!write_output(filter))
			return;
	}
}

/* --- the call ------------------------------------------------------------- */

static bool refuse(const char *option, const char *why)
{
	fprintf(stderr, "filter-nixie: %s: %s\n", option, why);
	return false;
}

static bool take_timeout(struct filter *filter, const char *text)
{
	char *end;
	const long seconds = strtol(text, &end, 10);
	if (end == text || *end || seconds < 1 || seconds > SECONDS_MAX)
		return refuse("--timeout", "a number from 1 to 60 is wanted");
	filter->patience = seconds * INT64_C(1000);
	return true;
}

/* What the protocol has as an end of the name stays out of it. */
static bool take_stream(struct filter *filter, const char *text)
{
	if (!*text || strlen(text) > STREAM || strchr(text, ' '))
		return refuse("--stream", "not the name of a stream");
	snprintf(filter->map, sizeof(filter->map), "access:%s", text);
	return true;
}

static bool take_trouble(struct filter *filter, const char *text)
{
	filter->open = strcmp(text, "open") == 0;
	return filter->open || strcmp(text, "closed") == 0 ||
	       refuse("--on-trouble", "open or closed");
}

static bool take_socket(struct filter *filter, const char *text)
{
	const struct sockaddr_un *address = NULL;
	filter->daemon.path = text;
	return strlen(text) < sizeof(address->sun_path) ||
	       refuse("--socket", "longer than a socket's path may be");
}

static bool take_option(struct filter *filter, int option, char **argv)
{
	switch (option) {
	case 's':
		return take_socket(filter, optarg);
	case 'm':
		return take_stream(filter, optarg);
	case 'o':
		return take_trouble(filter, optarg);
	case 't':
		return take_timeout(filter, optarg);
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'v':
		puts("filter-nixie " NIXIE_VERSION);
		exit(0);
	default:
		return refuse(argv[optind - 1], option == ':'
		                                        ? "needs an argument"
		                                        : "unknown option");
	}
}

static bool parse(struct filter *filter, int argc, char **argv)
{
	int option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", longs, NULL)) != -1)
		if (!take_option(filter, option, argv))
			return false;
	return optind == argc || refuse(argv[optind], "unknown operand");
}

int main(int argc, char **argv)
{
	static struct filter filter = {
	        .daemon = {.path = SOCKET, .map = filter.map},
	        .patience = SECONDS * INT64_C(1000),
	        .map = "access"};
	if (!parse(&filter, argc, argv))
		return USAGE;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	(void)fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	(void)fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
	run(&filter);
	return 0;
}
