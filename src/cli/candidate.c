/* SPDX-License-Identifier: ISC */
#include "cli/candidate.h"

#include "base/text.h"
#include "mail/status.h"

#include <string.h>

enum {
	SIZE = 1024,     /* bytes of a diagnostic that are used */
	WORDS = 12,      /* in a pattern */
	WORD_SIZE = 30,  /* a longer one is not a word */
	LEAST_WORDS = 2, /* needed to recognise a diagnostic */
	LEAST_LETTERS = 8
};

struct candidate_reading {
	TALLOC_CTX *ctx;
	char *words, *pattern, *example;
	size_t count;   /* words so far */
	size_t letters; /* in them */
	bool gap;       /* something was left out before the next word */
};

/* --- kinds of words ------------------------------------------------------- */

/* Characters that join the parts of a name or a number. */
static bool is_mark(char c)
{
	return strchr("@/\\<>[]{}=_*#%&+~|", c) != NULL;
}

static bool joins(const char *word, size_t at, size_t size)
{
	return (word[at] == '.' || word[at] == ':') && at > 0 && at + 1 < size;
}

/* Plain language: no digit, no mark, nothing invisible. */
static bool is_word(TALLOC_CTX *ctx, const char *word)
{
	size_t size = strlen(word);
	if (size > WORD_SIZE ||
	    strcmp(nx_text_escape(ctx, word, false), word) != 0)
		return false;
	for (size_t i = 0; i < size; i++)
		if (nx_text_is_digit(word[i]) || is_mark(word[i]) ||
		    joins(word, i, size))
			return false;
	return true;
}

/* "550", "5.1.1", "550-5.1.1": the same for every recipient. */
static bool is_code(const char *word)
{
	struct nx_status status;
	size_t digits = strspn(word, "0123456789");
	if (digits == 3 && strchr("245", *word)) {
		word += digits;
		if (*word == '\0')
			return true;
		word += *word == '-';
	}
	return nx_status_parse(word, &status) == strlen(word) && *word;
}

static bool is_host(const char *word)
{
	for (size_t i = 0; word[i]; i++)
		if (is_mark(word[i]) && !strchr("[]<>", word[i]))
			return false;
	return strchr(word, '.') != NULL;
}

/* What replaces it in an example. */
static const char *invent(const char *word)
{
	if (strchr(word, '@'))
		return "<" NX_CANDIDATE_ADDRESS ">";
	if (strstr(word, "://"))
		return "https://www.example.com/";
	if (strspn(word, "[]().,:;0123456789") == strlen(word) &&
	    strchr(word, '.'))
		return "[192.0.2.1]";
	return is_host(word) ? "mx.example.com" : "x1";
}

/* --- the pattern ---------------------------------------------------------- */

static bool is_letter(char c)
{
	c = nx_text_to_lower(c);
	return (c >= 'a' && c <= 'z') || (c & 0x80);
}

static void add_escaped(struct candidate_reading *reading, const char *word,
                        size_t size)
{
	for (size_t i = 0; i < size; i++)
		reading->pattern = talloc_asprintf_append_buffer(
		        reading->pattern, is_letter(word[i]) ? "%c" : "\\%c",
		        word[i]);
}

/* Adds it without the punctuation around it. */
static void add_word(struct candidate_reading *reading, const char *word)
{
	size_t size = strlen(word);
	while (size > 0 && !is_letter(word[size - 1]))
		size--;
	while (size > 0 && !is_letter(*word)) {
		word++;
		size--;
	}
	if (size == 0 || reading->count == WORDS)
		return;
	if (reading->count > 0)
		reading->pattern = talloc_strdup_append_buffer(
		        reading->pattern,
		        reading->gap ? ".{1,200}" : "\\W{1,5}");
	reading->words = talloc_asprintf_append_buffer(
	        reading->words, "%s%.*s", reading->gap ? " * " : " ", (int)size,
	        word);
	add_escaped(reading, word, size);
	reading->count++;
	reading->letters += size;
	reading->gap = false;
}

static void add_example(struct candidate_reading *reading, const char *text)
{
	reading->example = talloc_asprintf_append_buffer(
	        reading->example, "%s%s", *reading->example ? " " : "", text);
}

static void read_word(struct candidate_reading *reading, const char *word)
{
	if (is_word(reading->ctx, word)) {
		add_example(reading, word);
		add_word(reading, word);
		return;
	}
	add_example(reading, is_code(word) ? word : invent(word));
	reading->gap = true;
}

static void read_words(struct candidate_reading *reading, char *text)
{
	char *rest = text;
	for (char *word; (word = strsep(&rest, " ")) != NULL;)
		if (*word)
			read_word(reading, word);
}

bool nx_candidate_read(TALLOC_CTX *ctx, const char *diagnostic,
                       struct nx_candidate *out)
{
	TALLOC_CTX *scratch = talloc_new(ctx);
	struct candidate_reading reading = {
	        .ctx = scratch,
	        .words = talloc_strdup(scratch, ""),
	        .pattern = talloc_strdup(scratch, ""),
	        .example = talloc_strdup(scratch, "")};
	read_words(&reading, nx_text_squeeze(scratch, diagnostic, SIZE));
	bool known = reading.count >= LEAST_WORDS &&
	             reading.letters >= LEAST_LETTERS;
	if (known)
		*out = (struct nx_candidate){
		        .words = nx_text_lower(ctx, reading.words),
		        .pattern = talloc_steal(ctx, reading.pattern),
		        .example = talloc_steal(ctx, reading.example)};
	talloc_free(scratch);
	return known;
}
