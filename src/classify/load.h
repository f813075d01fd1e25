/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_LOAD_H
#define NX_CLASSIFY_LOAD_H

#include "base/yaml.h"
#include "classify/rule.h"

/*
 * Reading rule files into tables; only for classify/. All are strict, and an
 * error says where and what to do.
 */
struct nx_case { /* an example or counterexample that waits to be run */
	const struct nx_rule *rule;
	const struct nx_yaml *node;
	bool counter; /* the rule must not decide it */
};

struct nx_disabled { /* a shipped rule that a site rule file disables */
	const char *id;
	const struct nx_yaml *node;
};

struct nx_loader {
	struct nx_tables *tables; /* what is kept is allocated here */
	TALLOC_CTX *scratch; /* the trees and the cases, until loading ends */
	bool site;           /* the file being read is a site file */
	bool *site_reason;   /* per tables->reason: declared by a site file */
	const struct nx_yaml *order; /* the list of order.yaml, or NULL */
	struct nx_disabled *disabled;
	size_t disabled_count;
	struct nx_rule **rule; /* in order of reading */
	size_t rules;
	struct nx_case *cases;
	size_t count;
	struct nx_error *err;
};

/* The list under a key that must be present. */
bool nx_load_list(struct nx_loader *loader, const struct nx_yaml *root,
                  const char *key, const struct nx_yaml **out);

/* The same for a file with nothing else: calls load for each row, until one
 * fails. */
bool nx_load_rows(struct nx_loader *loader, const struct nx_yaml *root,
                  const char *key,
                  bool (*load)(struct nx_loader *loader,
                               const struct nx_yaml *row));

/* A new rule from a row, with the keys that all rules share: reason, class,
 * fault, advice. id is copied. */
struct nx_rule *nx_load_rule(struct nx_loader *loader,
                             const struct nx_yaml *row, enum nx_table table,
                             const char *id);

/* A copy that lives as long as the tables. */
const char *nx_load_keep(struct nx_loader *loader, const char *text);

/* The member must be present and consist of [a-z0-9-], and "/" when slash. */
bool nx_load_id(struct nx_loader *loader, const struct nx_yaml *row,
                const char *key, bool slash, const char **out);

/* Optional members: when absent, *out stays as it is. *given says whether it
 * was present. */
bool nx_load_class(struct nx_loader *loader, const struct nx_yaml *row,
                   const char *key, enum nx_class *out, bool *given);
bool nx_load_fault(struct nx_loader *loader, const struct nx_yaml *row,
                   enum nx_fault *out, bool *given);
bool nx_load_advice(struct nx_loader *loader, const struct nx_yaml *row,
                    const char **out, bool *given);
/* "2 days": the rule's answer is then doubtful until confirmed, so it must be
 * hard and the recipient's fault. */
bool nx_load_confirm(struct nx_loader *loader, const struct nx_yaml *row,
                     struct nx_rule *rule);
/* Every ${name} in an advice must be url, ip or a named group of the
 * pattern. */
bool nx_load_check_words(struct nx_loader *loader, const struct nx_yaml *row,
                         const char *advice, const char *pattern);
bool nx_load_check_advice(struct nx_loader *loader, const struct nx_yaml *row,
                          struct nx_rule *rule);

/* Each reads a row of a file that is a list of them. */
bool nx_load_status(struct nx_loader *loader, const struct nx_yaml *row);
bool nx_load_reply(struct nx_loader *loader, const struct nx_yaml *row);
bool nx_load_action(struct nx_loader *loader, const struct nx_yaml *row);
bool nx_load_ours(struct nx_loader *loader, const struct nx_yaml *row);
bool nx_load_kind(struct nx_loader *loader, const struct nx_yaml *row);
bool nx_load_feedback(struct nx_loader *loader, const struct nx_yaml *row);
bool nx_load_group(struct nx_loader *loader, const struct nx_yaml *row);

/* Each reads the tree of a file. */
bool nx_load_reasons(struct nx_loader *loader, const struct nx_yaml *root);
bool nx_load_zones(struct nx_loader *loader, const struct nx_yaml *root);
bool nx_load_text(struct nx_loader *loader, const struct nx_yaml *root);

/* The answer for a refusal that is about somebody else than the recipient and
 * that no other rule matches: a row of parties.yaml. */
bool nx_load_party(struct nx_loader *loader, const struct nx_yaml *row);
bool nx_load_profile(struct nx_loader *loader, const struct nx_yaml *root);

/* A row with a code of the table's kind; its id is prefix, a slash, the code.
 * The caller has checked the keys. */
bool nx_load_code(struct nx_loader *loader, const struct nx_yaml *row,
                  enum nx_table table, const char *prefix);

/* The name that a shipped rule or file has now, when a site file uses one that
 * it had: then with a warning that names the place. Every other name is its
 * own. */
const char *nx_load_name(struct nx_loader *loader, const struct nx_yaml *node,
                         const char *name);

/* Reads "disable:" of a file, if it is present. */
bool nx_load_disable(struct nx_loader *loader, const struct nx_yaml *root);

/* Puts site rules before or in place of shipped ones, removes what is disabled,
 * and checks that every id is unique. */
bool nx_load_merge(struct nx_loader *loader);

/* The examples of a rule, at least one, and its counterexamples; they wait
 * until all rules are loaded. */
bool nx_load_cases(struct nx_loader *loader, const struct nx_yaml *row,
                   struct nx_rule *rule);

/* Runs the waiting cases, when the tables are complete. */
bool nx_load_examples(struct nx_loader *loader);

/* What is known of a report with this example, on ctx. Unless it names an MTA,
 * it comes from that provider. */
struct nx_facts *nx_case_facts(TALLOC_CTX *ctx,
                               const struct nx_concepts *concepts,
                               const struct nx_yaml *node,
                               const struct nx_provider *provider,
                               struct nx_error *err);

/* The phase of that name, for conditions and examples. */
bool nx_load_phase(const struct nx_yaml *map, enum nx_phase *out,
                   struct nx_error *err);

#endif
