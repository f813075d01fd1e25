/* SPDX-License-Identifier: ISC */
#include "api/answer.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What is asked by HTTP: which route, what is refused, who may. */

static const struct nx_streams no_streams = {.fallback = ""};
static const struct nx_api_settings settings = {
        .streams = &no_streams, .stream = "", .message_size = 1024};

static struct nx_api_call *call_new(enum nx_api_method method,
                                    const char *target)
{
	struct nx_api_call *call = nx_api_call_new(NULL, &settings);
	call->request.method = method;
	call->request.target = target;
	call->request.media_type = "application/json";
	return call;
}

static bool is_taken(struct nx_api_call *call)
{
	return nx_api_admit(call) && nx_api_prepare(call);
}

static void assert_problem(struct nx_api_call *call, int status,
                           const char *field)
{
	const struct nx_json *body;
	struct nx_error err;
	assert_int_equal(call->answer.status, status);
	assert_string_equal(call->answer.type, "application/problem+json");
	assert_true(nx_json_parse(call, call->answer.body, call->answer.size,
	                          &body, &err));
	assert_int_equal(nx_json_number(body, "status"), status);
	assert_string_not_equal(nx_json_text(body, "title"), "");
	assert_string_not_equal(nx_json_text(body, "detail"), "");
	assert_string_equal(nx_json_text(body, "field"), field);
	talloc_free(call);
}

static void a_path_and_a_method_have_a_route(void **state)
{
	static const struct {
		enum nx_api_method method;
		const char *target;
		int status; /* 0: it is taken */
		const char *allow;
	} cases[] = {
	        {NX_API_GET, "/v1/suppressions/a@example.com", 0, ""},
	        {NX_API_GET, "/v1/suppressions/a@example.com?stream=x", 0, ""},
	        {NX_API_POST, "/v1/suppressions/a@example.com", 405,
	         "GET, HEAD, PUT, DELETE"},
	        {NX_API_NO_METHOD, "/v1/check", 405, "POST"},
	        {NX_API_GET, "/v1/check/", 404, ""},
	        {NX_API_GET, "/v1/chec", 404, ""},
	        {NX_API_GET, "", 404, ""},
	        {NX_API_GET, "//v1/check", 404, ""},
	        {NX_API_PUT, "/v1/suppressions/", 404, ""},
	        {NX_API_GET, "/v1/suppressions/a@example.com/b", 404, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_api_call *call =
		        call_new(cases[i].method, cases[i].target);
		assert_int_equal(is_taken(call), cases[i].status == 0);
		assert_string_equal(call->answer.allow, cases[i].allow);
		if (cases[i].status != 0)
			assert_problem(call, cases[i].status, "");
		else
			talloc_free(call);
	}
}

static void an_address_of_a_path_is_decoded_once(void **state)
{
	static const struct {
		const char *target, *operand;
	} cases[] = {
	        {"/v1/suppressions/a+b@example.com", "a+b@example.com"},
	        {"/v1/suppressions/a%2Fb%40example.com", "a/b@example.com"},
	        {"/v1/suppressions/a%2541@example.com", "a%41@example.com"},
	        {"/v1/suppressions/%C3%BC@example.com", "\xC3\xBC@example.com"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_api_call *call =
		        call_new(NX_API_GET, cases[i].target);
		assert_true(is_taken(call));
		assert_string_equal(call->operand, cases[i].operand);
		talloc_free(call);
	}
}

static void what_is_no_text_is_refused(void **state)
{
	static const char *const targets[] = {
	        "/v1/suppressions/%",
	        "/v1/suppressions/a%4",
	        "/v1/suppressions/a%zz@example.com",
	        "/v1/suppressions/a%00@example.com",
	        "/v1/suppressions/%FF@example.com",
	        "/v1/suppressions/%C0%AF@example.com",
	        "/v1/suppressions/a%0A@example.com",
	        "/v1/suppressions/nobody"};
	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		struct nx_api_call *call = call_new(NX_API_GET, targets[i]);
		assert_false(is_taken(call));
		assert_problem(call, 400, "address");
	}
}

static void query_parameters_are_known_and_there_once(void **state)
{
	static const struct {
		const char *query, *field;
	} cases[] = {{"colour=red", "colour"},
	             {"stream=a&stream=b", "stream"},
	             {"stream=%FF", "stream"},
	             {"%=1", "query"}};
	struct nx_api_call *call;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		call = call_new(NX_API_GET, "");
		call->request.target =
		        talloc_asprintf(call, "/v1/suppressions/a@b.example?%s",
		                        cases[i].query);
		assert_false(is_taken(call));
		assert_problem(call, 400, cases[i].field);
	}
	call = call_new(NX_API_DELETE, "/v1/suppressions/a@b.example?class=hard"
	                               "&note=not+her%2B%26fault");
	assert_true(is_taken(call));
	assert_string_equal(nx_api_query(call, "note"), "not her+&fault");
	talloc_free(call);
}

