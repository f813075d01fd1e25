/* SPDX-License-Identifier: ISC */
#ifndef NX_PIPE_PIPE_MESSAGE_H
#define NX_PIPE_PIPE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The message on stdin with its envelope, for a program of libc only. Text is
 * never NULL, "" when absent, and holds no control characters.
 */
enum {
	/* kept of a message; at most the first MiB of it is ever read */
	NX_PIPE_MESSAGE_BYTES = 64 * 1024 * 1024,
	NX_PIPE_MESSAGE_WORDS = 128 * 1024, /* of the envelope */
	NX_PIPE_MESSAGE_RECIPIENTS = 1000
};

struct nx_pipe_message { /* all zero at first */
	char *bytes;
	size_t size;
	bool sender_known;
	const char *sender;
	const char *recipient[NX_PIPE_MESSAGE_RECIPIENTS];
	size_t recipients;
	const char *original_recipient; /* only with a single recipient */
	const char *queue_id;
	char words[NX_PIPE_MESSAGE_WORDS]; /* holds these texts */
	size_t used;
	bool overflown;
};

/* Why something did not work, as a line for the MTA's log. */
struct nx_pipe_error {
	char text[256];
};

/* Formats into err->text as printable ASCII; returns false. */
bool nx_pipe_error(struct nx_pipe_error *err, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Reads all of stdin, to its end. False: it cannot be read, is empty, or there
 * is no memory for it; it is read to the end all the same. */
bool nx_pipe_message_read(struct nx_pipe_message *message,
                          struct nx_pipe_error *err);

/* Adds the text of an option to the envelope. A sender longer than any MTA's is
 * cut: a refusal would lose the message. */
void nx_pipe_message_sender(struct nx_pipe_message *message, const char *text);
void nx_pipe_message_recipient(struct nx_pipe_message *message,
                               const char *text);
void nx_pipe_message_original(struct nx_pipe_message *message,
                              const char *text);
void nx_pipe_message_queue_id(struct nx_pipe_message *message,
                              const char *text);

/* Fills what no option gave: from the environment of a pipe command (SENDER,
 * RECIPIENT, ORIGINAL_RECIPIENT, EXTENSION, MESSAGE_ID), then from the headers
 * that the last hop wrote. There is a recipient afterwards. False: there was
 * more than there is room for. */
bool nx_pipe_message_complete(struct nx_pipe_message *message,
                              struct nx_pipe_error *err);

#endif
