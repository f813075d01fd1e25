/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "base/text.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * To the MTA a pipe command that ends with anything but 0 or 75 has refused
 * the message for good, and a bounce that is refused is gone: it has no sender
 * to go back to.
 */

/* MTAs give up after a while (Postfix: 1000 s), and that is a refusal too. */
enum { SECONDS = 300 };

static volatile sig_atomic_t ending; /* by our own will */

static void say_line(const char *line)
{
	ssize_t written = write(STDOUT_FILENO, line, strlen(line));
	(void)written; /* nobody is left to tell */
}

/* The sanitizer would allocate before _exit(), and the signal may have come
 * while it held the lock for that. */
__attribute__((no_sanitize_address)) static void on_signal(int number)
{
	say_line(number == SIGALRM ? "4.3.0 nixie: it took too long\n"
	                           : "4.3.0 nixie: stopped by a signal\n");
	_exit(NX_EXIT_AGAIN);
}

static void on_exit_call(void)
{
	if (ending)
		return;
	say_line("4.3.0 nixie: ended too early\n");
	_exit(NX_EXIT_AGAIN);
}

static bool is_harmless(int number)
{
	switch (number) {
	case SIGKILL: /* nobody can */
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

/* A worker process is to die as it would without all this. */
static void on_fork(void)
{
	ending = 1;
	handle_all(SIG_DFL);
}

void nx_deliver_guard(void)
{
	(void)close_range(STDERR_FILENO + 1, ~0U, 0); /* the MTA's own */
	use_own_stack();
	handle_all(on_signal);
	/* these come back as failed writes, with a reason */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigset_t none;
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (atexit(on_exit_call) != 0 ||
	    pthread_atfork(NULL, NULL, on_fork) != 0)
		_exit(NX_EXIT_AGAIN);
	alarm(SECONDS);
}

/* Reads what is left of stdin, so that the MTA gets to know our answer and
 * not a broken pipe. Returns whether there was any. */
static bool drain(void)
{
	char bytes[4096];
	bool some = false;
	if (isatty(STDIN_FILENO))
		return false;
	while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0)
		some = true;
	return some;
}

int nx_deliver_refuse(const char *text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	drain();
	say_line(talloc_asprintf(ctx, "4.3.0 nixie: %s\n",
	                         nx_cli_visible(ctx, text)));
	talloc_free(ctx);
	ending = 1;
	return NX_EXIT_AGAIN;
}

int nx_deliver_help(struct nx_cli *cli)
{
	nx_cli_help_command(cli->command);
	ending = 1;
	/* a message came with it: it is not taken */
	return drain() ? NX_EXIT_AGAIN : NX_EXIT_OK;
}

int nx_deliver_taken(void)
{
	ending = 1;
	return NX_EXIT_OK;
}
