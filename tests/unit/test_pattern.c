/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "match/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static const struct nx_pattern *compile(TALLOC_CTX *ctx, const char *source,
                                        bool multiline)
{
	const struct nx_pattern *out = NULL;
	struct nx_error err = {0};
	bool good = nx_pattern_compile(ctx, source, multiline, &out, &err);
	assert_string_equal(err.text, "");
	assert_true(good);
	return out;
}

static void patterns_are_caseless_and_utf_8(void **state)
{
	static const struct {
		const char *source, *text;
		bool multiline;
		size_t start, end; /* equal: not found */
	} cases[] = {
	        {"user unknown", "550 User UNKNOWN here", false, 4, 16},
	        {"\xC3\xBC", "gr\xC3\x9C\xC3\x9F", false, 2, 4},
	        {"gr.\xC3\x9F", "GR\xC3\x9C\xC3\x9F", false, 0, 6},
	        {"^b", "a\nb", false, 0, 0},
	        {"^b$", "a\nb\nc", true, 2, 3},
	        {"x", "", false, 0, 0},
	        {"(a)(b)(c)", "xabc", false, 1, 4},
	        {"a\\Kb", "ab", false, 1, 2},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_match m = {0};
		const struct nx_pattern *p =
		        compile(*state, cases[i].source, cases[i].multiline);
		bool found = nx_pattern_find(p, cases[i].text,
		                             strlen(cases[i].text), &m);
		assert_int_equal(found, cases[i].start < cases[i].end);
		assert_int_equal(m.start, cases[i].start);
		assert_int_equal(m.end, cases[i].end);
		assert_string_equal(nx_pattern_source(p), cases[i].source);
	}
}

static void named_groups_that_took_part_are_told(void **state)
{
	static const char text[] = "at: x; to: <user@example.com>";
	struct nx_groups g;
	const struct nx_pattern *p = compile(
	        *state, "(?<to>to|zu): <(?<address>[^>]+)>(?<rest>.+)?", false);
	assert_true(nx_pattern_groups(p, text, strlen(text), 2, &g));
	assert_int_equal(g.whole.start, 7);
	assert_int_equal(g.whole.end, strlen(text));
	assert_int_equal(g.count, 2);
	assert_string_equal(g.item[0].name, "address");
	assert_int_equal(g.item[0].start, 12);
	assert_int_equal(g.item[0].end, 28);
	assert_string_equal(g.item[1].name, "to");
	assert_false(nx_pattern_groups(p, text, strlen(text), 8, &g));
	assert_false(nx_pattern_groups(p, text, strlen(text), 999, &g));
}

static void no_more_groups_are_kept_than_there_is_room_for(void **state)
{
	char *source = talloc_strdup(*state, "");
	for (char c = 'a'; c <= 'z'; c++)
		source = talloc_asprintf_append(source, "(?<%c>%c)", c, c);
	struct nx_groups g;
	assert_true(nx_pattern_groups(compile(*state, source, false),
	                              "abcdefghijklmnopqrstuvwxyz", 26, 0, &g));
	assert_int_equal(g.count, NX_PATTERN_GROUPS);
}

static void a_bad_pattern_is_refused_with_its_position(void **state)
{
	static const struct {
		const char *source, *want;
	} cases[] = {
	        {"ab(c", "pattern position 5: missing closing parenthesis"},
	        {"*", "pattern position 1: quantifier does not follow a "
	              "repeatable item"},
	        {"a\\Cb", "pattern position 4: "},
	        {"\xFF", "pattern position 1: "},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_pattern *out;
		struct nx_error err = {0};
		assert_false(nx_pattern_compile(*state, cases[i].source, false,
		                                &out, &err));
		assert_int_equal(err.kind, NX_ERROR_CONFIG);
		assert_memory_equal(err.text, cases[i].want,
		                    strlen(cases[i].want));
	}
}

static void a_limit_that_is_hit_is_no_match(void **state)
{
	char text[61];
	struct nx_match m;
	memset(text, 'a', 60);
	text[60] = '!';
	clock_t start = clock();
	assert_false(nx_pattern_find(compile(*state, "^(a+)+$", false), text,
	                             61, &m));
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
}

static char *join(TALLOC_CTX *ctx, const char *const *list, size_t count)
{
	char *out = talloc_strdup(ctx, "");
	for (size_t i = 0; i < count; i++)
		out = talloc_asprintf_append(out, "%s%s", i ? "/" : "",
		                             list[i]);
	return out;
}

/* The words of a tree as a plain list of which one must occur: the longest.
 * count 0: nothing is known. */
