/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_MAIL_SOURCE_H
#define NX_CLI_MAIL_SOURCE_H

#include "cli/cli.h"

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

/* In the operands of the command. */
struct nx_mail_source *nx_mail_source_new(struct nx_cli *cli);

/* The next message, on ctx, with its file as user: as found, without a leading
 * "./", and with "#N" appended inside an mbox. False at the end. */
bool nx_mail_source_next(struct nx_mail_source *mails, TALLOC_CTX *ctx,
                         struct nx_job *out);

/* Says on stderr that a message could not be read, and counts it, as is done
 * for files that cannot be read; reading continues after it. */
void nx_mail_source_trouble(struct nx_mail_source *mails, const char *file,
                            const char *why);
size_t nx_mail_source_troubles(const struct nx_mail_source *mails);

#endif
