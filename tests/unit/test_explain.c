/* SPDX-License-Identifier: ISC */
#include "verdicts.h"

#include "classify/explain.h"

/* A verdict's way as JSON: what was read, and what was asked in which order. */

static char *explained(void *ctx, const struct nx_tables *tables,
                       const char *diagnostic)
{
	struct nx_recipient recipient = failed(ctx, diagnostic);
	struct nx_trace trace;

	(void)judge(ctx, tables, &recipient, &trace);
	struct nx_json_out *out = nx_json_out_new(ctx);
	nx_explain_write(out, &trace);
	nx_json_out_end(out);
	return out->text;
}

static void every_step_is_written_in_order(void **state)
{
	static const struct {
		const char *name, *diagnostic;
		const char *json; /* with apostrophes, to be read */
	} cases[] = {
	        {"words decide", "550 5.1.1 Mailbox full",
	         "{'facts':{'text':'550 5.1.1 Mailbox full','command':'',"
	         "'about':'','names':[]},'steps':[{'table':'text',"
	         "'asked':'550 5.1.1 Mailbox full','rule':'text/full',"
	         "'file':'text.yaml','line':19,'matched':'Mailbox full',"
	         "'note':'decides, 1 of 8 rules asked'},{'table':'status',"
	         "'asked':'5.1.1','rule':'status/5.1.1','file':'status.yaml',"
	         "'line':2,'matched':'5.1.1','note':'overruled'},"
	         "{'table':'reply','asked':'550','rule':'reply/550',"
	         "'file':'replies.yaml','line':8,'matched':'550',"
	         "'note':'overruled'}]}"},
	        {"nothing was said", "",
	         "{'steps':[{'table':'text','asked':'','rule':'','file':'',"
	         "'line':0,'matched':'','note':'silent, 2 of 8 rules asked'},"
	         "{'table':'action','asked':'failed','rule':'action/failed',"
	         "'file':'actions.yaml','line':3,'matched':'failed',"
	         "'note':'decides'}]}"},
	        {"an address is named", "550 anna@example.com refused",
	         "{'facts':{'text':'550 anna@example.com refused',"
	         "'command':'','about':'','names':[{'text':'anna@example.com',"
	         "'kind':'address','whose':'other'}]},"
	         "'steps':[{'table':'text',"
	         "'asked':'550 anna@example.com refused',"
	         "'rule':'text/refused','file':'text.yaml','line':7,"
	         "'matched':'refused','note':'decides, 1 of 8 rules asked'},"
	         "{'table':'reply','asked':'550','rule':'reply/550',"
	         "'file':'replies.yaml','line':8,'matched':'550',"
	         "'note':'overruled'}]}"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		void *ctx = talloc_new(NULL);
		char *got = explained(ctx, *state, cases[i].diagnostic);

		for (char *at = got; (at = strchr(at, '"'));)
			*at = '\'';

		if (strcmp(got, cases[i].json) != 0)
			fail_msg("%s: %s", cases[i].name, got);
		talloc_free(ctx);
	}
}

static void what_is_written_is_bounded(void **state)
{
	void *ctx = talloc_new(NULL);
	char *diagnostic = talloc_strdup(ctx, "550 refused");

	/* of many names the first fifty, and of a text half a kilobyte */
	for (int i = 0; i < 5000; i++)
		diagnostic = talloc_asprintf_append_buffer(
		        diagnostic, " \"u%d@example.com\"", i);
	const char *got = explained(ctx, *state, diagnostic);
	size_t names = 0;

	for (const char *at = got; (at = strstr(at, "\"whose\"")); at++)
		names++;
	assert_int_equal(names, 50);
	assert_in_range(strstr(got, "\"command\"") - got, 512, 700);
	assert_true(strlen(got) < 8 * 1024);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_step_is_written_in_order),
	        cmocka_unit_test(what_is_written_is_bounded),
	};

	return cmocka_run_group_tests(tests, compile_rules, free_rules);
}
