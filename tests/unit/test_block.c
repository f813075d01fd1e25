/* SPDX-License-Identifier: ISC */
#include "blocks.h"
#include "policy/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Who refuses us, and whom of ours, by what a report says. */

static int begin(void **state)
{
	*state = (void *)(uintptr_t)shipped_tables(talloc_new(NULL));
	return 0;
}

static int end(void **state)
{
	talloc_free(talloc_parent(*state));
	return 0;
}

static struct nx_event event_with(const char *reason, const char *diagnostic)
{
	return (struct nx_event){.address = "someone@example.com",
	                         .sending_domain = "news.example.org",
	                         .verdict = {.class = NX_CLASS_SOFT,
	                                     .reason = reason,
	                                     .fault = NX_FAULT_SENDER,
	                                     .advice = "slow-down"},
	                         .diagnostic = diagnostic,
	                         .remote_mta = "mx1.mail.example.net"};
}

struct saying {
	const char *diagnostic;
	const char *ours;
	const char *list;
	const char *url;
};

static const struct saying sayings[] = {
        /* as Postfix, Exim and Sendmail say it, with and without what the
         * reporter puts around it */
        {"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
         "zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1",
         "192.0.2.1", "zen.spamhaus.org",
         "https://www.spamhaus.org/query/ip/192.0.2.1"},
        {"host mx1.example.net[198.51.100.25] said: 554 5.7.1 Service "
         "unavailable; Client host [192.0.2.1] blocked using bl.spamcop.net "
         "(in reply to RCPT TO command)",
         "192.0.2.1", "bl.spamcop.net", ""},
        {"host mx1.example.net[198.51.100.25] refused to talk to me: 554 "
         "5.7.1 rejected, 192.0.2.1 is listed at DNSBL.EXAMPLE.NET",
         "192.0.2.1", "dnsbl.example.net", ""},
        {"SMTP error from remote mail server after RCPT TO:<a@example.com>: "
         "host mx.example.net [198.51.100.25]: 550 \"JunkMail rejected - "
         "(mail.example.org) [192.0.2.1]:38912 is in an RBL on "
         "rbl.example.com, see http://rbl.example.com/192.0.2.1\"",
         "192.0.2.1", "", "http://rbl.example.com/192.0.2.1"},
        {"550 5.7.1 Mail from 192.0.2.1 refused, see "
         "http://www.barracudacentral.org/reputation/?r=1&ip=192.0.2.1",
         "192.0.2.1", "barracudacentral.org",
         "http://www.barracudacentral.org/reputation/?r=1&ip=192.0.2.1"},
        {"550-5.7.1 [2001:DB8:0:0::25      12] Our system has detected an "
         "unusual rate of unsolicited mail. 550 5.7.1 See "
         "https://support.example.net/mail/?p=Rate for more.",
         "2001:db8::25", "", "https://support.example.net/mail/?p=Rate"},
        {"554 5.7.1 <unknown[IPv6:2001:db8::1]>: Client host rejected: listed "
         "in 'dbl.example.com'",
         "2001:db8::1", "dbl.example.com", ""},
        {"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due "
         "to user complaints - 4.16.55.1; see "
         "https://postmaster.example.com/error-codes",
         "192.0.2.1", "", "https://postmaster.example.com/error-codes"},
        {"550 5.7.1 Refused: 192.0.2.7 (zen.spamhaus.org: 127.0.0.4)",
         "192.0.2.7", "zen.spamhaus.org", ""},
        {"rejected, RBL: multi.example.net", "", "multi.example.net", ""},
        /* a domain of ours, alone or in an address */
        {"550 5.7.1 Unauthenticated mail from news.example.org is not accepted "
         "due to its DMARC policy",
         "news.example.org", "", ""},
        {"550 5.7.23 The message from bounce@Mail.News.Example.Org failed SPF",
         "mail.news.example.org", "", ""},
        {"554 5.7.1 Sender domain example.org blocked using dbl.spamhaus.org",
         "example.org", "dbl.spamhaus.org", ""},
        /* not said */
        {"421 4.7.0 Too many messages, try again later", "", "", ""},
        {"550 5.7.1 Mail from example.edu is not wanted", "", "", ""},
        {"550 5.7.1 fakenews.example.organic and xnews.example.org say no", "",
         "", ""},
        {"550 5.7.1 see http://news.example.org/ for our policy", "", "",
         "http://news.example.org/"},
        /* whole words only */
        {"550 5.7.1 version 10.1.2.3-beta of notspamhaus.org.example", "", "",
         ""},
        {"550 5.7.1 <zen@spamhaus.org> knows nothing", "", "", ""},
        {"550 5.7.1 blocked using", "", "", ""},
        {"550 5.7.1 blocked using 127.0.0.2", "", "", ""},
        {"550 5.7.1 unlisted in example.edu", "", "", ""},
        {"550 5.7.1 blocked using .com..", "", "", ""},
        {"550 5.7.1 ask someone at https://example.com/?who=a@example.org", "",
         "", ""},
        {"550 5.7.1 ask at https://example.com/?who=a%40example.org", "", "",
         ""},
        {"", "", "", ""},
};

