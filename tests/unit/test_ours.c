/* SPDX-License-Identifier: ISC */
#include "mail.h"

#include "config/config.h"
#include "engine.h"

/* No report is ever about an address of ours, whichever reader reads it. */

struct world {
	const struct nx_engine *anywhere;
	const struct nx_engine *here; /* with a site that protects an address */
};

static int begin(void **state)
{
	static const char *protect[] = {"vip@example.com", "@partner.example"};
	static const char *local[] = {"mailhub"};
	static const char *domains[] = {"brand.example"};
	static const char *hosts[] = {"mta.hosting.example"};
	static struct nx_site site;
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	struct world *world = talloc_zero(NULL, struct world);
	struct nx_rules rules;
	struct nx_error err;
	nx_message_start();
	nx_message_start_charsets();
	if (!nx_rules_load(world, &from, &rules, &err))
		fail_msg("%s", err.text);
	site.domains = nx_site_names_of(domains, 1);
	site.own_hosts = nx_site_names_of(hosts, 1);
	site.protect = nx_site_names_of(protect, 2);
	site.local_domains = nx_site_names_of(local, 1);
	world->anywhere = rules.engine;
	world->here = nx_engine_at(world, rules.engine, &site);
	*state = world;
	return 0;
}

static const struct nx_result *judge(TALLOC_CTX *ctx,
                                     const struct nx_engine *engine,
                                     const char *mail)
{
	const struct nx_input input = {
	        .prescan = {.bytes = mail, .size = strlen(mail)},
	        .envelope = {.sender = "",
	                     .sender_known = true,
	                     .recipient = "b+abc@ours.example"}};
	return nx_engine_read(ctx, engine, &input);
}

/* --- mails ---------------------------------------------------------------- */

/* To hidden recipients, through a list of ours. */
#define MAIL                                                                   \
	"Return-Path: <b+abc@ours.example>\n"                                  \
	"From: News <news@ours.example>\nSender: office@ours.example\n"        \
	"List-Id: Announcements <announce.lists.ours.example>\n"               \
	"List-Post: <mailto:chat@lists.ours.example>\n"                        \
	"Subject: News\nMessage-ID: <1@ours.example>\n"

static char *status_report(TALLOC_CTX *ctx, const char *address,
                           const char *returned)
{
	return delivery_mail(
	        ctx, "Undelivered Mail", "It could not be delivered.\n",
	        talloc_asprintf(ctx,
	                        "Reporting-MTA: dns; mx.example.net\n\n"
	                        "Final-Recipient: rfc822; %s\n"
	                        "Action: failed\nStatus: 5.1.1\n"
	                        "Diagnostic-Code: smtp; 550 5.1.1 No such "
	                        "user here\n",
	                        address),
	        returned);
}

static char *delivery(TALLOC_CTX *ctx, const char *address)
{
	return status_report(ctx, address, MAIL);
}

/* A mail system forwards the report that it received. */
static char *wrapped(TALLOC_CTX *ctx, const char *address)
{
	return talloc_asprintf(
	        ctx,
	        "From: MAILER-DAEMON@mx.example.net\nTo: b@ours.example\n"
	        "Subject: Undelivered Mail\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/mixed; boundary=o\n\n"
	        "--o\nContent-Type: message/rfc822\n\n%s\n--o--\n",
	        delivery(ctx, address));
}

static char *in_text(TALLOC_CTX *ctx, const char *address, const char *text)
{
	return talloc_asprintf(
	        ctx,
	        "From: MAILER-DAEMON@mx.example.net\nTo: b@ours.example\n"
	        "Subject: failure notice\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/mixed; boundary=o\n\n"
	        "--o\nContent-Type: text/plain\n\n%s<%s>:\n"
	        "550 5.1.1 No such user here\n\n"
	        "--o\nContent-Type: message/rfc822\n\n" MAIL "\nNews.\n--o--\n",
	        text, address);
}

static char *format(TALLOC_CTX *ctx, const char *address)
{
	return in_text(ctx, address,
	               "Hi. This is the qmail-send program at mx.example.net.\n"
	               "I'm afraid I wasn't able to deliver your message to "
	               "the following addresses.\n"
	               "This is a permanent error; I've given up. Sorry it "
	               "didn't work out.\n\n");
}

static char *unknown(TALLOC_CTX *ctx, const char *address)
{
	return in_text(ctx, address,
	               "Your letter went to these and came back:\n\n");
}

