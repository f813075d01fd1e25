/* SPDX-License-Identifier: ISC */
#ifndef NX_FUZZ_ASK_H
#define NX_FUZZ_ASK_H

/*
 * A client that asks: the first byte says how the others are split into
 * packets. Whatever that is, the questions and the answers are those of all in
 * one packet. What it asked about is sent back as the text of the answer.
 */
#include "../utf8.h"
#include "fuzz.h"
#include "proto/ask.h"

#include <string.h>

enum { IDLE = 16 * 1024 }; /* octets that an idle session may have */

/* Is that one whole answer of the protocol? */
typedef bool is_answer(const char *bytes, size_t size);

static inline bool is_printable(const char *bytes, size_t size)
{
	bool printable = true;
	for (size_t i = 0; i < size; i++)
		printable &= (unsigned char)bytes[i] >= ' ' && bytes[i] != 0x7F;
	return printable;
}

static inline void note_question(char **told,
                                 const struct nx_ask_question *question)
{
	const char *const text[] = {
	        question->map,    question->stream,   question->address,
	        question->sender, question->login,    question->instance,
	        question->client, question->queue_id, question->state};
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		need(is_utf8(text[i]));
		*told = talloc_asprintf_append(*told, "<%s>", text[i]);
	}
}

/* Takes the one answer that is there, or none at the end of a session. */
static inline void take_answer(char **told, struct nx_ask *session,
                               is_answer *is_one)
{
	size_t size;
	const char *output = nx_ask_output(session, &size);
	if (size == 0) {
		need(nx_ask_is_over(session));
		return;
	}
	need(is_one(output, size));
	*told = talloc_strndup_append(*told, output, size);
	nx_ask_sent(session, size);
}

static inline void answer_question(char **told, struct nx_ask *session,
                                   is_answer *is_one)
{
	const struct nx_ask_question *question = nx_ask_question(session);
	if (question == NULL)
		return;
	note_question(told, question);
	char *text = talloc_strdup(*told, question->address);
	nx_ask_answer(session, (enum nx_ask_answer)(strlen(text) % 4), text);
	talloc_free(text);
	take_answer(told, session, is_one);
	need(talloc_total_size(session) <= IDLE);
}

static inline char *converse(enum nx_ask_protocol protocol, is_answer *is_one,
                             const char *bytes, size_t size, size_t packet)
{
	struct nx_ask *session = nx_ask_new(NULL, protocol, "access:orders");
	char *told = talloc_strdup(NULL, "");
	size_t used = 0;
	while (used < size && !nx_ask_is_over(session)) {
		const size_t left = size - used;
		used += nx_ask_feed(session, bytes + used,
		                    left < packet ? left : packet);
		need(talloc_total_size(session) <= IDLE ||
		     nx_ask_question(session) != NULL);
		answer_question(&told, session, is_one);
	}
	if (nx_ask_is_over(session))
		take_answer(&told, session, is_one);
	talloc_free(session);
	return told;
}

static inline void fuzz_ask(enum nx_ask_protocol protocol, is_answer *is_one,
                            const uint8_t *data, size_t size)
{
	if (size < 2)
		return;
	const char *bytes = (const char *)data + 1;
	char *whole = converse(protocol, is_one, bytes, size - 1, size);
	char *split = converse(protocol, is_one, bytes, size - 1,
	                       data[0] > 0 ? data[0] : 1);
	need(strcmp(whole, split) == 0);
	talloc_free(whole);
	talloc_free(split);
}

#endif
