/* SPDX-License-Identifier: ISC */
#include "store/waiting.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Files are numbered, the oldest lowest. In each, messages follow each other: a
 * line "NAME TIME SIZE", then so many bytes; after the last, zeros. A file is
 * extended ahead, because one that grows makes each wait for the disk several
 * times as long.
 */
enum {
	LINE = 200,
	NAME = 100,        /* in it */
	AHEAD = 512 * 1024 /* bytes */
};

struct waiting_file {
	char *name;
	size_t messages;
	int64_t bytes;
	int64_t room; /* that it was extended to */
};

struct waiting_group {   /* added, and not yet written */
	TALLOC_CTX *ctx; /* for the head of each message */
	struct iovec *piece;
	size_t pieces;
	size_t messages;
	int64_t bytes;
};

struct nx_waiting {
	const char *folder;
	const char *guard; /* a file beside it that is locked */
	int lock;          /* or -1 */
	bool locked;       /* between begin and commit */
	struct waiting_group group;
	struct waiting_file *file; /* our own; the last is added to */
	size_t files;
	int descriptor; /* of the last file, or -1 */
	bool is_new;    /* its name is not yet durable */
};

static char *path_of(TALLOC_CTX *ctx, const struct nx_waiting *waiting,
                     const char *name)
{
	return talloc_asprintf(ctx, "%s/%s", waiting->folder, name);
}

static void close_last(struct nx_waiting *waiting)
{
	nx_file_close(&waiting->descriptor);
	waiting->descriptor = -1;
}

static int destroy(struct nx_waiting *waiting)
{
	nx_file_close(&waiting->lock);
	nx_file_close(&waiting->descriptor);
	return 0;
}

struct nx_waiting *nx_waiting_new(TALLOC_CTX *ctx, const char *folder)
{
	struct nx_waiting *waiting = talloc_zero(ctx, struct nx_waiting);
	waiting->folder = talloc_strdup(waiting, folder);
	waiting->guard = talloc_asprintf(waiting, "%s.lock", folder);
	waiting->lock = -1;
	waiting->descriptor = -1;
	talloc_set_destructor(waiting, destroy);
	return waiting;
}

/* --- the lock ------------------------------------------------------------- */

static void forget_first(struct nx_waiting *waiting)
{
	talloc_free(waiting->file[0].name);
	waiting->files--;
	memmove(waiting->file, waiting->file + 1,
	        waiting->files * sizeof(*waiting->file));
	if (waiting->files == 0)
		close_last(waiting);
}

/* A process that takes messages takes all of them: when the last file is gone,
 * so are the others. */
static bool learn(struct nx_waiting *waiting)
{
	struct stat about;
	if (waiting->descriptor < 0 ||
	    (fstat(waiting->descriptor, &about) == 0 && about.st_nlink > 0))
		return false;
	while (waiting->files > 0)
		forget_first(waiting);
	return true;
}

static bool open_guard(struct nx_waiting *waiting, struct nx_error *err)
{
	if (waiting->lock >= 0)
		return true;
	waiting->lock = open(waiting->guard,
	                     O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (waiting->lock < 0)
		return nx_file_trouble(err, waiting->guard);
	nx_file_follow_owner(waiting->lock, waiting->folder);
	return true;
}

static bool lock(struct nx_waiting *waiting, struct nx_error *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (!open_guard(waiting, err))
		return false;
	while (fcntl(waiting->lock, F_OFD_SETLKW, &whole) < 0)
		if (errno != EINTR)
			return nx_file_trouble(err, waiting->guard);
	waiting->locked = true;
	return true;
}

static void unlock(struct nx_waiting *waiting)
{
	struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
	(void)fcntl(waiting->lock, F_OFD_SETLK, &whole);
	waiting->locked = false;
}

/* --- adding --------------------------------------------------------------- */

static struct waiting_file *last(struct nx_waiting *waiting)
{
	return &waiting->file[waiting->files - 1];
}

/* A number above all that exist. */
static bool next_name(TALLOC_CTX *ctx, const struct nx_waiting *waiting,
                      char **name, struct nx_error *err)
{
	char **names;
	size_t count;
	if (!nx_file_names(ctx, waiting->folder, "", &names, &count, err))
		return false;
	long highest = count > 0 ? strtol(names[count - 1], NULL, 10) : 0;
	*name = talloc_asprintf(ctx, "%010ld", highest + 1);
	return true;
}

/* A failure is ignored: without it the file grows. */
static void make_large(struct nx_waiting *waiting, int64_t size)
{
	(void)!fallocate(waiting->descriptor, 0, 0, (off_t)size);
}

static bool make_file(TALLOC_CTX *ctx, struct nx_waiting *waiting,
                      const char *name, struct nx_error *err)
{
	const char *path = path_of(ctx, waiting, name);
	close_last(waiting);
	waiting->descriptor =
	        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	             0600);
	if (waiting->descriptor < 0)
		return nx_file_trouble(err, path);
	nx_file_follow_owner(waiting->descriptor, waiting->folder);
	return true;
}