static char *complaint(TALLOC_CTX *ctx, const char *address)
{
	return talloc_asprintf(
	        ctx,
	        "From: fbl@example.net\nTo: b@ours.example\n"
	        "Subject: complaint\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/report; boundary=o;\n"
	        " report-type=feedback-report\n\n"
	        "--o\nContent-Type: message/feedback-report\n\n"
	        "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"
	        "Original-Rcpt-To: <%s>\n\n"
	        "--o\nContent-Type: message/rfc822\n\n" MAIL "\nNews.\n--o--\n",
	        address);
}

static const struct reader {
	const char *name;
	char *(*mail)(TALLOC_CTX *ctx, const char *address);
	enum nx_class class; /* for an address that is not ours */
	bool passes_over;    /* our addresses may be left out while reading */
} readers[] = {
        {"delivery", delivery, NX_CLASS_HARD, false},
        {"wrapped", wrapped, NX_CLASS_HARD, false},
        {"format", format, NX_CLASS_HARD, false},
        {"unknown", unknown, NX_CLASS_HARD, true},
        {"feedback", complaint, NX_CLASS_COMPLAINT, false},
};
enum { READERS = sizeof readers / sizeof *readers };

/* --- what is ours --------------------------------------------------------- */

static void check_ours(const struct world *world, const struct reader *reader,
                       const char *address, const char *rule)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_result *result =
	        judge(ctx, world->here, reader->mail(ctx, address));
	for (size_t i = 0; i < result->verdicts; i++) {
		const struct nx_verdict *verdict = &result->verdict[i];
		if (verdict->class != NX_CLASS_NONE)
			fail_msg("%s: %s is %s by %s", reader->name, address,
			         nx_class_name(verdict->class), verdict->rule);
		if (!reader->passes_over && strcmp(verdict->rule, rule) != 0)
			fail_msg("%s: %s by %s and not by %s", reader->name,
			         address, verdict->rule, rule);
	}
	talloc_free(ctx);
}

static void what_is_ours_fails_for_no_reader(void **state)
{
	static const struct {
		const char *address, *rule;
	} cases[] = {
	        {"b+abc@ours.example", "ours/return-path"},
	        {"B+ABC@Ours.Example", "ours/return-path"},
	        {"b@ours.example", "ours/return-path"},
	        {"b+xyz@ours.example", "ours/return-path"},
	        {"prvs=0123456789=b@ours.example", "ours/return-path"},
	        {"SRS0=HHH=TT=ours.example=b+abc@fwd.example",
	         "ours/return-path"},
	        {"srs1+hhh=first.example==HHH=TT=ours.example=b@fwd.example",
	         "ours/return-path"},
	        {"news@ours.example", "ours/sender"},
	        {"news-anna=example.com@ours.example", "ours/sender"},
	        {"office@ours.example", "ours/sender"},
	        {"bounces@ours.example", "ours/bounces"},
	        {"b+other@rp.ours.example", "ours/bounces"},
	        {"bounce-123-anna@ours.example", "ours/bounces"},
	        {"owner-chat@ours.example", "ours/bounces"},
	        {"chat-bounces@ours.example", "ours/bounces"},
	        {"chat-request@ours.example", "ours/bounces"},
	        {"news-return-7-anna@ours.example", "ours/bounces"},
	        {"SRS0=HHH=TT=example.com=anna@ours.example", "ours/bounces"},
	        {"bounces@brand.example", "ours/bounces"},
	        {"postmaster@example.com", "ours/mail-system"},
	        {"MAILER-DAEMON@mx.example.net", "ours/mail-system"},
	        {"chat@lists.ours.example", "ours/list"},
	        {"announce@lists.ours.example", "ours/list"},
	        {"announce@ours.example", "ours/list"},
	        {"vip@example.com", "ours/protected"},
	        {"vip+news@example.com", "ours/protected"},
	        {"jan@partner.example", "ours/protected"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < READERS; k++)
			check_ours(*state, &readers[k], cases[i].address,
			           cases[i].rule);
}

static void others_fail_for_every_reader(void **state)
{
	static const char *const addresses[] = {
	        "gone@example.com",
	        "anna@ours.example", /* we also mail our own people */
	        "anna+news@ours.example",
	        "bounces@example.com",
	        "chat@example.com",
	        "announce@example.com",
	        "not-vip@example.com",
	        "jan@sub.partner.example",
	        "postmaster.general@example.com",
	};
	const struct world *world = *state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		for (size_t k = 0; k < READERS; k++) {
			TALLOC_CTX *ctx = talloc_new(NULL);
			const struct nx_result *result =
			        judge(ctx, world->here,
			              readers[k].mail(ctx, addresses[i]));
			if (result->verdict[0].class != readers[k].class)
				fail_msg("%s: %s by %s", readers[k].name,
				         addresses[i], result->verdict[0].rule);
			talloc_free(ctx);
		}
	}
}

