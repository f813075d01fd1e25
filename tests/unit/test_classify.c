/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classify/classify.h"
#include "classify/decide.h"
#include "config/config.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char reasons[] =
        "reasons:\n"
        "  - {id: unknown-user, class: hard, fault: recipient,\n"
        "     advice: never, says: A}\n"
        "  - {id: full, class: soft, fault: recipient,\n"
        "     advice: retry later, says: A}\n"
        "  - {id: blocked, class: soft, fault: sender, advice: delist,\n"
        "     says: A}\n"
        "  - {id: policy, class: soft, fault: message, advice: fix,\n"
        "     says: A}\n"
        "  - {id: undefined, class: hard, fault: unknown, advice: none,\n"
        "     says: A}\n"
        "  - {id: abuse, class: complaint, fault: recipient, advice: never,\n"
        "     says: A}\n"
        "  - {id: calm, class: none, fault: unknown, advice: none, says: A}\n";

static const char status[] =
        "status:\n"
        "  - {code: 5.1.1, reason: unknown-user}\n"
        "  - {code: 4.1.1, reason: unknown-user}\n"
        "  - {code: 5.2, reason: full}\n"
        "  - {code: 5.2.0, reason: undefined, weak: true}\n"
        "  - {code: 5.0.0, reason: undefined, weak: true}\n"
        "  - {code: 4.4.7, reason: full, class: hard}\n";

static const char replies[] = "replies:\n"
                              "  - {code: 558, reason: policy,\n"
                              "     advice: 'fix ${ip}'}\n"
                              "  - {code: 559, reason: unknown-user,\n"
                              "     confirm: 2 days}\n"
                              "  - {code: 459, reason: unknown-user,\n"
                              "     confirm: 2 days}\n"
                              "  - {code: 550, reason: unknown-user}\n"
                              "  - {code: 450, reason: unknown-user}\n"
                              "  - {code: 554, reason: policy, weak: true}\n";

static const char actions[] =
        "actions:\n"
        "  - {action: delayed, reason: full}\n"
        "  - {action: failed, reason: policy}\n"
        "  - {action: failed, digit: 4, reason: full}\n"
        "  - {action: failed, digit: 5, reason: unknown-user}\n";

static const char text[] =
        "rules:\n"
        "  - id: text/listed\n"
        "    when: {text: 'listed (?:at|in) (?<url>https?://\\S+)'}\n"
        "    reason: blocked\n"
        "    advice: delist ${url}\n"
        "    examples: ['550 5.7.1 you are listed at https://b.example/x']\n"
        "  - id: text/refused\n"
        "    when: {text: 'refused'}\n"
        "    reason: blocked\n"
        "    advice: delist ${url} for ${ip}\n"
        "    examples: ['550 refused']\n"
        "  - id: text/no-reverse\n"
        "    when: {text: 'reverse dns', not: 'whatever'}\n"
        "    reason: blocked\n"
        "    fault: network\n"
        "    class: none\n"
        "    examples: [No reverse DNS]\n"
        "    counterexamples: [No reverse DNS whatever]\n"
        "  - id: text/full\n"
        "    when: {text: 'mailbox full'}\n"
        "    reason: full\n"
        "    examples: [550 5.2.2 Mailbox full]\n"
        "  - id: text/refused-at-rcpt\n"
        "    when: {phase: rcpt, reply: '55[04]', status: '5\\.7\\.\\d+'}\n"
        "    reason: unknown-user\n"
        "    examples: [{text: x, phase: rcpt, reply: 550, status: 5.7.1}]\n"
        "  - id: text/host\n"
        "    when: {mta: '\\.deny\\.example$', domain: '^b\\.'}\n"
        "    reason: policy\n"
        "    examples: [{text: x, mta: a.deny.example, domain: b.example}]\n"
        "  - id: text/unknown\n"
        "    when: {text: 'user unknown'}\n"
        "    reason: unknown-user\n"
        "    examples: [User unknown]\n";

static const char provider[] =
        "provider: {name: p, mta: '\\.p\\.example$', domain: '^p\\.example$'}\n"
        "rules:\n"
        "  - id: p/limit\n"
        "    when: {text: 'mailbox full'}\n"
        "    reason: policy\n"
        "    examples: [Mailbox full]\n";

