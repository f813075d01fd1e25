/* SPDX-License-Identifier: ISC */

/*
 * lmtp_client [-c] [-p] [-f SENDER] [-s SESSIONS] SERVER FILE: hands over mail
 * by LMTP as an MTA does, each session the next message as soon as the last is
 * answered, and prints what that took as a line of JSON. SERVER is the path of
 * a unix socket or a port of 127.0.0.1. FILE holds messages as they stand after
 * DATA: lines end in CR LF, dots are doubled, and a dot alone ends each.
 *
 * -p sends MAIL, RCPT and DATA together; -c makes a connection a message. The
 * first reply that is not the good one ends it with status 1.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SESSIONS_MAX = 500 };
enum step { GREETING, LHLO, MAIL, RCPT, DATA, MESSAGE, QUIT };

struct session {
	int socket;
	enum step step; /* whose reply comes next */
	char line[512]; /* what has come of it */
	size_t length;
	const char *const *message; /* its beginning, and that of the next */
};

struct client {
	const char *server, *sender;
	bool connects, pipelines;
	const char
	        *command[QUIT + 1]; /* what is sent before its reply, or "" */
	const char **message;       /* where each begins, and the last ends */
	size_t messages, begun;
	int sessions, open, poll;
};

/* --- messages ------------------------------------------------------------- */

/* To look for the ends also brings the whole file into memory. */
static void find_messages(struct client *client, const char *path)
{
	static const char dot[] = "\r\n.\r\n";
	struct stat status;
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) != 0)
		err(EXIT_FAILURE, "%s", path);
	const size_t size = (size_t)status.st_size;
	const char *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
	client->message = calloc(size / strlen(dot) + 1, sizeof(char *));
	if (at == MAP_FAILED || client->message == NULL)
		err(EXIT_FAILURE, "%s", path);
	const char *const end = at + size;
	client->message[0] = at;
	while ((at = memmem(at, (size_t)(end - at), dot, strlen(dot))) != NULL)
		client->message[++client->messages] = at += strlen(dot);
	if (client->message[client->messages] != end)
		errx(EXIT_FAILURE, "%s: the last message has no end", path);
	close(file);
}

/* --- connections ---------------------------------------------------------- */

static int connected(const char *server)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	const struct sockaddr_in port = {
	        .sin_family = AF_INET,
	        .sin_port = htons((uint16_t)strtoul(server, NULL, 10)),
	        .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const bool is_path = strchr(server, '/') != NULL;
	const struct sockaddr *address = is_path ? (const void *)&path : &port;
	const int at_once = 1;
	const int made = socket(address->sa_family, SOCK_STREAM, 0);
	(void)snprintf(path.sun_path, sizeof(path.sun_path), "%s", server);
	if (connect(made, address, is_path ? sizeof(path) : sizeof(port)) != 0)
		err(EXIT_FAILURE, "%s", server);
	if (!is_path)
		(void)setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &at_once,
		                 sizeof(at_once));
	return made;
}

static void open_session(struct client *client, struct session *session)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
	*session = (struct session){.socket = connected(client->server)};
	if (epoll_ctl(client->poll, EPOLL_CTL_ADD, session->socket, &event) < 0)
		err(EXIT_FAILURE, "epoll_ctl");
	client->open++;
}

/* --- a session ------------------------------------------------------------ */

static void put(const struct session *session, const char *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t n =
		        send(session->socket, bytes, size, MSG_NOSIGNAL);
		if (n < 0)
			err(EXIT_FAILURE, "send");
		bytes += n;
		size -= (size_t)n;
	}
}

static void ask(struct client *client, struct session *session, enum step step)
{
	const char *text = client->command[step];
	size_t size = strlen(text);
	if (step == MAIL)
		session->message = &client->message[client->begun++];
	if (step == MESSAGE) {
		text = session->message[0];
		size = (size_t)(session->message[1] - text);
	}
	session->step = step;
	put(session, text, size);
}

static void close_session(struct client *client, struct session *session)
{
	close(session->socket);
	client->open--;
	if (client->begun < client->messages)
		open_session(client, session);
}

