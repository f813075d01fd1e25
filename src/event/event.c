/* SPDX-License-Identifier: ISC */
#include "event/event.h"

#include "base/date.h"
#include "event/attribute.h"
#include "mail/address.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- its id --------------------------------------------------------------- */

/* A longer one may have been cut. */
enum { MAIL_ID_SIZE = 480, PERIOD = 30 * NX_DAY };

static void add_text(struct nx_digest_state *state, const char *text)
{
	nx_digest_add(state, text, strlen(text) + 1);
}

static void end_id(struct nx_digest_state *state, const struct nx_event *event,
                   uint8_t out[NX_EVENT_ID_SIZE])
{
	uint8_t digest[NX_DIGEST_SIZE];
	add_text(state, event->address);
	nx_digest_end(state, digest);
	memcpy(out, digest, NX_EVENT_ID_SIZE);
}

static void make_id_of_mail(const struct nx_event *event, const char *kind,
                            const char *mail, int64_t period,
                            uint8_t out[NX_EVENT_ID_SIZE])
{
	struct nx_digest_state state;
	char days[24];
	nx_digest_init(&state);
	add_text(&state, kind);
	add_text(&state, mail);
	add_text(&state, nx_class_name(event->verdict.class));
	snprintf(days, sizeof(days), "%" PRId64, period);
	add_text(&state, days);
	end_id(&state, event, out);
}

static void make_id_of_content(const struct nx_event *event,
                               const uint8_t content[NX_DIGEST_SIZE],
                               uint8_t out[NX_EVENT_ID_SIZE])
{
	struct nx_digest_state state;
	nx_digest_init(&state);
	add_text(&state, "content");
	nx_digest_add(&state, content, NX_DIGEST_SIZE);
	add_text(&state, event->list_id);
	add_text(&state, event->stream);
	end_id(&state, event, out);
}

/* The Message-ID without its brackets, or "" when it is none. */
static const char *mail_id_of(TALLOC_CTX *ctx, const char *text)
{
	const char *open = strchr(text, '<');
	const char *begin = open != NULL ? open + 1 : text;
	const size_t size = strcspn(begin, "> \t");
	const char *at = memchr(begin, '@', size);
	if (strlen(text) > MAIL_ID_SIZE || at == NULL || at == begin ||
	    at + 1 == begin + size)
		return "";
	return talloc_strndup(ctx, begin, size);
}

/* Only reports of the mail system are about one mail. */
static bool is_report(const struct nx_record *record)
{
	return record->kind == NX_KIND_DELIVERY_REPORT ||
	       record->kind == NX_KIND_FEEDBACK_REPORT;
}

static void name_event(struct nx_event *event, const struct nx_record *record,
                       const char *mail_id, const uint8_t *content)
{
	const char *kind = "message-id";
	const char *mail = mail_id;
	if (*mail == '\0') {
		kind = "envelope-id";
		mail = record->envelope_id;
	}
	const int64_t period = event->time / PERIOD;
	if (is_report(record) && *mail != '\0') {
		make_id_of_mail(event, kind, mail, period, event->id);
		make_id_of_mail(event, kind, mail, period - 1, event->twin[0]);
		make_id_of_mail(event, kind, mail, period + 1, event->twin[1]);
		return;
	}
	make_id_of_content(event, content, event->id);
	memcpy(event->twin[0], event->id, NX_EVENT_ID_SIZE);
	memcpy(event->twin[1], event->id, NX_EVENT_ID_SIZE);
}

/* --- events --------------------------------------------------------------- */

/* The members that all events of the record share. */
static struct nx_event common_event(TALLOC_CTX *ctx,
                                    const struct nx_record *record,
                                    const struct nx_event_source *source)
{
	struct nx_event event = {
	        .time = source->time,
	        .verdict = record->verdict,
	        .trust = NX_TRUST_CLAIMED,
	        .kind = record->kind,
	        .status = "",
	        .diagnostic = "",
	        .remote_mta = "",
	        .reporting_mta = record->reporting_mta,
	        .message_id = record->message_id,
	        .list_id = record->list_id,
	        .incidents = record->incidents,
	};
	memcpy(event.message, source->message, NX_DIGEST_SIZE);
	nx_attribute(ctx, record, source->to, &event);
	return event;
}

