/* SPDX-License-Identifier: ISC */
#include "sys/tempfail_exit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile sig_atomic_t expected; /* nothing but 0 or 75 */
static volatile sig_atomic_t ending;   /* we are ending on purpose */

void nx_tempfail_exit_expect(void)
{
	expected = 1;
}

bool nx_tempfail_exit_is_expected(void)
{
	return expected;
}

/* Also called by signal handlers. */
void nx_tempfail_exit_say(const char *why)
{
	static const char begin[] = "4.3.0 nixie: ";
	struct iovec line[3] = {
	        {(void *)begin, sizeof(begin) - 1},
	        {(void *)why, strlen(why)},
	        {(void *)"\n", 1},
	};
	ssize_t written = writev(STDOUT_FILENO, line, 3);
	(void)written;
}

/* The sanitizer would allocate before _exit(), and the signal may have come
 * while it held the lock for that. */
__attribute__((no_sanitize_address)) static void on_signal(int number)
{
	nx_tempfail_exit_say(number == SIGALRM ? "it took too long"
	                                       : "stopped by a signal");
	_exit(NX_TEMPFAIL_EXIT);
}

static void on_exit_call(void)
{
	if (ending)
		return;
	nx_tempfail_exit_say("ended too early");
	_exit(NX_TEMPFAIL_EXIT);
}

static bool is_harmless(int number)
{
	switch (number) {
	case SIGKILL: /* it cannot be caught */
	case SIGSTOP:
	case SIGPIPE: /* ignored, see below */
	case SIGXFSZ:
	case SIGCHLD:
	case SIGCONT:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGURG:
	case SIGWINCH:
		return true;
	default:
		return false;
	}
}

/* A stack that overflowed cannot run a handler. */
static void use_own_stack(void)
{
	static char stack[64 * 1024];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	(void)sigaltstack(&alternate, NULL);
}

static void handle_all(void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler,
	                           .sa_flags = SA_ONSTACK};
	sigfillset(&action.sa_mask);
	for (int number = 1; number <= SIGRTMAX; number++)
		if (!is_harmless(number))
			(void)sigaction(number, &action, NULL);
}

void nx_tempfail_exit_begin(void)
{
	sigset_t none;
	nx_tempfail_exit_expect();
	use_own_stack();
	handle_all(on_signal);
	/* these come back as failed writes, with a reason */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (atexit(on_exit_call) != 0)
		_exit(NX_TEMPFAIL_EXIT);
}

void nx_tempfail_exit_end(void)
{
	ending = 1;
}

void nx_tempfail_exit_drop(void)
{
	ending = 1;
	expected = 0;
	handle_all(SIG_DFL);
}

bool nx_tempfail_exit_drain(void)
{
	static char bytes[64 * 1024];
	bool some = false;
	if (isatty(STDIN_FILENO))
		return false;
	while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0)
		some = true;
	return some;
}
