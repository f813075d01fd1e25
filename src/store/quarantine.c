/* SPDX-License-Identifier: ISC */
#include "store/quarantine_files.h"

#include "base/date.h"
#include "base/text.h"
#include "event/event.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* The time of a file is when its message came, by nixie's clock. */

bool nx_quarantine_wants(const struct nx_record *record)
{
	return record->kind == NX_KIND_UNPARSED ||
	       record->kind == NX_KIND_OTHER || record->truncated ||
	       nx_event_is_missing(record);
}

/* --- folders -------------------------------------------------------------- */

static bool make_folder(const struct nx_quarantine *to, const char *path,
                        struct nx_error *err)
{
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST || nx_file_trouble(err, path);
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor < 0)
		return nx_file_trouble(err, path);
	nx_file_follow_owner(descriptor, to->directory);
	return true;
}

bool nx_quarantine_is_there(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0;
}

bool nx_quarantine_files_make_folders(const struct nx_quarantine *to,
                                      struct nx_error *err)
{
	if (nx_quarantine_is_there(to->new_one) &&
	    nx_quarantine_is_there(to->folder))
		return true;
	/* new is made last of the Maildir: when it exists, all of it exists */
	return make_folder(to, to->path, err) &&
	       make_folder(to, to->folder, err) &&
	       make_folder(to, to->tmp, err) &&
	       make_folder(to, to->current, err) &&
	       make_folder(to, to->new_one, err) &&
	       nx_file_sync_directory(to->path, err) &&
	       nx_file_sync_directory(to->directory, err);
}

/* --- contents ------------------------------------------------------------- */

struct nx_quarantine_entry *nx_quarantine_append(struct nx_quarantine *to)
{
	if (to->end == to->room) {
		to->room = to->room ? 2 * to->room : 64;
		to->item = talloc_realloc(to, to->item,
		                          struct nx_quarantine_entry, to->room);
	}
	return &to->item[to->end++];
}

