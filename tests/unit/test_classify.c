/* SPDX-License-Identifier: ISC */
#include "verdicts.h"

/* What is said of a recipient, and what follows from it. */
struct verdict_case {
	const char *name;
	const char *diagnostic;

	/* what else is said; NULL and NONE: nothing */
	const char *status, *mta, *address;
	enum nx_phase phase;
	enum nx_action action;

	/* wanted; NULL and NONE: not looked at */
	const char *rule, *class, *matched;
	const char *reason, *advice, *fault;
	enum nx_basis basis;
	int confirm_days; /* always looked at */
};

static const struct verdict_case verdicts[] = {
        /* --- the most specific table decides --- */
        {"words go before codes", "550 5.1.1 Mailbox full", .rule = "text/full",
         .class = "soft", .matched = "Mailbox full"},
        {"a provider's rule goes before words, by its host",
         "550 5.1.1 Mailbox   FULL", .mta = "mx.p.example", .rule = "p/limit",
         .class = "soft", .matched = "Mailbox FULL"},
        {"a provider's rule goes before words, by its domain",
         "550 5.1.1 Mailbox full", .address = "a@p.example", .rule = "p/limit",
         .class = "soft", .matched = "Mailbox full"},
        {"a host that only begins like the provider's",
         "550 5.1.1 Mailbox full", .mta = "mx.p.example.net",
         .rule = "text/full", .class = "soft", .matched = "Mailbox full"},
        {"a code of the diagnostic", "550 5.1.1 no", .rule = "status/5.1.1",
         .class = "hard", .matched = "5.1.1"},
        {"a code of the field", "550 no", .status = "5.1.1",
         .rule = "status/5.1.1", .class = "hard", .matched = "5.1.1"},
        {"a code of two numbers stands for all of them", "554 5.2.9 no",
         .rule = "status/5.2", .class = "soft", .matched = "5.2.9"},
        {"a weak code where the reply is weak as well", "554 5.2.0 no",
         .rule = "status/5.2.0", .class = "hard", .matched = "5.2.0"},
        {"a weak code yields to a reply", "550 5.2.0 no", .rule = "reply/550",
         .class = "hard", .matched = "550"},
        {"a code that no row has yields to a reply", "550 5.9.9 no",
         .rule = "reply/550", .class = "hard", .matched = "550"},
        {"a code of the diagnostic before a general one of the field",
         "554 5.1.1 no", .status = "5.0.0", .rule = "status/5.1.1",
         .class = "hard", .matched = "5.1.1"},
        {"a weak reply before a general code", "554 no", .status = "5.0.0",
         .rule = "reply/554", .class = "soft", .matched = "554"},
        {"a code that says more before a weak reply", "554 no",
         .status = "5.2.0", .rule = "status/5.2.0", .class = "hard",
         .matched = "5.2.0"},
        {"a general code where nothing else speaks", "557 no",
         .status = "5.0.0", .rule = "status/5.0.0", .class = "hard",
         .matched = "5.0.0"},
        {"a weak reply where nothing else speaks", "554 no",
         .rule = "reply/554", .class = "soft", .matched = "554"},
        {"the action and the digit of a reply", "555 no",
         .rule = "action/failed-5", .class = "hard", .matched = "failed"},
        {"the action and the digit of a temporary reply", "455 no",
         .rule = "action/failed-4", .class = "soft", .matched = "failed"},
        {"the action alone", "no", .rule = "action/failed", .class = "soft",
         .matched = "failed"},
        {"the action when nothing is said", "", .address = "",
         .rule = "action/failed", .class = "soft", .matched = "failed"},
        {"a rule that asks only for host and domain", "",
         .mta = "x.deny.example", .rule = "text/host", .class = "soft",
         .matched = "x.deny.example"},
        {"the same with another domain", "", .mta = "x.deny.example",
         .address = "a@c.example", .rule = "action/failed", .class = "soft",
         .matched = "failed"},
        /* --- all conditions of a rule must hold --- */
        {"phase, reply and status hold", "550 5.7.1 x", .phase = NX_PHASE_RCPT,
         .rule = "text/refused-at-rcpt"},
        {"they hold for other numbers", "554 5.7.123 x", .phase = NX_PHASE_RCPT,
         .rule = "text/refused-at-rcpt"},
        {"not the phase", "554 5.7.1 x", .phase = NX_PHASE_DATA,
         .rule = "reply/554"},
        {"not the reply", "553 5.7.1 x", .phase = NX_PHASE_RCPT,
         .rule = "action/failed-5"},
        {"not the status", "554 5.6.1 x", .phase = NX_PHASE_RCPT,
         .rule = "reply/554"},
        {"the words hold", "no reverse dns", .rule = "text/no-reverse"},
        {"the words hold, and those that must not", "no reverse dns, whatever",
         .rule = "action/failed"},
        /* --- a temporary answer is never hard by its reason --- */
        {"a permanent reply and code", "550 5.1.1 user unknown",
         .class = "hard"},
        {"a permanent reply", "550 user unknown", .class = "hard"},
        {"a permanent code of the field", "user unknown", .status = "5.1.1",
         .class = "hard"},
        {"words alone", "user unknown", .class = "hard"},
        {"a temporary reply", "450 user unknown", .class = "soft"},
        {"a temporary reply and code", "450 4.1.1 user unknown",
         .class = "soft"},
        {"a temporary code of the field", "user unknown", .status = "4.1.1",
         .class = "soft"},
        {"a temporary reply beside a permanent code", "450 user unknown",
         .status = "5.0.0", .class = "soft"},
        {"a temporary code beside a permanent reply", "550 user unknown",
         .status = "4.0.0", .class = "soft"},
        {"a temporary code has a row", "450 4.1.1 no", .class = "soft"},
        {"a temporary reply has a row", "450 no", .class = "soft"},
        {"a temporary code of the field has a row", "no", .status = "4.1.1",
         .class = "soft"},
        /* --- the class of a rule stands above its reason --- */
        {"of a rule for words", "no reverse dns", .class = "none",
         .reason = "blocked", .fault = "network"},
        {"of a row for a code", "450 4.4.7 tried long enough", .class = "hard",
         .basis = NX_BASIS_STATUS},
        /* --- what waits for confirmation is soft --- */
        {"two days until it is believed", "559 no", .class = "soft",
         .reason = "unknown-user", .confirm_days = 2},
        {"one that is believed at once", "550 no", .class = "hard",
         .reason = "unknown-user"},
        {"a temporary one has no day", "459 no", .class = "soft",
         .reason = "unknown-user"},
        {"nor has one with a temporary code", "559 no", .status = "4.9.9",
         .class = "soft", .reason = "unknown-user"},
        /* --- advice takes the words of a group --- */
        {"the link of a list",
         "550 you are listed in http://l.example/?q=1 now",
         .rule = "text/listed", .matched = "listed in http://l.example/?q=1",
         .advice = "delist http://l.example/?q=1"},
        /* --- advice takes what any diagnostic may hold --- */
        {"advice takes an address and a link",
         "550 refused: 192.0.2.1 https://b.example/x",
         .advice = "delist https://b.example/x for 192.0.2.1"},
        {"advice leaves out what is not there", "550 refused",
         .advice = "delist for"},
        {"advice of a reply takes an address", "558 192.0.2.1",
         .advice = "fix 192.0.2.1"},
        /* --- mail that is not lost is never judged --- */
        {"mail that is delayed", "550 5.1.1 user unknown",
         .action = NX_ACTION_DELAYED, .rule = "action/delayed",
         .class = "none"},
        {"mail that was delivered", "550 5.1.1 user unknown",
         .action = NX_ACTION_DELIVERED, .rule = "", .class = "none"},
        {"mail that was relayed", "550 5.1.1 user unknown",
         .action = NX_ACTION_RELAYED, .rule = "", .class = "none"},
        {"mail to a list", "550 5.1.1 user unknown",
         .action = NX_ACTION_EXPANDED, .rule = "", .class = "none"},
};

