/* SPDX-License-Identifier: ISC */
#include "cli/mail_source.h"

#include "base/text.h"
#include "cli/mbox.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
	DEPTH = 32,             /* of directories */
	READ_AT_MOST = 1 << 20, /* larger files are memory-mapped */
};

struct folder { /* a directory that is being walked */
	struct folder *parent;
	const char *path;
	char **name;
	size_t count, next;
	int depth;
	bool maildir;  /* has cur and new */
	bool messages; /* is cur or new: one message a file */
};

struct file_content { /* lives as long as a message of it */
	char *bytes;
	size_t size;
};

struct nx_mail_source {
	const struct nx_cli *cli;
	int next_operand;
	size_t troubles;
	struct folder *folder; /* innermost, or NULL */
	/* the mbox that is being split */
	TALLOC_CTX *mbox; /* NULL: none; owns its content */
	const char *mbox_file;
	struct file_content *content;
	size_t offset, number;
};

struct nx_mail_source *nx_mail_source_new(struct nx_cli *cli)
{
	struct nx_mail_source *mails = talloc_zero(cli, struct nx_mail_source);
	mails->cli = cli;
	return mails;
}

void nx_mail_source_trouble(struct nx_mail_source *mails, const char *file,
                            const char *why)
{
	nx_cli_say(mails->cli, "%s%s%s", file, *file ? ": " : "", why);
	mails->troubles++;
}

size_t nx_mail_source_troubles(const struct nx_mail_source *mails)
{
	return mails->troubles;
}

static const char *without_dot(const char *path)
{
	while (path[0] == '.' && path[1] == '/') {
		path += 2;
		path += strspn(path, "/");
	}
	return path;
}

static void say(struct nx_mail_source *mails, const char *path, const char *why)
{
	nx_mail_source_trouble(mails, without_dot(path), why);
}

static int unmap(struct file_content *content)
{
	munmap(content->bytes, content->size);
	return 0;
}

static bool map(int file, size_t size, struct file_content *out)
{
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
	if (bytes == MAP_FAILED)
		return false;
	out->bytes = bytes;
	out->size = size;
	talloc_set_destructor(out, unmap);
	return true;
}

/* A pipe and a terminal have no size. */
static bool read_content(int file, const struct stat *found,
                         struct file_content *out)
{
	struct nx_error err;
	const size_t size = (size_t)found->st_size;
	if (!S_ISREG(found->st_mode))
		return nx_file_read_all(out, file, &out->bytes, &out->size,
		                        &err);
	if (found->st_size > READ_AT_MOST)
		return map(file, size, out);
	out->bytes = talloc_array(out, char, size + 1);
	return nx_file_fill(file, out->bytes, size, &out->size);
}

static bool is_named_in(const struct folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->count; i++)
		if (strcmp(folder->name[i], name) == 0)
			return true;
	return false;
}

static void enter(struct nx_mail_source *mails, const char *path, bool messages)
{
	struct nx_error err;
	struct folder *folder = talloc_zero(mails, struct folder);
	folder->path = talloc_strdup(folder, path);
	folder->parent = mails->folder;
	folder->depth = mails->folder ? mails->folder->depth + 1 : 0;
	folder->messages = messages;
	if (folder->depth > DEPTH) {
		say(mails, path, "directories too deep");
		talloc_free(folder);
		return;
	}
	if (!nx_file_names(folder, path, "", &folder->name, &folder->count,
	                   &err)) {
		nx_mail_source_trouble(mails, "", err.text);
		talloc_free(folder);
		return;
	}
	folder->maildir =
	        is_named_in(folder, "cur") && is_named_in(folder, "new");
	mails->folder = folder;
}

static void leave(struct nx_mail_source *mails)
{
	struct folder *folder = mails->folder;
	mails->folder = folder->parent;
	talloc_free(folder);
}

static bool is_cur_or_new(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
}

/* Whether an entry of a directory should be opened. */
static bool is_wanted(const struct folder *folder, const char *name)
{
	if (folder->messages)
		return name[0] != '.';
	if (folder->maildir)
		return is_cur_or_new(name) || name[0] == '.';
	return name[0] != '.' && !nx_text_ends(name, ".json");
}

