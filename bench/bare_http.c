/* SPDX-License-Identifier: ISC */

/*
 * bare_http SOCKET TEXT: what libmicrohttpd can do at most. Answers each
 * request on a unix socket, or a port of 127.0.0.1, with TEXT, on one thread
 * with epoll, as nixie serve has it, until it is ended; says that it listens by
 * an empty line.
 */
#include "bench_socket.h"

#include <err.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <string.h>

enum { CONNECTIONS = 2048, BACKLOG = 1024 };

static enum MHD_Result answer(void *constant, struct MHD_Connection *connection,
                              const char *path, const char *method,
                              const char *version, const char *body,
                              size_t *size, void **state)
{
	(void)path;
	(void)method;
	(void)version;
	(void)body;
	(void)size;
	if (*state == NULL) { /* the headers alone, as of every request */
		*state = constant;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, constant);
}

static int listening(const char *path)
{
	struct bench_socket place;
	const int made = bench_socket(path, &place);
	if (bind(made, &place.address, place.size) != 0 ||
	    listen(made, BACKLOG) != 0 || fcntl(made, F_SETFL, O_NONBLOCK) != 0)
		err(EXIT_FAILURE, "%s", path);
	return made;
}

static struct MHD_Response *response_of(char *text)
{
	struct MHD_Response *made = MHD_create_response_from_buffer(
	        strlen(text), text, MHD_RESPMEM_PERSISTENT);
	if (made == NULL ||
	    MHD_add_response_header(made, "Content-Type", "application/json") ==
	            MHD_NO)
		errx(EXIT_FAILURE, "no response");
	return made;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(EXIT_FAILURE, "SOCKET TEXT");
	sigset_t ends;
	int number;
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	struct MHD_Response *constant = response_of(argv[2]);
	struct MHD_Daemon *daemon = MHD_start_daemon(
	        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0,
	        NULL, NULL, answer, constant, MHD_OPTION_LISTEN_SOCKET,
	        listening(argv[1]), MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
	        MHD_OPTION_END);
	if (daemon == NULL)
		errx(EXIT_FAILURE, "libmicrohttpd does not start");
	(void)puts("");
	(void)fflush(stdout);
	(void)sigwait(&ends, &number);
	MHD_stop_daemon(daemon);
	MHD_destroy_response(constant);
	return EXIT_SUCCESS;
}