static void check_text(const char *name, const char *what, const char *got,
                       const char *wanted)
{
	if (wanted != NULL && strcmp(got, wanted) != 0)
		fail_msg("%s: %s is \"%s\", wanted \"%s\"", name, what, got,
		         wanted);
}

static void check_verdict(void **state, const struct verdict_case *row)
{
	void *ctx = talloc_new(NULL);
	struct nx_recipient recipient = failed(ctx, row->diagnostic);

	if (row->mta != NULL)
		recipient.remote_mta = row->mta;
	recipient.address = row->address != NULL ? row->address : "a@b.example";
	if (row->phase != NX_PHASE_NONE)
		recipient.reply.phase = row->phase;
	if (row->action != NX_ACTION_NONE)
		recipient.action = row->action;
	if (row->status != NULL)
		set_status(row->status, &recipient);
	struct nx_verdict got = judge(ctx, *state, &recipient, NULL);

	check_text(row->name, "the rule", got.rule, row->rule);
	check_text(row->name, "the class", nx_class_name(got.class),
	           row->class);
	check_text(row->name, "what matched", got.matched, row->matched);
	check_text(row->name, "the reason", got.reason, row->reason);
	check_text(row->name, "the advice", got.advice, row->advice);
	check_text(row->name, "the fault", nx_fault_name(got.fault),
	           row->fault);
	if (row->basis != NX_BASIS_NONE)
		check_text(row->name, "the basis",
		           nx_verdict_basis_name(got.basis),
		           nx_verdict_basis_name(row->basis));
	if (got.confirm_days != row->confirm_days)
		fail_msg("%s: %d days", row->name, got.confirm_days);
	talloc_free(ctx);
}

