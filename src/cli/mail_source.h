/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_MAIL_SOURCE_H
#define NX_CLI_MAIL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * The messages in files, Maildirs, mboxes and folders of these, one after the
 * other in order of path. No descriptor stays open between two messages.
 *
 * In a Maildir, cur and new are read, and its folders (".Name"). In any other
 * directory, every regular file and every directory is read, except names that
 * begin with a dot or end in .json. A file is an mbox when it begins with "From
 * ", is not named *.eml and is not in a Maildir.
 */
struct nx_mail_source;

struct nx_mail {
	const char *file; /* as found, without a leading "./"; "#N" appended
	                     inside an mbox */
	const char *bytes;
	size_t size;
};

/* trouble is called for what cannot be read; reading continues after it. */
struct nx_mail_source *nx_mail_source_new(
        TALLOC_CTX *ctx, char *const *paths, size_t count,
        void (*trouble)(void *user, const char *file, const char *why),
        void *user);

/* The next message, on ctx; false at the end. */
bool nx_mail_source_next(struct nx_mail_source *mails, TALLOC_CTX *ctx,
                         struct nx_mail *out);

#endif
