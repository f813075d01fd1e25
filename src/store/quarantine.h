/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_QUARANTINE_H
#define NX_STORE_QUARANTINE_H

#include "base/digest.h"
#include "config/config.h"
#include "record.h"

/*
 * Messages that were not recognised, that killed a worker, that do not say
 * which address they concern or say more than is read, kept as they came in a
 * Maildir (tmp → fsync → rename to new → fsync of the directory), within
 * limits: when it is full the oldest are removed first. What is known of the
 * envelope is put before the message as an MTA writes it into a mailbox:
 * Return-Path, Delivered-To, X-Original-To.
 *
 * An open quarantine keeps a list of its contents, so that adding costs the
 * same however full it is; it reads the folders again now and then to see what
 * others add or remove. It is used by one thread.
 */
struct nx_quarantine;

struct nx_quarantine_entry { /* one message */
	const char *name; /* the digest in hex, unless the file was put there by
	                     hand */
	const char *path;
	int64_t time; /* when the message came */
	int64_t size;
};

/* Whether such a message is to be kept: nothing was recognised in it, it is
 * about an address that is broken, missing or hidden, or not all of it was
 * read. */
bool nx_quarantine_wants(const struct nx_record *record);

/* directory is the store's. Creates nothing: the folders are made with the
 * first message. */
NX_MUST_USE bool nx_quarantine_open(TALLOC_CTX *ctx, const char *directory,
                                    const struct nx_quarantine_limits *limits,
                                    struct nx_quarantine **out,
                                    struct nx_error *err);
void nx_quarantine_close(struct nx_quarantine *quarantine); /* takes NULL */

/* Changes the limits, from the next message on. */
void nx_quarantine_limit(struct nx_quarantine *quarantine,
                         const struct nx_quarantine_limits *limits);

/* The name of the file is the digest, so the same message is kept once. Of a
 * message larger than the whole quarantine only the beginning is kept. */
NX_MUST_USE bool nx_quarantine_add(struct nx_quarantine *quarantine,
                                   const uint8_t digest[NX_DIGEST_SIZE],
                                   const struct nx_envelope *envelope,
                                   const char *bytes, size_t size, int64_t now,
                                   struct nx_error *err);

/* Groups several messages that wait for the disk together: what is added after
 * begin must live until commit. The messages are safe when commit returns true,
 * and are not kept when it returns false or after abandon. They are listed once
 * they are settled, that is, have files of their own: each call of
 * nx_quarantine_settle does some until nothing is left, and the next process
 * that opens the quarantine does all. Until then they have separate limits of
 * the same size. */
void nx_quarantine_begin(struct nx_quarantine *quarantine);
NX_MUST_USE bool nx_quarantine_commit(struct nx_quarantine *quarantine,
                                      struct nx_error *err);
void nx_quarantine_abandon(struct nx_quarantine *quarantine);
bool nx_quarantine_is_settled(const struct nx_quarantine *quarantine);
NX_MUST_USE bool nx_quarantine_settle(struct nx_quarantine *quarantine,
                                      bool *more, struct nx_error *err);

/* What is kept, oldest first; valid until the next call. */
const struct nx_quarantine_entry *nx_quarantine_list(
        const struct nx_quarantine *quarantine, size_t *count, int64_t *bytes);

/* The entry whose name begins with prefix; NULL and a USAGE error when there is
 * none or several. */
const struct nx_quarantine_entry *nx_quarantine_find(
        const struct nx_quarantine *quarantine, const char *prefix,
        struct nx_error *err);

/* The digest that the message was recorded under; false: the name is not a
 * digest. */
bool nx_quarantine_digest(const struct nx_quarantine_entry *entry,
                          uint8_t out[NX_DIGEST_SIZE]);

/* Removes it for good; the entry is invalid then. No error if it is already
 * gone. */
NX_MUST_USE bool nx_quarantine_remove(struct nx_quarantine *quarantine,
                                      const struct nx_quarantine_entry *entry,
                                      struct nx_error *err);

#endif
