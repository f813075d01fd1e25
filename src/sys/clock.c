/* SPDX-License-Identifier: ISC */
#include "sys/clock.h"

#include "sys/file.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static bool is_set;
static int64_t set_to;

static int64_t seconds(clockid_t which)
{
	struct timespec now = {.tv_sec = 0};

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec;
}

int64_t nx_clock_now(void)
{
	return is_set ? set_to : seconds(CLOCK_REALTIME);
}

int64_t nx_clock_milliseconds(void)
{
	enum { SECOND = 1000, MILLISECOND = 1000000 };
	struct timespec now = {.tv_sec = 0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec / MILLISECOND;
}

void nx_clock_set(int64_t now)
{
	is_set = true;
	set_to = now;
}

/* It never changes while we live. Asked for once, so that threads may read it
 * afterwards. */
static const char *boot_id(void)
{
	static char id[NX_CLOCK_BOOT_SIZE];
	static bool asked;
	size_t size = 0;

	if (asked)
		return id;
	asked = true;
	NX_CLOSES int file = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	if (file < 0 || !nx_file_fill(file, id, sizeof(id) - 1, &size))
		size = 0;
	id[size] = '\0';
	id[strcspn(id, "\n")] = '\0';
	return id;
}

bool nx_clock_read(struct nx_clock_reading *out)
{
	if (is_set)
		return false;
	*out = (struct nx_clock_reading){.uptime = seconds(CLOCK_BOOTTIME),
	                                 .wall = seconds(CLOCK_REALTIME)};
	strncpy(out->boot, boot_id(), sizeof(out->boot) - 1);
	return true;
}
