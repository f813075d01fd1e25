/* SPDX-License-Identifier: ISC */
#include "match/words.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/*
 * Finds the words that a text must contain for a pattern to match it. Reads the
 * part of the pattern language that rules are written in, and gives up at
 * anything else: a missing literal costs time, a wrong one a match.
 */

enum {
	LEAST_SIZE = 3,
	MAX_DEPTH = 16,
	MAX_TIMES = 4 /* a repeated character is written out so often */
};

struct pattern_walk {
	TALLOC_CTX *ctx;
	const char *at;
	char *run; /* room for all runs: one ends before the next begins */
	int depth;
	bool is_edge; /* at the start of a group */
	bool is_lost; /* found something that this code does not understand */
};

/* What is known of one branch so far. */
struct branch {
	char *run; /* the plain characters since the last break */
	size_t size;
	bool starts;          /* the run starts at an edge */
	bool is_edge;         /* the next run will start at an edge */
	struct nx_words *all; /* an ALL without words: nothing is known */
	struct nx_words *last;
};

static struct nx_words *read_branches(struct pattern_walk *w);

static void lose(struct pattern_walk *w)
{
	w->is_lost = true;
}

static struct nx_words *make_words(struct pattern_walk *w,
                                   enum nx_words_kind kind,
                                   const struct nx_words *first)
{
	struct nx_words *words = talloc_zero(w->ctx, struct nx_words);
	words->kind = kind;
	words->word = "";
	words->first = first;
	return words;
}

static void require(struct branch *b, struct nx_words *words)
{
	if (!words)
		return;
	if (b->last)
		b->last->next = words;
	else
		b->all->first = words;
	b->last = words;
}

/* \b counts only between a word character and another character. */
static void end_run_at(struct pattern_walk *w, struct branch *b, bool edge)
{
	if (b->size >= LEAST_SIZE) {
		struct nx_words *one = make_words(w, NX_WORDS_ONE, NULL);
		size_t size = b->size < NX_WORDS_SIZE ? b->size : NX_WORDS_SIZE;
		one->word = talloc_strndup(w->ctx, b->run, size);
		one->starts = b->starts && nx_text_is_word(*b->run);
		one->ends = edge && size == b->size &&
		            nx_text_is_word(b->run[size - 1]);
		require(b, one);
	}
	b->size = 0;
	b->is_edge = edge;
}

static void end_run(struct pattern_walk *w, struct branch *b)
{
	end_run_at(w, b, false);
}

/* The size of {2}, {2,} or {2,3}; 0 for any other brace. */
static size_t braces_size(const char *at)
{
	size_t size = 1 + strspn(at + 1, "0123456789");
	if (size == 1)
		return 0;
	if (at[size] == ',')
		size += 1 + strspn(at + size + 1, "0123456789");
	return at[size] == '}' ? size + 1 : 0;
}

struct repeat {
	bool is_there; /* a quantifier follows the atom */
	size_t least;  /* how often the atom occurs at least */
};

static struct repeat read_repeat(struct pattern_walk *w)
{
	struct repeat repeat = {.least = 1};
	size_t size = strchr("?*+{", *w->at) && *w->at ? 1 : 0;
	if (size == 0)
		return repeat;
	repeat.is_there = true;
	if (*w->at == '?' || *w->at == '*')
		repeat.least = 0;
	if (*w->at == '{') {
		size = braces_size(w->at);
		repeat.least = strtoul(w->at + 1, NULL, 10);
	}
	if (size == 0) {
		lose(w);
		return repeat;
	}
	w->at += size;
	if (*w->at == '?' || *w->at == '+') /* lazy or possessive */
		w->at++;
	return repeat;
}

static void append(struct branch *b, const char *bytes, size_t size)
{
	if (b->size == 0)
		b->starts = b->is_edge;
	b->is_edge = false;
	memcpy(b->run + b->size, bytes, size);
	b->size += size;
}

