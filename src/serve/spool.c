/* SPDX-License-Identifier: ISC */
#include "serve/spool.h"

#include "base/date.h"
#include "base/text.h"
#include "deliver/large_message.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEAD_BYTES = 1024 * 1024, /* more than nixie-pipe ever writes */
	LOOK_MS = 30 * 1000,      /* in case an event is lost */
	REST_MS = 100,            /* after a file that took long to read */
	AGAIN_MS = 1000,          /* after an error, at first */
	AGAIN_MS_MAX = 60 * 1000
};

struct spooled_file {              /* a message that is being processed */
	struct nx_spooled message; /* first: its address is passed back */
	struct spooled_file *next;
	char *name;
};

struct nx_spool {
	struct nx_spool_options options;
	char *directory, *tmp, *new_one;
	uv_timer_t timer;
	uv_fs_event_t watch;
	int handles;  /* not closed yet */
	char **names; /* in new/, when last read */
	size_t count, next;
	char **bad; /* that cannot be read and stay where they are */
	size_t bads;
	struct spooled_file *under_way;
	size_t pending;
	uint64_t patience; /* milliseconds, after an error */
	bool looking;
	bool resting; /* until the timer fires */
	bool changed; /* since we read the directory */
	bool stopped;
};

/* --- the envelope --------------------------------------------------------- */

static const char head[] = "nixie-spool 1\n";

struct lines { /* of the head, to be parsed */
	const char *at, *end;
};

/* The text after "NAME " when the next line begins with it. */
static bool take_line(TALLOC_CTX *ctx, struct lines *lines, const char *name,
                      const char **out)
{
	const size_t length = strlen(name);
	const size_t left = (size_t)(lines->end - lines->at);
	const char *feed = memchr(lines->at, '\n', left);
	if (!feed || (size_t)(feed - lines->at) < length ||
	    memcmp(lines->at, name, length) != 0)
		return false;
	size_t size = (size_t)(feed - lines->at) - length;
	*out = nx_text_repair(ctx, lines->at + length, size, size);
	lines->at = feed + 1;
	return true;
}

static struct nx_envelope *unknown(TALLOC_CTX *ctx, size_t *recipients,
                                   size_t *message)
{
	struct nx_envelope *envelope = talloc(ctx, struct nx_envelope);
	*envelope = (struct nx_envelope){"", false, "", "", ""};
	*recipients = 1;
	*message = 0;
	return envelope;
}

static struct nx_envelope *read_recipients(TALLOC_CTX *ctx, struct lines *lines,
                                           const struct nx_envelope *common,
                                           size_t *count)
{
	struct nx_envelope *list = NULL;
	struct nx_envelope one = *common;
	*count = 0;
	while (take_line(ctx, lines, "recipient ", &one.recipient)) {
		one.original_recipient = "";
		(void)take_line(ctx, lines, "original ",
		                &one.original_recipient);
		list = talloc_realloc(ctx, list, struct nx_envelope,
		                      *count + 1);
		list[(*count)++] = one;
	}
	return list;
}

struct nx_envelope *nx_spool_envelope(TALLOC_CTX *ctx, const char *bytes,
                                      size_t size, size_t *recipients,
                                      size_t *message)
{
	struct lines lines = {bytes, bytes + size};
	struct nx_envelope common = {"", true, "", "", ""};
	if (size < sizeof(head) - 1 ||
	    memcmp(bytes, head, sizeof(head) - 1) != 0)
		return unknown(ctx, recipients, message);
	lines.at += sizeof(head) - 1;
	(void)take_line(ctx, &lines, "queue-id ", &common.queue_id);
	if (!take_line(ctx, &lines, "sender ", &common.sender))
		return unknown(ctx, recipients, message);
	struct nx_envelope *list =
	        read_recipients(ctx, &lines, &common, recipients);
	if (*recipients == 0 || lines.at == lines.end || *lines.at != '\n')
		return unknown(ctx, recipients, message);
	*message = (size_t)(lines.at + 1 - bytes);
	return list;
}

/* --- files ---------------------------------------------------------------- */

