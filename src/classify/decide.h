/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_DECIDE_H
#define NX_CLASSIFY_DECIDE_H

#include "classify/classify.h"
#include "classify/facts.h"
#include "classify/rule.h"

/*
 * The walk through the tables; only for classify/. Table after table is asked
 * about the facts of one recipient.
 */
struct nx_answer {
	const struct nx_rule *rule; /* NULL: no table has an answer */
	const char *matched;        /* on the walk's ctx */
	struct nx_match match; /* where matched stands, for a text pattern */
};

/* trace may be NULL; with a trace the tables after the one that decides are
 * asked as well, to show what they would have answered. */
struct nx_answer nx_decide(TALLOC_CTX *ctx, const struct nx_tables *tables,
                           const struct nx_facts *facts,
                           struct nx_trace *trace);

/* What an answer amounts to; its advice is filled in. */
struct nx_verdict nx_verdict_of(TALLOC_CTX *ctx, const struct nx_facts *facts,
                                struct nx_answer answer);

/* One table each: the rule that matches, or NULL. */
const struct nx_rule *nx_match_key(const struct nx_tables *tables,
                                   enum nx_table table, long key);
const struct nx_rule *nx_match_status(const struct nx_tables *tables,
                                      enum nx_table table,
                                      struct nx_status status);
const struct nx_rule *nx_match_feedback(const struct nx_tables *tables,
                                        const char *type);
/* The rule for a refusal that is not about the recipient. */
const struct nx_rule *nx_match_party(const struct nx_tables *tables,
                                     const struct nx_facts *facts);

/* Whether the enhanced code speaks of something that cannot be the recipient's
 * address, as 5.3.4 does. */
bool nx_match_is_firm(const struct nx_tables *tables,
                      const struct nx_facts *facts);

/* False for a rule that blames the recipient when the refusal is about somebody
 * else. */
bool nx_match_may_judge(const struct nx_rule *rule,
                        const struct nx_facts *facts);

const struct nx_rule *nx_match_failure(const struct nx_tables *tables,
                                       const struct nx_facts *facts);

/* The text rules; *match is where the text pattern matched, *asked is how many
 * rules the prefilter left. */
const struct nx_rule *nx_match_text(TALLOC_CTX *ctx,
                                    const struct nx_tables *tables,
                                    const struct nx_facts *facts,
                                    struct nx_match *match, size_t *asked);

/* The next rule that would match if that one did not: for a trace. */
const struct nx_rule *nx_match_text_behind(const struct nx_tables *tables,
                                           const struct nx_facts *facts,
                                           const struct nx_rule *winner,
                                           struct nx_match *match);

#endif
