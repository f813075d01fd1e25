/* SPDX-License-Identifier: ISC */
#include "store/quarantine_files.h"

#include "base/date.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* Adds messages to the quarantine and makes them durable. */

enum { MOST_MESSAGES = 256 }; /* per portion: the files that are open at once */

/* Removes what a writer left that died before its rename. */
static void sweep(struct nx_quarantine *to, int64_t now)
{
	char **names;
	size_t count;
	struct stat about;
	struct nx_error ignored;
	if (to->swept ||
	    !nx_file_names(to, to->tmp, "", &names, &count, &ignored))
		return;
	to->swept = true;
	for (size_t i = 0; i < count; i++) {
		char *path = talloc_asprintf(names, "%s/%s", to->tmp, names[i]);
		if (lstat(path, &about) == 0 && now - about.st_mtime > NX_DAY)
			unlink(path);
	}
	talloc_free(names);
}

/* --- adding --------------------------------------------------------------- */

/* A line end in an address would make two headers of it. */
static char *add_line(char *head, const char *name, const char *address,
                      const char *end)
{
	char *plain = talloc_strdup(head, address);
	for (char *c = plain; *c; c++)
		if (*c == '\r' || *c == '\n')
			*c = ' ';
	return talloc_asprintf_append(head, "%s: <%s>%s", name, plain, end);
}

static const char *head_of(TALLOC_CTX *ctx, const struct nx_envelope *envelope,
                           const char *bytes, size_t size)
{
	const char *feed = memchr(bytes, '\n', size);
	const char *end =
	        feed && feed > bytes && feed[-1] == '\r' ? "\r\n" : "\n";
	char *head = talloc_strdup(ctx, "");
	if (envelope->sender_known)
		head = add_line(head, "Return-Path", envelope->sender, end);
	if (*envelope->recipient)
		head = add_line(head, "Delivered-To", envelope->recipient, end);
	if (*envelope->original_recipient)
		head = add_line(head, "X-Original-To",
		                envelope->original_recipient, end);
	return head;
}

static bool write_to(const struct nx_quarantine *to, int descriptor,
                     const struct nx_waiting_message *message,
                     struct nx_error *err)
{
	struct timespec time = {.tv_sec = (time_t)message->time};
	const struct timespec times[2] = {time, time};
	nx_file_follow_owner(descriptor, to->directory);
	return nx_file_write_all(descriptor, message->head,
	                         strlen(message->head), err) &&
	       nx_file_write_all(descriptor, message->bytes, message->size,
	                         err) &&
	       futimens(descriptor, times) == 0;
}

/* Leaves the file open and not yet durable; -1 on failure. */
static int write_file(const struct nx_quarantine *to, const char *path,
                      const struct nx_waiting_message *message,
                      struct nx_error *err)
{
	int descriptor =
	        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	             0600);
	if (descriptor < 0) {
		nx_file_trouble(err, path);
	} else if (!write_to(to, descriptor, message, err)) {
		nx_file_trouble(err, path);
		close(descriptor);
		unlink(path);
		descriptor = -1;
	}
	return descriptor;
}

static void remember(struct nx_quarantine *to, const char *path,
                     const struct nx_waiting_message *message)
{
	const int64_t size = (int64_t)(strlen(message->head) + message->size);
	nx_quarantine_append(to);
	char *copy = talloc_strdup(to->item, path);
	size_t i = to->end - 1;
	for (; i > to->first && to->item[i - 1].time > message->time; i--)
		to->item[i] = to->item[i - 1];
	to->item[i] = (struct nx_quarantine_entry){strrchr(copy, '/') + 1, copy,
	                                           message->time, size};
	to->bytes += size;
	to->added++;
}

static void add_draft(struct nx_quarantine *to, int descriptor,
                      const char *from, const char *path)
{
	to->draft =
	        talloc_realloc(to, to->draft, struct nx_draft, to->drafts + 1);
	to->draft[to->drafts++] =
	        (struct nx_draft){descriptor, talloc_strdup(to->draft, from),
	                          talloc_strdup(to->draft, path)};
}

static bool is_drafted(const struct nx_quarantine *to, const char *path)
{
	for (size_t i = 0; i < to->drafts; i++)
		if (strcmp(to->draft[i].path, path) == 0)
			return true;
	return false;
}

static int64_t size_of(const struct nx_waiting_message *message)
{
	return (int64_t)(strlen(message->head) + message->size);
}

/* Adds a file for one message. */
static bool add(TALLOC_CTX *ctx, struct nx_quarantine *to,
                const struct nx_waiting_message *message, struct nx_error *err)
{
	const char *path =
	        talloc_asprintf(ctx, "%s/%s", to->new_one, message->name);
	const char *draft = talloc_asprintf(ctx, "%s/%s.%ld", to->tmp,
	                                    message->name, (long)getpid());
	if (is_drafted(to, path) || nx_quarantine_is_there(path))
		return true;
	sweep(to, message->time);
	if (!nx_quarantine_make_room(to, size_of(message), message->time, err))
		return false;
	unlink(draft); /* ours, from an earlier process with the same number */
	int descriptor = write_file(to, draft, message, err);
	if (descriptor < 0)
		return false;
	add_draft(to, descriptor, draft, path);
	remember(to, path, message);
	return true;
}

/* Waiting messages have separate limits of the same size: to remove a file for
 * each message would take as long as to make one. */
