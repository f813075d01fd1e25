/* SPDX-License-Identifier: ISC */
#include "store/sent.h"

#include "api/page.h"
#include "api/routes.h"
#include "base/date.h"
#include "base/text.h"
#include "mail/address.h"

#include <inttypes.h>
#include <string.h>

/* What was sent. */

enum {
	AHEAD = 3600,    /* seconds that a clock may be ahead of ours */
	STREAM = 255,    /* octets of its name */
	MESSAGE_ID = 998 /* a line, RFC 5322 section 2.1.1 */
};

struct sent {
	struct nx_sent_count *count;
	struct nx_sent_message *message; /* one of the two is NULL */
	size_t items;
	bool alone; /* not in a list */
};

/* --- the body ------------------------------------------------------------- */

/* What stands before the names of an item's members. */
static const char *before(struct nx_api_call *call, const struct sent *sent,
                          size_t index)
{
	if (sent->alone)
		return "";
	return talloc_asprintf(call, "%s[%zu].",
	                       sent->count ? "counts" : "messages", index);
}

static bool wrong(struct nx_api_call *call, const char *path, const char *name,
                  const char *given, const char *what)
{
	return nx_api_problem(
	        call, 400, "", talloc_asprintf(call, "%s%s", path, name),
	        "%s %s: %s", name, nx_text_escape(call, given, true), what);
}

static bool read_time(struct nx_api_call *call, const char *path,
                      const struct nx_json *item, const char *name,
                      int64_t *out)
{
	const char *text = nx_json_text(item, name);
	return nx_date_parse(text, out) ||
	       wrong(call, path, name, text, "not a time");
}

static bool read_stream(struct nx_api_call *call, const char *path,
                        const struct nx_json *item, const char **out)
{
	*out = nx_json_text(item, "stream");
	return strlen(*out) <= STREAM ||
	       wrong(call, path, "stream", "", "too long");
}

static bool read_mails(struct nx_api_call *call, const char *path,
                       const struct nx_json *item, int64_t *out)
{
	char given[32];
	*out = nx_json_number(item, "count");
	snprintf(given, sizeof(given), "%" PRId64, *out);
	return (*out >= 1 && *out <= NX_SENT_MOST) ||
	       wrong(call, path, "count", given,
	             "not a number from 1 to 1000000000");
}

static bool read_count(struct nx_api_call *call, const char *path,
                       const struct nx_json *item, struct nx_sent_count *out)
{
	static const struct nx_api_member members[] = {
	        {"stream", NX_JSON_TEXT, false},
	        {"domain", NX_JSON_TEXT, true},
	        {"count", NX_JSON_NUMBER, true},
	        {"from", NX_JSON_TEXT, true},
	        {"to", NX_JSON_TEXT, true}};
	const char *stream;
	if (!nx_api_members_of(call, path, item, members, 5) ||
	    !read_stream(call, path, item, &stream) ||
	    !read_mails(call, path, item, &out->mails) ||
	    !read_time(call, path, item, "from", &out->from) ||
	    !read_time(call, path, item, "to", &out->to))
		return false;
	out->domain =
	        nx_address_normal_domain(call, nx_json_text(item, "domain"));
	if (*out->domain == '\0')
		return wrong(call, path, "domain", nx_json_text(item, "domain"),
		             "not a domain");
	return (out->from >= 0 && out->from < out->to &&
	        out->to - out->from <= NX_SENT_MOST) ||
	       wrong(call, path, "to", nx_json_text(item, "to"),
	             "not a time after from");
}

static bool read_message(struct nx_api_call *call, const char *path,
                         const struct nx_json *item,
                         struct nx_sent_message *out)
{
	static const struct nx_api_member members[] = {
	        {"message_id", NX_JSON_TEXT, true},
	        {"recipient", NX_JSON_TEXT, true},
	        {"stream", NX_JSON_TEXT, false},
	        {"time", NX_JSON_TEXT, true}};
	const char *recipient = nx_json_text(item, "recipient");
	if (!nx_api_members_of(call, path, item, members, 4) ||
	    !read_stream(call, path, item, &out->stream) ||
	    !read_time(call, path, item, "time", &out->time))
		return false;
	out->message_id = nx_json_text(item, "message_id");
	if (*out->message_id == '\0' || strlen(out->message_id) > MESSAGE_ID)
		return wrong(call, path, "message_id", "",
		             "not of 1 to 998 octets");
	out->recipient = nx_address_normal(call, recipient);
	return *out->recipient != '\0' ||
	       wrong(call, path, "recipient", recipient, "not an address");
}

