/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_FRAME_H
#define NX_POOL_FRAME_H

#include "engine.h"
#include "mail/prescan.h"
#include "record.h"

#include <stdint.h>

/*
 * What is sent over the channel between the pool and a worker. To the worker: a
 * head of fixed size, the envelope's texts and the bytes of the message. Back:
 * the length of a record, the record and a NUL; the first answer is empty and
 * says that the worker is in its sandbox. Both ends are the same program on the
 * same machine, so numbers have the machine's byte order.
 */
struct nx_frame_head {
	uint32_t size;   /* bytes of the message */
	uint32_t whole;  /* of these, before what the pre-scan left out */
	uint32_t sender; /* bytes of each text, its NUL included */
	uint32_t recipient;
	uint32_t original_recipient;
	uint32_t queue_id;
	uint32_t flags;
};

enum {
	NX_FRAME_TEXT = 8 * 1024, /* an envelope text; no address is longer */
	NX_FRAME_BYTES = NX_PRESCAN_BYTES + 64 * 1024, /* a message */
	NX_FRAME_SIZE = (int)sizeof(struct nx_frame_head) + 4 * NX_FRAME_TEXT +
	                NX_FRAME_BYTES,
	NX_ANSWER_HEAD = sizeof(uint32_t),
	NX_ANSWER_SIZE = NX_ANSWER_HEAD + NX_RECORD_SIZE + 1
};

enum nx_frame_state { NX_FRAME_PART = 0, NX_FRAME_WHOLE, NX_FRAME_BAD };

/* Head and envelope, on ctx; the message's bytes follow them. A text longer
 * than NX_FRAME_TEXT is cut. */
char *nx_frame_write(TALLOC_CTX *ctx, const struct nx_input *input,
                     size_t *size);

/* The frame at the start of bytes; *out points into them. *taken is the size of
 * a complete frame. */
enum nx_frame_state nx_frame_read(const char *bytes, size_t size,
                                  struct nx_input *out, size_t *taken);

/* Writes an answer to out, which has room for NX_ANSWER_SIZE; returns its
 * size. size is at most NX_RECORD_SIZE. */
size_t nx_answer_write(char *out, const char *record, size_t size);

/* The answer at the start of bytes; *record points into them and ends with a
 * NUL. BAD: longer than a record may be, or without its NUL. */
enum nx_frame_state nx_answer_read(const char *bytes, size_t size,
                                   const char **record, size_t *record_size);

/* Printable ASCII from "{" to "}": all that is checked of a record before
 * nx_record_read reads it. */
bool nx_answer_is_record(const char *record, size_t size);

#endif
