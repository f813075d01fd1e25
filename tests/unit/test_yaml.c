/* SPDX-License-Identifier: ISC */
#include "base/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static int set_up(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int tear_down(void **state)
{
	talloc_free(*state);
	return 0;
}

static const struct nx_yaml *parse(void **state, const char *text)
{
	const struct nx_yaml *out = NULL;
	struct nx_error err = {0};
	bool good =
	        nx_yaml_parse(*state, "f.yaml", text, strlen(text), &out, &err);
	assert_string_equal(err.text, "");
	assert_true(good);
	return out;
}

/* Similar to JSON, to compare trees. */
static char *draw(TALLOC_CTX *ctx, const struct nx_yaml *node)
{
	if (node->kind == NX_YAML_TEXT)
		return talloc_asprintf(ctx, "'%s'", node->text);
	bool is_map = node->kind == NX_YAML_MAP;
	char *out = talloc_strdup(ctx, is_map ? "{" : "[");
	for (const struct nx_yaml *n = node->first; n; n = n->next)
		out = talloc_asprintf_append(out, "%s%s%s%s", n->key,
		                             is_map ? ":" : "", draw(ctx, n),
		                             n->next ? "," : "");
	return talloc_strdup_append(out, is_map ? "}" : "]");
}

static void a_file_becomes_a_tree(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"a: 1\nb: [x, \"y\", 'z']\n", "{a:'1',b:['x','y','z']}"},
	        {"- a: {b: c}\n- d\n", "[{a:{b:'c'}},'d']"},
	        {"a:\nb: ~\nc: null\n", "{a:'',b:'~',c:'null'}"},
	        {"a: |\n  x\n  y\nb: >\n  x\n  y\n", "{a:'x\ny\n',b:'x y\n'}"},
	        {"pattern: 'a\\d''s'\n", "{pattern:'a\\d's'}"},
	        {"a: \"\\t\\u00FC\"\n", "{a:'\t\xC3\xBC'}"},
	        {"\"<<\": x\n", "{<<:'x'}"},
	        {"--- x\n...\n", "'x'"},
	        {"\xEF\xBB\xBF"
	         "a: b\r\nc: d\r\n",
	         "{a:'b',c:'d'}"},
	        {"a: yes\nb: 0x1F\nc: 012\n", "{a:'yes',b:'0x1F',c:'012'}"},
	        {"", "{}"},
	        {"# only a comment\n", "{}"},
	        {"---\n", "{}"},
	        {"[]", "[]"},
	        {"a: {b: 1, c: {b: 1}}\nb: {b: 1}",
	         "{a:{b:'1',c:{b:'1'}},b:{b:'1'}}"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(draw(*state, parse(state, cases[i].text)),
		                    cases[i].want);
}

static void nodes_know_where_they_stand(void **state)
{
	const struct nx_yaml *root =
	        parse(state, "# x\nlist:\n  - a\n  - \xC3\xBC: c\n");
	const struct nx_yaml *list = nx_yaml_get(root, "list");
	assert_string_equal(list->file, "f.yaml");
	assert_int_equal(list->key_line, 2);
	assert_int_equal(list->key_column, 1);
	assert_int_equal(list->line, 3);
	assert_int_equal(list->column, 3);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->first->line, 3);
	assert_int_equal(list->first->column, 5);
	assert_string_equal(list->first->key, "");
	const struct nx_yaml *c = list->first->next->first;
	assert_int_equal(c->line, 4);
	assert_int_equal(c->column, 8); /* characters, not bytes */
}

