/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_PATTERN_H
#define NX_BASE_PATTERN_H

#include "base/error.h"

#include <talloc.h>

/*
 * Patterns; PCRE2 is fenced here. Always UTF-8, caseless for ASCII and
 * Unicode, interpreted (no JIT: hostile input, and a sandbox without writable
 * and executable memory). The caller bounds and squeezes the subject; match,
 * depth and heap limits are set here (100,000, 10,000, 20 MB). A limit that is
 * hit means "no match".
 */
struct nx_pattern;

struct nx_match {
	size_t start; /* bytes, of the whole match */
	size_t end;
};

enum { NX_PATTERN_GROUPS = 16 }; /* named groups kept of one match */

struct nx_groups {
	struct nx_match whole;
	size_t count;
	struct {
		const char *name; /* lives as long as the pattern */
		size_t start, end;
	} item[NX_PATTERN_GROUPS];
};

/* The error names the position in the pattern, from 1. With multiline, ^ and
 * $ also stand at line ends (LF). */
NX_MUST_USE bool nx_pattern_compile(TALLOC_CTX *ctx, const char *source,
                                    bool multiline,
                                    const struct nx_pattern **out,
                                    struct nx_error *err);

/* True and *out when the pattern is found in text[0..size). */
bool nx_pattern_find(const struct nx_pattern *pattern, const char *text,
                     size_t size, struct nx_match *out);

/* The same from an offset on, with the named groups that took part. */
bool nx_pattern_groups(const struct nx_pattern *pattern, const char *text,
                       size_t size, size_t from, struct nx_groups *out);

const char *nx_pattern_source(const struct nx_pattern *pattern);

/* Literals of which at least one occurs in whatever the pattern matches, in
 * lower case and at least three bytes long: what a prefilter looks for. An
 * empty list (count 0) means that nothing can be said. */
const char *const *nx_pattern_literals(TALLOC_CTX *ctx, const char *source,
                                       size_t *count);

#endif