static void make_waiting_room(struct nx_quarantine *to, int64_t more)
{
	while ((int64_t)nx_waiting_messages(to->waiting) >=
	               to->limits.messages ||
	       nx_waiting_bytes(to->waiting) + more > to->limits.bytes)
		if (!nx_waiting_drop(to->waiting))
			break;
}

/* Adds the message after the others of the group. */
static bool add_waiting(struct nx_quarantine *to,
                        const struct nx_waiting_message *message,
                        struct nx_error *err)
{
	bool taken;
	if (!nx_waiting_begin(to->waiting, &taken, err))
		return false;
	if (taken)
		to->added = NX_QUARANTINE_LOOK;
	make_waiting_room(to, size_of(message));
	nx_waiting_add(to->waiting, message);
	return true;
}

/* --- making safe ---------------------------------------------------------- */

/* Starts writing all of them before it waits for any. */
static bool sync_drafts(const struct nx_quarantine *to, struct nx_error *err)
{
	for (size_t i = 0; i < to->drafts; i++)
		(void)sync_file_range(to->draft[i].descriptor, 0, 0,
		                      SYNC_FILE_RANGE_WRITE);
	for (size_t i = 0; i < to->drafts; i++)
		if (fsync(to->draft[i].descriptor) < 0)
			return nx_file_trouble(err, to->draft[i].from);
	return true;
}

static bool name_drafts(const struct nx_quarantine *to, struct nx_error *err)
{
	for (size_t i = 0; i < to->drafts; i++)
		if (rename(to->draft[i].from, to->draft[i].path) < 0)
			return nx_file_trouble(err, to->draft[i].path);
	return nx_file_sync_directory(to->new_one, err);
}

static void drop_drafts(struct nx_quarantine *to)
{
	for (size_t i = 0; i < to->drafts; i++)
		close(to->draft[i].descriptor);
	TALLOC_FREE(to->draft);
	to->drafts = 0;
}

void nx_quarantine_begin(struct nx_quarantine *quarantine)
{
	quarantine->grouped = true;
	quarantine->ready = false;
}

static void abandon_drafts(struct nx_quarantine *to)
{
	for (size_t i = 0; i < to->drafts; i++)
		unlink(to->draft[i].from);
	if (to->drafts > 0)
		to->added = NX_QUARANTINE_LOOK; /* the list has entries that do
		                                   not exist */
	drop_drafts(to);
}

static bool commit_drafts(struct nx_quarantine *to, struct nx_error *err)
{
	if (to->drafts > 0 &&
	    (!sync_drafts(to, err) || !name_drafts(to, err))) {
		abandon_drafts(to);
		return false;
	}
	drop_drafts(to);
	return true;
}

void nx_quarantine_abandon(struct nx_quarantine *quarantine)
{
	quarantine->grouped = false;
	quarantine->ready = false;
	nx_waiting_abandon(quarantine->waiting);
}

bool nx_quarantine_commit(struct nx_quarantine *quarantine,
                          struct nx_error *err)
{
	const int64_t messages =
	        quarantine->limits.messages / NX_QUARANTINE_PORTIONS;
	const struct nx_waiting_portion portion = {
	        .messages = messages < MOST_MESSAGES ? messages : MOST_MESSAGES,
	        .bytes = quarantine->limits.bytes / NX_QUARANTINE_PORTIONS};
	quarantine->grouped = false;
	quarantine->ready = false;
	return nx_waiting_commit(quarantine->waiting, &portion, err);
}

static bool add_alone(TALLOC_CTX *ctx, struct nx_quarantine *to,
                      const struct nx_waiting_message *message,
                      struct nx_error *err)
{
	if (add(ctx, to, message, err))
		return commit_drafts(to, err);
	abandon_drafts(to);
	return false;
}

bool nx_quarantine_add(struct nx_quarantine *quarantine,
                       const uint8_t digest[NX_DIGEST_SIZE],
                       const struct nx_envelope *envelope, const char *bytes,
                       size_t size, int64_t now, struct nx_error *err)
{
	char name[2 * NX_DIGEST_SIZE + 1];
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_waiting_message message = {
	        name, head_of(ctx, envelope, bytes, size), bytes, size, now};
	size_t room = (size_t)quarantine->limits.bytes;
	room -= room < strlen(message.head) ? room : strlen(message.head);
	nx_digest_hex(digest, NX_DIGEST_SIZE, name);
	if (message.size > room)
		message.size = room;
	bool added = quarantine->ready ||
	             nx_quarantine_files_make_folders(quarantine, err);
	quarantine->ready = added && quarantine->grouped;
	if (added && quarantine->grouped)
		added = add_waiting(quarantine, &message, err);
	else if (added)
		added = add_alone(ctx, quarantine, &message, err);
	talloc_free(ctx);
	return added;
}

/* --- settling ------------------------------------------------------------- */

static bool settle_message(void *data, const struct nx_waiting_message *message,
                           struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool added = add(ctx, data, message, err);
	talloc_free(ctx);
	if (!added)
		abandon_drafts(data);
	return added;
}

static bool make_safe(void *data, struct nx_error *err)
{
	return commit_drafts(data, err);
}

bool nx_quarantine_is_settled(const struct nx_quarantine *quarantine)
{
	return nx_waiting_messages(quarantine->waiting) == 0;
}

bool nx_quarantine_settle(struct nx_quarantine *quarantine, bool *more,
                          struct nx_error *err)
{
	const struct nx_waiting_taker taker = {settle_message, make_safe,
	                                       quarantine};
	*more = false;
	return !nx_quarantine_is_there(quarantine->folder) ||
	       nx_waiting_take(quarantine->waiting, &taker, more, err);
}
