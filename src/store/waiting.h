/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_WAITING_H
#define NX_STORE_WAITING_H

#include "base/error.h"

#include <stdint.h>
#include <talloc.h>

/*
 * Messages on their way into the quarantine. A disk is slowest at making a file
 * for each message, so a daemon that gets many appends them to a few files.
 * They get files of their own when there is time or when somebody lists the
 * quarantine. Several processes may do so: the folder is locked meanwhile.
 */
struct nx_waiting;

struct nx_waiting_message {
	const char *name; /* of the file in the quarantine; no blanks */
	const char *head; /* headers made from the envelope */
	const char *bytes;
	size_t size;
	int64_t time;
};

/* How much one file may hold: it is removed as a whole. */
struct nx_waiting_portion {
	int64_t messages;
	int64_t bytes;
};

/* Creates nothing: the folder must exist at the first message. */
struct nx_waiting *nx_waiting_new(TALLOC_CTX *ctx, const char *folder);

/* Begins a group, unless one is open; *taken: a process has settled everything
 * that waited so far. */
NX_MUST_USE bool nx_waiting_begin(struct nx_waiting *waiting, bool *taken,
                                  struct nx_error *err);

/* The bytes must live until commit, which writes the whole group and returns
 * whether it is safe, or until abandon. */
void nx_waiting_add(struct nx_waiting *waiting,
                    const struct nx_waiting_message *message);
NX_MUST_USE bool nx_waiting_commit(struct nx_waiting *waiting,
                                   const struct nx_waiting_portion *portion,
                                   struct nx_error *err);
void nx_waiting_abandon(struct nx_waiting *waiting);

/* What this process has added and no process has taken; bytes as stored on the
 * disk. */
size_t nx_waiting_messages(const struct nx_waiting *waiting);
int64_t nx_waiting_bytes(const struct nx_waiting *waiting);

/* Removes the oldest file; false when there is none. */
bool nx_waiting_drop(struct nx_waiting *waiting);

/* Passes the messages of the oldest file, written by any process, to the taker
 * one by one; the file is removed after the taker has made them safe. *more:
 * there are other files. A message that was not written completely was never
 * safe, and is left out. */
struct nx_waiting_taker {
	bool (*take)(void *data, const struct nx_waiting_message *message,
	             struct nx_error *err);
	bool (*make_safe)(void *data, struct nx_error *err);
	void *data;
};
NX_MUST_USE bool nx_waiting_take(struct nx_waiting *waiting,
                                 const struct nx_waiting_taker *taker,
                                 bool *more, struct nx_error *err);

#endif