static bool is_among(char **names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool is_under_way(const struct nx_spool *spool, const char *name)
{
	const struct spooled_file *file = spool->under_way;
	while (file && strcmp(file->name, name) != 0)
		file = file->next;
	return file != NULL;
}

static void leave_alone(struct nx_spool *spool, const char *name,
                        const char *why)
{
	spool->bad = talloc_realloc(spool, spool->bad, char *, spool->bads + 1);
	spool->bad[spool->bads++] = talloc_strdup(spool->bad, name);
	spool->options.trouble(spool->options.user, why);
}

static void wait_for(struct nx_spool *spool, uint64_t milliseconds);

/* The fault is the disk's, not the file's: all files wait. */
static void try_later(struct nx_spool *spool)
{
	if (spool->patience == 0)
		spool->patience = AGAIN_MS;
	else if (spool->patience < AGAIN_MS_MAX)
		spool->patience *= 2;
	wait_for(spool, spool->patience);
}

static bool read_message(int descriptor, struct spooled_file *file,
                         struct nx_error *err)
{
	struct nx_submission *message = &file->message.submission;
	size_t start;
	char *bytes = talloc_size(file, HEAD_BYTES + NX_LARGE_MESSAGE_ROOM);
	bool done = nx_file_fill(descriptor, bytes,
	                         HEAD_BYTES + NX_PRESCAN_BYTES, &message->size);
	if (done) {
		message->envelope =
		        nx_spool_envelope(file, bytes, message->size,
		                          &message->recipients, &start);
		message->size -= start;
		memmove(bytes, bytes + start, message->size);
		done = nx_large_message_read(descriptor, bytes, &message->size,
		                             &message->whole);
	}
	message->source = "spool";
	message->bytes = talloc_realloc_size(file, bytes, message->size + 1);
	return done || nx_error_set(err, NX_ERROR_TEMPORARY, "spooled file: %s",
	                            strerror(errno));
}

static bool read_file(struct spooled_file *file, const char *path,
                      struct nx_error *err)
{
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor >= 0)
		return read_message(descriptor, file, err);
	return nx_error_set(
	        err, errno == EACCES ? NX_ERROR_DATA : NX_ERROR_TEMPORARY,
	        "%s: %s", path, strerror(errno));
}

enum loaded { LOADED = 0, PASSED_OVER, NOT_NOW };

static enum loaded load(struct nx_spool *spool, struct spooled_file *file)
{
	struct nx_error err;
	struct stat about;
	const char *path =
	        talloc_asprintf(file, "%s/%s", spool->new_one, file->name);
	if (lstat(path, &about) < 0 && errno == ENOENT)
		return PASSED_OVER;
	if (!S_ISREG(about.st_mode)) {
		nx_error_set(&err, NX_ERROR_DATA, "%s: not a regular file",
		             path);
		leave_alone(spool, file->name, err.text);
		return PASSED_OVER;
	}
	if (!read_file(file, path, &err)) {
		if (err.kind == NX_ERROR_DATA) {
			leave_alone(spool, file->name, err.text);
			return PASSED_OVER;
		}
		spool->options.trouble(spool->options.user, err.text);
		return NOT_NOW;
	}
	file->message.spool = spool;
	return LOADED;
}

static void take_off(struct nx_spool *spool, const struct spooled_file *file)
{
	struct spooled_file **at = &spool->under_way;
	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	spool->pending--;
}

/* False: nothing more for now. */
static bool submit_file(struct nx_spool *spool, const char *name)
{
	if (is_under_way(spool, name) ||
	    is_among(spool->bad, spool->bads, name)) {
		spool->next++;
		return true;
	}
	if (spool->options.has_room != NULL &&
	    !spool->options.has_room(spool->options.user))
		return false;
	struct spooled_file *file = talloc_zero(NULL, struct spooled_file);
	file->name = talloc_strdup(file, name);
	enum loaded loaded = load(spool, file);
	if (loaded == LOADED) {
		file->next = spool->under_way;
		spool->under_way = file;
		spool->pending++;
		spool->next++;
		if (spool->options.take(spool->options.user, &file->message))
			return true;
		spool->next--;
		take_off(spool, file);
	} else if (loaded == PASSED_OVER) {
		spool->next++;
	} else {
		try_later(spool);
	}
	talloc_free(file);
	return loaded == PASSED_OVER;
}

/* --- looking -------------------------------------------------------------- */

static bool read_names(struct nx_spool *spool)
{
	struct nx_error err;
	spool->changed = false;
	TALLOC_FREE(spool->names);
	spool->count = spool->next = 0;
	if (nx_file_names(spool, spool->new_one, "", &spool->names,
	                  &spool->count, &err))
		return true;
	spool->options.trouble(spool->options.user, err.text);
	try_later(spool);
	return false;
}

static void look(struct nx_spool *spool)
{
	if (spool->stopped || spool->looking || spool->resting)
		return;
	spool->looking = true;
	while (!spool->stopped) {
		if (spool->next == spool->count &&
		    (!spool->changed || !read_names(spool)))
			break;
		if (spool->next < spool->count &&
		    !submit_file(spool, spool->names[spool->next]))
			break;
	}
	spool->looking = false;
}

