/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_TABLES_H
#define NX_CLASSIFY_TABLES_H

#include "base/yaml.h"
#include "classify/verdict.h"

#include <stddef.h>
#include <talloc.h>

/*
 * The rule tables, compiled from YAML (rules/, nixie-rules(5)). Immutable once
 * compiled; one compiled set serves any number of messages.
 */
struct nx_reason {
	const char *id;
	enum nx_class klass;
	enum nx_class transient; /* class when the answer was a 4xx or 4.x.x */
	enum nx_blame fault;
	const char *advice;
	const char *says; /* a sentence for people */
};

struct nx_rule_info { /* for lists and explanations */
	const char *id;
	const char *file;
	int line;
	enum nx_basis table;
	const char *reason;
	enum nx_class klass; /* after the reason's default */
	const char *pattern; /* text pattern or code, "" when none */
	size_t examples;
};

struct nx_tables;

/* The base name decides what a file holds: reasons, status, replies, actions,
 * feedback, kinds .yaml; every other name is text rules, in the order given.
 * Strict, the first error ends it: unknown key, duplicate id or code,
 * undeclared reason, bad pattern, example that another rule takes or that does
 * not match, counterexample that matches. */
NX_MUST_USE bool nx_tables_compile(TALLOC_CTX *ctx,
                                   const struct nx_source *sources,
                                   size_t count, const struct nx_tables **out,
                                   struct nx_error *err);

const struct nx_reason *nx_tables_reason(const struct nx_tables *tables,
                                         const char *id);
size_t nx_tables_reasons(const struct nx_tables *tables);
const struct nx_reason *nx_tables_reason_at(const struct nx_tables *tables,
                                            size_t index);

/* All rules of all tables, in order of asking. */
size_t nx_tables_count(const struct nx_tables *tables);
struct nx_rule_info nx_tables_info(const struct nx_tables *tables,
                                   size_t index);

#endif