static void a_body_is_taken_strictly(void **state)
{
	static const struct {
		enum nx_api_method method;
		const char *target, *body, *field;
	} cases[] = {
	        {NX_API_PUT, "/v1/suppressions/a@b.example", "", ""},
	        {NX_API_PUT, "/v1/suppressions/a@b.example", "[]", ""},
	        {NX_API_PUT, "/v1/suppressions/a@b.example", "{\"note\":1}",
	         "note"},
	        {NX_API_PUT, "/v1/suppressions/a@b.example", "{}", "note"},
	        {NX_API_PUT, "/v1/suppressions/a@b.example", "{\"note\":\"\"}",
	         "note"},
	        {NX_API_PUT, "/v1/suppressions/a@b.example",
	         "{\"note\":\"x\",\"note\":\"y\"}", ""},
	        {NX_API_PUT, "/v1/suppressions/a@b.example",
	         "{\"note\":\"x\",\"more\":\"y\"}", "more"},
	        {NX_API_PUT, "/v1/suppressions/a@b.example",
	         "{\"note\":\"x\",\"class\":\"none\"}", "class"},
	        {NX_API_PUT, "/v1/suppressions/%2A@b.example",
	         "{\"note\":\"x\"}", "address"},
	        {NX_API_POST, "/v1/delivered", "{\"addresses\":[1]}",
	         "addresses[0]"},
	        {NX_API_POST, "/v1/delivered",
	         "{\"addresses\":[\"a@b.example\",\"b\"]}", "addresses[1]"},
	        {NX_API_POST, "/v1/check", "{\"addresses\":{}}", "addresses"},
	        {NX_API_POST, "/v1/check", "{\"addresses\":[null]}",
	         "addresses[0]"},
	        {NX_API_POST, "/v1/check",
	         "{\"addresses\":[],\"attempt\":\"yes\"}", "attempt"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_api_call *call =
		        call_new(cases[i].method, cases[i].target);
		call->request.body = cases[i].body;
		call->request.size = strlen(cases[i].body);
		assert_false(is_taken(call));
		assert_problem(call, 400, cases[i].field);
	}
}

static void more_addresses_than_are_taken_are_refused(void **state)
{
	struct nx_api_call *call = call_new(NX_API_POST, "/v1/check");
	char *body = talloc_strdup(call, "{\"addresses\":[\"a\"");
	(void)state;
	for (int i = 0; i < NX_API_ITEMS; i++)
		body = talloc_strdup_append(body, ",\"a\"");
	body = talloc_strdup_append(body, "]}");
	call->request.body = body;
	call->request.size = strlen(body);
	assert_false(is_taken(call));
	assert_problem(call, 400, "addresses");
}

static void a_body_of_another_type_is_refused(void **state)
{
	static const struct {
		const char *type;
		bool taken;
	} cases[] = {{"application/json", true},
	             {"Application/JSON ; charset=utf-8", true},
	             {"application/jsonp", false},
	             {"text/plain", false},
	             {"", false}};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_api_call *call = call_new(NX_API_POST, "/v1/check");
		call->request.media_type = cases[i].type;
		assert_int_equal(nx_api_admit(call), cases[i].taken);
		if (cases[i].taken)
			talloc_free(call);
		else
			assert_problem(call, 415, "");
	}
}

/* --- who may -------------------------------------------------------------- */