static void nothing_is_protected_that_nobody_names(void **state)
{
	const struct world *world = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_result *result =
	        judge(ctx, world->anywhere, delivery(ctx, "vip@example.com"));
	assert_int_equal(result->verdict->class, NX_CLASS_HARD);
	talloc_free(ctx);
}

/* --- what the rest of the report says ------------------------------------- */

struct returned {
	const char *final, *headers;
	const char *address; /* that fails, or "" */
	const char *rule;
};

static void check_returned(const struct world *world,
                           const struct returned *returned)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_result *result =
	        judge(ctx, world->here,
	              status_report(ctx, returned->final, returned->headers));
	const struct nx_recipient *recipient = result->report->recipient;
	assert_int_equal(result->report->recipients, 1);
	if (strcmp(recipient->address, returned->address) != 0)
		fail_msg("%s: %s", returned->final, recipient->address);
	if (strcmp(result->verdict->rule, returned->rule) != 0 &&
	    *returned->rule != '\0')
		fail_msg("%s: by %s", returned->final, result->verdict->rule);
	if (*returned->rule == '\0')
		assert_true(result->verdict->basis != NX_BASIS_ADDRESS);
	talloc_free(ctx);
}

static void the_returned_message_tells_more(void **state)
{
	static const struct returned cases[] = {
	        /* hidden recipients: To is one of ours, or at our domain */
	        {"undisclosed-recipients:;",
	         "From: news@ours.example\nTo: announce@ours.example\n", "",
	         ""},
	        {"undisclosed-recipients:;",
	         "From: news@ours.example\nTo: news@ours.example\n", "", ""},
	        {"undisclosed-recipients:;",
	         "From: news@ours.example\nTo: chat@lists.example.org\n"
	         "List-Post: <mailto:chat@lists.example.org>\n",
	         "", ""},
	        {"undisclosed-recipients:;",
	         "From: news@ours.example\nTo: postmaster@example.com\n", "",
	         ""},
	        {"undisclosed-recipients:;",
	         "From: news@ours.example\nTo: vip@example.com\n", "", ""},
	        {"undisclosed-recipients:;",
	         "From: news@ours.example\nTo: smits@example\n", "", ""},
	        {"undisclosed-recipients:;",
	         "From: news@ours.example\nTo: gone@example.com\n"
	         "List-Id: <news.ours.example>\n",
	         "gone@example.com", ""},
	        /* somebody wrote to themselves */
	        {"anna@ours.example",
	         "From: anna@ours.example\nTo: Anna <anna@ours.example>\n",
	         "anna@ours.example", ""},
	        {"anna@ours.example",
	         "From: anna@ours.example\nTo: anna@ours.example, x@y.example\n",
	         "anna@ours.example", "ours/sender"},
	        /* a postmaster's mailbox may be full, but it always exists */
	        {"postmaster@example.com",
	         "From: anna@ours.example\nTo: postmaster@example.com\n",
	         "postmaster@example.com", "ours/postmaster"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_returned(*state, &cases[i]);
}

static void a_full_postmaster_is_soft(void **state)
{
	const struct world *world = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_result *result = judge(
	        ctx, world->here,
	        delivery_mail(ctx, "Undelivered Mail", "It could not be.\n",
	                      "Reporting-MTA: dns; mx.example.net\n\n"
	                      "Final-Recipient: rfc822; postmaster@x.example\n"
	                      "Action: failed\nStatus: 5.2.2\n"
	                      "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full\n",
	                      "From: anna@ours.example\n"
	                      "To: postmaster@x.example\n"));
	assert_int_equal(result->verdict->class, NX_CLASS_SOFT);
	talloc_free(ctx);
}

/* A list's subscriber failed, not the list. */
static void the_final_recipient_counts_when_the_original_is_ours(void **state)
{
	const struct world *world = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_result *result = judge(
	        ctx, world->here,
	        delivery_mail(ctx, "Undelivered Mail", "It could not be.\n",
	                      "Reporting-MTA: dns; mx.example.net\n\n"
	                      "Original-Recipient: rfc822; "
	                      "chat@lists.ours.example\n"
	                      "Final-Recipient: rfc822; gone@example.com\n"
	                      "Action: failed\nStatus: 5.1.1\n"
	                      "Diagnostic-Code: smtp; 550 5.1.1 No such user\n",
	                      MAIL));
	assert_string_equal(result->report->recipient->address,
	                    "gone@example.com");
	assert_int_equal(result->verdict->class, NX_CLASS_HARD);
	talloc_free(ctx);
}

static enum nx_class refused(const struct nx_engine *engine, const char *words)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *fields =
	        talloc_asprintf(ctx,
	                        "Reporting-MTA: dns; mx.example.net\n\n"
	                        "Final-Recipient: rfc822; gone@example.com\n"
	                        "Action: failed\nStatus: 5.0.0\n"
	                        "Diagnostic-Code: smtp; %s\n",
	                        words);
	const struct nx_result *result = judge(
	        ctx, engine,
	        delivery_mail(ctx, "Undelivered Mail", "It could not be.\n",
	                      fields, "From: anna@ours.example\n"));
	enum nx_class class = result->verdict->class;
	talloc_free(ctx);
	return class;
}

static void a_refusal_that_names_a_domain_of_ours_is_about_the_sender(
        void **state)
{
	static const char *const words[] = {
	        "550 5.1.1 <offers@brand.example>: User unknown",
	        "550 5.1.1 offers@brand.example does not exist",
	};
	const struct world *world = *state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		assert_int_equal(refused(world->anywhere, words[i]),
		                 NX_CLASS_HARD);
		assert_int_equal(refused(world->here, words[i]), NX_CLASS_SOFT);
	}
}