static bool read_item(struct nx_api_call *call, struct sent *sent,
                      const struct nx_json *item, size_t index)
{
	const char *path = before(call, sent, index);
	if (!nx_json_is_object(item))
		return nx_api_problem(
		        call, 400, "",
		        talloc_strndup(call, path, strlen(path) - 1),
		        "not an object");
	return sent->count
	               ? read_count(call, path, item, &sent->count[index])
	               : read_message(call, path, item, &sent->message[index]);
}

static void make_room(struct nx_api_call *call, struct sent *sent, bool counts)
{
	if (counts)
		sent->count =
		        talloc_array(call, struct nx_sent_count, sent->items);
	else
		sent->message =
		        talloc_array(call, struct nx_sent_message, sent->items);
}

static bool read_list(struct nx_api_call *call, struct sent *sent,
                      const char *name)
{
	const struct nx_api_member members[] = {{name, NX_JSON_ARRAY, true}};
	const struct nx_json *list = nx_json_member(call->json, name);
	if (!nx_api_members(call, call->json, members, 1))
		return false;
	sent->items = nx_json_count(list);
	if (sent->items < 1 || sent->items > NX_API_ITEMS)
		return nx_api_problem(call, 400, "", name, "%s: not 1 to %d",
		                      name, NX_API_ITEMS);
	make_room(call, sent, strcmp(name, "counts") == 0);
	for (size_t i = 0; i < sent->items; i++)
		if (!read_item(call, sent, nx_json_item(list, i), i))
			return false;
	return true;
}

static bool has(const struct nx_api_call *call, const char *name)
{
	return nx_json_kind(call->json, name) != NX_JSON_NONE;
}

bool nx_route_prepare_sent(struct nx_api_call *call)
{
	struct sent *sent = talloc_zero(call, struct sent);
	call->prepared = sent;
	if (has(call, "counts"))
		return read_list(call, sent, "counts");
	if (has(call, "messages"))
		return read_list(call, sent, "messages");
	if (!has(call, "count") && !has(call, "message_id"))
		return nx_api_problem(call, 400, "", "",
		                      "neither counts nor messages");
	sent->alone = true;
	sent->items = 1;
	make_room(call, sent, has(call, "count"));
	return read_item(call, sent, call->json, 0);
}

/* --- writing -------------------------------------------------------------- */

/* Before anything is written. */
static bool is_past(struct nx_api_call *call, const struct sent *sent,
                    int64_t now)
{
	char date[NX_DATE_SIZE];
	for (size_t i = 0; i < sent->items; i++) {
		const int64_t time =
		        sent->count ? sent->count[i].to : sent->message[i].time;
		if (time <= now + AHEAD)
			continue;
		return wrong(call, before(call, sent, i),
		             sent->count ? "to" : "time",
		             nx_date_text(time, date), "has not come yet");
	}
	return true;
}

static bool write_one(const struct sent *sent, size_t index,
                      const struct nx_api_writing *writing, bool *is_new,
                      struct nx_error *err)
{
	*is_new = true;
	if (sent->count)
		return nx_store_sent_count(writing->store, &sent->count[index],
		                           writing->now, err);
	return nx_store_sent_message(writing->store, &sent->message[index],
	                             writing->now, is_new, err);
}

bool nx_route_write_sent(struct nx_api_call *call,
                         const struct nx_api_writing *writing,
                         struct nx_error *err)
{
	const struct sent *sent = call->prepared;
	int64_t recorded = 0;
	if (!is_past(call, sent, writing->now))
		return true;
	for (size_t i = 0; i < sent->items; i++) {
		bool is_new;
		if (!write_one(sent, i, writing, &is_new, err))
			return false;
		recorded += is_new;
	}
	struct nx_json_out *object = nx_json_out_new(call);
	nx_json_out_number(object, "recorded", recorded);
	nx_api_answer_json(call, 200, object);
	return true;
}
