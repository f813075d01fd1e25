/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_DOOR_H
#define NX_SERVE_DOOR_H

#include "config/config.h"
#include "proto/lmtp.h"
#include "serve/pipeline.h"

/*
 * The blocked door: mail of ours that the MTA routed here, since its recipient
 * is suppressed. That is asked once more, by an attempt that is recorded before
 * the answer: refused or swallowed, or to be tried again when the recipient is
 * free by now. Of the content nothing is looked at but the queue id.
 */
enum { NX_DOOR_KEEP = 4096 }; /* octets of a message that the queue id is in */

typedef void nx_door_done(void *user, const struct nx_lmtp_door_answer *answer);

/* Asks for each recipient of the message, which lives as ctx does until done is
 * called: once, on the loop, never from here, with one answer per recipient.
 * The answers instead, when nothing could be asked: then it is not called. */
const struct nx_lmtp_door_answer *nx_door_ask(
        TALLOC_CTX *ctx, struct nx_pipeline *pipeline,
        const struct nx_door *door, const struct nx_lmtp_message *message,
        nx_door_done *done, void *user);

/* The queue id in the first Received of these bytes, or "". */
const char *nx_door_queue_id(TALLOC_CTX *ctx, const char *bytes, size_t size);

#endif
