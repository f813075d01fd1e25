/* SPDX-License-Identifier: ISC */
#include "sys/out_of_memory.h"

#include "sys/tempfail_exit.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void end_with(const char *line)
{
	const ssize_t written = write(STDERR_FILENO, line, strlen(line));
	(void)written;
	_exit(NX_OUT_OF_MEMORY_EXIT);
}

_Noreturn void nx_out_of_memory(void)
{
	if (!nx_tempfail_exit_is_expected())
		end_with("nixie: out of memory\n");
	nx_tempfail_exit_say("out of memory");
	_exit(NX_TEMPFAIL_EXIT);
}

/* The sanitizer would allocate before _exit(). */
__attribute__((no_sanitize_address)) static void on_abort(int number)
{
	(void)number;
	end_with("nixie: aborted\n");
}

void nx_out_of_memory_catch_abort(void)
{
	struct sigaction action = {.sa_handler = on_abort,
	                           .sa_flags = (int)SA_RESETHAND};
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGABRT, &action, NULL);
}
