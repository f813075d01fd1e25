/* SPDX-License-Identifier: ISC */
#include "mail.h"

#include "report/conditions/view.h"
#include "report/notice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct loaded {
	struct nx_header_names names;
	const struct nx_condition_group *when;
};

static bool load(TALLOC_CTX *ctx, const char *text, bool by_patterns,
                 struct loaded *out, struct nx_error *err)
{
	const struct nx_yaml *root;
	const struct nx_condition_loader loader = {ctx, &out->names,
	                                           by_patterns, err};

	*out = (struct loaded){.when = NULL};
	nx_header_names_begin(&out->names);
	if (!nx_yaml_parse(ctx, "t.yaml", text, strlen(text), &root, err))
		fail_msg("%s", err->text);
	return nx_conditions_load(&loader, root, "when", &out->when);
}

static void mistakes_are_named_by_place(void **state)
{
	enum { PATTERNS = 1, PHRASES = 2, BOTH = 3 };
	static const struct {
		int of;
		const char *text, *error;
	} cases[] = {
	        {BOTH, "when: []\n",
	         "t.yaml:1:7: when: expected a list of "
	         "groups"},
	        {BOTH, "when: [a]\n", "t.yaml:1:8: must be a map"},
	        {BOTH, "when: [{}]\n",
	         "t.yaml:1:8: a group needs a "
	         "condition"},
	        {BOTH, "when: [{count: 1}]\n",
	         "t.yaml:1:8: a group needs a condition"},
	        {BOTH, "when: [{from: a, count: 2}]\n",
	         "t.yaml:1:25: count: must be a whole number from 1 to 1"},
	        {BOTH, "when: [{header: a}]\n",
	         "t.yaml:1:17: expected a map of header names"},
	        {PATTERNS, "when: [{sender: 'null'}]\n",
	         "t.yaml:1:9: unknown key \"sender\" (known: body, count, "
	         "first, from, header, subject, type)"},
	        {PATTERNS, "when: [{from: [a]}]\n",
	         "t.yaml:1:15: expected a pattern"},
	        {PATTERNS, "when: [{header: {X-A: '('}}]\n", "t.yaml:1:23: "},
	        {PHRASES, "when: [{first: a}]\n",
	         "t.yaml:1:9: unknown key \"first\" (known: body, count, from, "
	         "header, report-type, sender, subject, subject-begins, to, "
	         "type)"},
	        {PHRASES, "when: [{sender: me}]\n",
	         "t.yaml:1:17: sender can only be null"},
	        {PHRASES, "when: [{header: {X-A: ''}}]\n",
	         "t.yaml:1:23: expected a phrase"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (int of = PATTERNS; of <= PHRASES; of++) {
			struct loaded loaded;
			struct nx_error err;

			if (!(cases[i].of & of))
				continue;
			if (load(*state, cases[i].text, of == PATTERNS, &loaded,
			         &err))
				fail_msg("no mistake: %s", cases[i].text);
			if (strncmp(err.text, cases[i].error,
			            strlen(cases[i].error)) != 0)
				fail_msg("%s, not %s", err.text,
				         cases[i].error);
		}
}

static void rules_may_name_so_many_headers_and_no_more(void **state)
{
	char *text = talloc_strdup(*state, "when:\n  - header:\n");
	struct loaded loaded;
	struct nx_error err;

	/* Subject is known already */
	for (int i = 1; i < NX_HEADER_NAMES; i++)
		text = talloc_asprintf_append(text, "      X-%d: a\n", i);
	assert_true(load(*state, text, false, &loaded, &err));
	assert_int_equal(loaded.names.count, NX_HEADER_NAMES);
	for (size_t i = 0; i < NX_HEADER_NAMES; i++)
		assert_int_equal(
		        nx_header_number(&loaded.names, loaded.names.item[i]),
		        i);
	assert_int_equal(nx_header_number(&loaded.names, "x-Y"),
	                 NX_HEADER_NAMES);
	text = talloc_asprintf_append(text, "      X-Y: a\n");
	assert_false(load(*state, text, true, &loaded, &err));
	assert_string_equal(err.text,
	                    "t.yaml:130:12: more than 128 names of headers");
}

static void a_group_holds_when_enough_of_it_does(void **state)
{
	static const char mail[] = "From: Anna <anna@a.example>\n"
	                           "X-Loop: one\nX-Loop: Two\n"
	                           "Subject: Re: [Away]\n\n\n"
	                           "Not here.\nBack on Monday.\n";
	static const struct {
		const char *text;
		bool by_patterns, holds;
	} cases[] = {
	        {"when: [{from: anna@, subject: Away}]\n", true, true},
	        {"when: [{from: anna@, subject: Here}]\n", true, false},
	        {"when: [{from: x, subject: Away, count: 1}]\n", true, true},
	        {"when: [{from: x}, {from: anna@}]\n", true, true},
	        {"when: [{header: {X-Loop: ^two$}}]\n", true, true},
	        {"when: [{header: {X-Other: .*}}]\n", true, false},
	        {"when: [{first: ^not here}]\n", true, true},
	        {"when: [{first: Monday}]\n", true, false},
	        {"when: [{body: ^Back}]\n", true, true},
	        {"when: [{type: ^text/plain$}]\n", true, true},
	        {"when: [{from: anna@, subject: away}]\n", false, true},
	        {"when: [{from: anna@, subject: here}]\n", false, false},
	        {"when: [{header: {X-Loop: one}}]\n", false, true},
	        {"when: [{header: {X-Loop: two}}]\n", false, false},
	        {"when: [{header: {X-Other: '*'}}]\n", false, false},
	        {"when: [{header: {X-Loop: '*'}}]\n", false, true},
	        {"when: [{subject-begins: away}]\n", false, true},
	        {"when: [{body: not here. back}]\n", false, true},
	        {"when: [{type: text/plain}]\n", false, true},
	        {"when: [{report-type: '*'}]\n", false, false},
	        {"when: [{sender: 'null'}]\n", false, true},
	        {"when: [{sender: 'null', to: '*', count: 2}]\n", false, false},
	};
	const struct nx_envelope envelope = {.sender = "",
	                                     .sender_known = true,
	                                     .recipient = "",
	                                     .original_recipient = "",
	                                     .queue_id = ""};
	const struct nx_message *message =
	        parse_message(*state, mail, strlen(mail), &envelope);
	struct nx_notice *notice =
	        nx_notice_new(*state, NULL, message->part[0].text);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loaded loaded;
		struct nx_error err;

		if (!load(*state, cases[i].text, cases[i].by_patterns, &loaded,
		          &err))
			fail_msg("%s", err.text);
		struct nx_view *view = nx_view_new(*state, message, notice,
		                                   &loaded.names, NULL);

		/* with a filter the text comes as it is, too */
		if (cases[i].by_patterns)
			view->text = message->part[0].text;
		if (nx_view_holds(view, loaded.when) != cases[i].holds)
			fail_msg("%s by %s", cases[i].text,
			         cases[i].by_patterns ? "patterns" : "phrases");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(mistakes_are_named_by_place),
	        cmocka_unit_test(rules_may_name_so_many_headers_and_no_more),
	        cmocka_unit_test(a_group_holds_when_enough_of_it_does),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