struct choice {
	const char **item;
	size_t count;
	size_t weakest; /* size of the shortest */
};

static struct choice choose(TALLOC_CTX *ctx, const struct nx_words *words);

static struct choice choose_word(TALLOC_CTX *ctx, const char *word)
{
	struct choice choice = {.count = 1, .weakest = strlen(word)};
	choice.item = talloc_array(ctx, const char *, 1);
	choice.item[0] = word;
	return choice;
}

/* Of several that are all required, the one with the longest words. */
static struct choice choose_best(TALLOC_CTX *ctx, const struct nx_words *words)
{
	struct choice best = {0};
	for (; words; words = words->next) {
		struct choice choice = choose(ctx, words);
		if (choice.count > 0 && choice.weakest > best.weakest)
			best = choice;
	}
	return best;
}

/* The choice for an alternation: something from every branch. */
static struct choice unite(TALLOC_CTX *ctx, const struct nx_words *words)
{
	struct choice all = choose(ctx, words);
	while (all.count > 0 && (words = words->next)) {
		struct choice more = choose(ctx, words);
		size_t count = all.count + more.count;
		if (more.count == 0 || count > 128)
			return (struct choice){0};
		all.item = talloc_realloc(ctx, all.item, const char *, count);
		memcpy(all.item + all.count, more.item,
		       more.count * sizeof(*more.item));
		all.count = count;
		if (more.weakest < all.weakest)
			all.weakest = more.weakest;
	}
	return all;
}

static struct choice choose(TALLOC_CTX *ctx, const struct nx_words *words)
{
	switch (words->kind) {
	case NX_WORDS_ONE:
		return choose_word(ctx, words->word);
	case NX_WORDS_ALL:
		return choose_best(ctx, words->first);
	case NX_WORDS_ANY:
		return unite(ctx, words->first);
	case NX_WORDS_BEYOND_ASCII:
		break;
	}
	return (struct choice){0};
}

static const char *const *literals_of(TALLOC_CTX *ctx, const char *source,
                                      size_t *count)
{
	const struct nx_words *words = nx_pattern_words(ctx, source);
	struct choice choice = {0};
	if (words)
		choice = choose(ctx, words);
	*count = choice.count;
	return choice.item;
}

/* a pattern, and its literals joined by slashes */
static const struct {
	const char *source, *want;
} literals[] = {
        {"", ""},
        {"ab", ""},
        {"User Unknown", "user unknown"},
        {"user unknown|no such user", "user unknown/no such user"},
        {"user unknown|ab", ""},
        {"(user|mailbox) unknown", " unknown"},
        {"(user|mailbox) ok", "user/mailbox"},
        {"(?:no such|unknown) (?:user|box)", "no such/unknown"},
        {"(?<who>recipient)s? re", "recipient"},
        {"(?P<who>recipient)s? re", "recipient"},
        {"(recipient)?abc", "abc"},
        {"(recipient)*ab", ""},
        {"(recipient)+ab", "recipient"},
        {"(recipient){0,3}ab", ""},
        {"(recipient){2}ab", "recipient"},
        {"colou?r of it", "r of it"},
        {"abcd?ef", "abc"},
        {"abcd*ef", "abc"},
        {"abcd+ef", "abcd"},
        {"abd+efg", "defg"},
        {"abcd{0}ef", "abc"},
        {"abcd{2,}ef", "abcdd"},
        {"abcd+?ef", "abcd"},
        {"abcd++ef", "abcd"},
        {"abc.def gh", "def gh"},
        {"abc\\.def", "abc.def"},
        {"5\\.1\\.1", "5.1.1"},
        {"abc\\sdefg", "defg"},
        {"abc\\bdefg", "defg"},
        {"^abc$", "abc"},
        {"abc[def]ghij", "ghij"},
        {"[]xyz]ab", ""},
        {"[^]xyz]abc", "abc"},
        {"[[:alpha:]xyz]abc", "abc"},
        {"[\\]xyz]abc", "abc"},
        {"[x[yz]abc", "abc"},
        {"[[:<:]]abc", ""},
        {"[\\Qabc]\\E]def", ""},
        {"\\Qabc\\E", ""},
        {"abc\\x{41}d", "abc"},
        {"ab\\x41cde", "cde"},
        {"abc\\p{Lu}de", "abc"},
        {"abc\\pLde", "abc"},
        {"(abc)\\1234", "abc"},
        {"(abc)\\g{1}def", ""},
        {"abc(?=def)gh", "abc"},
        {"(?!abcdef)ghi", "ghi"},
        {"(?<=abcdef)ghi", "ghi"},
        {"(?<!abcdef)ghi", "ghi"},
        {"(?>abc)d", "abc"},
        {"(?|abc|def)", "abc/def"},
        {"(?i)abc", ""},
        {"(?x) a b c d", ""},
        {"(?#comment)abc", ""},
        {"(*UTF)abc", ""},
        {"abc(*ACCEPT)defghi", ""},
        {"(?(?=a)abc|def)", ""},
        {"abc{,3}d", ""},
        {"abc{x}d", ""},
        {"gr\xC3\xBC\xC3\x9F"
         "e abc",
         "e abc"},
        {"abc\xC3\xBC?de", "abc"},
        {"abc\nde", "abc"},
        {"a(bcd|efg(hi|jk))l", "bcd/efg"},
        {"a(bcd|e)l", ""},
        {"(abc|)", ""},
        {"x{3}yz", "xxxyz"},
        {"over.?quota|quota (has )?exceeded", "quota/exceeded"},
        {"does(?:n't| not) exist", " exist"},
};

