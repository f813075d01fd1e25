/* SPDX-License-Identifier: ISC */

/*
 * ask_client [-p PROTOCOL] [-m MAP] [-w WORD] [-c CONNECTIONS] [-i IDLE]
 * [-r RATE] SOCKET FILE: asks about addresses over a unix socket, each
 * connection the next as soon as the last is answered, and prints what that
 * took as a line of JSON. PROTOCOL is socketmap, tcp_table, policy or redis
 * (GET). A line of FILE is a plus sign and an address that is suppressed, or a
 * minus sign and one that is not; the answer to the former has WORD in it, that
 * to the latter has not, or it ends with status 1.
 *
 * -i opens so many connections more, each of which has asked once and then says
 * nothing. -r asks so many a second, whether answers come or not: how long one
 * took counts from when it was to be asked.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, BYTES = 8192 };

struct connection {
	int socket;
	const char *line; /* what is asked, or NULL */
	double asked;     /* when it was, or was to be */
	size_t got;
	char answer[BYTES];
};

struct client {
	const struct protocol *protocol;
	const char *server, *map, *word;
	int connections, idle, poll, timer;
	long rate;
	char *text; /* of the file */
	const char **line;
	size_t lines, begun, done, suppressed;
	double started;
	double *took;                                /* by each */
	struct connection *waiting[CONNECTIONS_MAX]; /* for something to ask */
	int waits;
};

/* How a question is written, and how long the answer is that begins here: 0
 * when it is not whole. */
struct protocol {
	const char *name;
	size_t (*ask)(const struct client *client, const char *address,
	              char *out);
	size_t (*whole)(const char *answer, size_t size);
};

static double seconds(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- protocols ------------------------------------------------------------ */

static size_t line_of(const char *answer, size_t size)
{
	const char *end = memchr(answer, '\n', size);
	return end != NULL ? (size_t)(end - answer) + 1 : 0;
}

static size_t ask_socketmap(const struct client *client, const char *address,
                            char *out)
{
	return (size_t)snprintf(out, BYTES, "%zu:%s %s,",
	                        strlen(client->map) + 1 + strlen(address),
	                        client->map, address);
}

static size_t whole_socketmap(const char *answer, size_t size)
{
	const char *colon = memchr(answer, ':', size);
	const size_t whole = colon != NULL ? (size_t)(colon - answer) + 2 +
	                                             strtoul(answer, NULL, 10)
	                                   : 0;
	return whole <= size ? whole : 0;
}

static size_t ask_tcp_table(const struct client *client, const char *address,
                            char *out)
{
	(void)client;
	return (size_t)snprintf(out, BYTES, "get %s\n", address);
}

/* What Postfix 3.7 sends at RCPT on the submission port. */
static size_t ask_policy(const struct client *client, const char *address,
                         char *out)
{
	return (size_t)snprintf(
	        out, BYTES,
	        "request=smtpd_access_policy\nprotocol_state=RCPT\n"
	        "protocol_name=ESMTP\nclient_address=192.0.2.7\n"
	        "client_name=app.example.com\nclient_port=40712\n"
	        "reverse_client_name=app.example.com\n"
	        "server_address=192.0.2.1\nserver_port=587\n"
	        "helo_name=app.example.com\nsender=news@example.com\n"
	        "recipient=%s\nrecipient_count=0\nqueue_id=\n"
	        "instance=%x.%zx.8f0d3.0\nsize=0\netrn_domain=\n"
	        "stress=\nsasl_method=PLAIN\nsasl_username=app\nsasl_sender=\n"
	        "ccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
	        "ccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
	        "encryption_cipher=TLS_AES_256_GCM_SHA384\n"
	        "encryption_keysize=256\npolicy_context=submission\n\n",
	        address, (unsigned)getpid(), client->begun);
}

static size_t whole_policy(const char *answer, size_t size)
{
	const char *end = memmem(answer, size, "\n\n", 2);
	return end != NULL ? (size_t)(end - answer) + 2 : 0;
}

static size_t ask_redis(const struct client *client, const char *address,
                        char *out)
{
	(void)client;
	return (size_t)snprintf(out, BYTES, "*2\r\n$3\r\nGET\r\n$%zu\r\n%s\r\n",
	                        strlen(address), address);
}

static size_t whole_redis(const char *answer, size_t size)
{
	const size_t line = line_of(answer, size);
	if (line == 0 || answer[1] == '-')
		return line;
	const size_t whole = line + strtoul(answer + 1, NULL, 10) + 2;
	return whole <= size ? whole : 0;
}

static const struct protocol protocols[] = {
        {"socketmap", ask_socketmap, whole_socketmap},
        {"tcp_table", ask_tcp_table, line_of},
        {"policy", ask_policy, whole_policy},
        {"redis", ask_redis, whole_redis}};

/* --- a connection --------------------------------------------------------- */

static int connected(const struct client *client)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	const int made = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)snprintf(path.sun_path, sizeof(path.sun_path), "%s",
	               client->server);
	if (connect(made, (const void *)&path, sizeof(path)) != 0)
		err(EXIT_FAILURE, "%s", client->server);
	return made;
}

