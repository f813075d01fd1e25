/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PROTOCOL_TALK_H
#define TESTS_PROTOCOL_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/* A conversation of a file, in one way to cut what the client sends. */
struct text {
	char *bytes;
	size_t size;
};

struct talk {
	const char *file;
	int line;
	size_t cut; /* 0: whole; 1: every byte; else a first piece of cut - 1 */
	size_t longest; /* run of the client's bytes */
	const struct speaker *speaker;
	TALLOC_CTX *ctx; /* of the conversation */
	void *options;   /* the speaker's */
	void *session;   /* begun by the first line that is no option */
	struct text pending;
	bool whole_only;
	bool failed;
};

/* A session of a protocol, as the runner needs it. */
struct speaker {
	const char *ending; /* of its files */
	void *(*prepare)(TALLOC_CTX *ctx);
	void *(*begin)(struct talk *talk);
	size_t (*feed)(void *session, const char *bytes, size_t size);
	const char *(*output)(const void *session, size_t *size);
	void (*sent)(void *session, size_t size);
	bool (*is_over)(const void *session);
	/* Sends a text with its end. */
	void (*say)(struct talk *talk, const struct text *text);
	/* The first reply of the output: returns what it takes of it, 0 when it
	 * is not whole, and where its text is. */
	size_t (*reply)(const char *output, size_t size, struct text *text);
	bool (*option)(struct talk *talk, const char *word);
	/* A line of another kind; false when there is none of that letter. */
	bool (*step)(struct talk *talk, char what, char *text);
};

extern const struct speaker talk_lmtp, talk_socketmap, talk_tcp_table,
        talk_policy, talk_smtpd_filter;

void talk_fail(struct talk *talk, const char *what, const char *wanted,
               const char *got);
void talk_send(struct talk *talk, const char *bytes, size_t size);
struct text talk_expand(TALLOC_CTX *ctx, const char *at);

#endif
