/* SPDX-License-Identifier: ISC */
#include "pipe/letter.h"
#include "pipe/lmtp.h"
#include "pipe/spool.h"
#include "sys/guard.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * nixie-pipe: takes one message from a pipe transport and hands it to the
 * daemon, or keeps it for it. Ends with 0 (somebody has it) or 75 (try again)
 * and nothing else. Of libc only, so that no library can be missing.
 */
#define SOCKET "/run/nixie/lmtp.sock"
#define SPOOL  "/var/lib/nixie/spool"
enum { SECONDS = 60, SECONDS_MAX = 600 };

struct call {
	struct nx_letter letter;
	const char *socket;
	const char *spool; /* "": none */
	int seconds;
	bool help, version;
	struct nx_why why;
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

static bool take_timeout(struct call *call, const char *text)
{
	char *end;
	long seconds = strtol(text, &end, 10);
	if (end == text || *end || seconds < 1 || seconds > SECONDS_MAX)
		return nx_why(&call->why,
		              "--timeout %s: not a number from 1 to %d", text,
		              SECONDS_MAX);
	call->seconds = (int)seconds;
	return true;
}

static bool take_option(struct call *call, int letter, char **argv)
{
	switch (letter) {
	case 'f':
		nx_letter_sender(&call->letter, optarg);
		return true;
	case 'r':
		nx_letter_recipient(&call->letter, optarg);
		return true;
	case 'o':
		nx_letter_original(&call->letter, optarg);
		return true;
	case 'q':
		nx_letter_queue_id(&call->letter, optarg);
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
		return nx_why(&call->why, "%s: %s", argv[optind - 1],
		              letter == ':' ? "needs an argument"
		                            : "unknown option");
	}
}

static bool parse(struct call *call, int argc, char **argv)
{
	int letter;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":f:r:h", longs, NULL)) != -1)
		if (!take_option(call, letter, argv))
			return false;
	/* an MTA may tell several recipients behind one -r */
	for (; optind < argc; optind++)
		nx_letter_recipient(&call->letter, argv[optind]);
	return true;
}

static bool hand_over(struct call *call)
{
	struct nx_why no_spool;
	switch (nx_lmtp_send(call->socket, &call->letter, call->seconds,
	                     &call->why)) {
	case NX_HAND_OVER_TAKEN:
		return true;
	case NX_HAND_OVER_REFUSED:
		return false;
	case NX_HAND_OVER_AWAY:
		break;
	}
	if (!*call->spool)
		return false;
	if (nx_spool_keep(call->spool, &call->letter, &no_spool))
		return true;
	char daemon[sizeof(call->why.text)];
	memcpy(daemon, call->why.text, sizeof(daemon));
	return nx_why(&call->why, "%s; %s", daemon, no_spool.text);
}

static bool deliver(struct call *call)
{
	return nx_letter_read(&call->letter, &call->why) &&
	       nx_letter_complete(&call->letter, &call->why) && hand_over(call);
}

static int refuse(const struct call *call)
{
	nx_guard_drain();
	nx_guard_say(call->why.text);
	return NX_GUARD_AGAIN;
}

static int tell(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
	/* a message came with it: it is not taken */
	return nx_guard_drain() ? NX_GUARD_AGAIN : 0;
}

static int run(struct call *call, int argc, char **argv)
{
	if (!parse(call, argc, argv))
		return refuse(call);
	if (call->help)
		return tell(usage);
	if (call->version)
		return tell("nixie-pipe " NIXIE_VERSION "\n");
	return deliver(call) ? 0 : refuse(call);
}

/* No file of ours is to become what others take for stdin or stdout, and none
 * of theirs is ours to hold. */
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
	static struct call call = {.socket = SOCKET,
	                           .spool = SPOOL,
	                           .seconds = SECONDS,
	                           .letter = {.sender = "",
	                                      .original_recipient = "",
	                                      .queue_id = ""}};
	nx_guard_begin();
	settle_descriptors();
	umask(027);
	int status = run(&call, argc, argv);
	nx_guard_end();
	return status;
}
