/* SPDX-License-Identifier: ISC */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * To be preloaded: the C library's allocator, which fails when it is told to.
 * The test and the program share the file that NIXIE_TEST_MEMORY names. Only
 * the process whose number stands in it counts and fails; 0: the first one.
 */
struct control {
	atomic_long process;
	atomic_long count; /* of calls so far */
	atomic_long first; /* the first that fails; 0: none */
	atomic_long lasts; /* all that follow fail, too */
};

static struct control *control;
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);

/* What dlsym allocates while it looks for the allocator. */
static char spare[4096];
static size_t spared;

static void *spare_block(size_t size)
{
	void *block = spare + spared;
	spared += (size + 15) & ~(size_t)15;
	return spared <= sizeof(spare) ? block : NULL;
}

static void find_control(void)
{
	const char *path = getenv("NIXIE_TEST_MEMORY");
	const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (file < 0)
		return;
	void *page = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE,
	                  MAP_SHARED, file, 0);
	close(file);
	if (page != MAP_FAILED)
		control = page;
}

static int is_ready(void)
{
	static int begun;
	if (real_realloc == NULL && !begun) {
		begun = 1;
		real_malloc = dlsym(RTLD_NEXT, "__libc_malloc");
		real_calloc = dlsym(RTLD_NEXT, "__libc_calloc");
		real_realloc = dlsym(RTLD_NEXT, "__libc_realloc");
		find_control();
	}
	return real_realloc != NULL;
}

static int fails(void)
{
	long nobody = 0;
	if (control == NULL)
		return 0;
	const long mine = getpid();
	atomic_compare_exchange_strong(&control->process, &nobody, mine);
	if (atomic_load(&control->process) != mine)
		return 0;
	const long count = atomic_fetch_add(&control->count, 1) + 1;
	const long first = atomic_load(&control->first);
	if (first == 0 || count < first ||
	    (count > first && !atomic_load(&control->lasts)))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

void *__libc_malloc(size_t size)
{
	if (!is_ready())
		return spare_block(size);
	return fails() ? NULL : real_malloc(size);
}

void *__libc_calloc(size_t count, size_t size)
{
	if (!is_ready())
		return spare_block(count * size);
	return fails() ? NULL : real_calloc(count, size);
}

void *__libc_realloc(void *block, size_t size)
{
	if (!is_ready())
		return spare_block(size);
	return fails() ? NULL : real_realloc(block, size);
}
