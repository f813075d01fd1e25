/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_TABLES_H
#define NX_CLASSIFY_TABLES_H

#include "base/yaml.h"
#include "classify/verdict.h"
#include "concepts/concepts.h"

#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * The rule tables, compiled from YAML (rules/, nixie-rules(5)). Immutable once
 * compiled; one set serves any number of messages.
 */
struct nx_reason {
	const char *id;
	enum nx_class class;
	enum nx_class transient; /* class when the answer was a 4xx or 4.x.x */
	enum nx_fault fault;
	const char *advice;
	const char *says; /* a sentence for people */
	int64_t block;    /* seconds that its block event lasts; 0: none */
};

struct nx_rule_info { /* a rule, for lists and explanations */
	const char *id;
	const char *file;
	int line;
	int column;
	bool site;            /* from a site rule file */
	const char *provider; /* the provider it is about, or "": see
	                         nx_tables_info */
	enum nx_basis table;
	const char *reason;
	enum nx_class class; /* the reason's default is applied */
	int confirm_days;    /* as in a verdict */
	const char *pattern; /* text pattern or code, "" when none */
	size_t examples;
};

struct nx_tables;

/* The base name decides what a file holds: reasons, status, replies, actions,
 * feedback, kinds, parties, providers, zones .yaml; a file in a folder
 * "profiles" is the chosen profile; every other name is text rules. Of shipped
 * files of these, unless there is only one, order.yaml lists the order; site
 * files come as given. Strict; the first error ends it: unknown key, duplicate
 * id or code, undeclared reason, bad pattern, example that another rule takes
 * or that does not match, counterexample that matches.
 *
 * Rules of site files are asked before shipped ones of the same table, or, with
 * the id of a shipped one, in its place; reasons of the same id replace shipped
 * ones; what they disable is removed. A site rule may take the example of a
 * shipped one. */
NX_MUST_USE bool nx_tables_compile(TALLOC_CTX *ctx,
                                   const struct nx_concepts *concepts,
                                   const struct nx_source *sources,
                                   size_t count, const struct nx_tables **out,
                                   struct nx_error *err);

/* What a site file should write instead of an old name, with its place, in the
 * order of reading; NULL: there are no more. */
const char *nx_tables_warning(const struct nx_tables *tables, size_t index);

const struct nx_reason *nx_tables_reason(const struct nx_tables *tables,
                                         const char *id);
size_t nx_tables_reasons(const struct nx_tables *tables);

/* All rules of all tables, in the order in which they are asked. A rule is
 * about the provider of its file, else about the one that the first part of its
 * id names, when there is a provider or a member of a group of that name. */
size_t nx_tables_count(const struct nx_tables *tables);
struct nx_rule_info nx_tables_info(const struct nx_tables *tables,
                                   size_t index);

/* Runs the pattern of one condition of a rule, if the rule has it, over the
 * text, to measure the time it takes. */
enum { NX_CONDITIONS = 7 };
void nx_tables_try(const struct nx_tables *tables, size_t index,
                   size_t condition, const char *text);

/* The rule of that id, or false. */
bool nx_tables_find(const struct nx_tables *tables, const char *id,
                    struct nx_rule_info *out);

/* The other providers of the same group, separated by commas; "" when there is
 * none. *says is what they have in common. */
const char *nx_tables_related(TALLOC_CTX *ctx, const struct nx_tables *tables,
                              const char *provider, const char **says);

/* The same for one whose servers or mailboxes are of that domain: the names of
 * the others that rules/providers.yaml gives domains. */
const char *nx_tables_neighbours(TALLOC_CTX *ctx,
                                 const struct nx_tables *tables,
                                 const char *domain, const char **says);

/* The zone of a blocklist that a host is, or is below; NULL: none that is
 * known. */
const char *nx_tables_zone(const struct nx_tables *tables, const char *host);
/* The first size bytes of a text end in words after which a zone follows. */
bool nx_tables_is_before_zone(const struct nx_tables *tables, const char *text,
                              size_t size);

/* Finds what does not keep tables from loading but is wrong: a site file
 * disables a rule that does not exist (a newer version may have dropped it), or
 * a group names a provider that no rule is about. The error names the place. */
NX_MUST_USE bool nx_tables_check_names(const struct nx_tables *tables,
                                       struct nx_error *err);

#endif
