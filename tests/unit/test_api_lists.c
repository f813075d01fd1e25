/* SPDX-License-Identifier: ISC */
#include "api/api.h"
#include "stores.h"

#include "policy/mass.h"
#include "store/erase.h"
#include "store/held.h"
#include "store/pages.h"
#include "store/prune.h"
#include "store/sent.h"

/* Lists, what changed and what was sent, as they are asked by HTTP. */

#define NOW (T0 + 10 * NX_HOUR)

static const struct nx_api_settings settings = {.streams = &NO_STREAMS,
                                                .stream = ""};

static struct nx_api_call *asked(struct fixture *f, enum nx_api_method method,
                                 const char *target, const char *body)
{
	struct nx_error err = {.text = ""};
	struct nx_api_call *call = nx_api_call_new(f, &settings);
	const struct nx_api_writing writing = {f->store, f->policy, NOW};
	call->request.method = method;
	call->request.target = target;
	call->request.media_type = "application/json";
	call->request.body = body;
	call->request.size = strlen(body);
	call->store = f->store;
	call->now = NOW;
	if (!nx_api_admit(call) || !nx_api_prepare(call))
		return call;
	if (call->way == NX_API_READS)
		nx_api_read(call);
	else if (!nx_api_write(call, &writing, &err))
		fail_msg("%s", err.text);
	return call;
}

static const struct nx_json *json_of(struct fixture *f,
                                     const struct nx_api_call *call, int status)
{
	const struct nx_json *body;
	if (call->answer.status != status)
		fail_msg("%s: %d %.*s", call->request.target,
		         call->answer.status, (int)call->answer.size,
		         call->answer.body);
	need(f, nx_json_parse(f, call->answer.body, call->answer.size, &body,
	                      &f->err));
	return body;
}

static void assert_field(struct fixture *f, enum nx_api_method method,
                         const char *target, const char *body,
                         const char *field)
{
	const struct nx_api_call *call = asked(f, method, target, body);
	assert_string_equal(nx_json_text(json_of(f, call, 400), "field"),
	                    field);
}

/* What all pages have of a member, a blank behind each. */
static char *pages(struct fixture *f, const char *target, const char *member)
{
	char *all = talloc_strdup(f, "");
	const char *next = "";
	do {
		const char *at = talloc_asprintf(
		        f, *next ? "%s&cursor=%s" : "%s%s", target, next);
		const struct nx_json *page =
		        json_of(f, asked(f, NX_API_GET, at, ""), 200);
		const struct nx_json *items = nx_json_member(page, "items");
		for (size_t i = 0; i < nx_json_count(items); i++)
			all = talloc_asprintf_append(
			        all, "%s ",
			        nx_json_text(nx_json_item(items, i), member));
		next = nx_json_text(page, "next");
	} while (*next);
	return all;
}

static size_t words(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += *text == ' ';
	return count;
}

static void suppress(struct fixture *f, const char *address,
                     enum nx_cause cause)
{
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "",
	                                     .note = "",
	                                     .reason = "manual",
	                                     .cause = cause,
	                                     .now = T0 + 5 * NX_HOUR};
	need(f, nx_store_suppress(f->store, f->policy, &act, &address, 1,
	                          &f->err));
}

/* -------------------------------------------------------------------------- */

static void a_list_comes_in_pages_and_misses_nothing(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 20; i++)
		add_one(f, i + 1,
		        talloc_asprintf(f, "u%u@%s", i,
		                        i % 4 ? "example.org" : "example.com"),
		        NX_CLASS_HARD, i % 8);
	add_one(f, 40, "soft@example.org", NX_CLASS_SOFT, 1);
	add_one(f, 41, "ended@example.org", NX_CLASS_HARD, -90);
	suppress(f, "hand@example.org", NX_CAUSE_NONE);
	static const struct {
		const char *query;
		size_t found;
	} cases[] = {{"", 21},
	             {"&class=hard", 20},
	             {"&class=manual", 1},
	             {"&class=soft", 0},
	             {"&reason=manual", 1},
	             {"&domain=EXAMPLE.com", 5},
	             {"&domain=xample.com", 0},
	             {"&include_ended=true&class=hard", 21},
	             {"&since=2026-01-01T07:00:00Z", 2},
	             {"&until=2026-01-01T01:00:00Z&domain=example.com", 3},
	             {"&stream=news", 21}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int limit = 1; limit < 25; limit += 6) {
			const char *target = talloc_asprintf(
			        f, "/v1/suppressions?limit=%d%s", limit,
			        cases[i].query);
			assert_int_equal(words(pages(f, target, "address")),
			                 cases[i].found);
		}
}