/* The path of the next entry, on ctx; NULL at the end. */
static const char *next_path(struct nx_mail_source *mails, TALLOC_CTX *ctx)
{
	for (;;) {
		struct folder *folder = mails->folder;
		if (!folder) {
			if (mails->next_operand == mails->cli->operands)
				return NULL;
			return mails->cli->operand[mails->next_operand++];
		}
		while (folder->next < folder->count) {
			const char *name = folder->name[folder->next++];
			if (!is_wanted(folder, name))
				continue;
			size_t size = strlen(folder->path);
			bool slash = size && folder->path[size - 1] == '/';
			return talloc_asprintf(ctx, "%s%s%s", folder->path,
			                       slash ? "" : "/", name);
		}
		leave(mails);
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool is_link(const char *path)
{
	struct stat found;
	return lstat(path, &found) == 0 && S_ISLNK(found.st_mode);
}

static void take_folder(struct nx_mail_source *mails, const char *path)
{
	const struct folder *parent = mails->folder;
	/* a link inside a directory may lead back up */
	if (parent && is_link(path))
		return;
	enter(mails, path,
	      parent && parent->maildir && is_cur_or_new(base_name(path)));
}

static struct file_content *take_file(struct nx_mail_source *mails, int file,
                                      const char *path,
                                      const struct stat *found)
{
	struct file_content *content = talloc_zero(mails, struct file_content);
	if (read_content(file, found, content))
		return content;
	say(mails, path, strerror(errno));
	talloc_free(content);
	return NULL;
}

/* The content of a path; NULL when it is a directory (which is entered), is to
 * be ignored, or cannot be read. */
static struct file_content *open_path(struct nx_mail_source *mails,
                                      const char *path)
{
	bool walked = mails->folder != NULL;
	/* a FIFO in a directory must not block */
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (walked ? O_NONBLOCK : 0);
	NX_CLOSES int file = open(path, flags);
	if (file < 0) {
		if (!walked || errno != ENXIO) /* a socket */
			say(mails, path, strerror(errno));
		return NULL;
	}
	struct stat found;
	if (fstat(file, &found) < 0) {
		say(mails, path, strerror(errno));
		return NULL;
	}
	if (S_ISDIR(found.st_mode)) {
		take_folder(mails, path);
		return NULL;
	}
	if (walked && (!S_ISREG(found.st_mode) || mails->folder->maildir))
		return NULL;
	return take_file(mails, file, path, &found);
}

static bool is_mbox(const struct nx_mail_source *mails, const char *path,
                    const struct file_content *content)
{
	if (mails->folder && mails->folder->messages)
		return false;
	return !nx_text_ends(path, ".eml") &&
	       nx_mbox_is(content->bytes, content->size);
}

static void begin_mbox(struct nx_mail_source *mails, const char *path,
                       struct file_content *content)
{
	mails->mbox = talloc_new(mails);
	mails->mbox_file = talloc_strdup(mails->mbox, without_dot(path));
	mails->content = talloc_steal(mails->mbox, content);
	mails->offset = 0;
	mails->number = 0;
}

static void next_of_mbox(struct nx_mail_source *mails, TALLOC_CTX *ctx,
                         struct nx_job *out)
{
	const struct file_content *content =
	        talloc_reference(ctx, mails->content);
	size_t end = nx_mbox_end(content->bytes, content->size, mails->offset);
	out->user = talloc_asprintf(ctx, "%s#%zu", mails->mbox_file,
	                            ++mails->number);
	out->bytes = content->bytes + mails->offset;
	out->size = end - mails->offset;
	mails->offset = end;
	if (end < content->size)
		return;
	TALLOC_FREE(mails->mbox);
}

bool nx_mail_source_next(struct nx_mail_source *mails, TALLOC_CTX *ctx,
                         struct nx_job *out)
{
	while (!mails->mbox) {
		const char *path = next_path(mails, ctx);
		if (!path)
			return false;
		struct file_content *content = open_path(mails, path);
		if (!content)
			continue;
		if (is_mbox(mails, path, content)) {
			begin_mbox(mails, path, content);
			break;
		}
		talloc_steal(ctx, content);
		out->user = (void *)without_dot(path);
		out->bytes = content->bytes;
		out->size = content->size;
		return true;
	}
	next_of_mbox(mails, ctx, out);
	return true;
}
