/* SPDX-License-Identifier: ISC */
#include "event/attribute.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"

#include <string.h>

/* The List-Id's own part (RFC 2919): "News <news.example.com>" is
 * news.example.com. */
static const char *list_of(TALLOC_CTX *ctx, const char *list_id)
{
	const char *open = strrchr(list_id, '<');
	const char *start = open ? open + 1 : list_id;
	char *name = talloc_strndup(ctx, start, strcspn(start, "> \t"));

	for (char *at = name; *at; at++)
		*at = nx_text_to_lower(*at);
	return name;
}

static const char *sender_domain(TALLOC_CTX *ctx, const char *from)
{
	const char *address =
	        nx_address_normal(ctx, nx_address_of_header(ctx, from));
	const char *at = strrchr(address, '@');

	return at ? at + 1 : "";
}

/* What holds for that domain would not hold for the bulk stream. */
static bool is_elsewhere(const struct nx_stream *stream, const char *domain)
{
	const struct nx_question question = {.stream = stream->name,
	                                     .kind = stream->kind,
	                                     .domain = stream->domain};
	const struct nx_mail mail = {.reach = NX_REACH_DOMAIN, .name = domain};

	return stream->kind == NX_STREAM_BULK &&
	       !nx_question_covers(&question, &mail);
}

static void tell_of(const struct nx_stream *stream, struct nx_event *event)
{
	event->stream_kind = stream ? stream->kind : NX_STREAM_UNKNOWN;
	event->is_sent_elsewhere =
	        stream && is_elsewhere(stream, event->sending_domain);
}

void nx_attribute(TALLOC_CTX *ctx, const struct nx_record *record,
                  const struct nx_attribution *to, struct nx_event *event)
{
	const struct nx_origin origin = {
	        .recipient = nx_address_normal(ctx, record->envelope_recipient),
	        .list_id = list_of(ctx, record->list_id),
	        .domain = sender_domain(ctx, record->from)};
	const struct nx_stream *stream =
	        *to->stream ? nx_streams_find(to->streams, to->stream)
	                    : nx_streams_of(to->streams, &origin);

	event->sending_domain = origin.domain;
	event->stream = stream ? stream->name : to->stream;
	tell_of(stream, event);
}

void nx_attribute_stored(const struct nx_streams *streams,
                         struct nx_event *event)
{
	tell_of(nx_streams_find(streams, event->stream), event);
}
