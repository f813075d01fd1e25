/* SPDX-License-Identifier: ISC */
#include "store/quarantine.h"

#include "base/date.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* The time of a file is when its message came, in nixie's own time. */

enum { LOOK_AGAIN = 1000 /* messages added */ };

struct nx_quarantine {
	struct nx_quarantine_limits limits;
	const char *directory; /* the store's */
	const char *path;
	const char *tmp;
	const char *new_one;
	const char *current;
	struct nx_kept *item; /* by time; owns the names */
	size_t first, end;    /* of those that are still there */
	size_t room;
	int64_t bytes; /* of all of them */
	size_t added;  /* since we looked */
	bool swept;
	struct draft *draft; /* written, and not yet safe */
	size_t drafts;
	bool grouped; /* between begin and commit */
};

struct draft { /* the memory is of the array */
	int descriptor;
	const char *from; /* in tmp */
	const char *path; /* in new */
};

static bool fail(struct nx_error *err, const char *path)
{
	enum nx_fault_kind fault =
	        nx_file_is_full(errno) ? NX_ERROR_FULL : NX_ERROR_TEMPORARY;
	return nx_error_set(err, fault, "%s: %s", path, strerror(errno));
}

bool nx_quarantine_wants(const struct nx_record *record)
{
	return record->kind == NX_KIND_UNPARSED ||
	       record->kind == NX_KIND_OTHER;
}

/* --- folders -------------------------------------------------------------- */

static bool make_folder(const struct nx_quarantine *to, const char *path,
                        struct nx_error *err)
{
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST || fail(err, path);
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor < 0)
		return fail(err, path);
	nx_file_follow_owner(descriptor, to->directory);
	return true;
}

static bool is_there(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0;
}

static bool make_folders(const struct nx_quarantine *to, struct nx_error *err)
{
	if (is_there(to->new_one))
		return true;
	/* new comes last: when it is there, all are */
	return make_folder(to, to->path, err) &&
	       make_folder(to, to->tmp, err) &&
	       make_folder(to, to->current, err) &&
	       make_folder(to, to->new_one, err) &&
	       nx_file_sync_directory(to->path, err) &&
	       nx_file_sync_directory(to->directory, err);
}

/* --- what is there -------------------------------------------------------- */

static struct nx_kept *append(struct nx_quarantine *to)
{
	if (to->end == to->room) {
		to->room = to->room ? 2 * to->room : 64;
		to->item =
		        talloc_realloc(to, to->item, struct nx_kept, to->room);
	}
	return &to->item[to->end++];
}