static void a_verdict_follows_from_what_is_said(void **state)
{
	for (size_t i = 0; i < COUNT(verdicts); i++)
		check_verdict(state, &verdicts[i]);
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

static void a_report_without_recipients_is_judged_by_its_kind(void **state)
{
	static const struct {
		const char *name;
		enum nx_kind kind;
		const char *type;
		const char *class, *rule, *matched;
	} rows[] = {
	        {"abuse", NX_KIND_FEEDBACK_REPORT, "abuse", "complaint",
	         "feedback/abuse", "abuse"},
	        {"a type that no row has", NX_KIND_FEEDBACK_REPORT, "new",
	         "none", "feedback/*", "new"},
	        {"no type", NX_KIND_FEEDBACK_REPORT, "", "none", "feedback/*",
	         ""},
	        {"an automatic reply", NX_KIND_AUTO_REPLY, "", "none",
	         "kind/auto-reply", "auto-reply"},
	        {"a kind that no row has", NX_KIND_OTHER, "", "none", "", ""},
	        {"what could not be read", NX_KIND_UNPARSED, "", "none", "",
	         ""},
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
		struct nx_verdict got =
		        nx_classify(ctx, *state, &report, 0, NULL);

		check_text(rows[i].name, "the class", nx_class_name(got.class),
		           rows[i].class);
		check_text(rows[i].name, "the rule", got.rule, rows[i].rule);
		check_text(rows[i].name, "what matched", got.matched,
		           rows[i].matched);
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
	assert_true(compile_sources(ctx, NULL, 0, &tables, &err));
	verdict = judge(ctx, tables, &recipient, NULL);
	assert_int_equal(verdict.class, NX_CLASS_NONE);
	assert_int_equal(verdict.basis, NX_BASIS_NONE);
	assert_string_equal(verdict.reason, "");
	assert_string_equal(verdict.advice, "none");
	talloc_free(ctx);
}

enum { STEPS = 6 };

static void the_trace_tells_every_table_that_was_asked(void **state)
{
	static const struct {
		const char *name, *diagnostic, *status, *mta, *rule;
		struct {
			enum nx_basis table;
			const char *asked, *rule, *note;
		} step[STEPS + 1];
	} rows[] = {
	        {"weak ones are asked again",
	         "554 5.9.0 no",
	         "5.0.0",
	         "",
	         "reply/554",
	         {
	                 {NX_BASIS_TEXT, "554 5.9.0 no", "",
	                  "silent, 2 of 8 rules asked"},
	                 {NX_BASIS_STATUS, "5.9.0", "", "silent"},
	                 {NX_BASIS_STATUS, "5.0.0", "status/5.0.0",
	                  "weak: asked again last"},
	                 {NX_BASIS_REPLY, "554", "reply/554",
	                  "weak: asked again last"},
	                 {NX_BASIS_REPLY, "554", "reply/554",
	                  "decides, asked again because all were silent"},
	                 {NX_BASIS_STATUS, "5.0.0", "status/5.0.0",
	                  "overruled, asked again because all were silent"},
	         }},
	        {"the others are told as overruled",
	         "550 5.1.1 Mailbox full",
	         "",
	         "",
	         "text/full",
	         {
	                 {NX_BASIS_TEXT, "550 5.1.1 Mailbox full", "text/full",
	                  "decides, 1 of 8 rules asked"},
	                 {NX_BASIS_STATUS, "5.1.1", "status/5.1.1",
	                  "overruled"},
	                 {NX_BASIS_REPLY, "550", "reply/550", "overruled"},
	         }},
	        {"so are rules behind the one that decides",
	         "550 Mailbox full, user unknown",
	         "",
	         "mx.p.example",
	         "p/limit",
	         {
	                 {NX_BASIS_PROVIDER, "550 Mailbox full, user unknown",
	                  "p/limit", "decides, 1 of 8 rules asked"},
	                 {NX_BASIS_TEXT, "550 Mailbox full, user unknown",
	                  "text/full", "overruled, stands behind it"},
	                 {NX_BASIS_TEXT, "550 Mailbox full, user unknown",
	                  "text/unknown", "overruled, stands behind it"},
	                 {NX_BASIS_REPLY, "550", "reply/550", "overruled"},
	         }},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = rows[i].name;
		void *ctx = talloc_new(NULL);
		struct nx_recipient recipient = failed(ctx, rows[i].diagnostic);
		struct nx_trace trace;
		size_t count = 0;

		recipient.remote_mta = rows[i].mta;
		set_status(rows[i].status, &recipient);
		check_text(name, "the rule",
		           judge(ctx, *state, &recipient, &trace).rule,
		           rows[i].rule);
		for (; rows[i].step[count].asked != NULL; count++) {
			const struct nx_step *step = &trace.step[count];

			if (count >= trace.count)
				fail_msg("%s: %zu steps", name, count);
			check_text(name, "the table",
			           nx_verdict_basis_name(step->table),
			           nx_verdict_basis_name(
			                   rows[i].step[count].table));
			check_text(name, "what was asked", step->asked,
			           rows[i].step[count].asked);
			check_text(name, "the rule of a step", step->rule,
			           rows[i].step[count].rule);
			check_text(name, "the note", step->note,
			           rows[i].step[count].note);
			if ((step->line > 0) != (*step->rule != '\0'))
				fail_msg("%s: line %d of \"%s\"", name,
				         step->line, step->rule);
		}
		if (count != trace.count)
			fail_msg("%s: %zu steps", name, trace.count);
		talloc_free(ctx);
	}
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

		check_text(diagnostics[i], "the rule", with.rule, without.rule);
		check_text(diagnostics[i], "what matched", with.matched,
		           without.matched);
		check_text(diagnostics[i], "the class",
		           nx_class_name(with.class),
		           nx_class_name(without.class));
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_verdict_follows_from_what_is_said),
	        cmocka_unit_test(quoted_words_end_with_a_whole_character),
	        cmocka_unit_test(only_the_first_two_kilobytes_are_read),
	        cmocka_unit_test(
	                a_report_without_recipients_is_judged_by_its_kind),
	        cmocka_unit_test(tables_that_are_empty_judge_nothing),
	        cmocka_unit_test(the_trace_tells_every_table_that_was_asked),
	        cmocka_unit_test(a_trace_changes_no_verdict),
	};

	return cmocka_run_group_tests(tests, compile_rules, free_rules);
}
