/* SPDX-License-Identifier: ISC */
#include "context.h"

#include "mail/prescan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A copy of exactly that size, so that a sanitizer sees a read beyond it. */
static struct nx_prescan prescan(const char *text, size_t size)
{
	struct nx_prescan out;
	char *exact = talloc_size(ctx, size);
	memcpy(exact, text, size);
	nx_prescan_message(ctx, exact, size, &out);
	return out;
}

static size_t count(struct nx_prescan out, const char *word)
{
	size_t n = 0;
	size_t size = strlen(word);
	for (size_t i = 0; i + size <= out.size; i++)
		n += memcmp(out.bytes + i, word, size) == 0;
	return n;
}

static char *repeat(const char *before, const char *word, size_t times,
                    const char *after)
{
	char *text = talloc_size(ctx, strlen(before) + strlen(after) +
	                                      strlen(word) * times + 1);
	char *at = stpcpy(text, before);
	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, word);
	stpcpy(at, after);
	return text;
}

static void an_ordinary_message_is_not_copied(void **state)
{
	static const char text[] = "From: a@example.com\nTo: b@example.com\n"
	                           "Subject: hi\n folded\n\nbody\n-- \nme\n";
	struct nx_prescan out;
	(void)state;
	nx_prescan_message(ctx, text, sizeof(text) - 1, &out);
	assert_ptr_equal(out.bytes, text);
	assert_int_equal(out.size, sizeof(text) - 1);
	assert_false(out.capped);
	nx_prescan_message(ctx, NULL, 0, &out);
	assert_int_equal(out.size, 0);
}

static void the_front_is_skipped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"From a@example.com Thu\nSubject: x\n\n", "Subject: x\n\n"},
	        {"From a\r\nSubject: x\r\n", "Subject: x\r\n"},
	        {">From a Thu\n>From b Thu\nA: x\n", "A: x\n"},
	        {"\n\r\n\nA: x\n", "A: x\n"},
	        {"\xef\xbb\xbf"
	         "A: x\n",
	         "A: x\n"},
	        {" \n\t \r\n\r\r\nA: x\n", "A: x\n"},
	        {"\n\xef\xbb\xbf"
	         " \nFrom a Thu\n \nA: x\n",
	         "A: x\n"},
	        {" \tFrom: a\nTo: b\n", "From: a\nTo: b\n"},
	        {"220 ready\nFrom: a\nTo: b\n", "From: a\nTo: b\n"},
	        {"220 ready\nFrom: a\n", "220 ready\nFrom: a\n"},
	        {"we said\nFrom: a\nhello\n", "we said\nFrom: a\nhello\n"},
	        {" indented\nwords\n", " indented\nwords\n"},
	        {"From: a\n", "From: a\n"},
	        {"From ", ""},
	        {"\n", ""},
	        {"", ""},
	        {"A: x\n\nFrom me\n", "A: x\n\nFrom me\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_prescan out =
		        prescan(cases[i].in, strlen(cases[i].in));
		assert_int_equal(out.size, strlen(cases[i].out));
		assert_memory_equal(out.bytes, cases[i].out, out.size);
		assert_false(out.capped);
	}
}

static void line_ends_become_lines(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"A: x\r\rbody\r", "A: x\n\nbody\n"},
	        {"A: x\r\n\r\nbody\r\n", "A: x\r\n\r\nbody\r\n"},
	        {"A: x\n\nbo\rdy\n", "A: x\n\nbo\rdy\n"},
	        {"A: x\nB: y\rC: z\rD: z\r\rb\r", "A: x\nB: y\nC: z\nD: z\n\n"
	                                          "b\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_prescan out =
		        prescan(cases[i].in, strlen(cases[i].in));
		assert_int_equal(out.size, strlen(cases[i].out));
		assert_memory_equal(out.bytes, cases[i].out, out.size);
	}
}

static void nuls_do_not_join_what_they_part(void **state)
{
	static const char in[] = "A: \0x\0\n\0\0\nvic\0\0tim@x\n\0\r\n\0";
	static const char out[] = "A: \x1ax\x1a\n\nvic\x1atim@x\n\r\n";
	(void)state;
	struct nx_prescan scanned = prescan(in, sizeof in - 1);
	assert_int_equal(scanned.size, sizeof out - 1);
	assert_memory_equal(scanned.bytes, out, scanned.size);
}