static void what_is_not_allowed_is_refused_where_it_stands(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"a: &x b\n", "f.yaml:1:4: anchors are not allowed"},
	        {"a: &x [b]\n", "f.yaml:1:4: anchors are not allowed"},
	        {"a: &x {b: c}\n", "f.yaml:1:4: anchors are not allowed"},
	        {"&x a: b\n", "f.yaml:1:1: anchors are not allowed"},
	        {"a: b\nc: *x\n", "f.yaml:2:4: aliases are not allowed"},
	        {"a: !x b\n", "f.yaml:1:4: tags are not allowed"},
	        {"a: !!str b\n", "f.yaml:1:4: tags are not allowed"},
	        {"a: !!map {}\n", "f.yaml:1:4: tags are not allowed"},
	        {"a: ! b\n", "f.yaml:1:4: tags are not allowed"},
	        {"!!str a: b\n", "f.yaml:1:1: tags are not allowed"},
	        {"a:\n  <<: {b: c}\n",
	         "f.yaml:2:3: merge keys are not allowed"},
	        {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key \"a\""},
	        {"x: {a: 1, \"a\": 2}\n", "f.yaml:1:11: duplicate key \"a\""},
	        {"\"\\x1B\": 1\n\"\\e\": 2\n",
	         "f.yaml:2:1: duplicate key \"\\x1B\""},
	        {"a: 1\n---\nb: 2\n", "f.yaml:2:1: more than one document"},
	        {"? [a]\n: b\n", "f.yaml:1:3: a key must be text"},
	        {"{{a: b}: c}\n", "f.yaml:1:2: a key must be text"},
	        {"?\n: b\n", "f.yaml:1:2: a key must not be empty"},
	        {"\"\": b\n", "f.yaml:1:1: a key must not be empty"},
	        {"a: \"x\\0y\"\n",
	         "f.yaml:1:4: NUL characters are not allowed"},
	        {"%YAML 1.1\n---\na: b\n",
	         "f.yaml:1:1: directives are not allowed"},
	        {"a: b\n\xC3\xBC: \xFF\n",
	         "f.yaml:2:4: invalid leading UTF-8 octet"},
	        {"a: \x01\n", "f.yaml:1:4: control characters are not allowed"},
	        {"a: b: c\n",
	         "f.yaml:1:5: mapping values are not allowed in this context"},
	        {"a: [b\n", "f.yaml:2:1: did not find expected ',' or ']'"},
	        {"a: \"b\n", "f.yaml:2:1: found unexpected end of stream"},
	        {"[[[[[[[[[[[[[[[[[", "f.yaml:1:17: nested deeper than 16"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_yaml *out;
		struct nx_error err = {0};
		bool good = nx_yaml_parse(*state, "f.yaml", cases[i].text,
		                          strlen(cases[i].text), &out, &err);
		assert_string_equal(err.text, cases[i].want);
		assert_int_equal(err.kind, NX_ERROR_CONFIG);
		assert_false(good);
	}
}

static void a_raw_nul_and_utf_16_are_refused(void **state)
{
	const struct nx_yaml *out;
	struct nx_error err = {0};
	assert_false(nx_yaml_parse(*state, "f", "a: b\0c", 6, &out, &err));
	assert_false(nx_yaml_parse(*state, "f",
	                           "\xFF\xFE"
	                           "a\0:\0 \0b\0",
	                           10, &out, &err));
}

static void sixteen_levels_are_allowed(void **state)
{
	parse(state, "[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]");
}

static char *repeat(void **state, const char *unit, size_t times)
{
	size_t size = strlen(unit);
	char *text = talloc_array(*state, char, size *times + 1);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * size, unit, size);
	text[size * times] = '\0';
	return text;
}

/* By processor time, with far more than is needed: what is prevented would take
 * minutes. */
static void bombs_are_cheap(void **state)
{
	static const char *const units[] = {
	        "[",   "{",     "[\n", "{a: ", "- ",           "? ",
	        "[? ", "a: ",   "\"",  "[[],", "&a ",          "!!a ",
	        "*a ", "---\n", "-\n", "%a\n", "%TAG !a! b\n",
	};
	for (size_t i = 0; i < COUNT(units); i++) {
		const struct nx_yaml *out;
		struct nx_error err;
		size_t times = 1000000 / strlen(units[i]);
		char *text = repeat(state, units[i], times);
		clock_t start = clock();
		assert_false(nx_yaml_parse(*state, "f", text, strlen(text),
		                           &out, &err));
		assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
		talloc_free(text);
	}
}

static void size_and_count_are_bounded(void **state)
{
	const struct nx_yaml *out;
	struct nx_error err;
	char *text = repeat(state, "#", (1 << 20) + 1);
	assert_false(
	        nx_yaml_parse(*state, "f", text, strlen(text), &out, &err));
	assert_string_equal(err.text, "f:1:1: larger than 1 MiB");
	text = repeat(state, "-\n", 300000);
	assert_false(
	        nx_yaml_parse(*state, "f", text, strlen(text), &out, &err));
	assert_string_equal(err.text, "f:200000:2: more than 200000 nodes");
}

static void absent_members_read_as_the_fallback(void **state)
{
	const struct nx_yaml *root = parse(state, "a: x\nl: [y]\n");
	assert_string_equal(nx_yaml_text(root, "a", "z"), "x");
	assert_string_equal(nx_yaml_text(root, "l", "z"), "z");
	assert_string_equal(nx_yaml_text(root, "b", "z"), "z");
	assert_string_equal(nx_yaml_text(NULL, "a", "z"), "z");
	assert_null(nx_yaml_get(root, "b"));
	assert_null(nx_yaml_get(NULL, "a"));
	assert_null(nx_yaml_get(nx_yaml_get(root, "l"), ""));
}

