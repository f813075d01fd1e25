/* SPDX-License-Identifier: ISC */
#include "event/stream.h"

#include "base/text.h"

#include <string.h>

static const char *const NAMES[] = {
        [NX_REACH_ALL] = "all",
        [NX_REACH_BULK] = "bulk",
        [NX_REACH_DOMAIN] = "domain",
        [NX_REACH_STREAM] = "stream",
};

enum { REACHES = sizeof(NAMES) / sizeof(*NAMES) };

const char *nx_reach_name(enum nx_reach reach)
{
	return NAMES[reach];
}

bool nx_reach_of_name(const char *name, enum nx_reach *out)
{
	const size_t at = nx_text_index(name, NAMES, REACHES);
	if (at == REACHES)
		return false;
	*out = (enum nx_reach)at;
	return true;
}

bool nx_mail_is_same(const struct nx_mail *one, const struct nx_mail *other)
{
	return one->reach == other->reach && one->by_hand == other->by_hand &&
	       strcmp(one->name, other->name) == 0;
}

static bool is_within(const char *domain, const char *of)
{
	const size_t size = strlen(domain);
	const size_t end = strlen(of);
	if (size < end || strcmp(domain + size - end, of) != 0)
		return false;
	return size == end || domain[size - end - 1] == '.';
}

/* A stream is sent from its domains and those below them, and mail that was
 * sent from a domain speaks for those below that. */
static bool is_sent_from(const char *const *domain, const char *of)
{
	for (; domain && *domain; domain++)
		if (is_within(*domain, of) || is_within(of, *domain))
			return true;
	return false;
}

/* --- which stream --------------------------------------------------------- */

const struct nx_stream *nx_streams_find(const struct nx_streams *streams,
                                        const char *name)
{
	for (size_t i = 0; i < streams->count; i++)
		if (strcmp(streams->stream[i].name, name) == 0)
			return &streams->stream[i];
	return NULL;
}

static bool is_listed(const char *const *list, const char *name, size_t size)
{
	for (; *list; list++)
		if (strlen(*list) == size && strncmp(*list, name, size) == 0)
			return true;
	return false;
}

static bool has_recipient(const struct nx_stream *stream,
                          const struct nx_origin *origin)
{
	return is_listed(stream->recipient, origin->recipient,
	                 strlen(origin->recipient));
}

static bool has_tag(const struct nx_stream *stream,
                    const struct nx_origin *origin)
{
	const char *at = strrchr(origin->recipient, '@');
	const char *plus = strchr(origin->recipient, '+');

	return at && plus && plus < at &&
	       is_listed(stream->tag, plus + 1, (size_t)(at - plus - 1));
}

static bool has_list_id(const struct nx_stream *stream,
                        const struct nx_origin *origin)
{
	return *origin->list_id && is_listed(stream->list_id, origin->list_id,
	                                     strlen(origin->list_id));
}

static bool has_domain(const struct nx_stream *stream,
                       const struct nx_origin *origin)
{
	for (const char *const *domain = stream->domain; *domain; domain++)
		if (is_within(origin->domain, *domain))
			return true;
	return false;
}

const struct nx_stream *nx_streams_of(const struct nx_streams *streams,
                                      const struct nx_origin *origin)
{
	static bool (*const HAS[])(const struct nx_stream *stream,
	                           const struct nx_origin *origin) = {
	        has_recipient, has_tag, has_list_id, has_domain};

	for (size_t way = 0; way < sizeof(HAS) / sizeof(*HAS); way++)
		for (size_t i = 0; i < streams->count; i++)
			if (HAS[way](&streams->stream[i], origin))
				return &streams->stream[i];
	return NULL;
}

const struct nx_stream *nx_streams_of_submitter(
        const struct nx_streams *streams, const struct nx_submitter *submitter)
{
	const char *login = submitter->login;
	const char *at = strrchr(submitter->sender, '@');
	const struct nx_origin origin = {.recipient = submitter->sender,
	                                 .list_id = "",
	                                 .domain = at ? at + 1 : ""};

	for (size_t i = 0; *login && i < streams->count; i++)
		if (is_listed(streams->stream[i].login, login, strlen(login)))
			return &streams->stream[i];
	return *origin.recipient ? nx_streams_of(streams, &origin) : NULL;
}

/* --- questions ------------------------------------------------------------ */

struct nx_question nx_question_of(const struct nx_streams *streams,
                                  const char *stream)
{
	const char *name = *stream ? stream : streams->fallback;
	const struct nx_stream *known = nx_streams_find(streams, name);
	struct nx_question question = {.stream = name, .kind = NX_STREAM_BULK};

	if (known) {
		question.kind = known->kind;
		question.domain = known->domain;
	} else if (!*name && streams->count > 0) {
		question.kind = NX_STREAM_UNKNOWN;
	}
	return question;
}

bool nx_question_covers(const struct nx_question *question,
                        const struct nx_mail *mail)
{
	switch (mail->reach) {
	case NX_REACH_ALL:
		return true;
	case NX_REACH_BULK:
		return question->kind == NX_STREAM_BULK;
	case NX_REACH_DOMAIN:
		return question->kind == NX_STREAM_BULK &&
		       (!question->domain || !*question->domain ||
		        is_sent_from(question->domain, mail->name));
	case NX_REACH_STREAM:
		return *question->stream &&
		       strcmp(question->stream, mail->name) == 0;
	}
	return true;
}
