/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_RULE_H
#define NX_CLASSIFY_RULE_H

#include "classify/tables.h"
#include "concepts/sentence.h"
#include "mail/reply.h"
#include "match/pattern.h"

/*
 * A rule and the tables as they are in memory; only for classify/. The loader
 * fills them, the walk reads them.
 */

/* The tables, in the order in which they are asked. All rules stand in one
 * array, sorted by this; each table is a slice of it. */
enum nx_table {
	NX_TABLE_ACTION = 0, /* delayed, delivered, …: decides before all */
	NX_TABLE_OURS,       /* which of our addresses it is */
	NX_TABLE_KIND,
	NX_TABLE_FEEDBACK,
	NX_TABLE_PROFILE_STATUS, /* the two of a profile */
	NX_TABLE_PROFILE_REPLY,
	NX_TABLE_PROVIDER, /* text rules of one provider's file */
	NX_TABLE_TEXT,
	NX_TABLE_STATUS,
	NX_TABLE_REPLY,
	NX_TABLE_PARTY,   /* not about the recipient, but about this party */
	NX_TABLE_FAILURE, /* action failed: the last answer */
	NX_TABLES
};

/* One condition. The pattern is behind a pointer so that the rule itself can be
 * const while the pattern is compiled on first use. */
struct nx_test {
	const char *source;                /* as written; "" when not given */
	const struct nx_pattern **pattern; /* NULL when not given */
};

struct nx_provider { /* the provider whose file the rule stands in */
	const char *name;
	struct nx_test mta;
	struct nx_test domain;
};

struct nx_when {
	struct nx_test text;
	struct nx_test not_text; /* in the clause of the words that match */
	struct nx_test nowhere;  /* in all of the text */
	struct nx_sentences says;
	struct nx_sentences unless; /* in the clause of what is said */
	uint64_t languages;    /* of says: that have words for the things that
	                          may be meant instead */
	struct nx_test status; /* the whole code */
	struct nx_test reply;  /* the whole code */
	struct nx_test mta;
	struct nx_test domain;
	enum nx_phase phase; /* NONE: any */
	bool by_ours;        /* said by a host of ours */
};

struct nx_rule {
	const char *id;
	const struct nx_yaml *source; /* where it is written, for proofs; NULL
	                                 in an image */
	const char *file;
	int line;
	int column;
	bool site;    /* from a site rule file */
	bool dropped; /* disabled or replaced */
	long place;   /* in order of reading; site rules come before all */
	enum nx_table table;
	long key;         /* in a table that is looked up: see nx_key_… */
	const char *code; /* the key as written; the type of a feedback row */
	bool weak;
	bool firm;  /* for a code: words about the recipient do not overrule it
	             */
	bool vague; /* for text: its words prove little alone, so the party that
	               the whole refusal is about counts, too */
	const struct nx_provider *provider; /* NULL: a general rule */
	struct nx_when when;
	const struct nx_reason *reason;
	int confirm_days; /* for a hard rule: soft until then; 0: at once */
	bool has_class;   /* class overrides the reason's, transient or not */
	enum nx_class class;
	enum nx_fault fault;
	const char *advice;
	bool advice_has_groups; /* "${name}" is in it */
	size_t examples;
};

struct nx_slice {
	size_t first;
	size_t count;
};

struct nx_source_position { /* a word in a file that the check may name */
	const char *file;
	int line;
	int column;
};

struct nx_group_domain { /* of a member of a group */
	const char *name;
	const char *domain;
};

struct nx_provider_group { /* providers with something in common */
	const char *id;
	const char *says;
	const char **provider;
	struct nx_source_position *at; /* where each is named */
	size_t providers;
	struct nx_group_domain *domain;
	size_t domains;
};

struct nx_tables {
	struct nx_reason *reason;
	size_t reasons;
	const struct nx_rule **rule; /* in the order in which they are asked */
	size_t rules;
	struct nx_slice table[NX_TABLES];
	const char *unused_disable; /* the error of a site file that disables
	                               what is not there, or "" */
	const char **warning;       /* of each old name in a site file */
	size_t warnings;
	struct nx_provider_group *group;
	size_t groups;
	const char **zone; /* of blocklists */
	size_t zones;
	const char **before_zone; /* words after which any zone follows */
	size_t before_zones;
	struct nx_slice text; /* the provider and the text table together */
	const struct nx_prefilter *prefilter; /* over text; NULL: ask all */
	const struct nx_concepts *concepts;
	uint64_t asked; /* the concepts that rules ask for */
};

/* The key that a rule is sorted and found by. */
enum { NX_ANY_DETAIL = 1000 }; /* for a status row "x.y" */
long nx_key_of_status(int class, int subject, int detail);
long nx_key_of_action(int action, int digit);

/* temporary: the answer was a 4xx or 4.x.x; a reason's class may depend on
 * it. */
enum nx_class nx_rule_class(const struct nx_rule *rule, bool temporary);

enum nx_basis nx_table_basis(enum nx_table table);

#endif
