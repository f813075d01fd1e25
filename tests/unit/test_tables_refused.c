/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tables.h"

/* Mistakes in the files of rules: each is refused, and named by its place. */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* One way to break a file; what stands before it is always good. */
struct broken {
	const char *name;
	const char *file;
	const char *content;
	const char *error; /* what the message begins with */
	const char *hint;  /* and what it holds */
};

#define GROUP "{id: a, says: A, providers: [p, q]}"
#define ROW   "{code: 5.1.1, reason: spam, class: soft}"
#define RULE(when, rest)                                                       \
	"rules:\n  - id: text/a\n    when: " when "\n    reason: spam\n" rest
#define EXAMPLE "    examples: ['550 spam']\n"

static const char concepts[] = "concepts: [{id: junk, says: a}]\n";
static const char words[] = "language: en\nwords: {junk: rubbish}\n";

static const struct broken broken[] = {
        /* --- reasons --- */
        {"a reason file with another key", "reasons.yaml", "reason: []\n",
         "reasons.yaml:1:1: ", "reasons"},
        {"a reason file that is empty", "reasons.yaml", "",
         "reasons.yaml:1:1: ", "reasons"},
        {"reasons that are no list", "reasons.yaml", "reasons: hard\n",
         "reasons.yaml:1:10: ", "must be a list"},
        {"a reason that is no map", "reasons.yaml", "reasons:\n  - hard\n",
         "reasons.yaml:2:5: ", ""},
        {"a class that is none", "reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: heavy, fault: unknown, advice: none, says: A}\n",
         "reasons.yaml:2:20: ", "hard, soft, complaint"},
        {"a reason without a class", "reasons.yaml",
         "reasons:\n  - {id: a, fault: unknown, advice: none, says: A}\n",
         "reasons.yaml:2:5: ", "needs \"class\""},
        {"a reason without a fault", "reasons.yaml",
         "reasons:\n  - {id: a, class: soft, advice: none, says: A}\n",
         "reasons.yaml:2:5: ", "needs \"fault\""},
        {"a reason without advice", "reasons.yaml",
         "reasons:\n  - {id: a, class: soft, fault: unknown, says: A}\n",
         "reasons.yaml:2:5: ", "needs \"advice\""},
        {"a reason that says nothing", "reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: unknown, advice: none}\n",
         "reasons.yaml:2:5: ", "says"},
        {"a block event without a span", "reasons.yaml",
         "reasons:\n  - {id: a, class: soft, fault: sender, advice: none, "
         "says: A,\n     block: often}\n",
         "reasons.yaml:3:13: ", "must be a span"},
        {"a block event for ever", "reasons.yaml",
         "reasons:\n  - {id: a, class: soft, fault: sender, advice: none, "
         "says: A,\n     block: forever}\n",
         "reasons.yaml:3:13: ", "a year at most"},
        {"a block event that is the recipient's", "reasons.yaml",
         "reasons:\n  - {id: a, class: hard, fault: recipient, advice: none, "
         "says: A,\n     block: 24h}\n",
         "reasons.yaml:3:13: ", "needs the fault sender"},
        {"an id with other letters", "reasons.yaml",
         "reasons:\n"
         "  - {id: A b, class: soft, fault: unknown, advice: none, says: A}\n",
         "reasons.yaml:2:10: ", "a-z"},
        {"a fault that is nobody's", "reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: god, advice: none, says: A}\n",
         "reasons.yaml:2:33: ", "recipient, sender"},
        {"advice that is none", "reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: sender, advice: hope, says: A}\n",
         "reasons.yaml:2:49: ", "never, retry"},
        {"a reason that is declared twice", "reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: sender, advice: none, says: A}\n"
         "  - {id: a, class: soft, fault: sender, advice: none, says: B}\n",
         "reasons.yaml:3:10: ", "declared already"},
        {"advice with a word of no group", "reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: sender, advice: 'fix ${x}',\n"
         "     says: A}\n",
         "reasons.yaml:2:49: ", "no group (?<x>"},
        {"a key of a reason that is misspelled", "reasons.yaml",
         "reasons:\n"
         "  - {id: a, klass: soft, fault: sender, advice: none, says: A}\n",
         "reasons.yaml:2:13: ", "klass"},
        /* --- codes --- */
        {"a status of no class", "d/status.yaml",
         "status:\n  - {code: 3.1.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "2, 4 or 5"},
        {"a status that begins with a letter", "d/status.yaml",
         "status:\n  - {code: x.1.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "2, 4 or 5"},
        {"a status of four numbers", "d/status.yaml",
         "status:\n  - {code: 5.1.1.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "x.y.z"},
        {"a status of one number", "d/status.yaml",
         "status:\n  - {code: 5, reason: spam}\n",
         "d/status.yaml:2:12: ", "x.y.z"},
        {"a number of a status that is too long", "d/status.yaml",
         "status:\n  - {code: 5.1234.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "x.y.z"},
        {"a reason that is not declared", "d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spram}\n",
         "d/status.yaml:2:27: ", "not declared"},
        {"a status without a reason", "d/status.yaml",
         "status:\n  - {code: 5.1.1}\n", "d/status.yaml:2:5: ", "reason"},
        {"a row without a status", "d/status.yaml",
         "status:\n  - {reason: spam}\n", "d/status.yaml:2:5: ", "code"},
        {"weak by maybe", "d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam, weak: maybe}\n",
         "d/status.yaml:2:39: ", "true or false"},
        {"a key twice", "d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam, reason: full}\n",
         "d/status.yaml:2:33: ", "duplicate key"},
        {"a status twice", "d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam}\n"
         "  - {code: 5.1.1, reason: full}\n",
         "d/status.yaml:3:5: ", "d/status.yaml:2"},
        {"an anchor", "d/status.yaml",
         "status:\n  - &a {code: 5.1.1, reason: spam}\n",
         "d/status.yaml:2:5: ", "anchor"},
        {"a confirmation of what is not hard", "d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam, confirm: 2 days}\n",
         "d/status.yaml:2:42: ", "hard and the recipient's fault"},
        {"a confirmation without its unit", "d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: unknown-user, confirm: 2}\n",
         "d/status.yaml:2:50: ", "\"2 days\" to \"7 days\""},
        {"a confirmation that is too late", "d/status.yaml",
         "status:\n"
         "  - {code: 5.1.1, reason: unknown-user, confirm: 8 days}\n",
         "d/status.yaml:2:50: ", "\"2 days\" to \"7 days\""},
        {"a confirmation of what is not the recipient's fault", "d/status.yaml",
         "status:\n"
         "  - {code: 5.1.1, reason: unknown-user, fault: sender,\n"
         "     confirm: 2 days}\n",
         "d/status.yaml:3:15: ", "the recipient's fault"},
        {"advice of a status with a word of no group", "d/status.yaml",
         "status:\n"
         "  - {code: 5.1.1, reason: spam, advice: 'fix ${a}'}\n",
         "d/status.yaml:2:41: ", "no group (?<a>"},
        {"a reply of no class", "replies.yaml",
         "replies:\n  - {code: 600, reason: spam}\n",
         "replies.yaml:2:12: ", "200 to 599"},
        {"a reply of two digits", "replies.yaml",
         "replies:\n  - {code: 55, reason: spam}\n",
         "replies.yaml:2:12: ", "200 to 599"},
        {"a key that is none of a reply", "replies.yaml",
         "replies:\n  - {code: 550, reason: spam, text: x}\n",
         "replies.yaml:2:31: ", "text"},
        {"another key than the name of the file says", "replies.yaml",
         "status:\n  - {code: 550, reason: spam}\n",
         "replies.yaml:1:1: ", "replies"},
        {"an action that is none", "actions.yaml",
         "actions:\n  - {action: lost, reason: spam}\n",
         "actions.yaml:2:14: ", "failed, delayed"},
        {"a class of what is not lost", "actions.yaml",
         "actions:\n  - {action: delayed, reason: spam, class: hard}\n",
         "actions.yaml:2:44: ", "none"},
        {"a digit of what is not lost", "actions.yaml",
         "actions:\n  - {action: delayed, digit: 4, reason: spam}\n",
         "actions.yaml:2:30: ", "failed"},
        {"a digit of no class", "actions.yaml",
         "actions:\n  - {action: failed, digit: 7, reason: spam}\n",
         "actions.yaml:2:29: ", ""},
        {"an action twice", "actions.yaml",
         "actions:\n  - {action: failed, reason: spam}\n"
         "  - {action: failed, reason: full}\n",
         "actions.yaml:3:5: ", "actions.yaml:2"},
        {"a kind that is none", "kinds.yaml",
         "kinds:\n  - {kind: bounce, reason: spam}\n",
         "kinds.yaml:2:12: ", "auto-reply"},
        {"a kind that has a table of its own", "kinds.yaml",
         "kinds:\n  - {kind: delivery-report, reason: spam}\n",
         "kinds.yaml:2:12: ", "auto-reply"},
        {"a feedback type with a blank", "feedback.yaml",
         "feedback:\n  - {type: Not Spam, reason: spam}\n",
         "feedback.yaml:2:12: ", "a-z"},
        {"feedback without a type", "feedback.yaml",
         "feedback:\n  - {reason: spam}\n", "feedback.yaml:2:5: ", "type"},
        /* --- groups of providers --- */
        {"providers without a group", "providers.yaml", "providers: []\n",
         "providers.yaml:1:1: ", "unknown key"},
        {"a group without providers", "providers.yaml",
         "groups:\n  - {id: a, says: A}\n",
         "providers.yaml:2:5: ", "two names or more"},
        {"a group of one", "providers.yaml",
         "groups:\n  - {id: a, says: A, providers: [p]}\n",
         "providers.yaml:2:33: ", "two names or more"},
        {"a provider that is a list", "providers.yaml",
         "groups:\n  - {id: a, says: A, providers: [p, [q]]}\n",
         "providers.yaml:2:37: ", "the name of a provider"},
        {"a group that says nothing", "providers.yaml",
         "groups:\n  - {id: a, providers: [p, q]}\n",
         "providers.yaml:2:5: ", "says"},
        {"a group twice", "providers.yaml",
         "groups:\n  - " GROUP "\n  - " GROUP "\n",
         "providers.yaml:3:10: ", "there already"},
        {"domains of one name", "providers.yaml",
         "groups:\n  - {id: a, says: A, providers: [p, q],\n"
         "     domains: {p: [p.example]}}\n",
         "providers.yaml:3:15: ", "a map of two names or more"},
        {"domains that are no lists", "providers.yaml",
         "groups:\n  - {id: a, says: A, providers: [p, q],\n"
         "     domains: {p: [p.example], q: q.example}}\n",
         "providers.yaml:3:35: ", "q needs a list of domains"},
        /* --- zones of blocklists --- */
        {"zones with another key", "zones.yaml", "zone: []\n",
         "zones.yaml:1:1: ", "unknown key"},
        {"zones that are no list", "zones.yaml", "zones: a.example\n",
         "zones.yaml:1:8: ", "must be a list"},
        {"a zone that is a list", "zones.yaml", "zones: [[a.example]]\n",
         "zones.yaml:1:9: ", "must be text"},
        /* --- parties --- */
        {"a party that is none", "parties.yaml",
         "parties:\n  - {party: postmaster, reason: spam}\n",
         "parties.yaml:2:13: ", "none of sender, connection, content"},
        {"the recipient as a party", "parties.yaml",
         "parties:\n  - {party: recipient, reason: spam}\n",
         "parties.yaml:2:13: ", "none of sender, connection, content"},
        {"a party without a name", "parties.yaml",
         "parties:\n  - {reason: spam}\n",
         "parties.yaml:2:5: ", "missing key \"party\""},
        {"a party without a reason", "parties.yaml",
         "parties:\n  - {party: sender, examples: [550 no]}\n",
         "parties.yaml:2:5: ", "missing key \"reason\""},
        {"a reason that is the recipient's fault", "parties.yaml",
         "parties:\n  - {party: sender, reason: full, examples: [550 no]}\n",
         "parties.yaml:2:29: ", "recipient's fault"},
        {"a party without an example", "parties.yaml",
         "parties:\n  - {party: content, reason: spam}\n",
         "parties.yaml:2:5: ", "at least one example"},
        {"words in the file of parties", "parties.yaml",
         "parties:\n  - {party: content, reason: spam, words: [file]}\n",
         "parties.yaml:2:36: ", "unknown key"},
        {"a party twice", "parties.yaml",
         "parties:\n  - {party: content, reason: spam, examples: [a]}\n"
         "  - {party: content, reason: spam, examples: [a]}\n",
         "parties.yaml:3:5: ", "\"party/content\" is there already"},
        {"an example of a party that names none", "parties.yaml",
         "parties:\n  - {party: content, reason: spam, examples: [550 no]}\n",
         "parties.yaml:2:47: ", "no rule decides"},
        /* --- profiles --- */
        {"a profile under another name than its file", "profiles/p.yaml",
         "profile: q\nstatus: []\n",
         "profiles/p.yaml:1:10: ", "in a file q.yaml"},
        {"a profile's name in other letters", "r/profiles/p.yaml",
         "profile: P\nstatus: []\n", "r/profiles/p.yaml:1:10: ", "a-z"},
        {"a profile without a name", "profiles/p.yaml", "status: []\n",
         "profiles/p.yaml:1:1: ", "profile"},
        {"a profile without a table", "profiles/p.yaml", "profile: p\n",
         "profiles/p.yaml:1:1: ", "needs \"status:\""},
        {"a table that profiles do not have", "profiles/p.yaml",
         "profile: p\nrules: []\n", "profiles/p.yaml:2:1: ", "rules"},
        {"rows of a profile that are no list", "profiles/p.yaml",
         "profile: p\nstatus: 5.1.1\n",
         "profiles/p.yaml:2:9: ", "must be a list"},
        {"a row of a profile without a class", "profiles/p.yaml",
         "profile: p\nstatus:\n  - {code: 5.1.1, reason: spam}\n",
         "profiles/p.yaml:3:5: ", "needs \"class\""},
        {"a reply of a profile that is no number", "profiles/p.yaml",
         "profile: p\nreplies:\n  - {code: '5:51', reason: spam,\n"
         "     class: soft}\n",
         "profiles/p.yaml:3:12: ", "200 to 599"},
        {"a row of a profile that is weak", "profiles/p.yaml",
         "profile: p\nstatus:\n  - {code: 5.1.1, reason: spam,\n"
         "     class: soft, weak: true}\n",
         "profiles/p.yaml:4:19: ", "weak"},
        {"a row of a profile twice", "profiles/p.yaml",
         "profile: p\nstatus:\n  - " ROW "\n  - " ROW "\n",
         "profiles/p.yaml:4:5: ", "\"profile/p/5.1.1\" is there already"},
        /* --- rules --- */
        {"rules that are no list", "text.yaml", "rules: {}\n",
         "text.yaml:1:8: ", "must be a list"},
        {"a condition that is misspelled", "text.yaml",
         RULE("{text: spam, txt: x}", EXAMPLE), "text.yaml:3:24: ", "txt"},
        {"conditions that are no map", "text.yaml", RULE("spam", EXAMPLE),
         "text.yaml:3:11: ", ""},
        {"a rule without a condition", "text.yaml", RULE("{}", EXAMPLE),
         "text.yaml:3:11: ", "text, says, status"},
        {"a rule that only says when not", "text.yaml",
         RULE("{not: spam}", EXAMPLE),
         "text.yaml:3:11: ", "text, says, status"},
        {"a pattern that is broken", "text.yaml",
         RULE("{text: '(spam'}", EXAMPLE), "text.yaml:3:18: ", "position 6"},
        {"a pattern of not that is broken", "text.yaml",
         RULE("{text: spam, not: '[z-a]'}", EXAMPLE),
         "text.yaml:3:29: ", "position"},
        {"a pattern that is empty", "text.yaml", RULE("{text: ''}", EXAMPLE),
         "text.yaml:3:", "text"},
        {"a list of no pattern", "text.yaml", RULE("{text: []}", EXAMPLE),
         "text.yaml:3:18: ", "one pattern or more"},
        {"an empty pattern in a list", "text.yaml",
         RULE("{text: [spam, '']}", EXAMPLE),
         "text.yaml:3:25: ", "must be a pattern"},
        {"a list in a list of patterns", "text.yaml",
         RULE("{text: [spam, [ham]]}", EXAMPLE),
         "text.yaml:3:25: ", "must be a pattern"},
        {"a pattern that closes what it has not opened", "text.yaml",
         RULE("{text: [spam, 'ham)|(x']}", EXAMPLE),
         "text.yaml:3:25: ", "position 4"},
        {"a group of one name in two patterns", "text.yaml",
         RULE("{text: ['(?<a>spam)', '(?<a>x)']}", EXAMPLE),
         "text.yaml:3:18: ", "position"},
        {"a text that is a map", "text.yaml", RULE("{text: {a: b}}", EXAMPLE),
         "text.yaml:3:18: ", "text: must be text"},
        {"a pattern of a status that is broken", "text.yaml",
         RULE("{status: 'a)(b'}", EXAMPLE), "text.yaml:3:20: ", "position"},
        {"what is said beside a pattern", "text.yaml",
         RULE("{text: spam, says: '{junk}'}", EXAMPLE),
         "text.yaml:3:30: ", "not beside \"text\""},
        {"an exception from what is said beside a pattern", "text.yaml",
         RULE("{text: spam, unless: '{junk}'}", EXAMPLE),
         "text.yaml:3:32: ", "only beside \"says\""},
        {"an exception from what is said alone", "text.yaml",
         RULE("{unless: '{junk}'}", EXAMPLE),
         "text.yaml:3:20: ", "only beside \"says\""},
        {"what is said of no concept", "text.yaml",
         RULE("{says: '{jank}'}", EXAMPLE),
         "text.yaml:3:18: ", "\"jank\" is no concept"},
        {"what is said without braces", "text.yaml",
         RULE("{says: junk}", EXAMPLE), "text.yaml:3:18: ", "in braces"},
        {"a wrong sentence in a list", "text.yaml",
         RULE("{says: ['{junk}', '{jank}']}", EXAMPLE),
         "text.yaml:3:29: ", "\"jank\" is no concept"},
        {"a list of no sentence", "text.yaml", RULE("{says: []}", EXAMPLE),
         "text.yaml:3:18: ", "says: an empty list"},
        {"a wrong exception", "text.yaml",
         RULE("{says: '{junk}', unless: '{jank}'}", EXAMPLE),
         "text.yaml:3:36: ", "\"jank\" is no concept"},
        {"an example in which nothing is said", "text.yaml",
         RULE("{says: '{junk}'}", EXAMPLE),
         "text.yaml:5:16: ", "no rule decides"},
        {"a phase that is none", "text.yaml", RULE("{phase: eoh}", EXAMPLE),
         "text.yaml:3:19: ", "connect, helo"},
        {"a rule without examples", "text.yaml", RULE("{text: spam}", ""),
         "text.yaml:2:5: ", "at least one example"},
        {"a rule with none in its list of examples", "text.yaml",
         RULE("{text: spam}", "    examples: []\n"),
         "text.yaml:5:15: ", "at least one example"},
        {"examples that are no list", "text.yaml",
         RULE("{text: spam}", "    examples: spam\n"),
         "text.yaml:5:15: ", "example"},
        {"an example that is empty", "text.yaml",
         RULE("{text: spam}", "    examples: ['']\n"),
         "text.yaml:5:16: ", "diagnostic"},
        {"an example with a key that is misspelled", "text.yaml",
         RULE("{text: spam}", "    examples: [{txt: spam}]\n"),
         "text.yaml:5:17: ", "txt"},
        {"an example with half a status", "text.yaml",
         RULE("{text: spam}", "    examples: [{text: spam, status: 5.1}]\n"),
         "text.yaml:5:37: ", "x.y.z"},
        {"an example with a reply of two digits", "text.yaml",
         RULE("{text: spam}", "    examples: [{text: spam, reply: 99}]\n"),
         "text.yaml:5:36: ", ""},
        {"an example that the rule does not decide", "text.yaml",
         RULE("{text: spam}", "    examples: [550 ham]\n"),
         "text.yaml:5:16: ", "no rule decides"},
        {"a key of a rule that is misspelled", "text.yaml",
         RULE("{text: spam}", EXAMPLE "    severity: 3\n"),
         "text.yaml:6:5: ", "severity"},
        {"a class of a rule that is none", "text.yaml",
         RULE("{text: spam}", EXAMPLE "    class: hardest\n"),
         "text.yaml:6:12: ", "hard, soft"},
        {"advice of a rule with a word of no group", "text.yaml",
         RULE("{text: spam}", EXAMPLE "    advice: 'delist ${list}'\n"),
         "text.yaml:6:13: ", "no group (?<list>"},
        {"a group that is not closed in advice", "text.yaml",
         RULE("{text: '(?<url>spam)'}", EXAMPLE "    advice: 'fix ${url'\n"),
         "text.yaml:6:13: ", "without a name"},
        {"a counterexample that the rule decides", "text.yaml",
         RULE("{text: spam}", EXAMPLE "    counterexamples: [spam]\n"),
         "text.yaml:6:23: ", "own counterexample"},
        {"a rule's id in other letters", "text.yaml",
         "rules:\n  - {id: text/A, reason: spam}\n", "text.yaml:2:10: ", "a-z"},
        {"a rule without conditions", "text.yaml",
         "rules:\n  - {id: text/a, reason: spam}\n",
         "text.yaml:2:5: ", "needs \"when:\""},
        {"a provider without a host", "text.yaml",
         "provider: {name: x}\nrules: []\n",
         "text.yaml:1:11: ", "mta or domain"},
        {"a provider without a name", "text.yaml",
         "provider: {mta: x}\nrules: []\n", "text.yaml:1:11: ", "name"},
        {"a provider with a key that is misspelled", "text.yaml",
         "provider: {name: x, mx: y}\nrules: []\n", "text.yaml:1:21: ", "mx"},
        {"rules that hold anywhere in a file of no provider", "text.yaml",
         "rules: []\nanywhere: []\n",
         "text.yaml:2:11: ", "only beside a provider"},
        {"rules that hold anywhere as a map", "text.yaml",
         "provider: {name: x, mta: x}\nanywhere: {}\n",
         "text.yaml:2:11: ", "must be a list"},
        {"an order of other things", "order.yaml", "rules: []\n",
         "order.yaml:1:1: ", "unknown key"},
        {"a file that is cut off", "text.yaml", "rules: [\n", "text.yaml:", ""},
};

static void what_is_broken_is_refused_where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		const struct broken *row = &broken[i];
		const bool own = strcmp(row->file, "reasons.yaml") == 0;
		const struct nx_source sources[] = {
		        source(row->file, row->content),
		        source("concepts.yaml", concepts),
		        source("words/en.yaml", words),
		        source("reasons.yaml", reasons),
		};
		const struct nx_tables *tables = NULL;
		struct nx_error err = {0};
		void *ctx = talloc_new(NULL);

		if (compile_sources(ctx, sources, own ? 3 : 4, &tables, &err))
			fail_msg("%s: taken", row->name);
		if (strncmp(err.text, row->error, strlen(row->error)) != 0 ||
		    strstr(err.text, row->hint) == NULL)
			fail_msg("%s\n%s\nwanted: %s... %s", row->name,
			         err.text, row->error, row->hint);
		if (err.kind != NX_ERROR_CONFIG || tables != NULL)
			fail_msg("%s: fault %d", row->name, (int)err.kind);
		if (talloc_total_blocks(ctx) != 1)
			fail_msg("%s: %zu blocks are left", row->name,
			         talloc_total_blocks(ctx));
		talloc_free(ctx);
	}
}

/* What no single file has. */
static void files_that_contradict_each_other_are_refused(void **state)
{
	static const struct {
		const char *name;
		const char *file[4], *content[4];
		const char *error;
	} cases[] = {
	        {"an id in two files",
	         {"reasons.yaml", "text.yaml", "providers/a.yaml",
	          "order.yaml"},
	         {reasons, text, text,
	          "order: [text.yaml, providers/a.yaml]\n"},
	         "providers/a.yaml:2:5: \"text/unknown\" is there already, at "
	         "text.yaml:2; an id or code has one rule"},
	        {"a rule in the shadow of another",
	         {"reasons.yaml", "a.yaml", "b.yaml", "order.yaml"},
	         {reasons, text,
	          "rules:\n"
	          "  - id: text/virtual\n"
	          "    when: {text: 'user unknown in'}\n"
	          "    reason: unknown-user\n"
	          "    examples: [User unknown in table]\n",
	          "order: [a.yaml, b.yaml]\n"},
	         "b.yaml:5:16: this example of \"text/virtual\" is decided by "
	         "\"text/unknown\" (a.yaml:2); mend a pattern, or the order"},
	        {"two files without an order",
	         {"reasons.yaml", "a.yaml", "b.yaml"},
	         {reasons, text, "rules: []\n"},
	         "a.yaml: not in order.yaml, which says when its rules are "
	         "asked"},
	        {"a file that is not in the order",
	         {"reasons.yaml", "r/a.yaml", "r/b.yaml", "r/order.yaml"},
	         {reasons, text, "rules: []\n", "order: [a.yaml]\n"},
	         "r/b.yaml: not in order.yaml, which says when its rules are "
	         "asked"},
	        {"an order with a file that is not there",
	         {"reasons.yaml", "a.yaml", "order.yaml"},
	         {reasons, text, "order:\n  - a.yaml\n  - b.yaml\n"},
	         "order.yaml:3:5: order: \"b.yaml\" is no file of rules on "
	         "words here, or stands here twice"},
	        {"an order with a file twice",
	         {"reasons.yaml", "a.yaml", "order.yaml"},
	         {reasons, text, "order: [a.yaml, a.yaml]\n"},
	         "order.yaml:1:17: order: \"a.yaml\" is no file of rules on "
	         "words here, or stands here twice"},
	        {"an order with a file of codes",
	         {"reasons.yaml", "a.yaml", "order.yaml"},
	         {reasons, text, "order: [a.yaml, reasons.yaml]\n"},
	         "order.yaml:1:17: order: \"reasons.yaml\" is no file of "
	         "rules on words here, or stands here twice"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_source sources[4];
		const struct nx_tables *tables;
		struct nx_error err = {0};
		size_t count = 0;

		for (; count < 4 && cases[i].file[count]; count++)
			sources[count] = source(cases[i].file[count],
			                        cases[i].content[count]);
		if (compile_sources(NULL, sources, count, &tables, &err))
			fail_msg("%s: taken", cases[i].name);
		if (strcmp(err.text, cases[i].error) != 0)
			fail_msg("%s: %s", cases[i].name, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_broken_is_refused_where_it_stands),
	        cmocka_unit_test(files_that_contradict_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
