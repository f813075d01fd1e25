/* SPDX-License-Identifier: ISC */
#include "event/event.h"

#include "base/text.h"
#include "event/attribute.h"
#include "mail/address.h"

#include <string.h>

/* --- the digest of a message ---------------------------------------------- */

struct id_bytes {
	const char *at;
	const char *end;
};

/* One line with its line end; at the end of input an empty one. */
static struct id_bytes next_line(struct id_bytes *rest)
{
	size_t left = (size_t)(rest->end - rest->at);
	const char *lf = left > 0 ? memchr(rest->at, '\n', left) : NULL;
	struct id_bytes line = {rest->at, lf == NULL ? rest->end : lf + 1};
	rest->at = line.end;
	return line;
}

static size_t size_of(struct id_bytes bytes)
{
	return (size_t)(bytes.end - bytes.at);
}

static void add_line(struct nx_digest_state *state, struct id_bytes line)
{
	size_t size = size_of(line);
	if (size >= 2 && memcmp(line.end - 2, "\r\n", 2) == 0) {
		nx_digest_add(state, line.at, size - 2);
		nx_digest_add(state, "\n", 1);
	} else {
		nx_digest_add(state, line.at, size);
	}
}

static bool begins(struct id_bytes line, const char *name)
{
	size_t size = strlen(name);
	if (size_of(line) < size)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (nx_text_to_lower(line.at[i]) != name[i])
			return false;
	}
	return true;
}

static bool is_end_of_header(struct id_bytes line)
{
	size_t size = size_of(line);
	return size == 0 || *line.at == '\n' ||
	       (size >= 2 && line.at[0] == '\r' && line.at[1] == '\n');
}

/* Whether the last hop writes that header: these differ with every
 * redelivery. */
static bool is_of_last_hop(struct id_bytes line, bool *seen_received)
{
	static const char *const names[] = {
	        "return-path:", "delivered-to:",  "x-original-to:",
	        "envelope-to:", "delivery-date:",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (begins(line, names[i]))
			return true;
	}
	if (*seen_received || !begins(line, "received:"))
		return false;
	*seen_received = true;
	return true;
}

/* What may stand before the first header: the line that separates mails in an
 * mbox, and blank lines. */
static bool is_framing(struct id_bytes line)
{
	return begins(line, "from ") || begins(line, ">from ") ||
	       is_end_of_header(line);
}

static void add_header(struct nx_digest_state *state, struct id_bytes *rest)
{
	bool seen_received = false;
	bool skips = false;
	struct id_bytes line = next_line(rest);
	while (size_of(line) > 0 && is_framing(line))
		line = next_line(rest);
	for (; !is_end_of_header(line); line = next_line(rest)) {
		bool folded = *line.at == ' ' || *line.at == '\t';
		if (!folded)
			skips = is_of_last_hop(line, &seen_received);
		if (!skips)
			add_line(state, line);
	}
	add_line(state, line);
}

static void add_content(struct nx_digest_state *state, const char *bytes,
                        size_t size)
{
	struct id_bytes rest = {bytes, bytes + size};
	if (size == 0)
		return;
	add_header(state, &rest);
	while (rest.at < rest.end)
		add_line(state, next_line(&rest));
}

void nx_event_content(const char *bytes, size_t size,
                      uint8_t out[NX_DIGEST_SIZE])
{
	struct nx_digest_state state;
	nx_digest_init(&state);
	add_content(&state, bytes, size);
	nx_digest_end(&state, out);
}

void nx_event_digest(const char *recipient,
                     const uint8_t content[NX_DIGEST_SIZE],
                     uint8_t out[NX_DIGEST_SIZE])
{
	struct nx_digest_state state;
	nx_digest_init(&state);
	nx_digest_add(&state, recipient, strlen(recipient) + 1);
	nx_digest_add(&state, content, NX_DIGEST_SIZE);
	nx_digest_end(&state, out);
}

void nx_event_older_digest(const char *recipient, const char *bytes,
                           size_t size, uint8_t out[NX_DIGEST_SIZE])
{
	struct nx_digest_state state;
	nx_digest_init(&state);
	nx_digest_add(&state, recipient, strlen(recipient) + 1);
	add_content(&state, bytes, size);
	nx_digest_end(&state, out);
}

/* --- events --------------------------------------------------------------- */

static void make_id(const uint8_t message[NX_DIGEST_SIZE], const char *scope,
                    const char *address, uint8_t out[NX_EVENT_ID_SIZE])
{
	uint8_t digest[NX_DIGEST_SIZE];
	struct nx_digest_state state;
	nx_digest_init(&state);
	nx_digest_add(&state, message, NX_DIGEST_SIZE);
	nx_digest_add(&state, scope, strlen(scope) + 1);
	nx_digest_add(&state, address, strlen(address));
	nx_digest_end(&state, digest);
	memcpy(out, digest, NX_EVENT_ID_SIZE);
}

/* The members that all events of the record share. */
static struct nx_event common_event(TALLOC_CTX *ctx,
                                    const struct nx_record *record,
                                    const uint8_t digest[NX_DIGEST_SIZE],
                                    const struct nx_attribution *to,
                                    int64_t now)
{
	struct nx_event event = {
	        .time = now,
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
	memcpy(event.message, digest, NX_DIGEST_SIZE);
	nx_attribute(ctx, record, to, &event);
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
	make_id(common->message, common->stream, normal, event->id);
	return event;
}

/* The address that a record without recipients is about, or "". */
static const char *subject_of(const struct nx_record *record)
{
	return record->kind == NX_KIND_UNSUBSCRIBE ? record->sender : "";
}

struct nx_event *nx_event_of_record(TALLOC_CTX *ctx,
                                    const struct nx_record *record,
                                    const uint8_t digest[NX_DIGEST_SIZE],
                                    const struct nx_attribution *to,
                                    int64_t now, size_t *count)
{
	struct event_list list = {
	        .event = talloc_array(ctx, struct nx_event,
	                              record->recipients + 1),
	};
	struct nx_event common = common_event(ctx, record, digest, to, now);
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
	*count = list.count;
	return list.event;
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