static bool look_into(struct nx_quarantine *to, const char *folder,
                      struct nx_error *err)
{
	char **names;
	size_t count;
	struct stat about;
	if (!is_there(folder))
		return true;
	if (!nx_file_names(to, folder, "", &names, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		char *path = talloc_asprintf(to, "%s/%s", folder, names[i]);
		if (lstat(path, &about) < 0)
			continue; /* somebody else was quicker */
		*append(to) = (struct nx_kept){strrchr(path, '/') + 1, path,
		                               about.st_mtime,
		                               (int64_t)about.st_size};
		talloc_steal(to->item, path);
		to->bytes += (int64_t)about.st_size;
	}
	talloc_free(names);
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct nx_kept *one = a, *other = b;
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
	if (!look(to, err)) {
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

void nx_quarantine_limit(struct nx_quarantine *quarantine,
                         const struct nx_quarantine_limits *limits)
{
	quarantine->limits = *limits;
}

const struct nx_kept *nx_quarantine_list(const struct nx_quarantine *quarantine,
                                         size_t *count, int64_t *bytes)
{
	*count = quarantine->end - quarantine->first;
	*bytes = quarantine->bytes;
	return *count > 0 ? quarantine->item + quarantine->first : NULL;
}

const struct nx_kept *nx_quarantine_find(const struct nx_quarantine *quarantine,
                                         const char *prefix,
                                         struct nx_error *err)
{
	const struct nx_kept *found = NULL;
	for (size_t i = quarantine->first; i < quarantine->end; i++) {
		const struct nx_kept *one = &quarantine->item[i];
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

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool nx_quarantine_digest(const struct nx_kept *kept,
                          uint8_t out[NX_DIGEST_SIZE])
{
	if (strlen(kept->name) != (size_t)2 * NX_DIGEST_SIZE)
		return false;
	for (size_t i = 0; i < NX_DIGEST_SIZE; i++) {
		int high = hex_value(kept->name[2 * i]);
		int low = hex_value(kept->name[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* --- caps ----------------------------------------------------------------- */

static void forget(struct nx_quarantine *to, size_t i)
{
	to->bytes -= to->item[i].size;
	for (; i > to->first; i--) /* the oldest go most often */
		to->item[i] = to->item[i - 1];
	to->first++;
}

bool nx_quarantine_remove(struct nx_quarantine *quarantine,
                          const struct nx_kept *kept, struct nx_error *err)
{
	if (unlink(kept->path) < 0 && errno != ENOENT)
		return fail(err, kept->path);
	forget(quarantine, (size_t)(kept - quarantine->item));
	return true;
}

static bool is_too_much(const struct nx_quarantine *to, int64_t more,
                        int64_t now)
{
	return (int64_t)(to->end - to->first) >= to->limits.messages ||
	       to->bytes + more > to->limits.bytes ||
	       now - to->item[to->first].time > to->limits.days * NX_DAY;
}

/* The oldest go until there is room for one more of that size. */
static bool make_room(struct nx_quarantine *to, int64_t more, int64_t now,
                      struct nx_error *err)
{
	if (to->added >= LOOK_AGAIN && !look(to, err))
		return false;
	while (to->first < to->end && is_too_much(to, more, now))
		if (!nx_quarantine_remove(to, &to->item[to->first], err))
			return false;
	return true;
}

/* What a writer left that did not live to its rename. */
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

struct letter {           /* one file to be */
	const char *head; /* the envelope */
	const char *bytes;
	size_t size;
	int64_t now;
};

/* A line end in an address would make it two headers. */
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
                     const struct letter *letter, struct nx_error *err)
{
	struct timespec time = {.tv_sec = (time_t)letter->now};
	const struct timespec times[2] = {time, time};
	nx_file_follow_owner(descriptor, to->directory);
	return nx_file_write_all(descriptor, letter->head, strlen(letter->head),
	                         err) &&
	       nx_file_write_all(descriptor, letter->bytes, letter->size,
	                         err) &&
	       futimens(descriptor, times) == 0;
}

/* Open, and not safe yet; -1 when that failed. */
static int write_file(const struct nx_quarantine *to, const char *path,
                      const struct letter *letter, struct nx_error *err)
{
	int descriptor =
	        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	             0600);
	if (descriptor < 0) {
		fail(err, path);
	} else if (!write_to(to, descriptor, letter, err)) {
		fail(err, path);
		close(descriptor);
		unlink(path);
		descriptor = -1;
	}
	return descriptor;
}

static void remember(struct nx_quarantine *to, const char *path,
                     const struct letter *letter)
{
	const int64_t size = (int64_t)(strlen(letter->head) + letter->size);
	append(to);
	char *copy = talloc_strdup(to->item, path);
	size_t i = to->end - 1;
	for (; i > to->first && to->item[i - 1].time > letter->now; i--)
		to->item[i] = to->item[i - 1];
	to->item[i] = (struct nx_kept){strrchr(copy, '/') + 1, copy,
	                               letter->now, size};
	to->bytes += size;
	to->added++;
}

static void add_draft(struct nx_quarantine *to, int descriptor,
                      const char *from, const char *path)
{
	to->draft = talloc_realloc(to, to->draft, struct draft, to->drafts + 1);
	to->draft[to->drafts++] =
	        (struct draft){descriptor, talloc_strdup(to->draft, from),
	                       talloc_strdup(to->draft, path)};
}

static bool is_drafted(const struct nx_quarantine *to, const char *path)
{
	for (size_t i = 0; i < to->drafts; i++)
		if (strcmp(to->draft[i].path, path) == 0)
			return true;
	return false;
}

static bool add(TALLOC_CTX *ctx, struct nx_quarantine *to, const char *name,
                const struct letter *letter, struct nx_error *err)
{
	const char *path = talloc_asprintf(ctx, "%s/%s", to->new_one, name);
	const char *draft = talloc_asprintf(ctx, "%s/%s.%ld", to->tmp, name,
	                                    (long)getpid());
	if (!make_folders(to, err))
		return false;
	if (is_drafted(to, path) || is_there(path))
		return true;
	sweep(to, letter->now);
	if (!make_room(to, (int64_t)(strlen(letter->head) + letter->size),
	               letter->now, err))
		return false;
	unlink(draft); /* ours, of a process with the same number */
	int descriptor = write_file(to, draft, letter, err);
	if (descriptor < 0)
		return false;
	add_draft(to, descriptor, draft, path);
	remember(to, path, letter);
	return true;
}

/* --- making safe ---------------------------------------------------------- */

/* The disk hears of all of them before it is waited for. */
static bool sync_drafts(const struct nx_quarantine *to, struct nx_error *err)
{
	for (size_t i = 0; i < to->drafts; i++)
		(void)sync_file_range(to->draft[i].descriptor, 0, 0,
		                      SYNC_FILE_RANGE_WRITE);
	for (size_t i = 0; i < to->drafts; i++)
		if (fsync(to->draft[i].descriptor) < 0)
			return fail(err, to->draft[i].from);
	return true;
}

static bool name_drafts(const struct nx_quarantine *to, struct nx_error *err)
{
	for (size_t i = 0; i < to->drafts; i++)
		if (rename(to->draft[i].from, to->draft[i].path) < 0)
			return fail(err, to->draft[i].path);
	return nx_file_sync_directory(to->new_one, err);
}

static void drop_drafts(struct nx_quarantine *to)
{
	for (size_t i = 0; i < to->drafts; i++)
		close(to->draft[i].descriptor);
	TALLOC_FREE(to->draft);
	to->drafts = 0;
	to->grouped = false;
}

void nx_quarantine_begin(struct nx_quarantine *quarantine)
{
	quarantine->grouped = true;
}

void nx_quarantine_abandon(struct nx_quarantine *quarantine)
{
	for (size_t i = 0; i < quarantine->drafts; i++)
		unlink(quarantine->draft[i].from);
	if (quarantine->drafts > 0)
		quarantine->added = LOOK_AGAIN; /* we remember too much */
	drop_drafts(quarantine);
}

bool nx_quarantine_commit(struct nx_quarantine *quarantine,
                          struct nx_error *err)
{
	if (quarantine->drafts > 0 &&
	    (!sync_drafts(quarantine, err) || !name_drafts(quarantine, err))) {
		nx_quarantine_abandon(quarantine);
		return false;
	}
	drop_drafts(quarantine);
	return true;
}

bool nx_quarantine_add(struct nx_quarantine *quarantine,
                       const uint8_t digest[NX_DIGEST_SIZE],
                       const struct nx_envelope *envelope, const char *bytes,
                       size_t size, int64_t now, struct nx_error *err)
{
	char name[2 * NX_DIGEST_SIZE + 1];
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct letter letter = {head_of(ctx, envelope, bytes, size), bytes,
	                        size, now};
	size_t room = (size_t)quarantine->limits.bytes;
	room -= room < strlen(letter.head) ? room : strlen(letter.head);
	nx_digest_hex(digest, NX_DIGEST_SIZE, name);
	if (letter.size > room)
		letter.size = room;
	const bool added = add(ctx, quarantine, name, &letter, err);
	talloc_free(ctx);
	if (quarantine->grouped)
		return added;
	if (added)
		return nx_quarantine_commit(quarantine, err);
	nx_quarantine_abandon(quarantine);
	return false;
}