/* --- domains without a dot ------------------------------------------------ */

static void a_domain_without_a_dot_counts_where_it_is_local(void **state)
{
	static const struct {
		const char *address;
		bool counts;
	} cases[] = {
	        {"smits@example", false},        {"smits@example.", false},
	        {"smits@mailhub", true},         {"smits@MAILHUB", true},
	        {"smits@mailhub.example", true}, {"smits@localhost", false},
	};
	const struct world *world = *state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t k = 0; k < READERS; k++) {
			TALLOC_CTX *ctx = talloc_new(NULL);
			const struct nx_result *result =
			        judge(ctx, world->here,
			              readers[k].mail(ctx, cases[i].address));
			const struct nx_report *report = result->report;
			bool counts =
			        report->recipients > 0 &&
			        strchr(report->recipient->address, '@') != NULL;
			if (counts != cases[i].counts &&
			    !(readers[k].passes_over && !counts))
				fail_msg("%s: %s", readers[k].name,
				         cases[i].address);
			if (!counts && !readers[k].passes_over)
				assert_true(result->verdict->class !=
				            NX_CLASS_NONE);
			talloc_free(ctx);
		}
	}
}

/* For a report without an envelope, below those headers. */
static enum nx_class class_below(const struct world *world, const char *headers)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *mail =
	        talloc_asprintf(ctx, "%s%s", headers,
	                        status_report(ctx, "gone@example.com",
	                                      "From: anna@ours.example\n"
	                                      "To: gone@example.com\n"));
	const struct nx_input input = {
	        .prescan = {.bytes = mail, .size = strlen(mail)}};
	const enum nx_class class =
	        nx_engine_read(ctx, world->here, &input)->verdict->class;
	talloc_free(ctx);
	return class;
}

/* A bounce of the DragonFly mail agent names the failed recipient in
 * X-Original-To. */
static void only_the_last_hop_tells_where_a_report_went(void **state)
{
	static const char hop[] =
	        "Received: from a by b;\n\tSun, 1 Mar 2026 10:00:00 +0000\n";
	static const char to[] = "X-Original-To: gone@example.com\n";
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *below = talloc_asprintf(ctx, "%s%s", hop, to);
	const char *above = talloc_asprintf(
	        ctx, "Delivered-To: b@ours.example\n%s%s", to, hop);
	assert_int_equal(class_below(*state, below), NX_CLASS_HARD);
	assert_int_equal(class_below(*state, above), NX_CLASS_NONE);
	talloc_free(ctx);
}

