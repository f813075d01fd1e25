/* SPDX-License-Identifier: ISC */
#include "proto/lmtp.h"
#include "talk.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lmtp_options {
	struct nx_lmtp_options session;
	size_t left; /* room */
	const char *ours;
};

static bool take_room(void *user, size_t more)
{
	struct lmtp_options *options = user;
	if (more > options->left)
		return false;
	options->left -= more;
	return true;
}

static bool is_ours(void *user, const char *domain)
{
	const struct lmtp_options *options = user;
	return strcmp(domain, options->ours) == 0;
}

static void *prepare(TALLOC_CTX *ctx)
{
	struct lmtp_options *options = talloc_zero(ctx, struct lmtp_options);
	options->left = SIZE_MAX;
	options->session = (struct nx_lmtp_options){.host = "mx.example.org",
	                                            .keep = 1024 * 1024,
	                                            .room = take_room,
	                                            .user = options};
	return options;
}

static bool set_option(struct talk *talk, const char *word)
{
	struct lmtp_options *options = talk->options;
	if (strncmp(word, "keep=", 5) == 0) {
		options->session.keep = strtoul(word + 5, NULL, 10);
	} else if (strncmp(word, "size=", 5) == 0) {
		options->session.size = strtoul(word + 5, NULL, 10);
	} else if (strncmp(word, "room=", 5) == 0) {
		options->left = strtoul(word + 5, NULL, 10);
	} else if (strncmp(word, "ours=", 5) == 0) {
		options->ours = talloc_strdup(talk->ctx, word + 5);
		options->session.is_ours = is_ours;
	} else if (strcmp(word, "door") == 0) {
		options->session.is_door = true;
	} else {
		return false;
	}
	return true;
}

/* --- the session ---------------------------------------------------------- */

static void *begin(struct talk *talk)
{
	const struct lmtp_options *options = talk->options;
	return nx_lmtp_new(talk->ctx, &options->session);
}

static size_t feed(void *session, const char *bytes, size_t size)
{
	return nx_lmtp_feed(session, bytes, size);
}

static const char *output(const void *session, size_t *size)
{
	return nx_lmtp_output(session, size);
}

static void sent(void *session, size_t size)
{
	nx_lmtp_sent(session, size);
}

static bool is_over(const void *session)
{
	return nx_lmtp_is_over(session);
}

static void say(struct talk *talk, const struct text *text)
{
	talk_send(talk, text->bytes, text->size);
	talk_send(talk, "\r\n", 2);
}

static size_t reply(const char *bytes, size_t size, struct text *text)
{
	const char *end = memmem(bytes, size, "\r\n", 2);
	if (end == NULL)
		return 0;
	*text = (struct text){(char *)bytes, (size_t)(end - bytes)};
	return text->size + 2;
}

/* --- steps ---------------------------------------------------------------- */

static void expect_message(struct talk *talk, const char *wanted)
{
	const struct nx_lmtp_message *message = nx_lmtp_message(talk->session);
	if (message == NULL) {
		talk_fail(talk, "message", wanted, "none");
		return;
	}
	char *got = talloc_asprintf(talk->ctx, "from=<%s> id=%s envid=%s",
	                            message->sender, message->queue_id,
	                            message->envelope_id);
	for (size_t i = 0; i < message->recipients; i++)
		got = talloc_asprintf_append(got, " to=<%s>(%s)",
		                             message->recipient[i].address,
		                             message->recipient[i].original);
	if (message->lost)
		got = talloc_strdup_append(got, " lost");
	got = talloc_asprintf_append(got, " total=%zu", message->total);
	if (strcmp(got, wanted) != 0)
		talk_fail(talk, "message", wanted, got);
	talloc_free(got);
}

static void expect_content(struct talk *talk, const char *text)
{
	const struct nx_lmtp_message *message = nx_lmtp_message(talk->session);
	const struct text wanted = talk_expand(talk->ctx, text);
	if (message == NULL)
		talk_fail(talk, "content", text, "no message");
	else if (message->size != wanted.size ||
	         memcmp(message->bytes, wanted.bytes, wanted.size) != 0)
		talk_fail(talk, "content", text,
		          talloc_strndup(talk->ctx, message->bytes,
		                         message->size));
	talloc_free(wanted.bytes);
}

static void answer(struct talk *talk, char *text)
{
	static const char *const names[] = {"taken", "known", "trouble",
	                                    "full"};
	enum nx_lmtp_answer answers[NX_LMTP_RECIPIENTS] = {NX_LMTP_TAKEN};
	size_t count = 0;
	for (char *word = strtok(text, " "); word != NULL;
	     word = strtok(NULL, " ")) {
		for (int i = 0; i < 4; i++)
			if (strcmp(names[i], word) == 0)
				answers[count] = (enum nx_lmtp_answer)i;
		count++;
	}
	if (nx_lmtp_message(talk->session) == NULL)
		talk_fail(talk, "answer", text, "no message");
	else
		nx_lmtp_answer(talk->session, answers);
}

static void answer_door(struct talk *talk, char *text)
{
	static const char *const names[] = {"trouble", "free", "swallowed",
	                                    "refused"};
	struct nx_lmtp_door_answer answers[NX_LMTP_RECIPIENTS] = {{.text = ""}};
	size_t count = 0;
	for (char *word = strtok(text, " "); word != NULL;
	     word = strtok(NULL, " ")) {
		for (int i = 0; i < 4; i++)
			if (strcmp(names[i], word) == 0)
				answers[count].answer = (enum nx_lmtp_door)i;
		answers[count++].text = "5.7.1 suppressed";
	}
	if (nx_lmtp_message(talk->session) == NULL)
		talk_fail(talk, "answer", text, "no message");
	else
		nx_lmtp_answer_door(talk->session, answers);
}

static bool step(struct talk *talk, char what, char *text)
{
	switch (what) {
	case 'M':
		expect_message(talk, text);
		return true;
	case 'B':
		expect_content(talk, text);
		return true;
	case 'A':
		answer(talk, text);
		return true;
	case 'D':
		answer_door(talk, text);
		return true;
	default:
		return false;
	}
}

const struct speaker talk_lmtp = {
        .ending = ".lmtp",
        .prepare = prepare,
        .begin = begin,
        .feed = feed,
        .output = output,
        .sent = sent,
        .is_over = is_over,
        .say = say,
        .reply = reply,
        .option = set_option,
        .step = step,
};
