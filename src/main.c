/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "pool/worker_host.h"
#include "sys/out_of_memory.h"
#include "sys/tempfail_exit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Starts, finds the command, turns an error into an exit status. */

/* Libraries allocate before main does anything. */
static void expect_status(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "deliver") == 0)
		nx_tempfail_exit_expect();
}

__attribute__((section(".preinit_array"),
               used)) static void (*const before_libraries)(int, char **) =
        expect_status;

/* The number of a closed standard descriptor would be given to the next file
 * that is opened, even a database. The stand-ins fail when they are used. */
static void hold_descriptors(void)
{
	for (int wanted = 0; wanted <= 2; wanted++) {
		if (fcntl(wanted, F_GETFD) >= 0)
			continue;
		int mode = wanted == 0 ? O_WRONLY : O_RDONLY;
		if (open("/dev/null", mode) != wanted)
			_exit(NX_EXIT_AGAIN);
	}
}

/* What was wrong when it was written is forgotten by now; some of the output is
 * missing anyway. */
static const char *why_not(void)
{
	return write(STDOUT_FILENO, "\n", 1) < 0 ? strerror(errno)
	                                         : "some of it is missing";
}

/* Everything printed must have been written. */
static int flush(const struct nx_cli *cli, int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (cli->command->refuse)
		return NX_EXIT_AGAIN;
	nx_cli_say(cli, "stdout: cannot be written: %s", why_not());
	return status > NX_EXIT_NO ? status : NX_EXIT_TEMPORARY;
}

static int show_help(struct nx_cli *cli)
{
	if (cli->command->help)
		return cli->command->help(cli);
	nx_cli_help_command(cli->command);
	return NX_EXIT_OK;
}

static int run(struct nx_cli *cli, int argc, char **argv)
{
	struct nx_error err;
	if (!nx_cli_parse(cli, argc, argv, &err))
		return nx_cli_fail(cli, &err);
	if (nx_cli_has(cli, NX_OPTION_HELP))
		return show_help(cli);
	bool done = nx_cli_configure(cli, &err) && cli->command->run(cli, &err);
	nx_cli_close(cli);
	if (!done)
		return nx_cli_fail(cli, &err);
	if (cli->command->end)
		cli->command->end();
	return cli->status;
}

static int start(const struct nx_command *command, int argc, char **argv)
{
	signal(SIGXFSZ, SIG_IGN); /* to be told as a full disk is */
	if (command->begin)
		command->begin();
	struct nx_cli *cli = talloc_zero(NULL, struct nx_cli);
	cli->command = command;
	int status = flush(cli, run(cli, argc, argv));
	talloc_free(cli);
	return status;
}

static int no_command(const char *word)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *near = nx_cli_near_command(word);
	if (*word == '\0')
		fputs("nixie: a command is missing (see nixie --help)\n",
		      stderr);
	else if (near)
		fprintf(stderr,
		        "nixie: '%s': no such command; did you mean '%s'?\n",
		        nx_cli_escape(ctx, word), near);
	else
		fprintf(stderr,
		        "nixie: '%s': no such command (see nixie --help)\n",
		        nx_cli_escape(ctx, word));
	talloc_free(ctx);
	return NX_EXIT_USAGE;
}

static int help(const char *name)
{
	const struct nx_command *command = nx_cli_command(name);
	if (*name != '\0' && !command)
		return no_command(name);
	if (command)
		nx_cli_help_command(command);
	else
		nx_cli_help();
	return fflush(stdout) == 0 ? NX_EXIT_OK : NX_EXIT_TEMPORARY;
}

int main(int argc, char **argv)
{
	hold_descriptors();
	nx_out_of_memory_catch_abort();
	if (argc == NX_WORKER_HOST_ARGUMENTS &&
	    strcmp(argv[0], NX_WORKER_HOST_NAME) == 0)
		nx_worker_host_main(argv);
	const char *word = argc > 1 ? argv[1] : "";
	const struct nx_command *command = nx_cli_command(word);
	if (command)
		return start(command, argc - 1, argv + 1);
	if (strcmp(word, "--version") == 0) {
		puts("nixie " NIXIE_VERSION);
		return fflush(stdout) == 0 ? NX_EXIT_OK : NX_EXIT_TEMPORARY;
	}
	if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 ||
	    strcmp(word, "-h") == 0)
		return help(argc > 2 ? argv[2] : "");
	return no_command(word);
}
