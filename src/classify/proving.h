/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_PROVING_H
#define NX_CLASSIFY_PROVING_H

#include "classify/decide.h"
#include "classify/prove_rules.h"
#include "classify/sentence_texts.h"

/* What the proofs share; only for the files of prove.h. */
struct nx_proving {
	TALLOC_CTX *ctx;     /* of the faults */
	TALLOC_CTX *scratch; /* of one rule */
	const struct nx_tables *tables;
	const struct nx_sentence_texts *texts;
	struct nx_proof proof;
};

void nx_proving_fault(struct nx_proving *proving, const struct nx_yaml *at,
                      const char *format, ...) NX_PRINTF(3, 4);

struct nx_judged {
	const struct nx_rule *by; /* NULL: no table has an answer */
	struct nx_verdict verdict;
};

/* An example of a rule, as if another one were not there unless that is
 * NULL. */
struct nx_judged nx_proving_judge(const struct nx_proving *proving,
                                  const struct nx_yaml *example,
                                  const struct nx_rule *rule,
                                  const struct nx_rule *without);

/* The sentence that a condition of the rule has at this index, as written. */
const struct nx_yaml *nx_proving_node(const struct nx_rule *rule,
                                      const char *key, size_t index);

/* What the rule says, in all languages. */
void nx_prove_sentences(struct nx_proving *proving, const struct nx_rule *rule);

#endif
