/* SPDX-License-Identifier: ISC */

/*
 * first_match TEXTS PATTERNS…: finds which of the patterns of each file is the
 * first that matches each text, in two ways: through the prefilter as nixie
 * does, and by trying one pattern after the other, compiled to machine code.
 * All files are texts with a NUL after each. Prints JSON lines with the best
 * times of several rounds; fails when the two ways differ.
 */
#include "match/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NONE = -1, ROUNDS = 5, TIMES = 20 };

struct list {
	const char **text;
	size_t *size;
	size_t count;
};

struct rules {
	size_t count;
	const struct nx_prefilter *filter;
	const struct nx_pattern **pattern;
	TALLOC_CTX *scratch;
	pcre2_code **code;
	pcre2_match_data *data;
	size_t matched;     /* number of texts */
	double fast, plain; /* microseconds per text */
};

static char *read_file(TALLOC_CTX *ctx, const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	*size = 0;
	for (size_t room = 1 << 16; file != NULL && !feof(file); room *= 2) {
		bytes = talloc_realloc(ctx, bytes, char, room);
		*size += fread(bytes + *size, 1, room - *size, file);
		if (ferror(file))
			break;
	}
	if (file == NULL || ferror(file)) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	fclose(file);
	return bytes;
}

static struct list read_list(TALLOC_CTX *ctx, const char *path)
{
	struct list list = {0};
	size_t size;
	char *at = read_file(ctx, path, &size);
	const char *end = at + size;
	for (; at < end; at += strlen(at) + 1) {
		list.text = talloc_realloc(ctx, list.text, const char *,
		                           list.count + 1);
		list.size =
		        talloc_realloc(ctx, list.size, size_t, list.count + 1);
		list.text[list.count] = at;
		list.size[list.count++] = strlen(at);
	}
	return list;
}

static pcre2_code *compile_machine(const char *source)
{
	int fault;
	size_t where;
	pcre2_code *code =
	        pcre2_compile((PCRE2_SPTR)source, strlen(source),
	                      PCRE2_UTF | PCRE2_CASELESS, &fault, &where, NULL);
	if (code == NULL || pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) != 0) {
		fprintf(stderr, "not compiled: %s\n", source);
		exit(EXIT_FAILURE);
	}
	return code;
}

static struct rules compile(TALLOC_CTX *ctx, const char **source, size_t count)
{
	struct nx_error err;
	struct rules rules = {.count = count};
	rules.filter = nx_prefilter_compile(ctx, source, count);
	rules.scratch = talloc_pool(ctx, 64 * 1024);
	rules.pattern = talloc_array(ctx, const struct nx_pattern *, count);
	rules.code = talloc_array(ctx, pcre2_code *, count);
	rules.data = pcre2_match_data_create(1, NULL);
	for (size_t i = 0; i < count; i++) {
		if (!nx_pattern_compile(ctx, source[i], false,
		                        &rules.pattern[i], &err)) {
			fprintf(stderr, "%s: %s\n", source[i], err.text);
			exit(EXIT_FAILURE);
		}
		rules.code[i] = compile_machine(source[i]);
	}
	return rules;
}

static void forget(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		pcre2_code_free(rules->code[i]);
	pcre2_match_data_free(rules->data);
}

static long first_of(const struct rules *rules, const uint64_t *found,
                     const char *text, size_t size)
{
	struct nx_match match;
	for (size_t word = 0; word * NX_PREFILTER_BITS < rules->count; word++) {
		for (uint64_t bits = found[word]; bits != 0; bits &= bits - 1) {
			size_t i = word * NX_PREFILTER_BITS +
			           (size_t)__builtin_ctzll(bits);
			if (nx_pattern_find(rules->pattern[i], text, size,
			                    &match))
				return (long)i;
		}
	}
	return NONE;
}

static long with_filter(const struct rules *rules, const char *text,
                        size_t size)
{
	const uint64_t *found =
	        nx_prefilter_find(rules->scratch, rules->filter, text, size);
	long first = first_of(rules, found, text, size);
	talloc_free_children(rules->scratch);
	return first;
}

static long one_by_one(const struct rules *rules, const char *text, size_t size)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (pcre2_jit_match(rules->code[i], (PCRE2_SPTR)text, size, 0,
		                    0, rules->data, NULL) >= 0)
			return (long)i;
	}
	return NONE;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Microseconds per text. */
static double measure(const struct rules *rules, const struct list *texts,
                      int times,
                      long (*find)(const struct rules *rules, const char *text,
                                   size_t size))
{
	double start = now();
	for (int k = 0; k < times; k++)
		for (size_t i = 0; i < texts->count; i++)
			find(rules, texts->text[i], texts->size[i]);
	return (now() - start) / times / (double)texts->count;
}

static void check_same(struct rules *rules, const struct list *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		long fast = with_filter(rules, texts->text[i], texts->size[i]);
		long plain = one_by_one(rules, texts->text[i], texts->size[i]);
		rules->matched += plain != NONE;
		if (fast == plain)
			continue;
		fprintf(stderr, "%s: rule %ld and rule %ld\n", texts->text[i],
		        fast, plain);
		exit(EXIT_FAILURE);
	}
}

static void keep_best(double *best, double time)
{
	if (*best == 0 || time < *best)
		*best = time;
}

static void run_round(struct rules *rules, const struct list *texts)
{
	keep_best(&rules->fast, measure(rules, texts, TIMES, with_filter));
	keep_best(&rules->plain, measure(rules, texts, 1, one_by_one));
}

static void print(const struct rules *rules, size_t texts)
{
	printf("{\"bench\": \"first-match\", \"rules\": %zu, "
	       "\"texts\": %zu, \"matched\": %zu, "
	       "\"microseconds\": %.3f, \"plain\": %.3f}\n",
	       rules->count, texts, rules->matched, rules->fast, rules->plain);
}

int main(int argc, char **argv)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (argc < 3) {
		fputs("usage: first_match TEXTS PATTERNS...\n", stderr);
		return EXIT_FAILURE;
	}
	struct list texts = read_list(ctx, argv[1]);
	int sets = argc - 2;
	struct rules *rules = talloc_array(ctx, struct rules, (size_t)sets);
	for (int i = 0; i < sets; i++) {
		struct list patterns = read_list(ctx, argv[2 + i]);
		rules[i] = compile(ctx, patterns.text, patterns.count);
		check_same(&rules[i], &texts);
	}
	for (int i = 0; i < ROUNDS * sets; i++)
		run_round(&rules[i % sets], &texts);
	for (int i = 0; i < sets; i++) {
		print(&rules[i], texts.count);
		forget(&rules[i]);
	}
	talloc_free(ctx);
	return EXIT_SUCCESS;
}