static bool start_file(struct nx_waiting *waiting, struct nx_error *err)
{
	struct waiting_file file = {.name = NULL};
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool made = next_name(ctx, waiting, &file.name, err) &&
	            make_file(ctx, waiting, file.name, err);
	if (made) {
		waiting->file =
		        talloc_realloc(waiting, waiting->file,
		                       struct waiting_file, waiting->files + 1);
		talloc_steal(waiting, file.name);
		waiting->file[waiting->files++] = file;
		waiting->is_new = true;
	}
	talloc_free(ctx);
	return made;
}

static bool is_full(struct nx_waiting *waiting,
                    const struct nx_waiting_portion *portion)
{
	return waiting->descriptor < 0 ||
	       (int64_t)last(waiting)->messages >= portion->messages ||
	       last(waiting)->bytes >= portion->bytes;
}

bool nx_waiting_begin(struct nx_waiting *waiting, bool *taken,
                      struct nx_error *err)
{
	*taken = false;
	if (waiting->locked)
		return true;
	if (!lock(waiting, err))
		return false;
	*taken = learn(waiting);
	return true;
}

static void add_piece(struct waiting_group *group, const char *bytes,
                      size_t size)
{
	if ((group->pieces & (group->pieces + 1)) == 0)
		group->piece =
		        talloc_realloc(group->ctx, group->piece, struct iovec,
		                       2 * group->pieces + 1);
	group->piece[group->pieces++] = (struct iovec){(void *)bytes, size};
	group->bytes += (int64_t)size;
}

void nx_waiting_add(struct nx_waiting *waiting,
                    const struct nx_waiting_message *message)
{
	struct waiting_group *group = &waiting->group;
	if (group->ctx == NULL)
		group->ctx = talloc_new(waiting);
	const char *front = talloc_asprintf(
	        group->ctx, "%.*s %lld %zu\n%s", NAME, message->name,
	        (long long)message->time, strlen(message->head) + message->size,
	        message->head);
	add_piece(group, front, strlen(front));
	add_piece(group, message->bytes, message->size);
	group->messages++;
}

void nx_waiting_abandon(struct nx_waiting *waiting)
{
	if (!waiting->locked)
		return;
	talloc_free(waiting->group.ctx);
	waiting->group = (struct waiting_group){.ctx = NULL};
	unlock(waiting);
}

/* Cuts off what follows the last complete group; false when the file cannot be
 * used any more. */
static bool cut_last(struct nx_waiting *waiting)
{
	const off_t end = (off_t)last(waiting)->bytes;
	if (ftruncate(waiting->descriptor, end) < 0 ||
	    lseek(waiting->descriptor, end, SEEK_SET) != end)
		return false;
	make_large(waiting, last(waiting)->room);
	return true;
}

static bool write_group(struct nx_waiting *waiting, struct nx_error *err)
{
	struct waiting_group *group = &waiting->group;
	if (!nx_file_write_pieces(waiting->descriptor, group->piece,
	                          group->pieces, err))
		return false;
	if (fdatasync(waiting->descriptor) < 0)
		return nx_file_trouble(err, waiting->folder);
	return !waiting->is_new || nx_file_sync_directory(waiting->folder, err);
}

/* Extends the file for the group, up to the end of the portion. */
static void make_room(struct nx_waiting *waiting,
                      const struct nx_waiting_portion *portion)
{
	struct waiting_file *file = last(waiting);
	const int64_t wanted = file->bytes + waiting->group.bytes;
	if (wanted <= file->room || file->room >= portion->bytes)
		return;
	file->room = wanted + AHEAD < portion->bytes ? wanted + AHEAD
	                                             : portion->bytes;
	make_large(waiting, file->room);
}

/* A group is in one file, so that one cut removes it. */
static bool put_group(struct nx_waiting *waiting,
                      const struct nx_waiting_portion *portion,
                      struct nx_error *err)
{
	if (is_full(waiting, portion) && !start_file(waiting, err))
		return false;
	make_room(waiting, portion);
	if (!write_group(waiting, err)) {
		if (!cut_last(waiting))
			close_last(waiting); /* the next group begins another
			                        file */
		return false;
	}
	waiting->is_new = false;
	last(waiting)->messages += waiting->group.messages;
	last(waiting)->bytes += waiting->group.bytes;
	return true;
}

