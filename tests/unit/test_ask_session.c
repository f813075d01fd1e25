/* SPDX-License-Identifier: ISC */
#include "proto/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What a session that is asked takes of memory; what it says is in
 * tests/protocol. */

enum { IDLE = 16 * 1024 };

static const struct {
	enum nx_ask_protocol protocol;
	const char *usual;
	const char *begin, *end; /* of the longest */
	size_t filled;           /* between them */
} protocols[] = {
        {NX_ASK_SOCKETMAP, "26:check somebody@example.org,", "4096:check ", ",",
         4090},
        {NX_ASK_TCP_TABLE, "get somebody@example.org\n", "get ", "\n", 4091},
        {NX_ASK_POLICY,
         "request=smtpd_access_policy\nprotocol_state=RCPT\n"
         "protocol_name=ESMTP\nclient_address=192.0.2.7\n"
         "client_name=app.example.com\nhelo_name=app.example.com\n"
         "sender=news@example.com\nrecipient=somebody@example.org\n"
         "recipient_count=0\nqueue_id=\ninstance=1b2f.6571c1a2.8f0d3.0\n"
         "sasl_method=PLAIN\nsasl_username=orders\nsasl_sender=\n\n",
         "request=smtpd_access_policy\nhelo_name=", "\n\n", 4056}};

static char *longest_of(TALLOC_CTX *ctx, size_t i)
{
	char fill[NX_ASK_REQUEST] = "";
	memset(fill, 'x', protocols[i].filled);
	return talloc_asprintf(ctx, "%s%s%s", protocols[i].begin, fill,
	                       protocols[i].end);
}

static void ask(struct nx_ask *session, const char *question)
{
	size_t size = strlen(question);
	assert_int_equal(nx_ask_feed(session, question, size), size);
	assert_non_null(nx_ask_question(session));
	nx_ask_answer(session, NX_ASK_FOUND, "REJECT 5.7.1 suppressed");
	(void)nx_ask_output(session, &size);
	assert_true(size > 0);
	nx_ask_sent(session, size);
	assert_true(nx_ask_is_idle(session));
}

static void an_idle_session_has_little_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		struct nx_ask *session =
		        nx_ask_new(NULL, protocols[i].protocol, "access");
		char *longest = longest_of(NULL, i);
		ask(session, protocols[i].usual);
		ask(session, longest);
		assert_true(talloc_total_size(session) <= IDLE);
		talloc_free(longest);
		talloc_free(session);
	}
}

/* As a client does that has nothing behind its question. */
static void no_bytes_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		struct nx_ask *session =
		        nx_ask_new(NULL, protocols[i].protocol, "access");
		assert_int_equal(nx_ask_feed(session, NULL, 0), 0);
		ask(session, protocols[i].usual);
		assert_int_equal(nx_ask_feed(session, NULL, 0), 0);
		assert_true(nx_ask_is_idle(session));
		talloc_free(session);
	}
}

static void pipelined_answers_are_given_back(void **state)
{
	(void)state;
	size_t size;
	struct nx_ask *session = nx_ask_new(NULL, NX_ASK_SOCKETMAP, "");
	for (int i = 0; i < 1000; i++) {
		(void)nx_ask_feed(session, "9:check a@b,", 12);
		nx_ask_answer(session, NX_ASK_NONE, "");
	}
	(void)nx_ask_output(session, &size);
	assert_int_equal(size, 12 * 1000);
	nx_ask_sent(session, size);
	assert_true(talloc_total_size(session) <= IDLE);
	talloc_free(session);
}

static void a_usual_question_takes_no_memory(void **state)
{
	(void)state;
	size_t size;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		struct nx_ask *session =
		        nx_ask_new(NULL, protocols[i].protocol, "access");
		ask(session, protocols[i].usual);
		const size_t taken = talloc_total_size(session);
		const char *output = nx_ask_output(session, &size);
		assert_non_null(output);
		ask(session, protocols[i].usual);
		assert_int_equal(talloc_total_size(session), taken);
		assert_ptr_equal(nx_ask_output(session, &size), output);
		talloc_free(session);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_idle_session_has_little_memory),
	        cmocka_unit_test(no_bytes_are_taken),
	        cmocka_unit_test(pipelined_answers_are_given_back),
	        cmocka_unit_test(a_usual_question_takes_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
