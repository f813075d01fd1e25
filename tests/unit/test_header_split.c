/* SPDX-License-Identifier: ISC */
#include "context.h"

#include "mail/header_split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FIRST "MIME-Version: 1.0\n"

static void the_parser_sees_the_fields_of_mime_alone(void **state)
{
	static const struct {
		const char *mail, *fields, *bytes;
	} cases[] = {
	        {"From: a\nContent-Type: text/plain;\n charset=x\n"
	         "X: b\n c\n\nbody\n",
	         "From: a\nContent-Type: text/plain;\n charset=x\nX: b\n c\n",
	         FIRST "Content-Type: text/plain;\n charset=x\n\nbody\n"},
	        {"mime-version: 1.0\r\ncontent-id: <b>\r\n\r\nbody\r\n",
	         "mime-version: 1.0\r\ncontent-id: <b>\r\n",
	         FIRST "content-id: <b>\r\n\r\nbody\r\n"},
	        {"A : b\nContent-Type : x\n\n", "A : b\nContent-Type : x\n",
	         FIRST "Content-Type : x\n\n"},
	        {"A: b", "A: b", FIRST},
	        /* a line of blanks does not end a head */
	        {"A: b\n \t\nContent-Type: x\n\n", "A: b\nContent-Type: x\n",
	         FIRST "Content-Type: x\n\n"},
	        /* what is not a field stays where it was */
	        {"A: b\nodd line\nC: d\n\n", "A: b\nodd line\nC: d\n",
	         FIRST "odd line\n\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *mail = cases[i].mail;
		struct nx_header_split head =
		        nx_header_split(ctx, mail, strlen(mail));
		assert_string_equal(head.fields, cases[i].fields);
		assert_int_equal(head.size, strlen(cases[i].bytes));
		assert_memory_equal(head.bytes, cases[i].bytes, head.size);
	}
}

static void what_starts_with_no_field_stays_as_it_is(void **state)
{
	static const char *const mails[] = {"", "hello\nworld: x\n",
	                                    " folded\nA: b\n\n", "\n\nbody",
	                                    "A\xC3\xA9: b\n\n"};
	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(*mails); i++) {
		size_t size = strlen(mails[i]);
		struct nx_header_split head =
		        nx_header_split(ctx, mails[i], size);
		assert_ptr_equal(head.bytes, mails[i]);
		assert_int_equal(head.size, size);
	}
}

static void a_head_ends_at_an_empty_line(void **state)
{
	static const struct {
		const char *mail;
		size_t size;
	} cases[] = {
	        {"", 0},
	        {"A: b", 4},
	        {"A: b\n", 5},
	        {"A: b\n\nC: d\n", 5},
	        {"A: b\r\n\r\nC: d\r\n", 6},
	        {"\nA: b\n\n", 6},
	        {"A: b\n \nC: d\n\n", 12},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(nx_header_split_size(cases[i].mail,
		                                      strlen(cases[i].mail)),
		                 cases[i].size);
}

static void a_boundary_is_found_where_it_stands(void **state)
{
	static const struct {
		const char *body, *declared;
	} cases[] = {
	        {"--b\nContent-Type: text/plain\n\nx\n--b--\n", "\"b\""},
	        {"This is MIME.\r\n\r\n--b c \r\ncontent-type: x/y\r\n",
	         "\"b c\""},
	        {"-- \nContent: mine\n--x\nwords\n", NULL},
	        {"--b\"\nContent-Type: x/y\n", NULL},
	        {"--b\n\nContent-Type: x/y\n", NULL},
	        {"LS1iCkNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbgoKd29yZHMKLS1iLS0K\n",
	         "\"b\""},
	        {"--", NULL},
	        {"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t size = strlen(cases[i].body);
		struct nx_prescan out;
		nx_header_split_mend(ctx,
		                     talloc_memdup(ctx, cases[i].body, size),
		                     size, &out);
		assert_int_equal(out.size > 0, cases[i].declared != NULL);
		if (out.size > 0)
			assert_non_null(strstr(out.bytes, cases[i].declared));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_boundary_is_found_where_it_stands),
	        cmocka_unit_test(the_parser_sees_the_fields_of_mime_alone),
	        cmocka_unit_test(what_starts_with_no_field_stays_as_it_is),
	        cmocka_unit_test(a_head_ends_at_an_empty_line),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