/* --- refusals of our own -------------------------------------------------- */

#define DOOR "550 5.7.1 suppressed by nixie (hard user-unknown)"

static const char *reason_of(TALLOC_CTX *ctx, const struct nx_engine *engine,
                             const char *reporting, const char *remote,
                             const char *said)
{
	const char *fields = talloc_asprintf(
	        ctx,
	        "Reporting-MTA: dns; %s\n\nFinal-Recipient: rfc822; "
	        "gone@example.com\nAction: failed\nStatus: 5.7.1\n%s%s%s"
	        "Diagnostic-Code: smtp; %s\n",
	        reporting, *remote ? "Remote-MTA: dns; " : "", remote,
	        *remote ? "\n" : "", said);
	return judge(ctx, engine,
	             delivery_mail(ctx, "Undelivered Mail", "It came back.\n",
	                           fields, MAIL))
	        ->verdict->reason;
}

/* Both the host that reports and the one that refused must be ours: words alone
 * neither silence a bounce nor make a refusal of ours one. */
static void only_hosts_of_ours_refuse_for_us(void **state)
{
	const struct world *world = *state;
	static const struct {
		const char *reporting, *remote, *said, *reason;
	} cases[] = {
	        {"mta.hosting.example", "", DOOR, "own-refusal"},
	        {"MTA.hosting.example.", "", DOOR, "own-refusal"},
	        {"mta.hosting.example", "mta.hosting.example", DOOR,
	         "own-refusal"},
	        {"mta.hosting.example", "localhost", DOOR, "own-refusal"},
	        {"mta.hosting.example", "[127.0.0.1]", DOOR, "own-refusal"},
	        {"mta.hosting.example", "out.ours.example", DOOR,
	         "own-refusal"},
	        {"app.brand.example", "mta.hosting.example",
	         "550 5.7.1 <gone@example.com>: Recipient address rejected: "
	         "suppressed by nixie (hard user-unknown)",
	         "own-refusal"},
	        {"mta.hosting.example", "mx.example.com", DOOR, "policy"},
	        {"mx.example.com", "", DOOR, "policy"},
	        {"mx.example.com", "mta.hosting.example", DOOR, "policy"},
	        {"mta.hosting.example.evil.example", "", DOOR, "policy"},
	        {"nours.example", "", DOOR, "policy"},
	        {"mx.example.com", "",
	         "LMTP error after end of data: " DOOR
	         " until 2026-01-02T00:00:00Z",
	         "policy"},
	        {"mx.example.com", "",
	         DOOR " until 2026-01-02T00:00:00Z (in reply to end of DATA "
	              "command)",
	         "policy"},
	        {"mta.hosting.example", "mx.example.com",
	         "550 5.1.1 No such user here, suppressed by nixie (hard)",
	         "unknown-user"},
	        {"mta.hosting.example", "localhost.example.com",
	         "550 5.1.1 No such user here, suppressed by nixie (hard)",
	         "unknown-user"},
	        {"mta.hosting.example", "127.0.0.1.example.com", DOOR,
	         "policy"},
	        {"mta.hosting.example", "mx.example.com",
	         "550 5.1.1 suppressed by nixie (hard) no such user here",
	         "unknown-user"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *reason =
		        reason_of(ctx, world->here, cases[i].reporting,
		                  cases[i].remote, cases[i].said);
		if (strcmp(reason, cases[i].reason) != 0)
			fail_msg("%s, %s: %s is %s", cases[i].reporting,
			         cases[i].remote, cases[i].said, reason);
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_ours_fails_for_no_reader),
	        cmocka_unit_test(others_fail_for_every_reader),
	        cmocka_unit_test(nothing_is_protected_that_nobody_names),
	        cmocka_unit_test(the_returned_message_tells_more),
	        cmocka_unit_test(a_full_postmaster_is_soft),
	        cmocka_unit_test(
	                the_final_recipient_counts_when_the_original_is_ours),
	        cmocka_unit_test(
	                a_refusal_that_names_a_domain_of_ours_is_about_the_sender),
	        cmocka_unit_test(
	                a_domain_without_a_dot_counts_where_it_is_local),
	        cmocka_unit_test(only_the_last_hop_tells_where_a_report_went),
	        cmocka_unit_test(only_hosts_of_ours_refuse_for_us),
	};
	return cmocka_run_group_tests(tests, begin, end_mail);
}
