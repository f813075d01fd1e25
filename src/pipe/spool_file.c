/* SPDX-License-Identifier: ISC */
#include "pipe/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct spool {
	const char *directory;
	struct nx_pipe_error *err;
	int tmp, new_one;  /* the folders */
	struct stat about; /* the directory */
	char name[64];
};

static bool fail(const struct spool *spool, const char *what)
{
	return nx_pipe_error(spool->err, "%s%s: %s", spool->directory, what,
	                     strerror(errno));
}

/* In order of time, and unique. */
static bool make_name(struct spool *spool)
{
	struct timespec now;
	uint64_t number;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return fail(spool, ": no random number");
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(spool->name, sizeof(spool->name), "%010lld.%09ld.%016" PRIx64,
	         (long long)now.tv_sec, now.tv_nsec, number);
	return true;
}

static int open_folder(int directory, const char *name)
{
	return openat(directory, name,
	              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool open_spool(struct spool *spool)
{
	int directory =
	        open(spool->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0 || fstat(directory, &spool->about) < 0)
		return fail(spool, "");
	if (spool->about.st_mode & S_IWOTH)
		return nx_pipe_error(spool->err,
		                     "%s: everybody may write to it",
		                     spool->directory);
	spool->tmp = open_folder(directory, "tmp");
	if (spool->tmp < 0)
		return fail(spool, "/tmp");
	spool->new_one = open_folder(directory, "new");
	return spool->new_one >= 0 || fail(spool, "/new");
}

static bool write_head(int descriptor, const struct nx_pipe_message *message)
{
	if (dprintf(descriptor, "nixie-spool 1\n") < 0 ||
	    (*message->queue_id &&
	     dprintf(descriptor, "queue-id %s\n", message->queue_id) < 0) ||
	    dprintf(descriptor, "sender %s\n", message->sender) < 0)
		return false;
	for (size_t i = 0; i < message->recipients; i++)
		if (dprintf(descriptor, "recipient %s\n",
		            message->recipient[i]) < 0)
			return false;
	return (!*message->original_recipient ||
	        dprintf(descriptor, "original %s\n",
	                message->original_recipient) >= 0) &&
	       dprintf(descriptor, "\n") >= 0;
}

static bool write_all(int descriptor, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t put = write(descriptor, bytes, size);
		if (put <= 0)
			return false;
		bytes += put;
		size -= (size_t)put;
	}
	return true;
}

static bool write_file(const struct spool *spool, int descriptor,
                       const struct nx_pipe_message *message)
{
	/* the daemon could not use root's file */
	if (geteuid() == 0 &&
	    fchown(descriptor, spool->about.st_uid, spool->about.st_gid) < 0)
		return false;
	return write_head(descriptor, message) &&
	       write_all(descriptor, message->bytes, message->size) &&
	       fsync(descriptor) == 0 && close(descriptor) == 0;
}

bool nx_spool_file_write(const char *directory,
                         const struct nx_pipe_message *message,
                         struct nx_pipe_error *err)
{
	struct spool spool = {.directory = directory, .err = err};
	if (!open_spool(&spool) || !make_name(&spool))
		return false;
	/* the daemon may share only a group with us */
	int descriptor = openat(
	        spool.tmp, spool.name,
	        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (descriptor < 0)
		return fail(&spool, "/tmp");
	if (!write_file(&spool, descriptor, message) ||
	    renameat(spool.tmp, spool.name, spool.new_one, spool.name) < 0) {
		fail(&spool, "");
		unlinkat(spool.tmp, spool.name, 0);
		return false;
	}
	return fsync(spool.new_one) == 0 || fail(&spool, "/new");
}
