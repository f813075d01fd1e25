/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "sys/tempfail_exit.h"

#include <pthread.h>
#include <unistd.h>

/* MTAs stop waiting after a while (Postfix: 1000 s), and count that as a
 * refusal too. */
enum { SECONDS = 300 };

void nx_deliver_tempfail(void)
{
	(void)close_range(STDERR_FILENO + 1, ~0U, 0); /* the MTA's own */
	nx_tempfail_exit_begin();
	/* a worker process must die as usual */
	if (pthread_atfork(NULL, NULL, nx_tempfail_exit_drop) != 0)
		_exit(NX_EXIT_AGAIN);
	alarm(SECONDS);
}

int nx_deliver_refuse(const char *text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	nx_tempfail_exit_drain();
	nx_tempfail_exit_say(nx_cli_escape(ctx, text));
	talloc_free(ctx);
	nx_tempfail_exit_end();
	return NX_EXIT_AGAIN;
}

int nx_deliver_help(struct nx_cli *cli)
{
	nx_cli_help_command(cli->command);
	nx_tempfail_exit_end();
	/* a message was on stdin: it is not taken */
	return nx_tempfail_exit_drain() ? NX_EXIT_AGAIN : NX_EXIT_OK;
}