/* A character that only itself matches, in lower case. */
static void read_plain(struct pattern_walk *w, struct branch *b,
                       const char *bytes, size_t size)
{
	struct repeat repeat = read_repeat(w);
	size_t times = repeat.least < MAX_TIMES ? repeat.least : MAX_TIMES;
	for (size_t i = 0; i < times; i++)
		append(b, bytes, size);
	if (!repeat.is_there)
		return;
	end_run(w, b); /* even without a run: no edge any more */
	/* What follows stands directly after its last occurrences. */
	for (size_t i = 0; i < times; i++)
		append(b, bytes, size);
}

static void read_ascii(struct pattern_walk *w, struct branch *b, char c)
{
	c = nx_text_to_lower(c);
	read_plain(w, b, &c, 1);
}

/* An atom of which only its end is known. */
static void read_break(struct pattern_walk *w, struct branch *b)
{
	end_run(w, b);
	read_repeat(w);
}

/* [:alpha:] inside a class; w->at is after its bracket. */
static void skip_posix(struct pattern_walk *w)
{
	size_t size = 1 + strspn(w->at + 1, "^abcdefghijklmnopqrstuvwxyz");
	if (*w->at == ':' && strncmp(w->at + size, ":]", 2) == 0)
		w->at += size + 2;
	else
		lose(w);
}

/* w->at is after the opening bracket. */
static void skip_class(struct pattern_walk *w)
{
	if (*w->at == '^')
		w->at++;
	if (*w->at == ']')
		w->at++;
	while (!w->is_lost && *w->at != ']') {
		char c = *w->at++;
		if (c == '\0' || (c == '\\' && strchr("QE", *w->at)))
			lose(w);
		else if (c == '\\')
			w->at++;
		else if (c == '[' && *w->at && strchr(":.=", *w->at))
			skip_posix(w);
	}
	if (!w->is_lost)
		w->at++;
}

/* \xHH, \x{H..}, \p{..}, \pL: w->at is after the letter. */
static void skip_argument(struct pattern_walk *w, char letter)
{
	if (*w->at == '{') {
		const char *brace = strchr(w->at, '}');
		if (brace)
			w->at = brace + 1;
		else
			lose(w);
	} else if (letter == 'x') {
		for (int i = 0; i < 2 && *w->at &&
		                strchr("0123456789abcdefABCDEF", *w->at);
		     i++)
			w->at++;
	} else if (*w->at) {
		w->at++;
	}
}

/* w->at is after the backslash. */
static void read_escape(struct pattern_walk *w, struct branch *b)
{
	char c = *w->at;
	if (c == '\0' || (unsigned char)c >= 0x80) {
		lose(w);
		return;
	}
	w->at++;
	if (!nx_text_is_alnum(c)) {
		read_ascii(w, b, c);
		return;
	}
	if (c == 'b') {
		end_run_at(w, b, true);
		b->is_edge = !read_repeat(w).is_there;
		return;
	}
	if (strchr("xpP", c))
		skip_argument(w, c);
	else if (nx_text_is_digit(c))
		w->at += strspn(w->at, "0123456789");
	else if (!strchr("dDwWsShHvVRXBAzZGnrtfea", c))
		lose(w);
	read_break(w, b);
}

/* Skips what stands between "(?" and the contents of the group; *says is false
 * for a look-around, whose contents may not be part of the match. */
static bool read_group_kind(struct pattern_walk *w, bool *says)
{
	static const char *const around[] = {"=", "!", "<=", "<!"};
	if (*w->at && strchr(":>|", *w->at)) {
		w->at++;
		return true;
	}
	for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++)
		if (strncmp(w->at, around[i], strlen(around[i])) == 0) {
			w->at += strlen(around[i]);
			*says = false;
			return true;
		}
	if (strncmp(w->at, "P<", 2) == 0)
		w->at++;
	int close = *w->at == '<' ? '>' : *w->at == '\'' ? '\'' : '\0';
	const char *end = close ? strchr(w->at + 1, close) : NULL;
	if (!end)
		return false;
	w->at = end + 1;
	return true;
}