static void ask(struct client *client, struct connection *connection,
                double when)
{
	char question[BYTES];
	connection->line = client->line[client->begun++];
	connection->asked = when;
	const size_t size =
	        client->protocol->ask(client, connection->line + 1, question);
	if (send(connection->socket, question, size, MSG_NOSIGNAL) !=
	    (ssize_t)size)
		err(EXIT_FAILURE, "send");
}

static void judge(struct client *client, struct connection *connection)
{
	const bool said = memmem(connection->answer, connection->got,
	                         client->word, strlen(client->word)) != NULL;
	const bool is_suppressed = *connection->line == '+';
	if (said != is_suppressed)
		errx(EXIT_FAILURE, "%s is answered %.*s", connection->line,
		     (int)connection->got, connection->answer);
	client->suppressed += is_suppressed;
	client->took[client->done++] =
	        seconds(CLOCK_MONOTONIC) - connection->asked;
	connection->line = NULL;
	connection->got = 0;
}

/* Whether the answer is whole now. */
static bool take(const struct client *client, struct connection *connection)
{
	const ssize_t n =
	        recv(connection->socket, connection->answer + connection->got,
	             BYTES - connection->got, 0);
	if (n <= 0)
		errx(EXIT_FAILURE, "the server hung up");
	connection->got += (size_t)n;
	const size_t whole =
	        client->protocol->whole(connection->answer, connection->got);
	if (connection->got == BYTES || (whole > 0 && whole < connection->got))
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
		struct connection connection = {.socket = connected(client)};
		ask(client, &connection, 0);
		while (!take(client, &connection))
			;
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
	if (client->lines == 0 || client->took == NULL)
		errx(EXIT_FAILURE, "%s: no lines", path);
}

static void set_protocol(struct client *client, const char *name)
{
	const size_t count = sizeof(protocols) / sizeof(*protocols);
	for (size_t i = 0; i < count; i++)
		if (strcmp(protocols[i].name, name) == 0)
			client->protocol = &protocols[i];
}

static void read_arguments(struct client *client, int argc, char **argv)
{
	int option;
	while ((option = getopt(argc, argv, "p:m:w:c:i:r:")) != -1) {
		if (option == 'p')
			set_protocol(client, optarg);
		if (option == 'm')
			client->map = optarg;
		if (option == 'w')
			client->word = optarg;
		if (option == 'c')
			client->connections = (int)strtol(optarg, NULL, 10);
		if (option == 'i')
			client->idle = (int)strtol(optarg, NULL, 10);
		if (option == 'r')
			client->rate = strtol(optarg, NULL, 10);
	}
	if (argc - optind != 2 || client->connections < 1 ||
	    client->connections > CONNECTIONS_MAX)
		errx(EXIT_FAILURE, "[-p PROTOCOL] [-m MAP] [-w WORD] "
		                   "[-c CONNECTIONS] [-i IDLE] [-r RATE] "
		                   "SOCKET FILE");
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
	const size_t most = client->lines - 1;
	qsort(client->took, client->lines, sizeof(double), compare);
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
	struct client client = {.protocol = protocols,
	                        .map = "check",
	                        .word = "OK ",
	                        .connections = 16};
	read_arguments(&client, argc, argv);
	client.poll = epoll_create1(0);
	client.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	watch(&client, client.timer, NULL);
	open_idle(&client);
	for (int i = 0; i < client.connections; i++)
		connections[i].socket = connected(&client);
	const double used = seconds(CLOCK_PROCESS_CPUTIME_ID);
	ask_all(&client, connections);
	tell(&client, seconds(CLOCK_PROCESS_CPUTIME_ID) - used);
	free(client.took);
	free(client.line);
	free(client.text);
	return EXIT_SUCCESS;
}
