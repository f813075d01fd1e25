/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_POLICIES_H
#define TESTS_UNIT_POLICIES_H

#include "sources.h"

#include "policy/policy.h"

/* A policy from text, with a few declared reasons. */

static const char REASONS[] =
        "reasons:\n"
        "  - { id: unknown-user, class: hard, fault: recipient,\n"
        "      advice: never, says: No such mailbox. }\n"
        "  - { id: mailbox-full, class: soft, fault: recipient,\n"
        "      advice: retry, says: The mailbox is full. }\n";

/* The rest of a policy for a test about one cause only. */
#define OTHER_CAUSES                                                           \
	"complaint: { ladder: [forever] }\n"                                   \
	"unsubscribe: { ladder: [forever] }\n"                                 \
	"manual: { ladder: [forever] }\n"

static inline bool compile_policy(TALLOC_CTX *ctx, const char *text,
                                  const struct nx_policy **out,
                                  struct nx_error *err)
{
	const struct nx_tables *tables;
	struct nx_source reasons = {"reasons.yaml", REASONS,
	                            sizeof(REASONS) - 1, false};
	struct nx_source policy = {"policy.yaml", text, strlen(text), false};
	return compile_sources(ctx, &reasons, 1, &tables, err) &&
	       nx_policy_compile(ctx, &policy, tables, out, err);
}

#endif