/* Such patterns are tried only where the first byte fits. */
static void a_pattern_at_the_start_matches_what_it_should(void **state)
{
	static const struct {
		const char *source, *text;
		bool found;
	} cases[] = {
	        {"^abc", "ABCd", true},
	        {"^abc", "xabc", false},
	        {"^abc|xyz", "--xyz", true},
	        {"^(abc|xyz)", "xyz", true},
	        {"^(abc|xyz)", "zyx", false},
	        {"^[](]x|yy", "ayy", true},
	        {"^[^](]x|yy", "(yy", true},
	        {"^[\\](]x|yy", "(yy", true},
	        {"^[[:alpha:](]x|yy", "-yy", true},
	        {"^\\Q(\\Ex|yy", "-yy", true},
	        {"^(?#()x|yy", "-yy", true},
	        {"^x?", "", true},
	        {"^x*y", "y", true},
	        {"^x*y", "", false},
	        {"^ {0,4}-", "    -", true},
	        {"^\\s*-", "-", true},
	        {"^\\s*-", "x-", false},
	        {"^kiss", "\xE2\x84\xAAi\xC5\xBF\xC5\xBF", true},
	        {"^[ks]", "\xE2\x84\xAA", true},
	        {"^\xC3\xBC", "\xC3\x9C", true},
	        {"^\xC3\xBC", "u", false},
	        {"^(?!a)", "b", true},
	        {"^(?=a)", "a", true},
	        {"^^a", "a", true},
	        {"^$", "", true},
	        {"^$", "a", false},
	        {"^.", "\xF0\x9F\x98\x80", true},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_match m;
		const struct nx_pattern *p =
		        compile(*state, cases[i].source, false);
		if (nx_pattern_find(p, cases[i].text, strlen(cases[i].text),
		                    &m) != cases[i].found)
			fail_msg("%s in %s", cases[i].source, cases[i].text);
	}
}