static void go_on(struct client *client, struct session *session)
{
	const bool more = client->begun < client->messages;
	switch (session->step) {
	case LHLO:
		ask(client, session, more ? MAIL : QUIT);
		break;
	case MESSAGE:
		ask(client, session, more && !client->connects ? MAIL : QUIT);
		break;
	case QUIT:
		close_session(client, session);
		break;
	case GREETING:
	case MAIL:
	case RCPT:
	case DATA:
		ask(client, session, session->step + 1);
		break;
	}
}

/* A reply may have lines before its last, with a dash after the code. */
static void take_line(struct client *client, struct session *session)
{
	static const char *const wanted[] = {"220", "250", "250", "250",
	                                     "354", "250", "221"};
	const char *line = session->line;
	if (strncmp(line, wanted[session->step], 3) != 0)
		errx(EXIT_FAILURE, "%.*s where %s was to come",
		     (int)session->length, line, wanted[session->step]);
	session->length = 0;
	if (line[3] != '-')
		go_on(client, session);
}

static void take(struct client *client, struct session *session)
{
	char bytes[4096];
	const ssize_t n = recv(session->socket, bytes, sizeof(bytes), 0);
	if (n <= 0)
		errx(EXIT_FAILURE, "the server hung up");
	for (ssize_t i = 0; i < n; i++) {
		if (session->length < sizeof(session->line))
			session->line[session->length++] = bytes[i];
		if (bytes[i] == '\n')
			take_line(client, session);
	}
}

/* --- all of them ---------------------------------------------------------- */

static void hand_over(struct client *client)
{
	struct session sessions[SESSIONS_MAX];
	struct epoll_event events[SESSIONS_MAX];
	client->poll = epoll_create1(0);
	for (int i = 0; i < client->sessions; i++)
		open_session(client, &sessions[i]);
	while (client->open > 0) {
		const int n =
		        epoll_wait(client->poll, events, SESSIONS_MAX, -1);
		for (int i = 0; i < n; i++)
			take(client, events[i].data.ptr);
	}
}

static double seconds(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void read_arguments(struct client *client, int argc, char **argv)
{
	int option;
	while ((option = getopt(argc, argv, "cpf:s:")) != -1) {
		client->connects |= option == 'c';
		client->pipelines |= option == 'p';
		if (option == 'f')
			client->sender = optarg;
		if (option == 's')
			client->sessions = (int)strtol(optarg, NULL, 10);
	}
	if (argc - optind != 2 || client->sessions < 1 ||
	    client->sessions > SESSIONS_MAX)
		errx(EXIT_FAILURE, "[-cp] [-f SENDER] [-s SESSIONS] SERVER "
		                   "FILE");
	client->server = argv[optind];
	find_messages(client, argv[optind + 1]);
}

static void write_commands(struct client *client, char *mail, size_t size)
{
	static const char rcpt[] = "RCPT TO:<bounces@example.org>\r\n";
	static const char data[] = "DATA\r\n";
	const bool together = client->pipelines;
	(void)snprintf(mail, size, "MAIL FROM:<%s>\r\n%s%s", client->sender,
	               together ? rcpt : "", together ? data : "");
	client->command[LHLO] = "LHLO mx.example.org\r\n";
	client->command[MAIL] = mail;
	client->command[RCPT] = together ? "" : rcpt;
	client->command[DATA] = together ? "" : data;
	client->command[MESSAGE] = "";
	client->command[QUIT] = "QUIT\r\n";
}

int main(int argc, char **argv)
{
	char mail[512];
	struct client client = {.sessions = 20, .sender = ""};
	read_arguments(&client, argc, argv);
	write_commands(&client, mail, sizeof(mail));
	const double used = seconds(CLOCK_PROCESS_CPUTIME_ID);
	const double begun = seconds(CLOCK_MONOTONIC);
	hand_over(&client);
	printf("{\"messages\": %zu, \"seconds\": %.6f, \"client\": %.6f}\n",
	       client.messages, seconds(CLOCK_MONOTONIC) - begun,
	       seconds(CLOCK_PROCESS_CPUTIME_ID) - used);
	free(client.message);
	return EXIT_SUCCESS;
}
