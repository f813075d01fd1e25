/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The profile azure-acs against the table that it reproduces, row by row as
 * printed there: 19 hard ones, then 37 soft ones. */
static const struct row {
	const char *code;
	enum nx_class class;
} azure[] = {
        {"521", NX_CLASS_HARD},     {"525", NX_CLASS_HARD},
        {"550", NX_CLASS_HARD},     {"553", NX_CLASS_HARD},
        {"5.1.1", NX_CLASS_HARD},   {"5.1.2", NX_CLASS_HARD},
        {"5.1.3", NX_CLASS_HARD},   {"5.1.4", NX_CLASS_HARD},
        {"5.1.6", NX_CLASS_HARD},   {"5.1.9", NX_CLASS_HARD},
        {"5.1.10", NX_CLASS_HARD},  {"5.2.1", NX_CLASS_HARD},
        {"5.2.1", NX_CLASS_HARD},   {"5.3.2", NX_CLASS_HARD},
        {"5.4.1", NX_CLASS_HARD},   {"5.4.4", NX_CLASS_HARD},
        {"5.4.6", NX_CLASS_HARD},   {"5.7.13", NX_CLASS_HARD},
        {"5.4.310", NX_CLASS_HARD}, {"5:51", NX_CLASS_SOFT},
        {"5:52", NX_CLASS_SOFT},    {"554", NX_CLASS_SOFT},
        {"5.2.2", NX_CLASS_SOFT},   {"5.2.3", NX_CLASS_SOFT},
        {"5.2.121", NX_CLASS_SOFT}, {"5.2.122", NX_CLASS_SOFT},
        {"5.3.1", NX_CLASS_SOFT},   {"5.3.3", NX_CLASS_SOFT},
        {"5.3.4", NX_CLASS_SOFT},   {"5.5.3", NX_CLASS_SOFT},
        {"5.6.1", NX_CLASS_SOFT},   {"5.6.2", NX_CLASS_SOFT},
        {"5.6.3", NX_CLASS_SOFT},   {"5.6.5", NX_CLASS_SOFT},
        {"5.6.6", NX_CLASS_SOFT},   {"5.6.11", NX_CLASS_SOFT},
        {"5.7.1", NX_CLASS_SOFT},   {"5.7.2", NX_CLASS_SOFT},
        {"5.7.12", NX_CLASS_SOFT},  {"5.7.15", NX_CLASS_SOFT},
        {"5.7.16", NX_CLASS_SOFT},  {"5.7.17", NX_CLASS_SOFT},
        {"5.7.18", NX_CLASS_SOFT},  {"5.7.19", NX_CLASS_SOFT},
        {"5.7.20", NX_CLASS_SOFT},  {"5.7.21", NX_CLASS_SOFT},
        {"5.7.22", NX_CLASS_SOFT},  {"5.7.23", NX_CLASS_SOFT},
        {"5.7.24", NX_CLASS_SOFT},  {"5.7.25", NX_CLASS_SOFT},
        {"5.7.26", NX_CLASS_SOFT},  {"5.7.27", NX_CLASS_SOFT},
        {"5.7.28", NX_CLASS_SOFT},  {"5.7.29", NX_CLASS_SOFT},
        {"5.7.30", NX_CLASS_SOFT},  {"5.7.51", NX_CLASS_SOFT},
};

struct world {
	const struct nx_tables *azure;
	const struct nx_tables *own;
};

static const struct nx_tables *load(void *ctx, const char *profile)
{
	const struct nx_rules_from from = {.shipped = RULES_DIR,
	                                   .site = "",
	                                   .profile = profile,
	                                   .policy = ""};
	struct nx_rules rules;
	struct nx_error err;

	if (!nx_rules_load(ctx, &from, &rules, &err))
		fail_msg("%s", err.text);
	return nx_engine_tables(rules.engine);
}

static int begin(void **state)
{
	struct world *world = talloc_zero(NULL, struct world);

	world->azure = load(world, "azure-acs");
	world->own = load(world, "");
	*state = world;
	return 0;
}

static int end(void **state)
{
	return talloc_free(*state);
}

static struct nx_verdict ask(const struct nx_tables *tables,
                             enum nx_action action, const char *diagnostic,
                             const char *status, struct nx_trace *trace)
{
	TALLOC_CTX *ctx = (TALLOC_CTX *)tables;
	struct nx_recipient recipient = {
	        .action = action,
	        .address = "someone@example.com",
	        .diagnostic = diagnostic,
	        .remote_mta = "mx.example.com",
	};
	struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "",
	        .recipient = &recipient,
	        .recipients = 1,
	};

	nx_reply_parse(ctx, diagnostic, &recipient.reply);
	nx_status_parse(status, &recipient.status);
	return nx_classify(ctx, tables, &report, 0, trace);
}

static struct nx_verdict azure_of(const struct world *world,
                                  const char *diagnostic, const char *status)
{
	return ask(world->azure, NX_ACTION_FAILED, diagnostic, status, NULL);
}

/* "5:51" is a misprint of 551 there. */
static const char *plain(void *ctx, const char *code)
{
	char *text = talloc_strdup(ctx, code);
	char *colon = strchr(text, ':');

	if (colon != NULL)
		memmove(colon, colon + 1, strlen(colon));
	return text;
}