/* A filter that nothing passes is no reason to look at everything at once. */
static void a_page_looks_at_so_many_rows_alone(void **state)
{
	struct fixture *f = *state;
	struct nx_list_page page;
	struct nx_list_place place = {.begun = false};
	const char *address[NX_LIST_LOOKED + 10];
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "",
	                                     .note = "",
	                                     .reason = "manual",
	                                     .now = T0};
	const struct nx_list_filter filter = {.reason = "other",
	                                      .domain = "",
	                                      .since = INT64_MIN,
	                                      .until = INT64_MAX};
	for (size_t i = 0; i < NX_LIST_LOOKED + 10; i++)
		address[i] = talloc_asprintf(f, "u%zu@example.org", i);
	need(f, nx_store_suppress(f->store, f->policy, &act, address,
	                          NX_LIST_LOOKED + 10, &f->err));
	need(f, nx_store_list_page(f, f->store, &filter, 10, &place, &page,
	                           &f->err));
	assert_int_equal(page.states, 0);
	assert_false(page.is_end);
	need(f, nx_store_list_page(f, f->store, &filter, 10, &place, &page,
	                           &f->err));
	assert_true(page.is_end);
}

static void events_and_attempts_come_in_one_order(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 6; i++)
		add_one(f, i + 1, i % 2 ? "a@example.org" : "b@example.org",
		        i == 4 ? NX_CLASS_COMPLAINT : NX_CLASS_HARD, i);
	suppress(f, "m@example.org", NX_CAUSE_NONE);
	attempt(f, "", "a@example.org", 2);
	attempt(f, "", "m@example.org", 5);
	attempt(f, "", "b@example.org", 6);
	for (int limit = 1; limit < 12; limit += 3) {
		char *all = talloc_asprintf(f, "/v1/events?limit=%d", limit);
		assert_string_equal(
		        pages(f, all, "what"),
		        "event event event attempt event event event attempt "
		        "attempt ");
		assert_string_equal(
		        pages(f, talloc_asprintf(f, "%s&class=manual", all),
		              "address"),
		        "m@example.org ");
		assert_string_equal(
		        pages(f, talloc_asprintf(f, "%s&class=complaint", all),
		              "what"),
		        "event attempt ");
		assert_string_equal(
		        pages(f,
		              talloc_asprintf(f, "%s&address=a@EXAMPLE.org",
		                              all),
		              "what"),
		        "event attempt event event ");
		assert_string_equal(
		        pages(f,
		              talloc_asprintf(f,
		                              "%s&since=2026-01-01T02:00:00Z"
		                              "&until=2026-01-01T04:00:00Z",
		                              all),
		              "what"),
		        "event attempt event ");
	}
}

static void what_is_held_comes_in_pages(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 0; i < 800; i++) {
		struct nx_event event = event_of(
		        i + 1,
		        talloc_asprintf(f, "u%u@%s", i,
		                        i % 2 ? "example.com" : "example.net"),
		        NX_CLASS_HARD, 9);
		event.remote_mta = "";
		add_events(f, &event, 1);
	}
	need(f, nx_store_commit(f->store, &f->err));
	assert_string_equal(pages(f, "/v1/held?limit=1", "domain"),
	                    "example.com example.net ");
	assert_string_equal(pages(f, "/v1/held?limit=2", "domain"),
	                    "example.com example.net ");
	assert_string_equal(pages(f, "/v1/blocks?limit=2", "provider"), "");
}

