/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_PATTERNS_H
#define NX_REPORT_CONDITIONS_PATTERNS_H

#include "base/yaml.h"
#include "match/pattern.h"
#include "report/lines.h"

/* Lists of patterns as formats have them, and the lines that they match. */
struct nx_patterns { /* tried in order, the first match counts */
	const struct nx_pattern **item;
	size_t count;
};

/* With multiline, ^ and $ also stand at line ends. */
NX_MUST_USE bool nx_patterns_load_one(TALLOC_CTX *ctx,
                                      const struct nx_yaml *node,
                                      bool multiline,
                                      const struct nx_pattern **out,
                                      struct nx_error *err);

/* A member that is one pattern or a list of them; absent is an empty list. */
NX_MUST_USE bool nx_patterns_load(TALLOC_CTX *ctx, const struct nx_yaml *map,
                                  const char *key, bool multiline,
                                  struct nx_patterns *out,
                                  struct nx_error *err);

/* What the filter of many patterns says of one: bits, by number. */
static inline bool nx_patterns_may_match(const uint64_t *bits, size_t number)
{
	return bits[number / NX_PREFILTER_BITS] >> number % NX_PREFILTER_BITS &
	       1;
}

/* The size of a line as patterns see it, bounded for their sake. */
size_t nx_patterns_line_size(struct nx_line line);

/* Whether one of the patterns matches the line. */
bool nx_patterns_take(const struct nx_patterns *patterns, struct nx_line line);

/* The first line that a pattern matches, or NULL. */
const char *nx_patterns_find_line(const struct nx_patterns *patterns,
                                  const char *text);

/* The text before the first line that a pattern matches. */
char *nx_patterns_cut(TALLOC_CTX *ctx, const struct nx_patterns *patterns,
                      char *text);

/* The text with a line end in place of whatever a pattern matches. */
char *nx_patterns_split(TALLOC_CTX *ctx, const struct nx_patterns *patterns,
                        char *text);

#endif