static void on_timer(uv_timer_t *timer)
{
	struct nx_spool *spool = timer->data;
	uv_timer_start(timer, on_timer, LOOK_MS, 0);
	spool->resting = false;
	spool->changed = true;
	look(spool);
}

static void wait_for(struct nx_spool *spool, uint64_t milliseconds)
{
	if (!spool->stopped)
		uv_timer_start(&spool->timer, on_timer, milliseconds, 0);
}

static void on_change(uv_fs_event_t *watch, const char *name, int events,
                      int status)
{
	struct nx_spool *spool = watch->data;
	(void)name;
	(void)events;
	(void)status;
	spool->changed = true;
	if (spool->patience == 0) /* otherwise the timer will fire */
		look(spool);
}

/* Clients that connect meanwhile must not wait for one large file after the
 * other. */
static void rest(struct nx_spool *spool)
{
	spool->resting = true;
	wait_for(spool, REST_MS);
}

void nx_spool_done(struct nx_spooled *message, bool committed)
{
	struct nx_spool *spool = message->spool;
	struct spooled_file *file = (struct spooled_file *)message;
	struct nx_error err;
	take_off(spool, file);
	const bool was_large = message->submission.whole > NX_PRESCAN_BYTES;
	const char *path =
	        talloc_asprintf(file, "%s/%s", spool->new_one, file->name);
	if (committed && unlink(path) < 0 && errno != ENOENT) {
		/* a message that is recorded already counts once: do not try
		 * forever */
		nx_error_set(&err, NX_ERROR_TEMPORARY, "%s: %s", path,
		             strerror(errno));
		leave_alone(spool, file->name, err.text);
	}
	talloc_free(file);
	if (committed)
		spool->patience = 0;
	else if (!spool->stopped)
		try_later(spool);
	if (spool->patience == 0 && was_large)
		rest(spool);
	else if (spool->patience == 0)
		look(spool);
}

/* --- open and close ------------------------------------------------------- */

static bool make_folder(const char *path, const char *beside,
                        struct nx_error *err)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return nx_error_set(err, NX_ERROR_CONFIG, "%s: %s", path,
		                    strerror(errno));
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return nx_error_set(err, NX_ERROR_CONFIG, "%s: %s", path,
		                    strerror(errno));
	if (*beside)
		nx_file_follow_owner(descriptor, beside);
	return true;
}

bool nx_spool_open(TALLOC_CTX *ctx, const struct nx_spool_options *options,
                   struct nx_spool **out, struct nx_error *err)
{
	struct nx_spool *spool = talloc_zero(ctx, struct nx_spool);
	spool->options = *options;
	spool->directory = talloc_strdup(spool, options->directory);
	spool->tmp = talloc_asprintf(spool, "%s/tmp", spool->directory);
	spool->new_one = talloc_asprintf(spool, "%s/new", spool->directory);
	if (!make_folder(spool->directory, "", err) ||
	    !make_folder(spool->tmp, spool->directory, err) ||
	    !make_folder(spool->new_one, spool->directory, err)) {
		talloc_free(spool);
		return false;
	}
	/* what a nixie-pipe left that died before its rename */
	nx_file_sweep(spool->tmp, "", nx_clock_now() - NX_DAY);
	uv_timer_init(options->loop, &spool->timer);
	uv_fs_event_init(options->loop, &spool->watch);
	spool->handles = 2;
	spool->timer.data = spool->watch.data = spool;
	/* without it the timer finds everything, later */
	(void)uv_fs_event_start(&spool->watch, on_change, spool->new_one, 0);
	wait_for(spool, 0);
	*out = spool;
	return true;
}

size_t nx_spool_pending(const struct nx_spool *spool)
{
	return spool ? spool->pending : 0;
}

size_t nx_spool_waiting(const struct nx_spool *spool)
{
	return spool ? spool->count - spool->next + spool->pending : 0;
}

void nx_spool_stop(struct nx_spool *spool)
{
	spool->stopped = true;
	uv_timer_stop(&spool->timer);
	uv_fs_event_stop(&spool->watch);
}

static void on_closed(uv_handle_t *handle)
{
	struct nx_spool *spool = handle->data;
	if (--spool->handles == 0)
		talloc_free(spool);
}

void nx_spool_close(struct nx_spool *spool)
{
	if (spool == NULL)
		return;
	nx_spool_stop(spool);
	uv_close((uv_handle_t *)&spool->timer, on_closed);
	uv_close((uv_handle_t *)&spool->watch, on_closed);
}
