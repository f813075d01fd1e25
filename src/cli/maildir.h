/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_MAILDIR_H
#define NX_CLI_MAILDIR_H

#include "store/quarantine.h"

/*
 * A Maildir that messages are written into, for other tools to read. What is
 * known of the envelope is put before a message as an MTA writes it into a
 * mailbox: Return-Path, Delivered-To, X-Original-To.
 */
struct nx_maildir;

/* Makes the directory and its folders where they are missing. */
NX_MUST_USE bool nx_maildir_open(TALLOC_CTX *ctx, const char *directory,
                                 struct nx_maildir **out, struct nx_error *err);

/* A message under that name, written to tmp and renamed to new; one that is
 * there stays. The file's time is the message's. */
NX_MUST_USE bool nx_maildir_add(struct nx_maildir *maildir, const char *name,
                                const struct nx_quarantined *message,
                                struct nx_error *err);

/* Makes the names durable. */
NX_MUST_USE bool nx_maildir_close(struct nx_maildir *maildir,
                                  struct nx_error *err);

#endif
