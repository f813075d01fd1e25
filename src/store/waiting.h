/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_WAITING_H
#define NX_STORE_WAITING_H

#include "base/error.h"

#include <stdint.h>
#include <talloc.h>

/*
 * Messages on their way into the quarantine. A file for each is what a disk is
 * slowest at, so a daemon that gets many writes them one behind the other into
 * few files, and they become files of their own when there is time or when
 * somebody looks. Several processes may do so: the folder is locked meanwhile.
 */
struct nx_waiting;

struct nx_waiting_message {
	const char *name; /* of the file to be; no blanks */
	const char *head; /* of the envelope */
	const char *bytes;
	size_t size;
	int64_t time;
};

/* How much one file may hold: it goes as a whole. */
struct nx_waiting_portion {
	int64_t messages;
	int64_t bytes;
};

/* Makes nothing: the folder must be there at the first message. */
struct nx_waiting *nx_waiting_new(TALLOC_CTX *ctx, const char *folder);

/* Begins a group, unless it is begun; *taken: somebody has settled what waited
 * so far. */
NX_MUST_USE bool nx_waiting_begin(struct nx_waiting *waiting, bool *taken,
                                  struct nx_error *err);

/* Its bytes must live until commit, which writes all of the group, and says
 * whether they are safe; or until it is abandoned. */
void nx_waiting_add(struct nx_waiting *waiting,
                    const struct nx_waiting_message *message);
NX_MUST_USE bool nx_waiting_commit(struct nx_waiting *waiting,
                                   const struct nx_waiting_portion *portion,
                                   struct nx_error *err);
void nx_waiting_abandon(struct nx_waiting *waiting);

/* What this process has added and nobody took; bytes as the disk has them. */
size_t nx_waiting_messages(const struct nx_waiting *waiting);
int64_t nx_waiting_bytes(const struct nx_waiting *waiting);

/* The oldest file goes; false when there is none. */
bool nx_waiting_drop(struct nx_waiting *waiting);

/* Hands over the messages of the oldest file, of whichever process, one by one;
 * the file goes when the taker has then made them safe. *more: there are other
 * files. A message that was not written to its end was never safe, and is left
 * out. */
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