static void what_is_said_is_found_and_nothing_else(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);

	for (size_t i = 0; i < sizeof(sayings) / sizeof(*sayings); i++) {
		const struct saying *saying = &sayings[i];
		const struct nx_event event =
		        event_with("blocklisted", saying->diagnostic);
		struct nx_block_said said;

		print_message("%s\n", saying->diagnostic);
		assert_true(nx_block_read(ctx, *state, &event, &said));
		assert_string_equal(said.provider, "example.net");
		assert_string_equal(said.domain, "example.com");
		assert_string_equal(said.ours, saying->ours);
		assert_string_equal(said.list, saying->list);
		assert_string_equal(said.url, saying->url);
	}
	talloc_free(ctx);
}

static void what_is_endless_is_read_in_part(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *long_name = talloc_zero_array(ctx, char, 4001);
	struct nx_block_said said;

	memset(long_name, 'a', 4000);
	struct nx_event event = event_with(
	        "blocklisted",
	        talloc_asprintf(ctx,
	                        "550 5.7.1 blocked using %s.example.org "
	                        "http://example.org/%s zen.spamhaus.org",
	                        long_name, long_name));
	assert_true(nx_block_read(ctx, *state, &event, &said));
	assert_string_equal(said.list, "");
	assert_string_equal(said.url, "");
	talloc_free(ctx);
}

/* Whom to ask is known better by a rule than by whoever sends a report; and
 * which list it is, where its name is no zone. */
static void a_rule_knows_whom_to_ask(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_block_said said;
	struct nx_event event = event_with(
	        "blocklisted", "554 192.0.2.1 listed, http://evil.example/pay");

	event.verdict.advice = "delist the domain at https://list.example/";
	assert_true(nx_block_read(ctx, *state, &event, &said));
	assert_string_equal(said.url, "https://list.example/");
	assert_string_equal(said.list, "");
	event.verdict.advice = "delist https://check.spamhaus.org/";
	assert_true(nx_block_read(ctx, *state, &event, &said));
	assert_string_equal(said.list, "spamhaus.org");
	event.verdict.advice = "none the list ended";
	assert_true(nx_block_read(ctx, *state, &event, &said));
	assert_string_equal(said.url, "");
	talloc_free(ctx);
}

static void the_provider_is_that_of_the_server_or_of_the_address(void **state)
{
	static const struct {
		const char *server, *address, *provider;
	} cases[] = {
	        {"smtp-in.orange.fr", "a@wanadoo.fr", "orange.fr"},
	        {"gmail-smtp-in.l.google.com", "a@gmail.com", "google.com"},
	        {"mx.example.co.uk", "a@example.com", "example.co.uk"},
	        {"", "a@laposte.net", "laposte.net"},
	        {"not a host", "a@mail.example.org", "example.org"},
	};
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_block_said said;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_event event = event_with("reputation", "550 no");

		event.remote_mta = cases[i].server;
		event.address = cases[i].address;
		assert_true(nx_block_read(ctx, *state, &event, &said));
		assert_string_equal(said.provider, cases[i].provider);
	}
	talloc_free(ctx);
}

static void what_is_not_about_us_is_none(void **state)
{
	static const char *const about_us[] = {
	        "blocklisted",  "reputation",     "auth-spf",
	        "auth-dkim",    "auth-dmarc",     "auth-failed",
	        "ptr",          "rate-limited",   "too-many-connections",
	        "tls-required", "sender-rejected"};
	static const char *const others[] = {
	        "unknown-user", "mailbox-full", "spam-content", "greylisted",
	        "user-filter",  "policy",       "own-refusal",  "undeclared"};
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_block_said said;

	for (size_t i = 0; i < sizeof(about_us) / sizeof(*about_us); i++) {
		struct nx_event event = event_with(about_us[i], "550 no");

		assert_true(nx_block_read(ctx, *state, &event, &said));
		assert_true(said.lasts > 0);
		assert_false(nx_block_read(ctx, NULL, &event, &said));
		event.verdict.class = NX_CLASS_NONE; /* it is only late */
		assert_false(nx_block_read(ctx, *state, &event, &said));
		event.verdict.class = NX_CLASS_SOFT;
		event.verdict.fault = NX_FAULT_RECIPIENT;
		assert_false(nx_block_read(ctx, *state, &event, &said));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const struct nx_event event = event_with(others[i], "550 no");

		assert_false(nx_block_read(ctx, *state, &event, &said));
	}
	talloc_free(ctx);
}

static void expect_neighbours(const struct nx_tables *tables,
                              const char *domain, const char *wanted)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *says;

	assert_string_equal(nx_tables_neighbours(ctx, tables, domain, &says),
	                    wanted);
	assert_int_equal(*wanted != '\0', *says != '\0');
	talloc_free(ctx);
}

static void who_shares_filters_is_warned_of(void **state)
{
	expect_neighbours(*state, "orange.fr", "laposte, sfr");
	expect_neighbours(*state, "Wanadoo.fr", "laposte, sfr");
	expect_neighbours(*state, "laposte.net", "orange, sfr");
	expect_neighbours(*state, "sfr.fr", "orange, laposte");
	expect_neighbours(*state, "example.com", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_said_is_found_and_nothing_else),
	        cmocka_unit_test(what_is_endless_is_read_in_part),
	        cmocka_unit_test(a_rule_knows_whom_to_ask),
	        cmocka_unit_test(
	                the_provider_is_that_of_the_server_or_of_the_address),
	        cmocka_unit_test(what_is_not_about_us_is_none),
	        cmocka_unit_test(who_shares_filters_is_warned_of),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
