/* SPDX-License-Identifier: ISC */

/*
 * ask_client [-p PROTOCOL] [-m MAP] [-w WORD] [-b MANY] [-c CONNECTIONS]
 * [-i IDLE] [-r RATE] SOCKET FILE: asks about addresses over a unix socket (or
 * a port of 127.0.0.1, when SOCKET is a number), each connection the next as
 * soon as the last is answered, and prints what that took as a line of JSON.
 * PROTOCOL is socketmap, tcp_table, policy, redis (GET), http (GET of MAP, a
 * path, and the address behind it) or http-check (POST of MANY addresses to
 * MAP). A line of FILE is a plus sign and an address that is suppressed, or a
 * minus sign and one that is not; the answer to the former has WORD in it, that
 * to the latter has not, or it ends with status 1. In the answer about many
 * WORD is there as often as one of them is suppressed.
 *
 * -i opens so many connections more, each of which has asked once and then says
 * nothing. -r asks so many a second, whether answers come or not: how long one
 * took counts from when it was to be asked.
 */
#include "ask_protocol.h"
#include "bench_socket.h"

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024 };

struct connection {
	int socket;
	struct question question;
	double asked; /* when it was, or was to be */
	size_t got;
	char *answer; /* there is room for client->room octets */
};

struct client {
	const struct ask_protocol *protocol;
	const char *server, *map, *word;
	int connections, idle, poll, timer;
	long rate;
	size_t many; /* addresses that a question is about */
	size_t room; /* for a question, and for an answer */
	char *ask;   /* what is sent next */
	char *text;  /* of the file */
	const char **line;
	size_t lines, begun, done, answers, suppressed;
	double started;
	double *took;                                /* by each */
	struct connection *waiting[CONNECTIONS_MAX]; /* for something to ask */
	int waits;
};

