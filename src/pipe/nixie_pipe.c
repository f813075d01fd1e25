/* SPDX-License-Identifier: ISC */
#include "pipe/lmtp_client.h"
#include "pipe/pipe_message.h"
#include "pipe/spool_file.h"
#include "sys/tempfail_exit.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * nixie-pipe: takes one message from a pipe transport and sends it to the
 * daemon, or leaves it in the spool. Ends only with 0 (the message is safe) or
 * 75 (try again). Uses libc only, so that no library can be missing.
 */
#define SOCKET "/run/nixie/lmtp.sock"
#define SPOOL  "/var/lib/nixie/spool"
enum { SECONDS = 60, SECONDS_MAX = 600 };

struct pipe_call {
	struct nx_pipe_message message;
	const char *socket;
	const char *spool; /* "": there is none */
	int seconds;
	bool help, version;
	struct nx_pipe_error err;
};

static const char usage[] =
        "usage: nixie-pipe [OPTION]... [RECIPIENT]...\n"
        "hand a message on stdin to nixie; ends with 0 (taken) or 75 (try "
        "again)\n\n"
        "  -f, --sender ADDRESS             envelope sender\n"
        "  -r, --recipient ADDRESS          envelope recipient\n"
        "      --original-recipient ADDRESS recipient before aliases\n"
        "      --queue-id ID                the MTA's queue id\n"
        "      --socket PATH                the daemon (" SOCKET ")\n"
        "      --spool DIR                  kept there when it is away;\n"
        "                                   \"\": nowhere (" SPOOL ")\n"
        "      --timeout SECONDS            for the daemon's answer (60)\n"
        "  -h, --help                       this text\n"
        "      --version                    which nixie it is of\n";

static const struct option longs[] = {
        {"sender", required_argument, NULL, 'f'},
        {"recipient", required_argument, NULL, 'r'},
        {"original-recipient", required_argument, NULL, 'o'},
        {"queue-id", required_argument, NULL, 'q'},
        {"socket", required_argument, NULL, 's'},
        {"spool", required_argument, NULL, 'd'},
        {"timeout", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
};

static bool take_timeout(struct pipe_call *call, const char *text)
{
	char *end;
	long seconds = strtol(text, &end, 10);
	if (end == text || *end || seconds < 1 || seconds > SECONDS_MAX)
		return nx_pipe_error(&call->err,
		                     "--timeout %s: not a number from 1 to %d",
		                     text, SECONDS_MAX);
	call->seconds = (int)seconds;
	return true;
}

static bool take_option(struct pipe_call *call, int message, char **argv)
{
	switch (message) {
	case 'f':
		nx_pipe_message_sender(&call->message, optarg);
		return true;
	case 'r':
		nx_pipe_message_recipient(&call->message, optarg);
		return true;
	case 'o':
		nx_pipe_message_original(&call->message, optarg);
		return true;
	case 'q':
		nx_pipe_message_queue_id(&call->message, optarg);
		return true;
	case 's':
		call->socket = optarg;
		return true;
	case 'd':
		call->spool = optarg;
		return true;
	case 't':
		return take_timeout(call, optarg);
	case 'h':
		return call->help = true;
	case 'v':
		return call->version = true;
	default:
		return nx_pipe_error(&call->err, "%s: %s", argv[optind - 1],
		                     message == ':' ? "needs an argument"
		                                    : "unknown option");
	}
}

static bool parse(struct pipe_call *call, int argc, char **argv)
{
	int message;
	opterr = 0;
	while ((message = getopt_long(argc, argv, ":f:r:h", longs, NULL)) != -1)
		if (!take_option(call, message, argv))
			return false;
	/* an MTA may give several recipients after one -r */
	for (; optind < argc; optind++)
		nx_pipe_message_recipient(&call->message, argv[optind]);
	return true;
}

static bool hand_over(struct pipe_call *call)
{
	struct nx_pipe_error no_spool;
	switch (nx_lmtp_client_send(call->socket, &call->message, call->seconds,
	                            &call->err)) {
	case NX_HAND_OVER_TAKEN:
		return true;
	case NX_HAND_OVER_REFUSED:
		return false;
	case NX_HAND_OVER_AWAY:
		break;
	}
	if (!*call->spool)
		return false;
	if (nx_spool_file_write(call->spool, &call->message, &no_spool))
		return true;
	char daemon[sizeof(call->err.text)];
	memcpy(daemon, call->err.text, sizeof(daemon));
	return nx_pipe_error(&call->err, "%s; %s", daemon, no_spool.text);
}

static bool deliver(struct pipe_call *call)
{
	return nx_pipe_message_read(&call->message, &call->err) &&
	       nx_pipe_message_complete(&call->message, &call->err) &&
	       hand_over(call);
}

static int refuse(const struct pipe_call *call)
{
	nx_tempfail_exit_drain();
	nx_tempfail_exit_say(call->err.text);
	return NX_TEMPFAIL_EXIT;
}

static int tell(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
	/* a message was on stdin: it is not taken */
	return nx_tempfail_exit_drain() ? NX_TEMPFAIL_EXIT : 0;
}

static int run(struct pipe_call *call, int argc, char **argv)
{
	if (!parse(call, argc, argv))
		return refuse(call);
	if (call->help)
		return tell(usage);
	if (call->version)
		return tell("nixie-pipe " NIXIE_VERSION "\n");
	return deliver(call) ? 0 : refuse(call);
}

/* No file of ours may get the number of stdin or stdout, and inherited files
 * are closed. */
static void settle_descriptors(void)
{
	int descriptor;
	do
		descriptor = open("/dev/null", O_RDWR);
	while (descriptor >= 0 && descriptor <= STDERR_FILENO);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
}

int main(int argc, char **argv)
{
	static struct pipe_call call = {.socket = SOCKET,
	                                .spool = SPOOL,
	                                .seconds = SECONDS,
	                                .message = {.sender = "",
	                                            .original_recipient = "",
	                                            .queue_id = ""}};
	nx_tempfail_exit_begin();
	settle_descriptors();
	umask(027);
	int status = run(&call, argc, argv);
	nx_tempfail_exit_end();
	return status;
}
