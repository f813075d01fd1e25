/* SPDX-License-Identifier: ISC */
#include "proto/ask.h"
#include "talk.h"

#include <stdlib.h>
#include <string.h>

struct ask_options {
	const char *map;
};

static void *prepare(TALLOC_CTX *ctx)
{
	struct ask_options *options = talloc_zero(ctx, struct ask_options);
	options->map = "";
	return options;
}

static bool set_option(struct talk *talk, const char *word)
{
	struct ask_options *options = talk->options;
	if (strncmp(word, "map=", 4) != 0)
		return false;
	options->map = talloc_strdup(talk->ctx, word + 4);
	return true;
}

/* --- the session ---------------------------------------------------------- */

static void *begin(struct talk *talk, enum nx_ask_protocol protocol)
{
	const struct ask_options *options = talk->options;
	return nx_ask_new(talk->ctx, protocol, options->map);
}

static void *begin_socketmap(struct talk *talk)
{
	return begin(talk, NX_ASK_SOCKETMAP);
}

static void *begin_tcp_table(struct talk *talk)
{
	return begin(talk, NX_ASK_TCP_TABLE);
}

static void *begin_policy(struct talk *talk)
{
	return begin(talk, NX_ASK_POLICY);
}

static size_t feed(void *session, const char *bytes, size_t size)
{
	return nx_ask_feed(session, bytes, size);
}

static const char *output(const void *session, size_t *size)
{
	return nx_ask_output(session, size);
}

static void sent(void *session, size_t size)
{
	nx_ask_sent(session, size);
}

static bool is_over(const void *session)
{
	return nx_ask_is_over(session);
}

/* --- their framing -------------------------------------------------------- */

static void say_line(struct talk *talk, const struct text *text)
{
	talk_send(talk, text->bytes, text->size);
	talk_send(talk, "\n", 1);
}

static void say_netstring(struct talk *talk, const struct text *text)
{
	char *length = talloc_asprintf(talk->ctx, "%zu:", text->size);
	talk_send(talk, length, strlen(length));
	talk_send(talk, text->bytes, text->size);
	talk_send(talk, ",", 1);
	talloc_free(length);
}

static size_t reply_line(const char *bytes, size_t size, struct text *text)
{
	const char *end = memchr(bytes, '\n', size);
	if (end == NULL)
		return 0;
	*text = (struct text){(char *)bytes, (size_t)(end - bytes)};
	return text->size + 1;
}

static size_t reply_netstring(const char *bytes, size_t size, struct text *text)
{
	const char *colon = memchr(bytes, ':', size);
	if (colon == NULL)
		return 0;
	const size_t length = strtoul(bytes, NULL, 10);
	const size_t before = (size_t)(colon - bytes) + 1;
	if (before + length + 1 > size || bytes[before + length] != ',')
		return 0;
	*text = (struct text){(char *)bytes + before, length};
	return before + length + 1;
}

/* --- steps ---------------------------------------------------------------- */

static void expect_question(struct talk *talk, const char *text)
{
	const struct nx_ask_question *question = nx_ask_question(talk->session);
	const struct text wanted = talk_expand(talk->ctx, text);
	if (question == NULL) {
		talk_fail(talk, "question", text, "none");
		return;
	}
	const struct {
		const char *name, *value;
	} known[] = {
	        {"stream", question->stream},
	        {"sender", question->sender},
	        {"login", question->login},
	        {"instance", question->instance},
	        {"queue_id", question->queue_id},
	        {"client", question->client},
	        {"state", question->state},
	};
	char *got = talloc_asprintf(talk->ctx, "%s <%s>", question->map,
	                            question->address);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (*known[i].value != '\0')
			got = talloc_asprintf_append(
			        got, " %s=<%s>", known[i].name, known[i].value);
	if (strcmp(got, wanted.bytes) != 0)
		talk_fail(talk, "question", wanted.bytes, got);
	talloc_free(got);
	talloc_free(wanted.bytes);
}

static void answer(struct talk *talk, const char *text)
{
	static const char *const names[] = {"none", "found", "trouble",
	                                    "refused"};
	if (nx_ask_question(talk->session) == NULL) {
		talk_fail(talk, "answer", text, "no question");
		return;
	}
	for (int i = 0; i < 4; i++) {
		const size_t size = strlen(names[i]);
		if (strncmp(text, names[i], size) != 0)
			continue;
		text += size;
		const struct text sent_text =
		        talk_expand(talk->ctx, *text == ' ' ? text + 1 : text);
		nx_ask_answer(talk->session, (enum nx_ask_answer)i,
		              sent_text.bytes);
		talloc_free(sent_text.bytes);
		return;
	}
	talk_fail(talk, "answer", "a known one", text);
}

static bool step(struct talk *talk, char what, char *text)
{
	switch (what) {
	case 'Q':
		expect_question(talk, text);
		return true;
	case 'A':
		answer(talk, text);
		return true;
	case 'I':
		if (!nx_ask_is_idle(talk->session))
			talk_fail(talk, "session", "idle", "not idle");
		return true;
	default:
		return false;
	}
}

#define SESSION                                                                \
	.prepare = prepare, .feed = feed, .output = output, .sent = sent,      \
	.is_over = is_over, .option = set_option, .step = step

const struct speaker talk_socketmap = {
        SESSION,
        .ending = ".socketmap",
        .begin = begin_socketmap,
        .say = say_netstring,
        .reply = reply_netstring,
};

const struct speaker talk_tcp_table = {
        SESSION,         .ending = ".tcp_table", .begin = begin_tcp_table,
        .say = say_line, .reply = reply_line,
};

const struct speaker talk_policy = {
        SESSION,         .ending = ".policy", .begin = begin_policy,
        .say = say_line, .reply = reply_line,
};