static void tell_recipient(struct nx_event *event,
                           const struct nx_record_recipient *recipient)
{
	event->verdict = recipient->verdict;
	event->action = recipient->action;
	event->status = recipient->status;
	event->reply = recipient->reply;
	event->diagnostic = recipient->diagnostic;
	event->remote_mta = recipient->remote_mta;
}

struct event_list {
	struct nx_event *event;
	size_t count;
};

/* The event of an address: a new one, or the existing one when it had no class
 * ("delayed", and then "failed"). NULL when the address is invalid, or already
 * has an event with a class. */
static struct nx_event *append(TALLOC_CTX *ctx, struct event_list *list,
                               const struct nx_event *common,
                               const char *address)
{
	const char *normal = nx_address_normal(ctx, address);
	if (*normal == '\0')
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		struct nx_event *known = &list->event[i];
		if (strcmp(known->address, normal) != 0)
			continue;
		return known->verdict.class == NX_CLASS_NONE ? known : NULL;
	}
	struct nx_event *event = &list->event[list->count++];
	*event = *common;
	event->address = normal;
	return event;
}

/* The address that a record without recipients is about, or "". */
static const char *subject_of(const struct nx_record *record)
{
	return record->kind == NX_KIND_UNSUBSCRIBE ? record->sender : "";
}

struct nx_event *nx_event_of_record(TALLOC_CTX *ctx,
                                    const struct nx_record *record,
                                    const struct nx_event_source *source,
                                    size_t *count)
{
	struct event_list list = {
	        .event = talloc_array(ctx, struct nx_event,
	                              record->recipients + 1),
	};
	struct nx_event common = common_event(ctx, record, source);
	for (size_t i = 0; i < record->recipients; i++) {
		const struct nx_record_recipient *recipient =
		        &record->recipient[i];
		struct nx_event *event =
		        append(ctx, &list, &common, recipient->address);
		if (event != NULL)
			tell_recipient(event, recipient);
	}
	if (record->recipients == 0)
		append(ctx, &list, &common, subject_of(record));
	const char *mail_id = mail_id_of(ctx, record->message_id);
	for (size_t i = 0; i < list.count; i++)
		name_event(&list.event[i], record, mail_id, source->content);
	*count = list.count;
	return list.event;
}

int64_t nx_event_own_time(const struct nx_record *record, int64_t now)
{
	const int64_t own =
	        record->date != 0 ? record->date : record->arrival_date;
	return own > 0 && own < now ? own : now;
}

static bool is_address(const char *text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool is_one = nx_address_is_valid(ctx, text);
	talloc_free(ctx);
	return is_one;
}

static bool counts(const struct nx_verdict *verdict)
{
	return verdict->class != NX_CLASS_NONE;
}

/* What is said of an address of ours is about somebody else. */
static bool is_of_ours(const struct nx_verdict *verdict)
{
	return verdict->basis == NX_BASIS_ADDRESS &&
	       nx_ours_of_name(verdict->matched) != NX_OURS_PROTECTED;
}

static bool names_only_ours(const struct nx_record *record)
{
	for (size_t i = 0; i < record->recipients; i++)
		if (!is_of_ours(&record->recipient[i].verdict))
			return false;
	return record->recipients > 0;
}

bool nx_event_is_missing(const struct nx_record *record)
{
	if (names_only_ours(record))
		return true;
	for (size_t i = 0; i < record->recipients; i++)
		if (counts(&record->recipient[i].verdict) &&
		    !is_address(record->recipient[i].address))
			return true;
	return record->recipients == 0 && counts(&record->verdict) &&
	       !is_address(subject_of(record));
}

const char *nx_trust_name(enum nx_trust trust)
{
	static const char *const names[] = {
	        [NX_TRUST_CLAIMED] = "claimed",
	        [NX_TRUST_AUTHENTICATED] = "authenticated",
	        [NX_TRUST_KNOWN] = "known",
	        [NX_TRUST_ECHO] = "echo",
	        [NX_TRUST_TOKEN] = "token",
	};
	return names[trust];
}
