/* SPDX-License-Identifier: ISC */
#include "report/readers/recipient_fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define MESSAGE   "Reporting-MTA: dns; mx.example.org\nArrival-Date: today\n"
#define FINAL(a)  "Final-Recipient: rfc822; " a "@example.com\n"
#define ORIG(a)   "Original-Recipient: rfc822; " a "@example.com\n"
#define FAILED    "Action: failed\n"
#define STATUS(s) "Status: " s "\n"

enum { LIMIT = 10 };

static int start(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int end(void **state)
{
	talloc_free(*state);
	return 0;
}

/* "F=anna O=anna A=failed S=5.1.1 | F=bert": one word a field, by the first
 * letter of its name. */
static char *shown(TALLOC_CTX *ctx, const struct nx_recipient_fields *part)
{
	char *out = talloc_strdup(ctx, "");

	for (size_t i = 0; i < part->count; i++) {
		const struct nx_fields *group = &part->group[i];

		if (i > 0)
			out = talloc_strdup_append_buffer(out, "| ");
		for (size_t j = 0; j < group->count; j++) {
			const char *value = group->item[j].value;
			const char *word = strstr(value, "; ");
			int size = (int)strcspn(word ? word + 2 : value, "@");

			out = talloc_asprintf_append_buffer(
			        out, "%c=%.*s ", *group->item[j].name, size,
			        word ? word + 2 : value);
		}
	}
	if (*out != '\0')
		out[strlen(out) - 1] = '\0';
	return out;
}

static void names_of_fields_tell_where_a_recipient_begins(void **state)
{
	static const struct {
		const char *name, *text, *groups;
	} cases[] = {
	        {"as RFC 3464 has it",
	         MESSAGE "\n" FINAL("anna") FAILED STATUS("5.1.1") "\n" FINAL(
	                 "bert") FAILED STATUS("4.2.2"),
	         "F=anna A=failed S=5.1.1 | F=bert A=failed S=4.2.2"},
	        {"original before final, and after it",
	         MESSAGE "\n" ORIG("ann") FINAL("anna") FAILED
	         "\n" FINAL("bert") ORIG("bertie") FAILED,
	         "O=ann F=anna A=failed | F=bert O=bertie A=failed"},
	        {"no group of the message",
	         FINAL("anna") STATUS("5.1.1") "\n" FINAL("bert")
	                 STATUS("5.1.1"),
	         "F=anna S=5.1.1 | F=bert S=5.1.1"},
	        {"a blank line in front",
	         "\n\n" MESSAGE "\n" FINAL("anna") STATUS("5.1.1"),
	         "F=anna S=5.1.1"},
	        {"no blank line between, so that she has the rest of the block",
	         MESSAGE FINAL("anna") STATUS("5.1.1") FINAL("bert")
	                 STATUS("4.2.2"),
	         "R=mx.example.org A=today F=anna S=5.1.1 | F=bert S=4.2.2"},
	        {"a blank line within a recipient",
	         MESSAGE "\n" FINAL("anna") "\n" FAILED STATUS("5.1.1"),
	         "F=anna A=failed S=5.1.1"},
	        {"one between every two fields",
	         MESSAGE "\n" FINAL("anna") "\n" FAILED "\n" STATUS(
	                 "5.1.1") "\n" FINAL("bert") "\n" FAILED,
	         "F=anna A=failed S=5.1.1 | F=bert A=failed"},
	        {"one between the two names of a recipient",
	         MESSAGE "\n" ORIG("ann") "\n" FINAL("anna") FAILED,
	         "O=ann F=anna A=failed"},
	        {"one before what the reporter adds",
	         FINAL("anna") FAILED "\nX-Supplementary: x\n",
	         "F=anna A=failed X=x"},
	        {"a blank line that has blanks in it",
	         FINAL("anna") FAILED " \t\n" FINAL("bert") FAILED,
	         "F=anna A=failed | F=bert A=failed"},
	        {"two names of one kind are two recipients",
	         FINAL("anna") FINAL("bert") FAILED,
	         "F=anna | F=bert A=failed"},
	        {"also of the other kind",
	         ORIG("anna") FAILED ORIG("bert") FAILED,
	         "O=anna A=failed | O=bert A=failed"},
	        {"a fact that is told twice is of the same one",
	         FINAL("anna") STATUS("5.0.0") STATUS("5.1.1"),
	         "F=anna S=5.0.0 S=5.1.1"},
	        {"facts without a name are somebody's",
	         MESSAGE "\n" FAILED STATUS("5.1.1"), "A=failed S=5.1.1"},
	        {"and belong to the name that follows",
	         MESSAGE "\n" FAILED STATUS("5.1.1") FINAL("anna"),
	         "A=failed S=5.1.1 F=anna"},
	        {"also behind a blank line",
	         MESSAGE "\n" STATUS("5.1.1") "\n" FINAL("anna"),
	         "S=5.1.1 F=anna"},
	        {"names in other letters", "FINAL-RECIPIENT : rfc822; anna@x\n",
	         "F=anna"},
	        {"a field that is folded",
	         "Final-Recipient: rfc822;\n  anna@example.com\n" FAILED,
	         "F=anna A=failed"},
	        {"only of the message", MESSAGE, ""},
	        {"no field", "Sorry.\n", ""},
	        {"no end of the line", "Status: 5.1.1", "S=5.1.1"},
	        {"only blank lines", "\n \n\t\n", ""},
	        {"nothing", "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_recipient_fields part =
		        nx_recipient_fields_parse(*state, cases[i].text, LIMIT);
		const char *got = shown(*state, &part);

		if (strcmp(got, cases[i].groups) != 0 || part.truncated)
			fail_msg("%s: %s%s", cases[i].name, got,
			         part.truncated ? " (truncated)" : "");
	}
}

static void every_field_is_kept_in_order(void **state)
{
	static const char *const names[] = {"Reporting-MTA",   "Arrival-Date",
	                                    "Final-Recipient", "Action",
	                                    "X-More",          "Status"};
	struct nx_recipient_fields part =
	        nx_recipient_fields_parse(*state,
	                                  MESSAGE "\n" FINAL("anna") FAILED
	                                  "X-More: x\n\n" STATUS("5.1.1"),
	                                  LIMIT);

	assert_int_equal(part.all.count, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(part.all.item[i].name, names[i]);
	assert_int_equal(part.count, 1);
	assert_ptr_equal(part.group[0].item, &part.all.item[2]);
}

static char *many(TALLOC_CTX *ctx, size_t count, const char *between)
{
	char *text = talloc_asprintf(ctx, MESSAGE "\n");

	for (size_t i = 0; i < count; i++)
		text = talloc_asprintf_append_buffer(
		        text,
		        "Final-Recipient: rfc822; u%zu@example.com\n"
		        "%sAction: failed\n%s",
		        i, between, between);
	return text;
}

static void what_is_above_the_limit_is_told_as_truncated(void **state)
{
	static const struct {
		const char *name;
		size_t recipients, limit;
		const char *between;
		size_t count;
		bool truncated;
	} cases[] = {
	        {"none of none", 0, 0, "\n", 0, false},
	        {"none of one", 1, 0, "\n", 0, true},
	        {"one of one", 1, 1, "\n", 1, false},
	        {"one of two", 2, 1, "\n", 1, true},
	        {"one of two without a blank line", 2, 1, "", 1, true},
	        {"a thousand", 1000, 1000, "", 1000, false},
	        {"a thousand and one", 1001, 1000, "", 1000, true},
	        {"a thousand with blank lines within", 1000, 1000, "\n", 1000,
	         false},
	        {"more with blank lines within", 1001, 1000, "\n", 1000, true},
	        {"more blocks than are read", 5000, 5000, "\n", 2000, true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_recipient_fields part = nx_recipient_fields_parse(
		        *state,
		        many(*state, cases[i].recipients, cases[i].between),
		        cases[i].limit);

		if (part.count != cases[i].count ||
		    part.truncated != cases[i].truncated)
			fail_msg("%s: %zu%s", cases[i].name, part.count,
			         part.truncated ? ", truncated" : "");
	}
}

static void each_of_a_thousand_has_its_own_fields(void **state)
{
	struct nx_recipient_fields part = nx_recipient_fields_parse(
	        *state, many(*state, 1000, "\n"), 1000);

	for (size_t i = 0; i < 1000; i++) {
		const struct nx_fields *group = &part.group[i];

		assert_int_equal(group->count, 2);
		assert_string_equal(
		        nx_recipient_fields_typed(*state, group,
		                                  "Final-Recipient"),
		        talloc_asprintf(*state, "u%zu@example.com", i));
		assert_string_equal(nx_fields_value(group, "Action"), "failed");
	}
}

static void the_first_value_that_is_not_empty_counts(void **state)
{
	static const struct {
		const char *name, *text, *value, *typed;
	} cases[] = {
	        {"one", "Remote-MTA: dns; mx.example.com\n",
	         "dns; mx.example.com", "mx.example.com"},
	        {"in other letters", "REMOTE-mta:dns;mx.example.com\n",
	         "dns;mx.example.com", "mx.example.com"},
	        {"the first of two",
	         "Remote-MTA: dns; a.example\nRemote-MTA: dns; b.example\n",
	         "dns; a.example", "a.example"},
	        {"the second where the first is empty",
	         "Remote-MTA:\nRemote-MTA: dns; b.example\n", "dns; b.example",
	         "b.example"},
	        {"without a type", "Remote-MTA: mx.example.com\n",
	         "mx.example.com", "mx.example.com"},
	        {"only a type", "Remote-MTA: dns;\n", "dns;", ""},
	        {"empty", "Remote-MTA: \n", "", ""},
	        {"another name that begins so", "Remote-MTA-Name: x\n", "", ""},
	        {"none", "", "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_fields fields =
		        nx_fields_parse(*state, cases[i].text, NULL);
		const char *value = nx_fields_value(&fields, "Remote-MTA");
		const char *typed = nx_recipient_fields_typed(*state, &fields,
		                                              "Remote-MTA");

		if (strcmp(value, cases[i].value) != 0 ||
		    strcmp(typed, cases[i].typed) != 0)
			fail_msg("%s: \"%s\", \"%s\"", cases[i].name, value,
			         typed);
	}
}

static void an_address_or_a_status_makes_a_recipient(void **state)
{
	static const struct {
		const char *text;
		bool is_recipient;
	} cases[] = {
	        {FINAL("anna"), true},
	        {ORIG("anna") FAILED, true},
	        {STATUS("5.1.1"), true},
	        {"STATUS: 5.1.1\n", true},
	        {"Final-Recipient:\n", true},
	        {FAILED, false},
	        {"Diagnostic-Code: smtp; 550 no\n", false},
	        {MESSAGE, false},
	        {"", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_fields fields =
		        nx_fields_parse(*state, cases[i].text, NULL);

		if (nx_recipient_fields_name_one(&fields) !=
		    cases[i].is_recipient)
			fail_msg("%s", cases[i].text);
	}
}

static void any_text_is_read_up_to_the_limit(void **state)
{
	for (size_t i = 0; i < HOSTILE; i++) {
		TALLOC_CTX *ctx = talloc_new(*state);
		struct nx_recipient_fields part = nx_recipient_fields_parse(
		        ctx, hostile_text(ctx, i), LIMIT);

		if (part.count > LIMIT)
			fail_msg("\"%s\": %zu", hostile_pieces[i], part.count);
		/* groups follow each other, and hold what they begin with */
		const struct nx_field *at = part.all.item;

		for (size_t j = 0; j < part.count; j++) {
			const struct nx_fields *group = &part.group[j];

			assert_true(group->item >= at && group->count > 0);
			at = group->item + group->count;
		}
		assert_true(at <= part.all.item + part.all.count);
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_of_fields_tell_where_a_recipient_begins),
	        cmocka_unit_test(every_field_is_kept_in_order),
	        cmocka_unit_test(what_is_above_the_limit_is_told_as_truncated),
	        cmocka_unit_test(each_of_a_thousand_has_its_own_fields),
	        cmocka_unit_test(the_first_value_that_is_not_empty_counts),
	        cmocka_unit_test(an_address_or_a_status_makes_a_recipient),
	        cmocka_unit_test(any_text_is_read_up_to_the_limit),
	};

	return cmocka_run_group_tests(tests, start, end);
}