static double seconds(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- a connection --------------------------------------------------------- */

static int connected(const struct client *client)
{
	struct bench_socket place;
	const int made = bench_socket(client->server, &place);
	if (connect(made, &place.address, place.size) != 0)
		err(EXIT_FAILURE, "%s", client->server);
	return made;
}

static struct connection opened(const struct client *client)
{
	const struct connection opened = {.socket = connected(client),
	                                  .answer = malloc(client->room)};
	if (opened.answer == NULL)
		err(EXIT_FAILURE, "an answer");
	return opened;
}

static void ask(struct client *client, struct connection *connection,
                double when)
{
	const size_t left = client->lines - client->begun;
	connection->question = (struct question){
	        .map = client->map,
	        .number = client->begun,
	        .line = client->line + client->begun,
	        .lines = left < client->many ? left : client->many};
	client->begun += connection->question.lines;
	connection->asked = when;
	const size_t size =
	        client->protocol->ask(&connection->question, client->ask);
	if (send(connection->socket, client->ask, size, MSG_NOSIGNAL) !=
	    (ssize_t)size)
		err(EXIT_FAILURE, "send");
}

static size_t suppressed_among(const struct question *question)
{
	size_t suppressed = 0;
	for (size_t i = 0; i < question->lines; i++)
		suppressed += *question->line[i] == '+';
	return suppressed;
}

/* How often, up to most. */
static size_t count_word(const struct client *client,
                         const struct connection *connection, size_t most)
{
	const char *word = client->word, *at = connection->answer;
	const size_t said = client->protocol->said;
	const char *end =
	        at +
	        (said > 0 && said < connection->got ? said : connection->got);
	size_t count = 0;
	while (count < most && (at = memmem(at, (size_t)(end - at), word,
	                                    strlen(word))) != NULL) {
		at += strlen(word);
		count++;
	}
	return count;
}

static void judge(struct client *client, struct connection *connection)
{
	const struct question *question = &connection->question;
	const size_t suppressed = suppressed_among(question);
	if (count_word(client, connection, question->lines) != suppressed)
		errx(EXIT_FAILURE, "%s is answered %.*s", *question->line,
		     (int)connection->got, connection->answer);
	client->suppressed += suppressed;
	client->done += question->lines;
	client->took[client->answers++] =
	        seconds(CLOCK_MONOTONIC) - connection->asked;
	connection->got = 0;
}

/* Whether the answer is whole now. */
static bool take(const struct client *client, struct connection *connection)
{
	const ssize_t n =
	        recv(connection->socket, connection->answer + connection->got,
	             client->room - connection->got, 0);
	if (n <= 0)
		errx(EXIT_FAILURE, "the server hung up");
	connection->got += (size_t)n;
	const size_t whole =
	        client->protocol->whole(connection->answer, connection->got);
	if (connection->got == client->room ||
	    (whole > 0 && whole < connection->got))
		errx(EXIT_FAILURE, "more than one answer to a question");
	return whole > 0;
}

static void watch(const struct client *client, int file,
                  struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
	if (epoll_ctl(client->poll, EPOLL_CTL_ADD, file, &event) < 0)
		err(EXIT_FAILURE, "epoll_ctl");
}

/* --- all of them ---------------------------------------------------------- */

/* Those that say nothing ask before the others begin. */
static void open_idle(struct client *client)
{
	for (int i = 0; i < client->idle; i++) {
		struct connection connection = opened(client);
		ask(client, &connection, 0);
		while (!take(client, &connection))
			;
		free(connection.answer);
		client->begun = 0;
	}
}

static double when_due(const struct client *client)
{
	return client->started + (double)client->begun / (double)client->rate;
}

/* With a rate, asks all that is due, as far as there are connections. */
static void ask_what_is_due(struct client *client)
{
	const double now = seconds(CLOCK_MONOTONIC);
	while (client->waits > 0 && client->begun < client->lines &&
	       when_due(client) <= now)
		ask(client, client->waiting[--client->waits], when_due(client));
}

static void set_timer(struct client *client)
{
	const double due = when_due(client);
	const time_t whole = (time_t)due;
	const struct itimerspec time = {
	        .it_value = {.tv_sec = whole,
	                     .tv_nsec = (long)((due - (double)whole) * 1e9)}};
	(void)timerfd_settime(client->timer, TFD_TIMER_ABSTIME, &time, NULL);
}

static void on_timer(struct client *client)
{
	uint64_t times;
	if (read(client->timer, &times, sizeof(times)) < 0)
		err(EXIT_FAILURE, "timer");
}

static void on_answer(struct client *client, struct connection *connection)
{
	if (!take(client, connection))
		return;
	judge(client, connection);
	if (client->rate > 0)
		client->waiting[client->waits++] = connection;
	else if (client->begun < client->lines)
		ask(client, connection, seconds(CLOCK_MONOTONIC));
}

static void begin(struct client *client, struct connection *connections)
{
	client->started = seconds(CLOCK_MONOTONIC);
	for (int i = 0; i < client->connections; i++) {
		watch(client, connections[i].socket, &connections[i]);
		if (client->rate > 0)
			client->waiting[client->waits++] = &connections[i];
		else if (client->begun < client->lines)
			ask(client, &connections[i], client->started);
	}
}

static void ask_all(struct client *client, struct connection *connections)
{
	struct epoll_event events[CONNECTIONS_MAX];
	begin(client, connections);
	while (client->done < client->lines) {
		if (client->rate > 0) {
			ask_what_is_due(client);
			set_timer(client);
		}
		const int n =
		        epoll_wait(client->poll, events, CONNECTIONS_MAX, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				on_timer(client);
			else
				on_answer(client, events[i].data.ptr);
		}
	}
}

/* --- the call ------------------------------------------------------------- */

static void read_lines(struct client *client, const char *path)
{
	FILE *file = fopen(path, "r");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0)
		err(EXIT_FAILURE, "%s", path);
	const size_t size = (size_t)ftell(file);
	rewind(file);
	client->text = calloc(size + 1, 1);
	client->line = calloc(size + 1, sizeof(char *));
	if (client->text == NULL || client->line == NULL ||
	    fread(client->text, 1, size, file) != size)
		err(EXIT_FAILURE, "%s", path);
	(void)fclose(file);
	for (char *line = strtok(client->text, "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		client->line[client->lines++] = line;
	client->took = calloc(client->lines + 1, sizeof(double));
	if (client->lines == 0 || client->took == NULL || client->ask == NULL)
		errx(EXIT_FAILURE, "%s: no lines", path);
}

static void read_arguments(struct client *client, int argc, char **argv)
{
	int option;
	while ((option = getopt(argc, argv, "p:m:w:b:c:i:r:")) != -1) {
		if (option == 'p')
			client->protocol = ask_protocol_of_name(optarg);
		if (option == 'm')
			client->map = optarg;
		if (option == 'w')
			client->word = optarg;
		if (option == 'b')
			client->many = strtoul(optarg, NULL, 10);
		if (option == 'c')
			client->connections = (int)strtol(optarg, NULL, 10);
		if (option == 'i')
			client->idle = (int)strtol(optarg, NULL, 10);
		if (option == 'r')
			client->rate = strtol(optarg, NULL, 10);
	}
	if (argc - optind != 2 || client->protocol == NULL ||
	    client->connections < 1 || client->connections > CONNECTIONS_MAX ||
	    client->many < 1 || client->many > ASK_MANY_MAX)
		errx(EXIT_FAILURE, "[-p PROTOCOL] [-m MAP] [-w WORD] "
		                   "[-b MANY] [-c CONNECTIONS] [-i IDLE] "
		                   "[-r RATE] SOCKET FILE");
	client->room = ASK_BYTES + client->many * ASK_EACH;
	client->ask = malloc(client->room);
	client->server = argv[optind];
	read_lines(client, argv[optind + 1]);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a;
	const double y = *(const double *)b;
	return (x > y) - (x < y);
}

static void tell(struct client *client, double used)
{
	const double took = seconds(CLOCK_MONOTONIC) - client->started;
	const size_t most = client->answers - 1;
	qsort(client->took, client->answers, sizeof(double), compare);
	printf("{\"questions\": %zu, \"suppressed\": %zu, \"seconds\": %.6f, "
	       "\"client\": %.6f, \"p50_us\": %.0f, \"p99_us\": %.0f, "
	       "\"most_us\": %.0f}\n",
	       client->lines, client->suppressed, took, used,
	       client->took[most / 2] * 1e6,
	       client->took[most * 99 / 100] * 1e6, client->took[most] * 1e6);
}

int main(int argc, char **argv)
{
	static struct connection connections[CONNECTIONS_MAX];
	struct client client = {.protocol = ask_protocol_of_name("socketmap"),
	                        .map = "check",
	                        .word = "OK ",
	                        .many = 1,
	                        .connections = 16};
	read_arguments(&client, argc, argv);
	client.poll = epoll_create1(0);
	client.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	watch(&client, client.timer, NULL);
	open_idle(&client);
	for (int i = 0; i < client.connections; i++)
		connections[i] = opened(&client);
	const double used = seconds(CLOCK_PROCESS_CPUTIME_ID);
	ask_all(&client, connections);
	tell(&client, seconds(CLOCK_PROCESS_CPUTIME_ID) - used);
	for (int i = 0; i < client.connections; i++)
		free(connections[i].answer);
	free(client.ask);
	free(client.took);
	free(client.line);
	free(client.text);
	return EXIT_SUCCESS;
}
