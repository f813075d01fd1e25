/* SPDX-License-Identifier: ISC */
#include "pool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The sanitizers map terabytes of shadow memory and report on standard error:
 * this is the only place that makes exceptions for them. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* What they watch takes three times as long. */
enum { CPU = SANITIZED ? 3 * NX_SANDBOX_CPU : NX_SANDBOX_CPU };

void nx_sandbox_close_all_but(int descriptor)
{
	/* above the numbers that are about to be used */
	const int kept = fcntl(descriptor, F_DUPFD, NX_SANDBOX_CHANNEL + 1);
	if (kept < 0)
		_exit(1); /* without a channel there is nothing to do */
	const int nowhere = open("/dev/null", O_RDWR);
	for (int i = 0; i <= STDERR_FILENO; i++) {
		if (SANITIZED && i == STDERR_FILENO)
			continue;
		if (nowhere >= 0)
			dup2(nowhere, i);
		else
			close(i);
	}
	dup2(kept, NX_SANDBOX_CHANNEL);
	close_range(NX_SANDBOX_CHANNEL + 1, ~0U, 0);
}

/* Lowers both limits; a lower limit stays. */
static bool limit(int what, rlim_t most, rlim_t hard)
{
	struct rlimit now;
	if (getrlimit(what, &now) != 0)
		return false;
	if (now.rlim_max > hard)
		now.rlim_max = hard;
	now.rlim_cur = most < now.rlim_max ? most : now.rlim_max;
	return setrlimit(what, &now) == 0;
}

static bool raise_stack(void)
{
	struct rlimit now;
	if (getrlimit(RLIMIT_STACK, &now) != 0)
		return false;
	if (now.rlim_cur >= NX_SANDBOX_STACK)
		return true;
	now.rlim_cur = NX_SANDBOX_STACK < now.rlim_max ? NX_SANDBOX_STACK
	                                               : now.rlim_max;
	return setrlimit(RLIMIT_STACK, &now) == 0;
}

static bool limit_all(void)
{
	return raise_stack() && limit(RLIMIT_CORE, 0, 0) &&
	       limit(RLIMIT_FSIZE, 0, 0) && limit(RLIMIT_NPROC, 0, 0) &&
	       limit(RLIMIT_NOFILE, NX_SANDBOX_CHANNEL + 1,
	             NX_SANDBOX_CHANNEL + 1) &&
	       limit(RLIMIT_CPU, CPU, CPU + 1) &&
	       (SANITIZED ||
	        limit(RLIMIT_AS, NX_SANDBOX_MEMORY, NX_SANDBOX_MEMORY));
}

static const int allowed[] = {
        SCMP_SYS(read),
        SCMP_SYS(write),
        SCMP_SYS(brk),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        SCMP_SYS(futex),
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(getrandom),
        SCMP_SYS(restart_syscall),
        SCMP_SYS(getpid),
        SCMP_SYS(gettid),
        SCMP_SYS(rt_sigprocmask), /* abort() calls it on its way out */
        SCMP_SYS(sysinfo),        /* qsort() of the C library calls it */
};

/* Called in passing by iconv, time zones and messages of libraries. */
static const int refused[] = {
        SCMP_SYS(open),       SCMP_SYS(openat),     SCMP_SYS(openat2),
        SCMP_SYS(stat),       SCMP_SYS(lstat),      SCMP_SYS(fstat),
        SCMP_SYS(statx),      SCMP_SYS(newfstatat), SCMP_SYS(access),
        SCMP_SYS(faccessat),  SCMP_SYS(faccessat2), SCMP_SYS(readlink),
        SCMP_SYS(readlinkat), SCMP_SYS(getcwd),     SCMP_SYS(ioctl),
        SCMP_SYS(lseek),      SCMP_SYS(fcntl),      SCMP_SYS(getpeername),
};

static const int allowed_to_sanitizers[] = {
        SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction),
        SCMP_SYS(sched_yield), SCMP_SYS(set_robust_list),
        SCMP_SYS(getrlimit),
};

static const int refused_to_sanitizers[] = {
        SCMP_SYS(pipe),  SCMP_SYS(pipe2),     SCMP_SYS(socketpair),
        SCMP_SYS(prctl), SCMP_SYS(prlimit64),
};

static bool add(scmp_filter_ctx filter, uint32_t action, const int *call,
                size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (seccomp_rule_add(filter, action, call[i], 0) != 0)
			return false;
	}
	return true;
}

#define ADD(filter, action, calls)                                             \
	add(filter, action, calls, sizeof(calls) / sizeof((calls)[0]))

/* Memory may be mapped, but never as executable; and a process may abort. */
static bool add_with_conditions(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp inert = {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
	const struct scmp_arg_cmp itself = {0, SCMP_CMP_EQ,
	                                    (scmp_datum_t)getpid(), 0};
	const struct scmp_arg_cmp aborts = {2, SCMP_CMP_EQ, SIGABRT, 0};
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	                        inert) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	                        inert) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2,
	                        itself, aborts) == 0;
}

static bool add_rules(scmp_filter_ctx filter)
{
	const uint32_t refuse = SCMP_ACT_ERRNO(EACCES);
	return ADD(filter, SCMP_ACT_ALLOW, allowed) &&
	       add_with_conditions(filter) && ADD(filter, refuse, refused) &&
	       (!SANITIZED ||
	        (ADD(filter, SCMP_ACT_ALLOW, allowed_to_sanitizers) &&
	         ADD(filter, refuse, refused_to_sanitizers)));
}

static bool filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return false;
	const bool done = add_rules(filter) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return done;
}

bool nx_sandbox_enter(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limit_all() &&
	       filter_calls();
}

bool nx_sandbox_bounds_memory(void)
{
	return !SANITIZED;
}