static void what_changed_is_told_until_nothing_is(void **state)
{
	struct fixture *f = *state;
	const struct nx_json *page, *item;
	suppress(f, "a@example.org", NX_CAUSE_NONE);
	page = json_of(f, asked(f, NX_API_GET, "/v1/changes", ""), 200);
	item = nx_json_item(nx_json_member(page, "items"), 0);
	assert_string_equal(nx_json_text(item, "address"), "a@example.org");
	assert_int_equal(strlen(nx_json_text(item, "id")), 16);
	assert_true(nx_json_is_true(item, "by_hand"));
	assert_string_equal(
	        nx_json_text(nx_json_member(item, "state"), "class"), "manual");
	const char *next = talloc_asprintf(f, "/v1/changes?cursor=%s",
	                                   nx_json_text(page, "next"));
	page = json_of(f, asked(f, NX_API_GET, next, ""), 200);
	assert_int_equal(nx_json_count(nx_json_member(page, "items")), 0);
	char *other = talloc_strdup(f, next);
	char *writer = strchr(other, '=') + 1;
	*writer = *writer == '0' ? '1' : '0';
	page = json_of(f, asked(f, NX_API_GET, other, ""), 410);
	assert_string_equal(nx_json_text(page, "type"),
	                    "urn:nixie:problem:cursor-too-old");
}

/* --- sent ----------------------------------------------------------------- */

static int64_t recorded(struct fixture *f, const char *body)
{
	const struct nx_api_call *call =
	        asked(f, NX_API_POST, "/v1/sent", body);
	return nx_json_number(json_of(f, call, 200), "recorded");
}

/* How many of these hard bounces of an hour are held. */
static size_t held_of(struct fixture *f, unsigned first, unsigned count,
                      const char *domain)
{
	size_t held = 0;
	for (unsigned i = first; i < first + count; i++) {
		struct nx_event event =
		        event_of(i, talloc_asprintf(f, "u%u@%s", i, domain),
		                 NX_CLASS_HARD, 9);
		event.remote_mta = "";
		held += add_events(f, &event, 1).held;
	}
	return held;
}

/* 1000 in two hours: a share of that is less than where nobody counts. */
static void what_was_sent_sets_the_share_that_may_fail(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
	        recorded(f, "{\"counts\":[{\"domain\":\"Example.ORG\","
	                    "\"count\":500,\"from\":\"2026-01-01T08:30:00Z\","
	                    "\"to\":\"2026-01-01T09:30:00Z\"},"
	                    "{\"domain\":\"example.net\",\"count\":1,"
	                    "\"from\":\"2025-01-01T08:30:00Z\","
	                    "\"to\":\"2026-01-01T09:30:00Z\"}]}"),
	        2);
	const struct nx_mass_counts counts = {.sent = 500};
	const int64_t limit = nx_mass_limit(&nx_mass_default, &counts);
	assert_int_equal(held_of(f, 1, (unsigned)limit + 3, "example.org"), 3);
}

static void add_stream(void *user, int64_t time, const char *stream)
{
	char **text = user;
	assert_int_equal(time, T0 + 9 * NX_HOUR);
	*text = talloc_asprintf_append(*text, "%s,", stream);
}

static void a_message_counts_once_for_each_recipient(void **state)
{
	struct fixture *f = *state;
	static const char one[] =
	        "{\"message_id\":\"<1@example.com>\",\"recipient\":"
	        "\"A@Example.org\",\"stream\":\"news\","
	        "\"time\":\"2026-01-01T09:00:00Z\"}";
	static const char both[] =
	        "{\"messages\":[{\"message_id\":\"1@example.com\","
	        "\"recipient\":\"a@example.org\","
	        "\"time\":\"2026-01-01T09:30:00Z\"},"
	        "{\"message_id\":\"1@example.com\","
	        "\"recipient\":\"b@example.org\","
	        "\"time\":\"2026-01-01T09:30:00Z\"}]}";
	const struct nx_prune_terms terms = {.keep = {.sent = 90 * NX_DAY}};
	struct nx_erased erased;
	bool more = true;
	char **streams = talloc(f, char *);
	*streams = talloc_strdup(f, "");
	assert_int_equal(recorded(f, one), 1);
	assert_int_equal(recorded(f, one), 0);
	assert_int_equal(recorded(f, both), 1);
	need(f, nx_store_sent_to(f->store, "a@example.org", add_stream, streams,
	                         &f->err));
	assert_string_equal(*streams, "news,");
	/* whoever is erased is not known to have been sent anything */
	need(f, nx_store_erase(f->store, "a@example.org", false, NOW, &erased,
	                       &f->err));
	assert_int_equal(recorded(f, one), 1);
	assert_int_equal(recorded(f, both), 0);
	struct nx_prune *prune =
	        nx_prune_new(f, f->store, &terms, NOW + 90 * NX_DAY, false);
	while (more)
		need(f, nx_prune_step(prune, &more, &f->err));
	assert_int_equal(nx_prune_result(prune)->sent, 2);
	assert_int_equal(recorded(f, both), 2);
}