static bool look_into(struct nx_quarantine *to, const char *folder,
                      struct nx_error *err)
{
	char **names;
	size_t count;
	struct stat about;
	if (!nx_quarantine_is_there(folder))
		return true;
	if (!nx_file_names(to, folder, "", &names, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		char *path = talloc_asprintf(to, "%s/%s", folder, names[i]);
		if (lstat(path, &about) < 0)
			continue; /* another process was faster */
		*nx_quarantine_append(to) = (struct nx_quarantine_entry){
		        strrchr(path, '/') + 1, path, about.st_mtime,
		        (int64_t)about.st_size};
		talloc_steal(to->item, path);
		to->bytes += (int64_t)about.st_size;
	}
	talloc_free(names);
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct nx_quarantine_entry *one = a, *other = b;
	if (one->time != other->time)
		return one->time < other->time ? -1 : 1;
	return strcmp(one->path, other->path);
}

static bool look(struct nx_quarantine *to, struct nx_error *err)
{
	TALLOC_FREE(to->item);
	to->first = to->end = to->room = to->added = 0;
	to->bytes = 0;
	if (!look_into(to, to->new_one, err) ||
	    !look_into(to, to->current, err))
		return false;
	if (to->end > 0)
		qsort(to->item, to->end, sizeof(*to->item), by_time);
	return true;
}

void nx_quarantine_limit(struct nx_quarantine *quarantine,
                         const struct nx_quarantine_limits *limits)
{
	quarantine->limits = *limits;
}

const struct nx_quarantine_entry *nx_quarantine_list(
        const struct nx_quarantine *quarantine, size_t *count, int64_t *bytes)
{
	*count = quarantine->end - quarantine->first;
	*bytes = quarantine->bytes;
	return *count > 0 ? quarantine->item + quarantine->first : NULL;
}

const struct nx_quarantine_entry *nx_quarantine_find(
        const struct nx_quarantine *quarantine, const char *prefix,
        struct nx_error *err)
{
	const struct nx_quarantine_entry *found = NULL;
	for (size_t i = quarantine->first; i < quarantine->end; i++) {
		const struct nx_quarantine_entry *one = &quarantine->item[i];
		if (strncmp(one->name, prefix, strlen(prefix)) != 0)
			continue;
		if (found) {
			nx_error_set(err, NX_ERROR_USAGE,
			             "%s: several messages begin so", prefix);
			return NULL;
		}
		found = one;
	}
	if (!found)
		nx_error_set(err, NX_ERROR_USAGE,
		             "%s: no such message in quarantine", prefix);
	return found;
}

bool nx_quarantine_digest(const struct nx_quarantine_entry *entry,
                          uint8_t out[NX_DIGEST_SIZE])
{
	if (strlen(entry->name) != (size_t)2 * NX_DIGEST_SIZE)
		return false;
	for (size_t i = 0; i < NX_DIGEST_SIZE; i++) {
		int high = nx_text_hex(entry->name[2 * i]);
		int low = nx_text_hex(entry->name[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* --- limits --------------------------------------------------------------- */

static void forget(struct nx_quarantine *to, size_t i)
{
	to->bytes -= to->item[i].size;
	for (; i > to->first; i--) /* usually the oldest is removed */
		to->item[i] = to->item[i - 1];
	to->first++;
}

bool nx_quarantine_remove(struct nx_quarantine *quarantine,
                          const struct nx_quarantine_entry *entry,
                          struct nx_error *err)
{
	if (unlink(entry->path) < 0 && errno != ENOENT)
		return nx_file_trouble(err, entry->path);
	forget(quarantine, (size_t)(entry - quarantine->item));
	return true;
}

static bool is_too_much(const struct nx_quarantine *to, int64_t more,
                        int64_t now)
{
	return (int64_t)(to->end - to->first) >= to->limits.messages ||
	       to->bytes + more > to->limits.bytes ||
	       now - to->item[to->first].time > to->limits.days * NX_DAY;
}

bool nx_quarantine_make_room(struct nx_quarantine *to, int64_t more,
                             int64_t now, struct nx_error *err)
{
	if (to->added >= NX_QUARANTINE_LOOK && !look(to, err))
		return false;
	while (to->first < to->end && is_too_much(to, more, now))
		if (!nx_quarantine_remove(to, &to->item[to->first], err))
			return false;
	return true;
}

/* --- opening -------------------------------------------------------------- */

/* Settles what a daemon had no time for. A failure does not matter to a command
 * that only lists: the messages stay where they are. What another process
 * settles meanwhile came after we read the folders, so they are read once
 * more. */
static bool settle_all(struct nx_quarantine *to, struct nx_error *err)
{
	struct nx_error ignored;
	bool more = true;
	if (!nx_quarantine_is_there(to->folder))
		return true;
	while (more && nx_quarantine_settle(to, &more, &ignored))
		;
	return look(to, err);
}

bool nx_quarantine_open(TALLOC_CTX *ctx, const char *directory,
                        const struct nx_quarantine_limits *limits,
                        struct nx_quarantine **out, struct nx_error *err)
{
	struct nx_quarantine *to = talloc_zero(ctx, struct nx_quarantine);
	to->limits = *limits;
	to->directory = talloc_strdup(to, directory);
	to->path = talloc_asprintf(to, "%s/quarantine", directory);
	to->tmp = talloc_asprintf(to, "%s/tmp", to->path);
	to->new_one = talloc_asprintf(to, "%s/new", to->path);
	to->current = talloc_asprintf(to, "%s/cur", to->path);
	to->folder = talloc_asprintf(to, "%s/wait", to->path);
	to->waiting = nx_waiting_new(to, to->folder);
	if (!look(to, err) || !settle_all(to, err)) {
		talloc_free(to);
		return false;
	}
	*out = to;
	return true;
}

void nx_quarantine_close(struct nx_quarantine *quarantine)
{
	talloc_free(quarantine);
}