static void check(const struct row *row, struct nx_verdict verdict,
                  const char *said)
{
	if (verdict.class != row->class)
		fail_msg("%s, \"%s\": %s by %s", row->code, said,
		         nx_class_name(verdict.class), verdict.rule);
	if (row->class == NX_CLASS_HARD)
		assert_int_equal(verdict.fault, NX_FAULT_RECIPIENT);
	assert_int_equal(strncmp(verdict.rule, "profile/azure-acs/", 18), 0);
}

/* Together with a reply and words that say the opposite. */
static void check_row(struct world *world, const struct row *row)
{
	void *ctx = talloc_new(world);
	const char *code = plain(ctx, row->code);
	bool hard = row->class == NX_CLASS_HARD;
	const char *words =
	        hard ? "Mailbox full; greylisted" : "No such user here";
	const char *said =
	        strchr(code, '.') != NULL
	                ? talloc_asprintf(ctx, "%s %s %s", hard ? "554" : "550",
	                                  code, words)
	                : talloc_asprintf(ctx, "%s %s", code, words);

	check(row, azure_of(world, said, ""), said);
	if (strchr(code, '.') != NULL)
		check(row, azure_of(world, "", code), code);
	talloc_free(ctx);
}

static void all_56_rows_of_azure_are_as_they_are_printed(void **state)
{
	assert_int_equal(COUNT(azure), 56);
	for (size_t i = 0; i < COUNT(azure); i++)
		check_row(*state, &azure[i]);
}

static void the_enhanced_code_outranks_the_reply(void **state)
{
	assert_int_equal(azure_of(*state, "550 5.7.1 x", "").class,
	                 NX_CLASS_SOFT);
	assert_int_equal(azure_of(*state, "554 5.1.1 x", "").class,
	                 NX_CLASS_HARD);
	assert_string_equal(azure_of(*state, "550 x", "5.0.0").rule,
	                    "profile/azure-acs/550");
	assert_string_equal(azure_of(*state, "550 5.0.0 x", "5.2.2").rule,
	                    "profile/azure-acs/5.2.2");
}

static void what_the_profile_does_not_name_is_judged_as_ever(void **state)
{
	static const char *const said[] = {
	        "450 4.2.2 Mailbox full", "421 Too many connections",
	        "522 5.2.4 List expansion", "User unknown", "598 x"};
	const struct world *world = *state;

	for (size_t i = 0; i < COUNT(said); i++) {
		struct nx_verdict with = azure_of(world, said[i], "");
		struct nx_verdict without =
		        ask(world->own, NX_ACTION_FAILED, said[i], "", NULL);

		assert_string_equal(with.rule, without.rule);
		assert_int_equal(with.class, without.class);
	}
}

static void a_delay_is_no_bounce_whatever_the_profile(void **state)
{
	const struct world *world = *state;

	assert_int_equal(
	        ask(world->azure, NX_ACTION_DELAYED, "550 5.1.1 x", "", NULL)
	                .class,
	        NX_CLASS_NONE);
}

static void a_trace_shows_the_profile_and_what_it_overrules(void **state)
{
	const struct world *world = *state;
	struct nx_trace trace;
	struct nx_verdict verdict =
	        ask(world->azure, NX_ACTION_FAILED,
	            "550 5.7.1 No such user here", "", &trace);

	assert_int_equal(verdict.class, NX_CLASS_SOFT);
	assert_true(trace.count >= 3);
	assert_string_equal(trace.step[0].rule, "profile/azure-acs/5.7.1");
	assert_string_equal(trace.step[0].note, "decides, by the profile");
	assert_int_equal(trace.step[1].table, NX_BASIS_TEXT);
	assert_int_equal(strncmp(trace.step[1].note, "overruled", 9), 0);
}

static void a_profile_that_is_not_there_is_refused(void **state)
{
	static const struct {
		const char *name, *error;
	} cases[] = {
	        {"azure-acx", "/profiles/azure-acx.yaml: No such file"},
	        {"../reasons", "profile \"../reasons\": may only be made of"},
	        {"Azure", "profile \"Azure\": may only be made of"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_rules_from from = {.shipped = RULES_DIR,
		                                   .site = "",
		                                   .profile = cases[i].name,
		                                   .policy = ""};
		struct nx_rules rules;
		struct nx_error err;

		assert_false(nx_rules_load(*state, &from, &rules, &err));
		assert_int_equal(err.kind, NX_ERROR_CONFIG);
		if (strstr(err.text, cases[i].error) == NULL)
			fail_msg("%s", err.text);
	}
}

static void profiles_are_listed(void **state)
{
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	const char *const *names;
	struct nx_error err;
	size_t count;

	assert_true(nx_rules_profiles(*state, &from, &names, &count, &err));
	assert_true(count >= 1);
	assert_string_equal(names[0], "azure-acs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_56_rows_of_azure_are_as_they_are_printed),
	        cmocka_unit_test(the_enhanced_code_outranks_the_reply),
	        cmocka_unit_test(
	                what_the_profile_does_not_name_is_judged_as_ever),
	        cmocka_unit_test(a_delay_is_no_bounce_whatever_the_profile),
	        cmocka_unit_test(
	                a_trace_shows_the_profile_and_what_it_overrules),
	        cmocka_unit_test(a_profile_that_is_not_there_is_refused),
	        cmocka_unit_test(profiles_are_listed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
