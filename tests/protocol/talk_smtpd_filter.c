/* SPDX-License-Identifier: ISC */
#include "proto/smtpd_filter.h"
#include "talk.h"

#include <string.h>

static void *prepare(TALLOC_CTX *ctx)
{
	return talloc_new(ctx);
}

static bool set_option(struct talk *talk, const char *word)
{
	(void)talk;
	(void)word;
	return false;
}

/* --- the session ---------------------------------------------------------- */

static void *begin(struct talk *talk)
{
	return talloc_zero(talk->ctx, struct nx_smtpd_filter);
}

static size_t feed(void *session, const char *bytes, size_t size)
{
	return nx_smtpd_filter_feed(session, bytes, size);
}

static const char *output(const void *session, size_t *size)
{
	return nx_smtpd_filter_output(session, size);
}

static void sent(void *session, size_t size)
{
	nx_smtpd_filter_sent(session, size);
}

/* It goes on whatever comes. */
static bool is_over(const void *session)
{
	(void)session;
	return false;
}

static void say(struct talk *talk, const struct text *text)
{
	talk_send(talk, text->bytes, text->size);
	talk_send(talk, "\n", 1);
}

static size_t reply(const char *bytes, size_t size, struct text *text)
{
	const char *end = memchr(bytes, '\n', size);
	if (end == NULL)
		return 0;
	*text = (struct text){(char *)bytes, (size_t)(end - bytes)};
	return text->size + 1;
}

/* --- steps ---------------------------------------------------------------- */

static void expect_recipient(struct talk *talk, const char *text)
{
	size_t size;
	const char *got = nx_smtpd_filter_recipient(talk->session, &size);
	const struct text wanted = talk_expand(talk->ctx, text);
	if (got == NULL)
		talk_fail(talk, "recipient", text, "nobody asks");
	else if (size != wanted.size || memcmp(got, wanted.bytes, size) != 0)
		talk_fail(talk, "recipient", text,
		          talloc_strndup(talk->ctx, got, size));
	else
		nx_smtpd_filter_wait(talk->session, talk->line);
	talloc_free(wanted.bytes);
}

static void expect_nobody(struct talk *talk)
{
	size_t size;
	int64_t until;
	if (nx_smtpd_filter_recipient(talk->session, &size) != NULL ||
	    nx_smtpd_filter_is_waiting(talk->session, &until))
		talk_fail(talk, "session", "nobody asks", "somebody does");
}

static void answer(struct talk *talk, const char *value)
{
	char text[NX_SMTPD_FILTER_REPLY];
	int64_t until;
	const struct text expanded = talk_expand(talk->ctx, value);
	if (!nx_smtpd_filter_is_waiting(talk->session, &until))
		talk_fail(talk, "answer", value, "nobody waits");
	else if (strcmp(value, "pass") == 0)
		nx_smtpd_filter_answer(talk->session, "");
	else if (nx_smtpd_filter_reply_of(expanded.bytes, text))
		nx_smtpd_filter_answer(talk->session, text);
	else
		talk_fail(talk, "answer", "a refusal", value);
	talloc_free(expanded.bytes);
}

static bool step(struct talk *talk, char what, char *text)
{
	switch (what) {
	case 'Q':
		expect_recipient(talk, text);
		return true;
	case 'A':
		answer(talk, text);
		return true;
	case 'I':
		expect_nobody(talk);
		return true;
	default:
		return false;
	}
}

const struct speaker talk_smtpd_filter = {
        .ending = ".smtpd_filter",
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