static void a_page_in_a_browser_may_nothing(void **state)
{
	static const struct {
		const char *host;
		bool is_tcp, has_origin, taken;
	} cases[] = {{"localhost", true, false, true},
	             {"localhost:8025", true, false, true},
	             {"127.0.0.1", true, false, true},
	             {"[::1]:80", true, false, true},
	             {"anything", false, false, true},
	             {"localhost", true, true, false},
	             {"localhost", false, true, false},
	             {"localhost.example.com", true, false, false},
	             {"example.com", true, false, false},
	             {"", true, false, false}};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_api_call *call = call_new(NX_API_GET, "/healthz");
		call->request.host = cases[i].host;
		call->request.is_tcp = cases[i].is_tcp;
		call->request.has_origin = cases[i].has_origin;
		assert_int_equal(nx_api_admit(call), cases[i].taken);
		if (cases[i].taken)
			talloc_free(call);
		else
			assert_problem(call, 403, "");
	}
}

static struct nx_bearer bearer(const char *secret, enum nx_scope scope)
{
	struct nx_bearer out = {.name = nx_scope_name(scope), .scope = scope};
	struct nx_digest_state state;
	nx_digest_init(&state);
	nx_digest_add(&state, secret, strlen(secret));
	nx_digest_end(&state, out.digest);
	return out;
}

static void a_token_may_what_its_scope_says(void **state)
{
	static const struct {
		enum nx_api_method method;
		const char *target, *authorization;
		int status; /* 0: it is let in */
	} cases[] = {
	        {NX_API_GET, "/v1/suppressions/a@b.example", "Bearer one", 0},
	        {NX_API_GET, "/v1/suppressions/a@b.example", "bearer  two", 0},
	        {NX_API_GET, "/v1/suppressions/a@b.example", "Bearer", 401},
	        {NX_API_GET, "/v1/suppressions/a@b.example", "Bearer on", 401},
	        {NX_API_GET, "/v1/suppressions/a@b.example", "Basic one", 401},
	        {NX_API_GET, "/v1/suppressions/a@b.example", "", 401},
	        {NX_API_PUT, "/v1/suppressions/a@b.example", "Bearer one", 403},
	        {NX_API_PUT, "/v1/suppressions/a@b.example", "Bearer two", 0},
	        {NX_API_GET, "/healthz", "", 0},
	};
	const struct nx_bearer both[] = {bearer("one", NX_SCOPE_READ),
	                                 bearer("two", NX_SCOPE_WRITE)};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_api_call *call =
		        call_new(cases[i].method, cases[i].target);
		call->request.authorization = cases[i].authorization;
		call->request.is_tcp = call->request.has_origin = true;
		call->request.token = both;
		call->request.tokens = 2;
		assert_int_equal(nx_api_admit(call), cases[i].status == 0);
		if (cases[i].status != 0)
			assert_problem(call, cases[i].status, "");
		else
			talloc_free(call);
	}
}

static void an_attempt_takes_the_scope_of_a_write(void **state)
{
	static const char body[] =
	        "{\"addresses\":[\"a@b.example\"],\"attempt\":true}";
	const struct nx_bearer one = bearer("one", NX_SCOPE_READ);
	struct nx_api_call *call = call_new(NX_API_POST, "/v1/check");
	(void)state;
	call->request.authorization = "Bearer one";
	call->request.token = &one;
	call->request.tokens = 1;
	call->request.body = body;
	call->request.size = sizeof(body) - 1;
	assert_false(is_taken(call));
	assert_problem(call, 403, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_path_and_a_method_have_a_route),
	        cmocka_unit_test(an_address_of_a_path_is_decoded_once),
	        cmocka_unit_test(what_is_no_text_is_refused),
	        cmocka_unit_test(query_parameters_are_known_and_there_once),
	        cmocka_unit_test(a_body_is_taken_strictly),
	        cmocka_unit_test(more_addresses_than_are_taken_are_refused),
	        cmocka_unit_test(a_body_of_another_type_is_refused),
	        cmocka_unit_test(a_page_in_a_browser_may_nothing),
	        cmocka_unit_test(a_token_may_what_its_scope_says),
	        cmocka_unit_test(an_attempt_takes_the_scope_of_a_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