static void unknown_keys_are_named(void **state)
{
	static const char *const keys[] = {"id", "pattern", NULL};
	static const char *const none[] = {NULL};
	struct nx_error err;
	const struct nx_yaml *root = parse(state, "id: x\npatern: y\n");
	assert_false(nx_yaml_check_keys(root, keys, &err));
	assert_string_equal(err.text, "f.yaml:2:1: unknown key \"patern\" "
	                              "(known: id, pattern)");
	assert_false(nx_yaml_check_keys(root, none, &err));
	assert_string_equal(err.text,
	                    "f.yaml:1:1: unknown key \"id\" (known: none)");
	assert_false(nx_yaml_check_keys(root->first, keys, &err));
	assert_string_equal(err.text, "f.yaml:1:5: must be a map");
	assert_true(nx_yaml_check_keys(parse(state, "id: x"), keys, &err));
	assert_true(nx_yaml_check_keys(parse(state, ""), keys, &err));
}

static void needed_text_must_be_there(void **state)
{
	const char *out = NULL;
	struct nx_error err;
	const struct nx_yaml *root = parse(state, "a: x\nb:\nl: []\n");
	assert_true(nx_yaml_need_text(root, "a", &out, &err));
	assert_string_equal(out, "x");
	assert_false(nx_yaml_need_text(root, "b", &out, &err));
	assert_string_equal(err.text, "f.yaml:2:3: b: must be text");
	assert_false(nx_yaml_need_text(root, "l", &out, &err));
	assert_false(nx_yaml_need_text(root, "c", &out, &err));
	assert_string_equal(err.text, "f.yaml:1:1: missing key \"c\"");
}

static void numbers_are_whole_and_in_range(void **state)
{
	static const char *const bad[] = {
	        "n: 101", "n: -1",  "n: x",
	        "n:",     "n: 1.5", "n: 1e1",
	        "n: +1",  "n: [1]", "n: 9223372036854775808",
	        "n: '-'"};
	struct nx_error err;
	int64_t n = 7;
	assert_true(nx_yaml_number(parse(state, "a: b"), "n", 0, 9, &n, &err));
	assert_int_equal(n, 7);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(nx_yaml_number(parse(state, bad[i]), "n", 0, 100,
		                            &n, &err));
		assert_string_equal(strrchr(err.text, ':'),
		                    ": must be a whole number from 0 to 100");
		assert_int_equal(n, 7);
	}
	assert_true(
	        nx_yaml_number(parse(state, "n: 100"), "n", 0, 100, &n, &err));
	assert_int_equal(n, 100);
	assert_true(nx_yaml_number(parse(state, "n: -9223372036854775808"), "n",
	                           INT64_MIN, 0, &n, &err));
	assert_true(n == INT64_MIN);
}

static void a_flag_is_true_or_false(void **state)
{
	static const char *const bad[] = {"f: yes", "f: TRUE", "f: ''",
	                                  "f: [true]", "f: {true: true}"};
	struct nx_error err;
	bool flag = true;
	assert_true(nx_yaml_flag(parse(state, "a: b"), "f", &flag, &err));
	assert_false(flag);
	assert_true(nx_yaml_flag(parse(state, "f: true"), "f", &flag, &err));
	assert_true(flag);
	assert_true(nx_yaml_flag(parse(state, "f: false"), "f", &flag, &err));
	assert_false(flag);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(
		        nx_yaml_flag(parse(state, bad[i]), "f", &flag, &err));
		assert_non_null(
		        strstr(err.text, ":1:4: f: must be true or false"));
	}
}

static void an_error_is_one_whole_line(void **state)
{
	struct nx_error err;
	char *text = repeat(state, "\xC3\xBC", 600);
	assert_false(nx_error_set(&err, NX_ERROR_DATA, "a\r\n\x1B: %s", text));
	assert_memory_equal(err.text, "a???: ", 6);
	assert_int_equal(strlen(err.text) % 2, 0); /* no half character */
	nx_error_set(&err, NX_ERROR_DATA, "x");
	nx_error_set(&err, NX_ERROR_USAGE, "outer: %s", err.text);
	assert_string_equal(err.text, "outer: x");
	assert_int_equal(err.kind, NX_ERROR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_file_becomes_a_tree),
	        cmocka_unit_test(nodes_know_where_they_stand),
	        cmocka_unit_test(
	                what_is_not_allowed_is_refused_where_it_stands),
	        cmocka_unit_test(a_raw_nul_and_utf_16_are_refused),
	        cmocka_unit_test(sixteen_levels_are_allowed),
	        cmocka_unit_test(bombs_are_cheap),
	        cmocka_unit_test(size_and_count_are_bounded),
	        cmocka_unit_test(absent_members_read_as_the_fallback),
	        cmocka_unit_test(unknown_keys_are_named),
	        cmocka_unit_test(needed_text_must_be_there),
	        cmocka_unit_test(numbers_are_whole_and_in_range),
	        cmocka_unit_test(a_flag_is_true_or_false),
	        cmocka_unit_test(an_error_is_one_whole_line),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