/* w->at is after the opening parenthesis. */
static void read_group(struct pattern_walk *w, struct branch *b)
{
	bool says = true;
	w->is_edge = b->size == 0 && b->is_edge;
	end_run(w, b);
	if (*w->at == '*' || w->depth == MAX_DEPTH) {
		lose(w);
		return;
	}
	if (*w->at == '?') {
		w->at++;
		if (!read_group_kind(w, &says)) {
			lose(w);
			return;
		}
	}
	w->depth++;
	struct nx_words *inside = read_branches(w);
	w->depth--;
	if (*w->at != ')') {
		lose(w);
		return;
	}
	w->at++;
	if (read_repeat(w).least > 0 && says)
		require(b, inside);
}

/* U+3000 to U+9FFF: kana and Chinese characters, which have no case. */
static bool has_no_case(const char *character)
{
	return *character >= '\xE3' && *character <= '\xE9';
}

/* A non-ASCII character that w->at is in. Its other cases are not known here,
 * except that only those of U+017F and U+212A are ASCII. */
static void read_foreign(struct pattern_walk *w, struct branch *b)
{
	const char *from = w->at - 1;
	while (nx_text_continues(*w->at))
		w->at++;
	if (has_no_case(from)) {
		read_plain(w, b, from, (size_t)(w->at - from));
		return;
	}
	bool is_letter = strncmp(from, "\xC5\xBF", 2) == 0 ||
	                 strncmp(from, "\xE2\x84\xAA", 3) == 0;
	end_run(w, b);
	if (read_repeat(w).least > 0 && !is_letter)
		require(b, make_words(w, NX_WORDS_BEYOND_ASCII, NULL));
}

static void read_atom(struct pattern_walk *w, struct branch *b)
{
	char c = *w->at++;
	if (c == '\\') {
		read_escape(w, b);
	} else if (c == '(') {
		read_group(w, b);
	} else if (c == '[') {
		skip_class(w);
		read_break(w, b);
	} else if (strchr("?*+{", c)) {
		lose(w);
	} else if (strchr(".^$", c) || (unsigned char)c < 0x20) {
		read_break(w, b);
	} else if ((unsigned char)c >= 0x80) {
		read_foreign(w, b);
	} else {
		read_ascii(w, b, c);
	}
}

/* NULL when nothing is known. */
static struct nx_words *read_branch(struct pattern_walk *w, bool is_edge)
{
	struct branch b = {.run = w->run, .is_edge = is_edge};
	b.all = make_words(w, NX_WORDS_ALL, NULL);
	while (!w->is_lost && *w->at && *w->at != '|' && *w->at != ')')
		read_atom(w, &b);
	end_run(w, &b);
	return b.last ? b.all : NULL;
}

/* Reads up to the closing parenthesis or the end. If one branch requires
 * nothing, the whole group requires nothing. */
static struct nx_words *read_branches(struct pattern_walk *w)
{
	const bool is_edge = w->is_edge;
	struct nx_words *first = read_branch(w, is_edge);
	struct nx_words *last = first;
	bool is_known = first;
	if (w->is_lost || *w->at != '|')
		return first;
	while (!w->is_lost && *w->at == '|') {
		w->at++;
		struct nx_words *next = read_branch(w, is_edge);
		is_known = is_known && next;
		if (is_known)
			last->next = next;
		last = next;
	}
	return is_known ? make_words(w, NX_WORDS_ANY, first) : NULL;
}

const struct nx_words *nx_pattern_words(TALLOC_CTX *ctx, const char *source)
{
	struct pattern_walk w = {.ctx = talloc_new(ctx), .at = source};
	w.run = talloc_array(w.ctx, char, strlen(source) * MAX_TIMES + 1);
	const struct nx_words *words = read_branches(&w);
	return w.is_lost || *w.at ? NULL : words;
}
