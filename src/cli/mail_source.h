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
 * Of a Maildir cur and new are read, and its folders (".Name"). Of any other
 * directory every regular file and every directory is, but for names that
 * begin with a dot or end in .json. A file is an mbox when it begins with
 * "From ", is not named *.eml and does not lie in a Maildir.
 */
struct nx_mail_source;

struct nx_mail {
	const char *file; /* as found, without a leading "./"; "#N" appended
	                     inside an mbox */
	const char *bytes;
	size_t size;
};

/* trouble is told of what cannot be read; it goes on behind it. */
struct nx_mail_source *nx_mail_source_new(
        TALLOC_CTX *ctx, char *const *paths, size_t count,
        void (*trouble)(void *user, const char *file, const char *why),
        void *user);

/* The next message, on ctx; false at the end. */
bool nx_mail_source_next(struct nx_mail_source *mails, TALLOC_CTX *ctx,
                         struct nx_mail *out);

#endif