static const char feedback[] = "feedback:\n"
                               "  - {type: '*', reason: calm}\n"
                               "  - {type: abuse, reason: abuse}\n";

static const char kinds[] = "kinds:\n"
                            "  - {kind: auto-reply, reason: calm}\n";

static struct nx_source source(const char *name, const char *content)
{
	return (struct nx_source){name, content, strlen(content), false};
}

static int compile_rules(void **state)
{
	const struct nx_source sources[] = {
	        source("actions.yaml", actions),
	        source("feedback.yaml", feedback),
	        source("kinds.yaml", kinds),
	        source("p.yaml", provider),
	        source("reasons.yaml", reasons),
	        source("replies.yaml", replies),
	        source("status.yaml", status),
	        source("text.yaml", text),
	};
	const struct nx_tables *tables;
	struct nx_error err;

	if (!nx_tables_compile(NULL, sources, COUNT(sources), &tables, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = (void *)(uintptr_t)tables;
	return 0;
}

static int free_rules(void **state)
{
	talloc_free(*state);
	return 0;
}

/* A recipient as the readers make it. */
static struct nx_recipient failed(void *ctx, const char *diagnostic)
{
	struct nx_recipient recipient = {
	        .address = "someone@a.example",
	        .action = NX_ACTION_FAILED,
	        .remote_mta = "",
	        .diagnostic = diagnostic,
	};

	nx_reply_parse(ctx, diagnostic, &recipient.reply);
	recipient.status = recipient.reply.status;
	return recipient;
}

static struct nx_verdict judge(void *ctx, const struct nx_tables *tables,
                               struct nx_recipient *recipient,
                               struct nx_trace *trace)
{
	const struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "mx.here.example",
	        .recipient = recipient,
	        .recipients = 1,
	};

	return nx_classify(ctx, tables, &report, 0, trace);
}

static void set_status(const char *code, struct nx_recipient *recipient)
{
	if (*code == '\0')
		return;
	assert_int_equal(nx_status_parse(code, &recipient->status),
	                 strlen(code));
	recipient->status_field = recipient->status;
}

static void the_most_specific_table_decides(void **state)
{
	static const struct {
		const char *diagnostic;
		const char *status;
		const char *mta;
		const char *address;
		enum nx_class class;
		const char *rule;
		const char *matched;
	} rows[] = {
	        {"550 5.1.1 Mailbox full", "", "", "a@b.example", NX_CLASS_SOFT,
	         "text/full", "Mailbox full"},
	        {"550 5.1.1 Mailbox   FULL", "", "mx.p.example", "a@b.example",
	         NX_CLASS_SOFT, "p/limit", "Mailbox FULL"},
	        {"550 5.1.1 Mailbox full", "", "", "a@p.example", NX_CLASS_SOFT,
	         "p/limit", "Mailbox full"},
	        {"550 5.1.1 Mailbox full", "", "mx.p.example.net",
	         "a@b.example", NX_CLASS_SOFT, "text/full", "Mailbox full"},
	        {"550 5.1.1 no", "", "", "a@b.example", NX_CLASS_HARD,
	         "status/5.1.1", "5.1.1"},
	        {"550 no", "5.1.1", "", "a@b.example", NX_CLASS_HARD,
	         "status/5.1.1", "5.1.1"},
	        {"554 5.2.9 no", "", "", "a@b.example", NX_CLASS_SOFT,
	         "status/5.2", "5.2.9"},
	        {"554 5.2.0 no", "", "", "a@b.example", NX_CLASS_HARD,
	         "status/5.2.0", "5.2.0"},
	        {"550 5.2.0 no", "", "", "a@b.example", NX_CLASS_HARD,
	         "reply/550", "550"},
	        {"550 5.9.9 no", "", "", "a@b.example", NX_CLASS_HARD,
	         "reply/550", "550"},
	        {"554 5.1.1 no", "5.0.0", "", "a@b.example", NX_CLASS_HARD,
	         "status/5.1.1", "5.1.1"},
	        {"554 no", "5.0.0", "", "a@b.example", NX_CLASS_SOFT,
	         "reply/554", "554"},
	        {"554 no", "5.2.0", "", "a@b.example", NX_CLASS_HARD,
	         "status/5.2.0", "5.2.0"},
	        {"557 no", "5.0.0", "", "a@b.example", NX_CLASS_HARD,
	         "status/5.0.0", "5.0.0"},
	        {"554 no", "", "", "a@b.example", NX_CLASS_SOFT, "reply/554",
	         "554"},
	        {"555 no", "", "", "a@b.example", NX_CLASS_HARD,
	         "action/failed-5", "failed"},
	        {"455 no", "", "", "a@b.example", NX_CLASS_SOFT,
	         "action/failed-4", "failed"},
	        {"no", "", "", "a@b.example", NX_CLASS_SOFT, "action/failed",
	         "failed"},
	        {"", "", "", "", NX_CLASS_SOFT, "action/failed", "failed"},
	        {"", "", "x.deny.example", "a@b.example", NX_CLASS_SOFT,
	         "text/host", "x.deny.example"},
	        {"", "", "x.deny.example", "a@c.example", NX_CLASS_SOFT,
	         "action/failed", "failed"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		void *ctx = talloc_new(NULL);
		struct nx_recipient recipient = failed(ctx, rows[i].diagnostic);
		struct nx_verdict verdict;

		recipient.remote_mta = rows[i].mta;
		recipient.address = rows[i].address;
		set_status(rows[i].status, &recipient);
		verdict = judge(ctx, *state, &recipient, NULL);
		assert_string_equal(verdict.rule, rows[i].rule);
		assert_string_equal(verdict.matched, rows[i].matched);
		assert_int_equal(verdict.class, rows[i].class);
		talloc_free(ctx);
	}
}

static void all_conditions_of_a_rule_must_hold(void **state)
{
	static const struct {
		enum nx_phase phase;
		const char *diagnostic;
		const char *rule;
	} rows[] = {
	        {NX_PHASE_RCPT, "550 5.7.1 x", "text/refused-at-rcpt"},
	        {NX_PHASE_RCPT, "554 5.7.123 x", "text/refused-at-rcpt"},
	        {NX_PHASE_DATA, "554 5.7.1 x", "reply/554"},
	        {NX_PHASE_RCPT, "553 5.7.1 x", "action/failed-5"},
	        {NX_PHASE_RCPT, "554 5.6.1 x", "reply/554"},
	        {NX_PHASE_NONE, "no reverse dns", "text/no-reverse"},
	        {NX_PHASE_NONE, "no reverse dns, whatever", "action/failed"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		void *ctx = talloc_new(NULL);
		struct nx_recipient recipient = failed(ctx, rows[i].diagnostic);

		recipient.reply.phase = rows[i].phase;
		assert_string_equal(judge(ctx, *state, &recipient, NULL).rule,
		                    rows[i].rule);
		talloc_free(ctx);
	}
}

static void a_temporary_answer_is_never_hard_by_reason(void **state)
{
	static const struct {
		const char *diagnostic;
		const char *status;
		enum nx_class class;
	} rows[] = {
	        {"550 5.1.1 user unknown", "", NX_CLASS_HARD},
	        {"550 user unknown", "", NX_CLASS_HARD},
	        {"user unknown", "5.1.1", NX_CLASS_HARD},
	        {"user unknown", "", NX_CLASS_HARD},
	        {"450 user unknown", "", NX_CLASS_SOFT},
	        {"450 4.1.1 user unknown", "", NX_CLASS_SOFT},
	        {"user unknown", "4.1.1", NX_CLASS_SOFT},
	        {"450 user unknown", "5.0.0", NX_CLASS_SOFT},
	        {"550 user unknown", "4.0.0", NX_CLASS_SOFT},
	        {"450 4.1.1 no", "", NX_CLASS_SOFT},
	        {"450 no", "", NX_CLASS_SOFT},
	        {"no", "4.1.1", NX_CLASS_SOFT},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		void *ctx = talloc_new(NULL);
		struct nx_recipient recipient = failed(ctx, rows[i].diagnostic);

		set_status(rows[i].status, &recipient);
		assert_int_equal(judge(ctx, *state, &recipient, NULL).class,
		                 rows[i].class);
		talloc_free(ctx);
	}
}

static void the_class_of_a_rule_stands_above_its_reason(void **state)
{
	void *ctx = talloc_new(NULL);
	struct nx_recipient recipient = failed(ctx, "no reverse dns");
	struct nx_verdict verdict = judge(ctx, *state, &recipient, NULL);

	assert_int_equal(verdict.class, NX_CLASS_NONE);
	assert_int_equal(verdict.fault, NX_FAULT_NETWORK);
	assert_string_equal(verdict.reason, "blocked");
	recipient = failed(ctx, "450 4.4.7 tried long enough");
	verdict = judge(ctx, *state, &recipient, NULL);
	assert_int_equal(verdict.class, NX_CLASS_HARD);
	assert_int_equal(verdict.basis, NX_BASIS_STATUS);
	talloc_free(ctx);
}

static void what_waits_for_confirmation_is_soft(void **state)
{
	static const struct {
		const char *diagnostic;
		const char *status;
		enum nx_class class;
		int days;
	} rows[] = {
	        {"559 no", "", NX_CLASS_SOFT, 2},
	        {"550 no", "", NX_CLASS_HARD, 0},
	        {"459 no", "", NX_CLASS_SOFT, 0},
	        {"559 no", "4.9.9", NX_CLASS_SOFT, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		void *ctx = talloc_new(NULL);
		struct nx_recipient recipient = failed(ctx, rows[i].diagnostic);
		struct nx_verdict verdict;

		set_status(rows[i].status, &recipient);
		verdict = judge(ctx, *state, &recipient, NULL);
		assert_int_equal(verdict.class, rows[i].class);
		assert_int_equal(verdict.confirm_days, rows[i].days);
		assert_string_equal(verdict.reason, "unknown-user");
		talloc_free(ctx);
	}
}

static void advice_takes_the_words_of_a_group(void **state)
{
	void *ctx = talloc_new(NULL);
	struct nx_recipient recipient =
	        failed(ctx, "550 you are listed in http://l.example/?q=1 now");
	struct nx_verdict verdict = judge(ctx, *state, &recipient, NULL);

	assert_string_equal(verdict.rule, "text/listed");
	assert_string_equal(verdict.advice, "delist http://l.example/?q=1");
	assert_string_equal(verdict.matched, "listed in http://l.example/?q=1");
	talloc_free(ctx);
}

static void advice_takes_what_any_diagnostic_may_hold(void **state)
{
	static const struct {
		const char *diagnostic;
		const char *advice;
	} rows[] = {
	        {"550 refused: 192.0.2.1 https://b.example/x",
	         "delist https://b.example/x for 192.0.2.1"},
	        {"550 refused", "delist for"},
	        {"558 192.0.2.1", "fix 192.0.2.1"},
	};
	void *ctx = talloc_new(NULL);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct nx_recipient recipient = failed(ctx, rows[i].diagnostic);

		assert_string_equal(judge(ctx, *state, &recipient, NULL).advice,
		                    rows[i].advice);
	}
	talloc_free(ctx);
}

static void quoted_words_end_with_a_whole_character(void **state)
{
	void *ctx = talloc_new(NULL);
	char *diagnostic = talloc_strdup(ctx, "550 listed at http://xx");
	struct nx_recipient recipient;
	struct nx_verdict verdict;

	for (int i = 0; i < 300; i++)
		diagnostic = talloc_strdup_append(diagnostic, "\xC3\xA9");
	recipient = failed(ctx, diagnostic);
	verdict = judge(ctx, *state, &recipient, NULL);
	assert_in_range(strlen(verdict.matched), 198, 200);
	assert_int_equal(
	        (unsigned char)verdict.matched[strlen(verdict.matched) - 1],
	        0xA9);
	assert_true(strlen(verdict.advice) <= 200);
	talloc_free(ctx);
}

static void only_the_first_two_kilobytes_are_read(void **state)
{
	void *ctx = talloc_new(NULL);
	char *diagnostic = talloc_zero_size(ctx, 1024 * 1024 + 1);
	struct nx_recipient recipient = failed(ctx, "");

	memset(diagnostic, 'x', 1024 * 1024);
	memcpy(diagnostic + 1024 * 1024 - 13, " user unknown", 13);
	recipient.diagnostic = diagnostic;
	assert_string_equal(judge(ctx, *state, &recipient, NULL).rule,
	                    "action/failed");
	memcpy(diagnostic, "user unknown ", 13);
	assert_string_equal(judge(ctx, *state, &recipient, NULL).rule,
	                    "text/unknown");
	talloc_free(ctx);
}

static void mail_that_is_not_lost_is_never_judged(void **state)
{
	static const struct {
		enum nx_action action;
		const char *rule;
	} rows[] = {
	        {NX_ACTION_DELAYED, "action/delayed"},
	        {NX_ACTION_DELIVERED, ""},
	        {NX_ACTION_RELAYED, ""},
	        {NX_ACTION_EXPANDED, ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		void *ctx = talloc_new(NULL);
		struct nx_recipient recipient =
		        failed(ctx, "550 5.1.1 user unknown");
		struct nx_verdict verdict;

		recipient.action = rows[i].action;
		verdict = judge(ctx, *state, &recipient, NULL);
		assert_int_equal(verdict.class, NX_CLASS_NONE);
		assert_string_equal(verdict.rule, rows[i].rule);
		talloc_free(ctx);
	}
}

static void a_report_without_recipients_is_judged_by_its_kind(void **state)
{
	static const struct {
		enum nx_kind kind;
		const char *type;
		enum nx_class class;
		const char *rule;
		const char *matched;
	} rows[] = {
	        {NX_KIND_FEEDBACK_REPORT, "abuse", NX_CLASS_COMPLAINT,
	         "feedback/abuse", "abuse"},
	        {NX_KIND_FEEDBACK_REPORT, "new", NX_CLASS_NONE, "feedback/*",
	         "new"},
	        {NX_KIND_FEEDBACK_REPORT, "", NX_CLASS_NONE, "feedback/*", ""},
	        {NX_KIND_AUTO_REPLY, "", NX_CLASS_NONE, "kind/auto-reply",
	         "auto-reply"},
	        {NX_KIND_OTHER, "", NX_CLASS_NONE, "", ""},
	        {NX_KIND_UNPARSED, "", NX_CLASS_NONE, "", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct nx_feedback words = {.feedback_type =
		                                          rows[i].type};
		const struct nx_report report = {
		        .kind = rows[i].kind,
		        .reporting_mta = "",
		        .feedback = &words,
		};
		void *ctx = talloc_new(NULL);
		struct nx_verdict verdict =
		        nx_classify(ctx, *state, &report, 0, NULL);

		assert_int_equal(verdict.class, rows[i].class);
		assert_string_equal(verdict.rule, rows[i].rule);
		assert_string_equal(verdict.matched, rows[i].matched);
		talloc_free(ctx);
	}
}

static void tables_that_are_empty_judge_nothing(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables;
	struct nx_error err;
	struct nx_recipient recipient = failed(ctx, "550 5.1.1 user unknown");
	struct nx_verdict verdict;

	(void)state;
	assert_true(nx_tables_compile(ctx, NULL, 0, &tables, &err));
	verdict = judge(ctx, tables, &recipient, NULL);
	assert_int_equal(verdict.class, NX_CLASS_NONE);
	assert_int_equal(verdict.basis, NX_BASIS_NONE);
	assert_string_equal(verdict.reason, "");
	assert_string_equal(verdict.advice, "none");
	talloc_free(ctx);
}

struct wanted {
	enum nx_basis table;
	const char *asked;
	const char *rule;
	const char *note;
};

static void check_trace(const struct nx_trace *trace,
                        const struct wanted *wanted, size_t count)
{
	assert_int_equal(trace->count, count);
	for (size_t i = 0; i < count; i++) {
		const struct nx_step *step = &trace->step[i];

		assert_int_equal(step->table, wanted[i].table);
		assert_string_equal(step->asked, wanted[i].asked);
		assert_string_equal(step->rule, wanted[i].rule);
		assert_string_equal(step->note, wanted[i].note);
		assert_true((step->line > 0) == (*step->rule != '\0'));
	}
}

static void the_trace_tells_every_table_that_was_asked(void **state)
{
	static const struct wanted weak[] = {
	        {NX_BASIS_TEXT, "554 5.9.0 no", "",
	         "silent, 2 of 8 rules asked"},
	        {NX_BASIS_STATUS, "5.9.0", "", "silent"},
	        {NX_BASIS_STATUS, "5.0.0", "status/5.0.0",
	         "weak: asked again last"},
	        {NX_BASIS_REPLY, "554", "reply/554", "weak: asked again last"},
	        {NX_BASIS_REPLY, "554", "reply/554",
	         "decides, asked again because all were silent"},
	        {NX_BASIS_STATUS, "5.0.0", "status/5.0.0",
	         "overruled, asked again because all were silent"},
	};
	static const struct wanted strong[] = {
	        {NX_BASIS_TEXT, "550 5.1.1 Mailbox full", "text/full",
	         "decides, 1 of 8 rules asked"},
	        {NX_BASIS_STATUS, "5.1.1", "status/5.1.1", "overruled"},
	        {NX_BASIS_REPLY, "550", "reply/550", "overruled"},
	};
	static const struct wanted several[] = {
	        {NX_BASIS_PROVIDER, "550 Mailbox full, user unknown", "p/limit",
	         "decides, 1 of 8 rules asked"},
	        {NX_BASIS_TEXT, "550 Mailbox full, user unknown", "text/full",
	         "overruled, stands behind it"},
	        {NX_BASIS_TEXT, "550 Mailbox full, user unknown",
	         "text/unknown", "overruled, stands behind it"},
	        {NX_BASIS_REPLY, "550", "reply/550", "overruled"},
	};
	void *ctx = talloc_new(NULL);
	struct nx_recipient recipient = failed(ctx, "554 5.9.0 no");
	struct nx_trace trace;
	struct nx_verdict verdict;

	set_status("5.0.0", &recipient);
	verdict = judge(ctx, *state, &recipient, &trace);
	assert_string_equal(verdict.rule, "reply/554");
	check_trace(&trace, weak, COUNT(weak));
	recipient = failed(ctx, "550 5.1.1 Mailbox full");
	verdict = judge(ctx, *state, &recipient, &trace);
	assert_string_equal(verdict.rule, "text/full");
	check_trace(&trace, strong, COUNT(strong));
	recipient = failed(ctx, "550 Mailbox full, user unknown");
	recipient.remote_mta = "mx.p.example";
	verdict = judge(ctx, *state, &recipient, &trace);
	assert_string_equal(verdict.rule, "p/limit");
	check_trace(&trace, several, COUNT(several));
	talloc_free(ctx);
}

static void a_trace_changes_no_verdict(void **state)
{
	static const char *const diagnostics[] = {
	        "550 5.1.1 Mailbox full", "554 5.2.0 no", "554 no", "no", "",
	        "450 4.1.1 user unknown"};

	for (size_t i = 0; i < COUNT(diagnostics); i++) {
		void *ctx = talloc_new(NULL);
		struct nx_recipient recipient = failed(ctx, diagnostics[i]);
		struct nx_trace trace;
		struct nx_verdict with = judge(ctx, *state, &recipient, &trace);
		struct nx_verdict without =
		        judge(ctx, *state, &recipient, NULL);

		assert_string_equal(with.rule, without.rule);
		assert_string_equal(with.matched, without.matched);
		assert_int_equal(with.class, without.class);
		talloc_free(ctx);
	}
}

/* The shipped rules. */

static const struct nx_tables *compile_shipped(void *ctx)
{
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = ""};
	struct nx_rules rules;
	struct nx_error err;

	if (!nx_rules_load(ctx, &from, &rules, &err))
		fail_msg("%s", err.text);
	return nx_engine_tables(rules.engine);
}

static const struct nx_rule *ask(void *ctx, const struct nx_tables *tables,
                                 const char *diagnostic)
{
	struct nx_recipient recipient = failed(ctx, diagnostic);
	const struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "",
	        .recipient = &recipient,
	        .recipients = 1,
	};
	struct nx_facts facts = nx_facts_read(ctx, NULL, &report, 0);
	struct nx_match match;
	size_t asked;

	return nx_match_text(ctx, tables, &facts, &match, &asked);
}

static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A text of words from the patterns themselves, so that many nearly match. */
static const char *make_text(void *ctx, const struct nx_tables *tables,
                             uint32_t *seed)
{
	char *made = talloc_strdup(ctx, draw(seed) % 2 ? "550 " : "");

	for (uint32_t n = 1 + draw(seed) % 4; n > 0; n--) {
		const struct nx_rule *rule =
		        tables->rule[tables->text.first +
		                     draw(seed) % tables->text.count];
		const char *pattern = rule->when.text.source;
		size_t size = strlen(pattern);
		size_t at = size > 0 ? draw(seed) % size : 0;
		size_t length = draw(seed) % 40;

		for (size_t i = at; i < size && i < at + length; i++) {
			if (strchr("\\()?:|^$[]", pattern[i]) == NULL)
				made = talloc_asprintf_append(made, "%c",
				                              pattern[i]);
		}
		made = talloc_strdup_append(made, " ");
	}
	return made;
}

/* A filter that lets every rule through. */
static const struct nx_prefilter *no_filter(void *ctx, size_t count)
{
	const char **nothing = talloc_array(ctx, const char *, count + 1);

	for (size_t i = 0; i < count; i++)
		nothing[i] = "";
	return nx_prefilter_compile(ctx, nothing, count);
}

static void the_prefilter_changes_no_answer_of_the_shipped_rules(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_shipped(ctx);
	struct nx_tables plain = *tables;
	uint32_t seed = 7;
	size_t spoke = 0;

	(void)state;
	plain.prefilter = no_filter(ctx, tables->text.count);
	assert_true(tables->text.count >= 80);
	for (int round = 0; round < 3000; round++) {
		void *scratch = talloc_new(ctx);
		const char *made = make_text(scratch, tables, &seed);
		const struct nx_rule *rule = ask(scratch, tables, made);

		assert_ptr_equal(rule, ask(scratch, &plain, made));
		spoke += rule != NULL;
		talloc_free(scratch);
	}
	assert_true(spoke > 100);
	talloc_free(ctx);
}

static void the_shipped_rules_prove_themselves(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_shipped(ctx);

	(void)state;
	assert_true(nx_tables_reasons(tables) >= 35);
	for (size_t i = 0; i < nx_tables_count(tables); i++) {
		struct nx_rule_info info = nx_tables_info(tables, i);

		assert_true(info.table != NX_BASIS_TEXT || info.examples > 0);
	}
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_most_specific_table_decides),
	        cmocka_unit_test(all_conditions_of_a_rule_must_hold),
	        cmocka_unit_test(a_temporary_answer_is_never_hard_by_reason),
	        cmocka_unit_test(the_class_of_a_rule_stands_above_its_reason),
	        cmocka_unit_test(what_waits_for_confirmation_is_soft),
	        cmocka_unit_test(advice_takes_the_words_of_a_group),
	        cmocka_unit_test(advice_takes_what_any_diagnostic_may_hold),
	        cmocka_unit_test(quoted_words_end_with_a_whole_character),
	        cmocka_unit_test(only_the_first_two_kilobytes_are_read),
	        cmocka_unit_test(mail_that_is_not_lost_is_never_judged),
	        cmocka_unit_test(
	                a_report_without_recipients_is_judged_by_its_kind),
	        cmocka_unit_test(tables_that_are_empty_judge_nothing),
	        cmocka_unit_test(the_trace_tells_every_table_that_was_asked),
	        cmocka_unit_test(a_trace_changes_no_verdict),
	        cmocka_unit_test(
	                the_prefilter_changes_no_answer_of_the_shipped_rules),
	        cmocka_unit_test(the_shipped_rules_prove_themselves),
	};

	return cmocka_run_group_tests(tests, compile_rules, free_rules);
}
