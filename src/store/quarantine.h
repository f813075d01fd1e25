/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_QUARANTINE_H
#define NX_STORE_QUARANTINE_H

#include "base/digest.h"
#include "config/config.h"
#include "record.h"

/*
 * Messages that nobody recognised, that a worker died of, that do not say whom
 * they concern or say more than is read, kept as they came in a Maildir (tmp →
 * fsync → rename to new → fsync of the directory), with caps: when it is full
 * the oldest go first. What is known of the envelope stands in front of the
 * message as an MTA writes it into a mailbox: Return-Path, Delivered-To,
 * X-Original-To.
 *
 * An open quarantine knows what it holds, so that adding costs the same
 * however full it is; what others add or take it learns now and then. It is
 * used by one thread.
 */
struct nx_quarantine;

struct nx_quarantine_entry { /* one message */
	const char *name;    /* the digest in hex, unless a hand put it there */
	const char *path;
	int64_t time; /* when it came */
	int64_t size;
};

/* Whether such a message is to be kept: nothing was recognised in it, or of
 * somebody whose address is broken, missing or hidden, or not all of it was
 * read. */
bool nx_quarantine_wants(const struct nx_record *record);

/* directory is the store's. Makes nothing: the folders come with the first
 * message. */
NX_MUST_USE bool nx_quarantine_open(TALLOC_CTX *ctx, const char *directory,
                                    const struct nx_quarantine_limits *limits,
                                    struct nx_quarantine **out,
                                    struct nx_error *err);
void nx_quarantine_close(struct nx_quarantine *quarantine); /* takes NULL */

/* Other caps, from the next message on. */
void nx_quarantine_limit(struct nx_quarantine *quarantine,
                         const struct nx_quarantine_limits *limits);

/* The name of the file is the digest, so the same message is kept once. Of a
 * message larger than all the room only the beginning is kept. */
NX_MUST_USE bool nx_quarantine_add(struct nx_quarantine *quarantine,
                                   const uint8_t digest[NX_DIGEST_SIZE],
                                   const struct nx_envelope *envelope,
                                   const char *bytes, size_t size, int64_t now,
                                   struct nx_error *err);

/* Several messages that wait for the disk together: what is added after begin
 * must live until commit. It is safe when commit says so, and not there when it
 * does not, or when abandoned. They are listed once they are settled: given
 * files of their own, some at each call until nothing is left, or all by the
 * next who opens. Until then they have caps of their own, the same. */
void nx_quarantine_begin(struct nx_quarantine *quarantine);
NX_MUST_USE bool nx_quarantine_commit(struct nx_quarantine *quarantine,
                                      struct nx_error *err);
void nx_quarantine_abandon(struct nx_quarantine *quarantine);
bool nx_quarantine_is_settled(const struct nx_quarantine *quarantine);
NX_MUST_USE bool nx_quarantine_settle(struct nx_quarantine *quarantine,
                                      bool *more, struct nx_error *err);

/* What is kept, oldest first; valid until the next verb. */
const struct nx_quarantine_entry *nx_quarantine_list(
        const struct nx_quarantine *quarantine, size_t *count, int64_t *bytes);

/* The one whose name begins so; NULL and a fault of USAGE: none, or several. */
const struct nx_quarantine_entry *nx_quarantine_find(
        const struct nx_quarantine *quarantine, const char *prefix,
        struct nx_error *err);

/* The digest that the message was recorded under; false: the name is none. */
bool nx_quarantine_digest(const struct nx_quarantine_entry *entry,
                          uint8_t out[NX_DIGEST_SIZE]);

/* Takes it out for good, kept is invalid then. That somebody else did so is no
 * error. */
NX_MUST_USE bool nx_quarantine_remove(struct nx_quarantine *quarantine,
                                      const struct nx_quarantine_entry *entry,
                                      struct nx_error *err);

#endif
