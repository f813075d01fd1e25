/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_SPOOL_H
#define NX_SERVE_SPOOL_H

#include "deliver/submission.h"

#include <uv.h>

/*
 * What nixie-pipe left while the daemon was away: a directory with tmp/ and
 * new/, one file per message. Each file of new/ is processed like a message
 * that came by LMTP, and removed when it is committed for every recipient; what
 * could not be committed is offered again later. A crash in between offers it
 * twice, which counts once.
 *
 * A file starts with what its message does not contain, one line each, then an
 * empty line, then the message as it came:
 *
 *     nixie-spool 1
 *     queue-id ID          (once, or absent)
 *     sender ADDRESS       (once; without address: the null sender)
 *     recipient ADDRESS    (once or more)
 *     original ADDRESS     (absent, or after the recipient it belongs to)
 *
 * A file that starts otherwise is a message with an unknown envelope.
 */
struct nx_spool;

struct nx_spooled { /* one file */
	/* Lives until nx_spool_done. If the envelope is unknown there is one
	 * recipient, "". */
	struct nx_submission submission;
	struct nx_spool *spool;
	void *user; /* for the taker */
};

struct nx_spool_options {
	uv_loop_t *loop;
	const char *directory; /* made when missing, mode 0700 */
	/* Is there room for one more? Asked before it is read; NULL: always. */
	bool (*has_room)(void *user);
	/* Takes a message and calls nx_spool_done for it, now or later. False:
	 * there is no room for it now, and it is offered again later. Called on
	 * the loop. */
	bool (*take)(void *user, struct nx_spooled *message);
	/* Reports a file that cannot be read and stays where it is; once
	 * each. */
	void (*trouble)(void *user, const char *text);
	void *user;
};

/* Starts with the files that are already there; the options are copied,
 * including the directory's name. */
NX_MUST_USE bool nx_spool_open(TALLOC_CTX *ctx,
                               const struct nx_spool_options *options,
                               struct nx_spool **out, struct nx_error *err);

/* committed: for every recipient; otherwise it is offered again later. */
void nx_spool_done(struct nx_spooled *message, bool committed);

/* Messages that are taken and not done. Takes NULL, and so does
 * nx_spool_waiting. */
size_t nx_spool_pending(const struct nx_spool *spool);

/* Files in new/ when it was last read, including those being processed. */
size_t nx_spool_waiting(const struct nx_spool *spool);

/* Offers no more messages; nx_spool_done may still be called. */
void nx_spool_stop(struct nx_spool *spool);

/* Nothing may be pending. The memory is freed when the loop runs next. Takes
 * NULL. */
void nx_spool_close(struct nx_spool *spool);

/* The envelope at the start of a spooled message; total. Hangs on ctx and does
 * not point into bytes. *message is where the message begins. */
struct nx_envelope *nx_spool_envelope(TALLOC_CTX *ctx, const char *bytes,
                                      size_t size, size_t *recipients,
                                      size_t *message);

#endif