static void utf16_becomes_utf8(void **state)
{
	static const struct {
		const char *in;
		size_t size;
		const char *out;
	} cases[] = {
	        {"\xff\xfe"
	         "A\0:\0x\0\xe9\0\n\0",
	         12, "A:x\xc3\xa9\n"},
	        {"A\0:\0x\0\xe9\0\n\0", 10, "A:x\xc3\xa9\n"},
	        {"\0A\0:\0x\0\n", 8, "A:x\n"},
	        {"A: x\n\nb\0o\0\xe9\0\n\0\n--b\n", 20,
	         "A: x\n\nbo\xc3\xa9\n\n--b\n"},
	        {"A: x\n\nb\0o\0\n\0--b\n", 17, "A: x\n\nbo\n--b\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_prescan out = prescan(cases[i].in, cases[i].size);
		assert_int_equal(out.size, strlen(cases[i].out));
		assert_memory_equal(out.bytes, cases[i].out, out.size);
	}
}

static void a_message_has_an_end(void **state)
{
	(void)state;
	char *text = repeat("A: x\n\n", "body line\n", 200000, "");
	struct nx_prescan out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_true(out.size <= NX_PRESCAN_BYTES);
}

static void a_header_has_an_end(void **state)
{
	(void)state;
	char *text = repeat("A: x\nTo: ", "a:", 50000, "\nB: y\n\nbody\n");
	struct nx_prescan out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_true(count(out, ":") <= 1010);
	assert_int_equal(count(out, "\nB: y\n\nbody\n"), 1);

	text = repeat("A: x\nX: ", "word\n ", 50000, "z\nB: y\n\nbody\n");
	out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_true(out.size < NX_PRESCAN_HEADER + 100);
	assert_int_equal(count(out, "\nB: y\n\nbody\n"), 1);

	/* the name alone on its line, the rest folded */
	text = repeat("A: x\nTo\n", " a:a:a:a:\n", 20000, "B: y\n\n");
	out = prescan(text, strlen(text));
	assert_true(out.size < NX_PRESCAN_HEADER + 100);
}

static void headers_of_parts_have_ends_too(void **state)
{
	(void)state;
	char *text = repeat("A: x\n\n--b\nContent-Type: message/rfc822\n\n"
	                    "Resent-Cc: ",
	                    "a:", 50000, "\nB: y\n\nbody\n");
	struct nx_prescan out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_true(count(out, "a:") <= 1000);
	assert_int_equal(count(out, "\nB: y\n\nbody\n"), 1);
	text = repeat("A: x\n\nX: y\nCc: ", "a,", 50000, "\nbody\n");
	out = prescan(text, strlen(text));
	assert_true(count(out, ",") <= 1000);
}

static void there_are_not_too_many_headers(void **state)
{
	(void)state;
	char *text = repeat("", "A: x\n", 100000, "\nbody\n");
	struct nx_prescan out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_int_equal(count(out, "A: x\n"), NX_PRESCAN_HEADERS);
	assert_int_equal(count(out, "body\n"), 1);
	text = repeat("", "To: x\n", 1000, "B: y\n\nTo: x\nbody\n");
	out = prescan(text, strlen(text));
	assert_int_equal(count(out, "To: x\n"), NX_PRESCAN_ADDRESS_HEADERS + 1);
	assert_int_equal(count(out, "B: y\n"), 1);
	text = repeat("A: x\n\n", "Field: value\n", 9000, "end\n");
	out = prescan(text, strlen(text));
	assert_false(out.capped);
	text = repeat("A: x\n\n", "a:\n", 90000, "end\n");
	out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_true(count(out, "a:") <= NX_PRESCAN_HEADERS * 10);
}

static void nesting_has_an_end(void **state)
{
	(void)state;
	char *text = repeat("",
	                    "Content-Type: multipart/mixed; boundary=b\n\n"
	                    "--b\n",
	                    3000, "");
	struct nx_prescan out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_int_equal(count(out, "Content-Type:"), NX_PRESCAN_TYPES);
	text = repeat("A: x\n\n", "--b\n\n", 300000, "");
	out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_int_equal(count(out, "--b\n"), NX_PRESCAN_BOUNDARIES);
}

static void a_long_line_is_broken(void **state)
{
	(void)state;
	char *text = repeat("A: x\n\n", "x y ", 100000, "\nend\n");
	struct nx_prescan out = prescan(text, strlen(text));
	assert_true(out.capped);
	assert_int_equal(count(out, "\n"), 3 + 6 + 1);
	assert_int_equal(count(out, "x y"), 100000);
	/* the rest of a broken line is examined again */
	text = repeat("A: x\n\n", "x y ", 16384, "");
	text = repeat(text, "To: a:a:a:a:a:a:a:a:", 4000, "\nend\n");
	out = prescan(text, strlen(text));
	assert_true(count(out, ":") < 1100);
}

static void random_bytes_are_harmless(void **state)
{
	static const char pieces[] = "To: a,\n\r\r\n--b\n \t\0:x\nContent-Type:"
	                             " multipart/mixed; boundary=b\n\nFrom ";
	char text[600];
	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t size = (size_t)rand() % sizeof(text);
		for (size_t i = 0; i < size; i++)
			text[i] = pieces[(size_t)rand() % sizeof(pieces)];
		struct nx_prescan out = prescan(text, size);
		/* UTF-16 may become longer */
		assert_true(out.size <= size / 2 * 3 + 16);
		struct nx_prescan again = prescan(out.bytes, out.size);
		assert_false(again.capped);
		talloc_free_children(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_ordinary_message_is_not_copied),
	        cmocka_unit_test(the_front_is_skipped),
	        cmocka_unit_test(line_ends_become_lines),
	        cmocka_unit_test(nuls_do_not_join_what_they_part),
	        cmocka_unit_test(utf16_becomes_utf8),
	        cmocka_unit_test(a_message_has_an_end),
	        cmocka_unit_test(a_header_has_an_end),
	        cmocka_unit_test(headers_of_parts_have_ends_too),
	        cmocka_unit_test(there_are_not_too_many_headers),
	        cmocka_unit_test(nesting_has_an_end),
	        cmocka_unit_test(a_long_line_is_broken),
	        cmocka_unit_test(random_bytes_are_harmless),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