bool nx_waiting_commit(struct nx_waiting *waiting,
                       const struct nx_waiting_portion *portion,
                       struct nx_error *err)
{
	const bool done = waiting->group.messages == 0 ||
	                  put_group(waiting, portion, err);
	nx_waiting_abandon(waiting);
	return done;
}

/* --- contents ------------------------------------------------------------- */

size_t nx_waiting_messages(const struct nx_waiting *waiting)
{
	size_t messages = waiting->group.messages;
	for (size_t i = 0; i < waiting->files; i++)
		messages += waiting->file[i].messages;
	return messages;
}

/* As stored on the disk. */
static int64_t room_of(const struct waiting_file *file)
{
	return file->bytes > file->room ? file->bytes : file->room;
}

int64_t nx_waiting_bytes(const struct nx_waiting *waiting)
{
	int64_t bytes = waiting->group.bytes;
	for (size_t i = 0; i < waiting->files; i++)
		bytes += room_of(&waiting->file[i]);
	return bytes;
}

static void forget(struct nx_waiting *waiting, const char *name)
{
	if (waiting->files > 0 && strcmp(waiting->file[0].name, name) == 0)
		forget_first(waiting);
}

bool nx_waiting_drop(struct nx_waiting *waiting)
{
	if (waiting->files == 0)
		return false;
	char *path = path_of(waiting, waiting, waiting->file[0].name);
	(void)unlink(path); /* or another process took it */
	talloc_free(path);
	forget_first(waiting);
	return true;
}

/* --- taking --------------------------------------------------------------- */

/* Parses the line that a message begins with: its size, and where its bytes
 * start; 0 when it is not one. */
static size_t read_line(char *line, struct nx_waiting_message *out)
{
	char *blank = strchr(line, ' ');
	if (blank == NULL)
		return 0;
	char *end;
	const long long time = strtoll(blank, &end, 10);
	const char *second = end;
	const unsigned long long size = strtoull(second, &end, 10);
	if (*second != ' ' || *end != '\n')
		return 0;
	*blank = '\0';
	*out = (struct nx_waiting_message){line, "", "", (size_t)size, time};
	return strchr(line, '/') == NULL ? (size_t)(end + 1 - line) : 0;
}

/* The message at *at, which moves past it; false when there is no complete
 * one. */
static bool read_message(TALLOC_CTX *ctx, int descriptor, off_t *at,
                         struct nx_waiting_message *out)
{
	struct stat about;
	char *line = talloc_zero_size(ctx, LINE + 1);
	if (pread(descriptor, line, LINE, *at) <= 0 ||
	    fstat(descriptor, &about) < 0)
		return false;
	const size_t start = read_line(line, out);
	const off_t from = *at + (off_t)start;
	if (start == 0 || out->size > (size_t)(about.st_size - from))
		return false;
	char *bytes = talloc_size(ctx, out->size + 1);
	if (pread(descriptor, bytes, out->size, from) != (ssize_t)out->size)
		return false;
	out->bytes = bytes;
	*at = from + (off_t)out->size;
	return true;
}

static bool take_messages(int descriptor, const struct nx_waiting_taker *taker,
                          struct nx_error *err)
{
	off_t at = 0;
	bool taken = true;
	bool found = true;
	while (taken && found) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_waiting_message message;
		found = read_message(ctx, descriptor, &at, &message);
		if (found)
			taken = taker->take(taker->data, &message, err);
		talloc_free(ctx);
	}
	return taken;
}

/* Not counted any more while its messages are taken. */
static bool take_file(TALLOC_CTX *ctx, struct nx_waiting *waiting,
                      const char *name, const struct nx_waiting_taker *taker,
                      struct nx_error *err)
{
	const char *path = path_of(ctx, waiting, name);
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor < 0)
		return nx_file_trouble(err, path);
	forget(waiting, name);
	return take_messages(descriptor, taker, err) &&
	       taker->make_safe(taker->data, err) &&
	       (unlink(path) == 0 || errno == ENOENT ||
	        nx_file_trouble(err, path));
}

bool nx_waiting_take(struct nx_waiting *waiting,
                     const struct nx_waiting_taker *taker, bool *more,
                     struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char **names;
	size_t count = 0;
	bool done = lock(waiting, err);
	if (done) {
		done = nx_file_names(ctx, waiting->folder, "", &names, &count,
		                     err) &&
		       (count == 0 ||
		        take_file(ctx, waiting, names[0], taker, err));
		unlock(waiting);
	}
	*more = done && count > 1;
	talloc_free(ctx);
	return done;
}