static void literals_are_what_a_pattern_needs(void **state)
{
	for (size_t i = 0; i < COUNT(literals); i++) {
		size_t count = 99;
		const char *const *list =
		        literals_of(*state, literals[i].source, &count);
		char *got = join(*state, list, count);
		if (strcmp(got, literals[i].want) != 0)
			print_error("pattern: %s\n", literals[i].source);
		assert_string_equal(got, literals[i].want);
	}
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

/* A text that the pattern is likely to match: its plain characters and pieces,
 * some left out, some twice. */
static char *invent(TALLOC_CTX *ctx, const char *source, uint32_t *seed)
{
	static const char *const more[] = {"a",        " ",   "x", "1",
	                                   "\xC3\xBC", "abc", "]", "\n"};
	size_t size = strlen(source);
	char *text = talloc_strdup(ctx, "");
	for (size_t i = 0; i < size; i++) {
		uint32_t dice = draw(seed, 20);
		bool is_plain = (unsigned char)source[i] < 0x80 &&
		                !strchr("\\()[]{}?*+|^$:<>", source[i]);
		if (!is_plain && dice > 0)
			continue;
		if (dice < 2)
			text = talloc_strdup_append(
			        text, more[draw(seed, COUNT(more))]);
		else if (dice > 2)
			text = talloc_strndup_append(text, source + i, 1);
	}
	return nx_text_repair(ctx, text, strlen(text), strlen(text));
}

static bool has_one(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(text, list[i]))
			return true;
	return count == 0;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static bool has_words(const char *text, const struct nx_words *words)
{
	const struct nx_words *child = words->first;
	switch (words->kind) {
	case NX_WORDS_ONE:
		return strstr(text, words->word);
	case NX_WORDS_ALL:
		while (child && has_words(text, child))
			child = child->next;
		return !child;
	case NX_WORDS_ANY:
		while (child && !has_words(text, child))
			child = child->next;
		return child;
	case NX_WORDS_BEYOND_ASCII:
		return !is_ascii(text);
	}
	return false;
}

/* Checks that a text that the pattern matches contains what it must. */
static void check_needs(TALLOC_CTX *ctx, const char *source, const char *text)
{
	size_t count;
	const char *lower = nx_text_lower(ctx, text);
	const char *const *list = literals_of(ctx, source, &count);
	const struct nx_words *words = nx_pattern_words(ctx, source);
	if (!has_one(lower, list, count) || (words && !has_words(lower, words)))
		fail_msg("%s matches %s", source, text);
}

/* For any text: what matches contains what is required. */
static void no_match_lacks_every_literal(void **state)
{
	uint32_t seed = 20261122;
	size_t matches = 0;
	for (size_t i = 0; i < COUNT(literals); i++) {
		TALLOC_CTX *ctx = talloc_new(*state);
		const char *source = literals[i].source;
		const struct nx_pattern *p = compile(ctx, source, false);
		for (int n = 0; n < 1000; n++) {
			struct nx_match m;
			const char *from =
			        literals[draw(&seed, COUNT(literals))].source;
			char *text = invent(ctx, n % 2 ? source : from, &seed);
			if (!nx_pattern_find(p, text, strlen(text), &m))
				continue;
			matches++;
			check_needs(ctx, source, text);
		}
		talloc_free(ctx);
	}
	assert_true(matches > 1000); /* the test must be effective */
}

/* Patterns made at random from the parts that could be misread. */
static char *invent_pattern(TALLOC_CTX *ctx, uint32_t *seed, int depth)
{
	static const char *const parts[] = {
	        "a",   "b",     "c",     "ab",     "abc",   "\\.",
	        "\\d", ".",     "[ab]",  "[^a]",   "[]a]",  "a?",
	        "b*",  "c+",    "a{2}",  "b{0,2}", "c{1,}", "a+?",
	        "b?+", "(?=a)", "(?!b)", "\\x61",  "\\b",   "|",
	};
	char *out = talloc_strdup(ctx, "");
	for (uint32_t n = 1 + draw(seed, 6); n > 0; n--) {
		static const char *const opens[] = {"(", "(?:", "(?>", "(?|"};
		static const char *const ends[] = {")",  ")?",   ")*",
		                                   ")+", "){2}", "){0,1}"};
		if (depth < 2 && draw(seed, 4) == 0)
			out = talloc_asprintf_append(
			        out, "%s%s%s", opens[draw(seed, COUNT(opens))],
			        invent_pattern(ctx, seed, depth + 1),
			        ends[draw(seed, COUNT(ends))]);
		else
			out = talloc_strdup_append(
			        out, parts[draw(seed, COUNT(parts))]);
	}
	return out;
}

static void invent_subject(char *text, size_t size, uint32_t *seed)
{
	for (size_t i = 0; i < size; i++)
		text[i] = "abcabcabcabcab.1"[draw(seed, 16)];
	text[size] = '\0';
}

static void no_random_pattern_is_misread(void **state)
{
	uint32_t seed = 7;
	size_t matches = 0;
	for (int i = 0; i < 3000; i++) {
		TALLOC_CTX *ctx = talloc_new(*state);
		char *source = invent_pattern(ctx, &seed, 0);
		const struct nx_pattern *p = compile(ctx, source, false);
		const struct nx_words *words = nx_pattern_words(ctx, source);
		for (int n = 0; n < 40 && words; n++) {
			struct nx_match m;
			char text[17];
			invent_subject(text, 16, &seed);
			if (!nx_pattern_find(p, text, 16, &m))
				continue;
			matches++;
			check_needs(ctx, source, text);
		}
		talloc_free(ctx);
	}
	assert_true(matches > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(patterns_are_caseless_and_utf_8),
	        cmocka_unit_test(named_groups_that_took_part_are_told),
	        cmocka_unit_test(
	                no_more_groups_are_kept_than_there_is_room_for),
	        cmocka_unit_test(a_bad_pattern_is_refused_with_its_position),
	        cmocka_unit_test(a_limit_that_is_hit_is_no_match),
	        cmocka_unit_test(a_pattern_at_the_start_matches_what_it_should),
	        cmocka_unit_test(literals_are_what_a_pattern_needs),
	        cmocka_unit_test(no_match_lacks_every_literal),
	        cmocka_unit_test(no_random_pattern_is_misread),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
