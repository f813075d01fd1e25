/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_VERDICTS_H
#define NX_TESTS_VERDICTS_H

/* Small rules for tests of verdicts, and recipients to judge by them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources.h"

#include "classify/classify.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char reasons[] =
        "reasons:\n"
        "  - {id: unknown-user, class: hard, fault: recipient,\n"
        "     advice: never, says: A}\n"
        "  - {id: full, class: soft, fault: recipient,\n"
        "     advice: retry later, says: A}\n"
        "  - {id: blocked, class: soft, fault: sender, advice: delist,\n"
        "     says: A}\n"
        "  - {id: policy, class: soft, fault: message, advice: fix,\n"
        "     says: A}\n"
        "  - {id: undefined, class: hard, fault: unknown, advice: none,\n"
        "     says: A}\n"
        "  - {id: abuse, class: complaint, fault: recipient, advice: never,\n"
        "     says: A}\n"
        "  - {id: calm, class: none, fault: unknown, advice: none, says: A}\n";

static const char status[] =
        "status:\n"
        "  - {code: 5.1.1, reason: unknown-user}\n"
        "  - {code: 4.1.1, reason: unknown-user}\n"
        "  - {code: 5.2, reason: full}\n"
        "  - {code: 5.2.0, reason: undefined, weak: true}\n"
        "  - {code: 5.0.0, reason: undefined, weak: true}\n"
        "  - {code: 4.4.7, reason: full, class: hard}\n";

static const char replies[] = "replies:\n"
                              "  - {code: 558, reason: policy,\n"
                              "     advice: 'fix ${ip}'}\n"
                              "  - {code: 559, reason: unknown-user,\n"
                              "     confirm: 2 days}\n"
                              "  - {code: 459, reason: unknown-user,\n"
                              "     confirm: 2 days}\n"
                              "  - {code: 550, reason: unknown-user}\n"
                              "  - {code: 450, reason: unknown-user}\n"
                              "  - {code: 554, reason: policy, weak: true}\n";

static const char actions[] =
        "actions:\n"
        "  - {action: delayed, reason: full}\n"
        "  - {action: failed, reason: policy}\n"
        "  - {action: failed, digit: 4, reason: full}\n"
        "  - {action: failed, digit: 5, reason: unknown-user}\n";

static const char text[] =
        "rules:\n"
        "  - id: text/listed\n"
        "    when: {text: 'listed (?:at|in) (?<url>https?://\\S+)'}\n"
        "    reason: blocked\n"
        "    advice: delist ${url}\n"
        "    examples: ['550 5.7.1 you are listed at https://b.example/x']\n"
        "  - id: text/refused\n"
        "    when: {text: 'refused'}\n"
        "    reason: blocked\n"
        "    advice: delist ${url} for ${ip}\n"
        "    examples: ['550 refused']\n"
        "  - id: text/no-reverse\n"
        "    when: {text: 'reverse dns', not: 'whatever'}\n"
        "    reason: blocked\n"
        "    fault: network\n"
        "    class: none\n"
        "    examples: [No reverse DNS]\n"
        "    counterexamples: [No reverse DNS whatever]\n"
        "  - id: text/full\n"
        "    when: {text: 'mailbox full'}\n"
        "    reason: full\n"
        "    examples: [550 5.2.2 Mailbox full]\n"
        "  - id: text/refused-at-rcpt\n"
        "    when: {phase: rcpt, reply: '55[04]', status: '5\\.7\\.\\d+'}\n"
        "    reason: unknown-user\n"
        "    examples: [{text: x, phase: rcpt, reply: 550, status: 5.7.1}]\n"
        "  - id: text/host\n"
        "    when: {mta: '\\.deny\\.example$', domain: '^b\\.'}\n"
        "    reason: policy\n"
        "    examples: [{text: x, mta: a.deny.example, domain: b.example}]\n"
        "  - id: text/unknown\n"
        "    when: {text: 'user unknown'}\n"
        "    reason: unknown-user\n"
        "    examples: [User unknown]\n";

static const char provider[] =
        "provider: {name: p, mta: '\\.p\\.example$', domain: '^p\\.example$'}\n"
        "rules:\n"
        "  - id: p/limit\n"
        "    when: {text: 'mailbox full'}\n"
        "    reason: policy\n"
        "    examples: [Mailbox full]\n";

static const char feedback[] = "feedback:\n"
                               "  - {type: '*', reason: calm}\n"
                               "  - {type: abuse, reason: abuse}\n";

static const char kinds[] = "kinds:\n"
                            "  - {kind: auto-reply, reason: calm}\n";

static inline int compile_rules(void **state)
{
	const struct nx_source sources[] = {
	        source("actions.yaml", actions),
	        source("feedback.yaml", feedback),
	        source("kinds.yaml", kinds),
	        source("order.yaml", "order: [p.yaml, text.yaml]\n"),
	        source("p.yaml", provider),
	        source("reasons.yaml", reasons),
	        source("replies.yaml", replies),
	        source("status.yaml", status),
	        source("text.yaml", text),
	};
	return begin_sources(state, sources, COUNT(sources));
}

static inline int free_rules(void **state)
{
	talloc_free(*state);
	return 0;
}

/* A recipient as the readers make it. */
static inline struct nx_recipient failed(void *ctx, const char *diagnostic)
{
	struct nx_recipient recipient = {
	        .address = "someone@a.example",
	        .action = NX_ACTION_FAILED,
	        .remote_mta = "",
	        .diagnostic = diagnostic,
	};

	nx_reply_parse(ctx, diagnostic, &recipient.reply);
	recipient.status = recipient.reply.status;
	return recipient;
}

static inline struct nx_verdict judge(void *ctx, const struct nx_tables *tables,
                                      struct nx_recipient *recipient,
                                      struct nx_trace *trace)
{
	const struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "mx.here.example",
	        .recipient = recipient,
	        .recipients = 1,
	};

	return nx_classify(ctx, tables, &report, 0, trace);
}

static inline void set_status(const char *code, struct nx_recipient *recipient)
{
	if (*code == '\0')
		return;
	assert_int_equal(nx_status_parse(code, &recipient->status),
	                 strlen(code));
	recipient->status_field = recipient->status;
}

#endif
