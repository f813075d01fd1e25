/* SPDX-License-Identifier: ISC */
#include "pool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { SUCCEEDED = 0, REFUSED = 10, NO_SANDBOX = 11 };

/* The status of a child that does one thing inside the sandbox. */
static int inside(long (*deed)(void))
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		nx_sandbox_close_all_but(ends[1]);
		if (!nx_sandbox_enter())
			_exit(NO_SANDBOX);
		_exit(deed() < 0 ? REFUSED : SUCCEEDED);
	}
	int status = 0;
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool was_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool was_refused(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
}

static long open_file(void)
{
	const int fd = open("/etc/passwd", O_RDONLY);
	return fd < 0 && errno == EACCES ? -1 : fd;
}

static long open_memory(void)
{
	return open("/proc/self/mem", O_RDWR);
}

static long ask_about_file(void)
{
	struct stat status;
	return stat("/", &status);
}

static long read_link(void)
{
	char path[16];
	return readlink("/proc/self/exe", path, sizeof(path));
}

static long make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long connect_channel(void)
{
	struct sockaddr nowhere = {.sa_family = AF_UNIX};
	return connect(NX_SANDBOX_CHANNEL, &nowhere, sizeof(nowhere));
}

static long trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long kill_parent(void)
{
	return syscall(SYS_kill, 1, 0);
}

static long kill_thread(void)
{
	return syscall(SYS_tgkill, 1, 1, SIGABRT);
}

static long execute(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};
	return execve("/bin/true", arguments, arguments + 1);
}

static long fork_child(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long map_code(void)
{
	const void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED ? -1 : 0;
}

static long turn_data_into_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long unlink_file(void)
{
	return unlink("/nowhere");
}

static long make_file_in_memory(void)
{
	return (long)syscall(SYS_memfd_create, "x", 0);
}

static long read_other_memory(void)
{
	return syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0);
}

static long make_namespace(void)
{
	return syscall(SYS_unshare, 0);
}

static long load_program(void)
{
	return syscall(SYS_bpf, 0, 0, 0);
}

static long make_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, 0);
}

static long become_dumpable(void)
{
	return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long raise_limit(void)
{
	return syscall(SYS_prlimit64, 0, RLIMIT_CPU, 0, 0);
}

static void outside_calls_fail(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		long (*deed)(void);
	} cases[] = {
	        {"open", open_file},
	        {"open memory", open_memory},
	        {"stat", ask_about_file},
	        {"readlink", read_link},
	        {"socket", make_socket},
	        {"connect", connect_channel},
	        {"ptrace", trace},
	        {"kill", kill_parent},
	        {"tgkill", kill_thread},
	        {"execve", execute},
	        {"fork", fork_child},
	        {"mmap of code", map_code},
	        {"mprotect to code", turn_data_into_code},
	        {"unlink", unlink_file},
	        {"memfd_create", make_file_in_memory},
	        {"process_vm_readv", read_other_memory},
	        {"unshare", make_namespace},
	        {"bpf", load_program},
	        {"io_uring_setup", make_ring},
	        {"prctl", become_dumpable},
	        {"prlimit", raise_limit},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int status = inside(cases[i].deed);
		if (!was_killed(status) && !was_refused(status))
			fail_msg("%s: status %#x", cases[i].name,
			         (unsigned)status);
	}
}

static void opening_is_refused_and_survived(void **state)
{
	(void)state;
	assert_true(was_refused(inside(open_file)));
	assert_true(was_refused(inside(ask_about_file)));
}

static long get_memory_and_time(void)
{
	char *memory = malloc(20 << 20);
	memset(memory, 1, 20 << 20);
	memory = realloc(memory, 40 << 20);
	free(memory);
	struct timespec now;
	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) +
	       (write(NX_SANDBOX_CHANNEL, "", 0) < 0);
}

static void memory_time_and_channel_are_there(void **state)
{
	(void)state;
	assert_int_equal(inside(get_memory_and_time), 0);
}

static long use_stack(void)
{
	volatile char room[7 << 20];
	for (size_t i = 0; i < sizeof(room); i += 4096)
		room[i] = 1;
	return room[4096] == 1 ? 0 : -1;
}

static void the_stack_is_large(void **state)
{
	(void)state;
	assert_int_equal(inside(use_stack), 0);
}

static long die(void)
{
	abort();
}

static void a_worker_can_abort_as_itself(void **state)
{
	(void)state;
	const int status = inside(die);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static long get_much_memory(void)
{
	void *memory = mmap(NULL, NX_SANDBOX_MEMORY, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return memory == MAP_FAILED ? -1 : 0;
}

static void memory_is_bounded(void **state)
{
	(void)state;
	const int status = inside(get_much_memory);
	assert_int_equal(was_refused(status), nx_sandbox_bounds_memory());
}

/* The value of a line in /proc/PID/status. */
static long status_line(pid_t pid, const char *name)
{
	char path[64], line[256];
	long value = -1;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0 &&
		    line[strlen(name)] == ':')
			value = strtol(line + strlen(name) + 1, NULL, 10);
	}
	fclose(file);
	return value;
}

static size_t open_descriptors(pid_t pid)
{
	char path[64];
	size_t count = 0;
	for (int i = 0; i < 256; i++) {
		struct stat status;
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, i);
		count += lstat(path, &status) == 0;
	}
	return count;
}

static long wait_for_end(void)
{
	char byte = 'x';
	return write(NX_SANDBOX_CHANNEL, &byte, 1) +
	       read(NX_SANDBOX_CHANNEL, &byte, 1);
}

static void the_kernel_says_so(void **state)
{
	(void)state;
	int ends[2];
	char byte = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		nx_sandbox_close_all_but(ends[1]);
		if (!nx_sandbox_enter())
			_exit(NO_SANDBOX);
		_exit((int)wait_for_end());
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(status_line(pid, "NoNewPrivs"), 1);
	assert_int_equal(status_line(pid, "Seccomp"), 2);
	assert_int_equal(open_descriptors(pid), NX_SANDBOX_CHANNEL + 1);
	close(ends[0]);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(outside_calls_fail),
	        cmocka_unit_test(opening_is_refused_and_survived),
	        cmocka_unit_test(memory_time_and_channel_are_there),
	        cmocka_unit_test(the_stack_is_large),
	        cmocka_unit_test(a_worker_can_abort_as_itself),
	        cmocka_unit_test(memory_is_bounded),
	        cmocka_unit_test(the_kernel_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