/* -------------------------------------------------------------------------- */

static void what_is_wrong_is_named(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *target, *field;
	} gets[] = {{"/v1/suppressions?limit=0", "limit"},
	            {"/v1/suppressions?limit=1001", "limit"},
	            {"/v1/suppressions?limit=", "limit"},
	            {"/v1/suppressions?limit=99999999999999999999", "limit"},
	            {"/v1/suppressions?class=rude", "class"},
	            {"/v1/suppressions?class=", "class"},
	            {"/v1/suppressions?since=yesterday", "since"},
	            {"/v1/suppressions?until=", "until"},
	            {"/v1/suppressions?domain=", "domain"},
	            {"/v1/suppressions?domain=a%20b", "domain"},
	            {"/v1/suppressions?include_ended=1", "include_ended"},
	            {"/v1/suppressions?cursor=1", "cursor"},
	            {"/v1/suppressions?cursor=", "cursor"},
	            {"/v1/suppressions?cursor=0000000000000000000000000000000g",
	             "cursor"},
	            {"/v1/events?address=ann", "address"},
	            {"/v1/events?class=rude", "class"},
	            {"/v1/events?cursor=00", "cursor"},
	            {"/v1/changes?cursor=", "cursor"},
	            {"/v1/changes?cursor=?", "cursor"},
	            {"/v1/changes?limit=x", "limit"},
	            {"/v1/held?limit=many", "limit"},
	            {"/v1/blocks?limit=0", "limit"},
	            {"/v1/blocks?cursor=a", "cursor"}};
	static const struct {
		const char *body, *field;
	} posts[] = {
	        {"{}", ""},
	        {"{\"counts\":[]}", "counts"},
	        {"{\"counts\":[],\"messages\":[]}", "messages"},
	        {"{\"counts\":[7]}", "counts[0]"},
	        {"{\"counts\":[{\"count\":1}]}", "counts[0].domain"},
	        {"{\"counts\":[{\"domain\":\"example.com\",\"count\":-1,"
	         "\"from\":\"2026-01-01\",\"to\":\"2026-01-01T01:00Z\"}]}",
	         "counts[0].count"},
	        {"{\"domain\":\"example.com\",\"count\":1,"
	         "\"from\":\"2026-01-01\",\"to\":\"2026-01-01\"}",
	         "to"},
	        {"{\"domain\":\"example.com\",\"count\":1,"
	         "\"from\":\"2026-01-01\",\"to\":\"2027-01-01\"}",
	         "to"},
	        {"{\"domain\":\"a b\",\"count\":1,"
	         "\"from\":\"2026-01-01\",\"to\":\"2026-01-01T01:00:00Z\"}",
	         "domain"},
	        {"{\"message_id\":\"\",\"recipient\":\"a@example.com\","
	         "\"time\":\"2026-01-01\"}",
	         "message_id"},
	        {"{\"message_id\":\"1\",\"recipient\":\"ann\","
	         "\"time\":\"2026-01-01\"}",
	         "recipient"},
	        {"{\"messages\":[{\"message_id\":\"1\",\"recipient\":"
	         "\"a@example.com\",\"time\":\"soon\"}]}",
	         "messages[0].time"}};
	for (size_t i = 0; i < sizeof(gets) / sizeof(*gets); i++)
		assert_field(f, NX_API_GET, gets[i].target, "", gets[i].field);
	for (size_t i = 0; i < sizeof(posts) / sizeof(*posts); i++)
		assert_field(f, NX_API_POST, "/v1/sent", posts[i].body,
		             posts[i].field);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(a_list_comes_in_pages_and_misses_nothing),
	        STORE_TEST(a_page_looks_at_so_many_rows_alone),
	        STORE_TEST(events_and_attempts_come_in_one_order),
	        STORE_TEST(what_is_held_comes_in_pages),
	        STORE_TEST(what_changed_is_told_until_nothing_is),
	        STORE_TEST(what_was_sent_sets_the_share_that_may_fail),
	        STORE_TEST(a_message_counts_once_for_each_recipient),
	        STORE_TEST(what_is_wrong_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
