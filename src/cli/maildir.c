/* SPDX-License-Identifier: ISC */
#include "cli/maildir.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct nx_maildir {
	const char *tmp;
	const char *new_one;
};

static bool make_folder(const char *path, struct nx_error *err)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ||
	       nx_file_trouble(err, path);
}

bool nx_maildir_open(TALLOC_CTX *ctx, const char *directory,
                     struct nx_maildir **out, struct nx_error *err)
{
	struct nx_maildir *maildir = talloc_zero(ctx, struct nx_maildir);
	maildir->tmp = talloc_asprintf(maildir, "%s/tmp", directory);
	maildir->new_one = talloc_asprintf(maildir, "%s/new", directory);
	*out = maildir;
	return make_folder(directory, err) && make_folder(maildir->tmp, err) &&
	       make_folder(talloc_asprintf(maildir, "%s/cur", directory),
	                   err) &&
	       make_folder(maildir->new_one, err);
}

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

static const char *head_of(TALLOC_CTX *ctx,
                           const struct nx_quarantined *message)
{
	const struct nx_envelope *envelope = &message->envelope;
	const char *feed = memchr(message->bytes, '\n', message->kept);
	const char *end = feed && feed > message->bytes && feed[-1] == '\r'
	                          ? "\r\n"
	                          : "\n";
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

/* The line that separates mails in an mbox, where a program left it: headers in
 * front of it would make it one of them. */
static size_t size_of_separator(const struct nx_quarantined *message)
{
	const char *feed = memchr(message->bytes, '\n', message->kept);
	const bool is_one = feed != NULL && feed - message->bytes > 5 &&
	                    memcmp(message->bytes, "From ", 5) == 0;
	return is_one ? (size_t)(feed + 1 - message->bytes) : 0;
}

static bool write_file(TALLOC_CTX *ctx, const char *path,
                       const struct nx_quarantined *message,
                       struct nx_error *err)
{
	const char *head = head_of(ctx, message);
	const size_t start = size_of_separator(message);
	const struct timespec time = {.tv_sec = (time_t)message->time};
	const struct timespec times[2] = {time, time};
	NX_CLOSES int descriptor = open(
	        path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
	        0600);
	if (descriptor < 0)
		return nx_file_trouble(err, path);
	return nx_file_write_all(descriptor, head, strlen(head), err) &&
	       nx_file_write_all(descriptor, message->bytes + start,
	                         message->kept - start, err) &&
	       ((futimens(descriptor, times) == 0 && fsync(descriptor) == 0) ||
	        nx_file_trouble(err, path));
}

bool nx_maildir_add(struct nx_maildir *maildir, const char *name,
                    const struct nx_quarantined *message, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(maildir);
	const char *from = talloc_asprintf(ctx, "%s/%s", maildir->tmp, name);
	const char *to = talloc_asprintf(ctx, "%s/%s", maildir->new_one, name);
	const bool done = access(to, F_OK) == 0 ||
	                  (write_file(ctx, from, message, err) &&
	                   (rename(from, to) == 0 || nx_file_trouble(err, to)));
	talloc_free(ctx);
	return done;
}

bool nx_maildir_close(struct nx_maildir *maildir, struct nx_error *err)
{
	return nx_file_sync_directory(maildir->new_one, err);
}
