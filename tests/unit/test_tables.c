/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classify/tables.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char reasons[] =
        "reasons:\n"
        "  - {id: unknown-user, class: hard, fault: recipient,\n"
        "     advice: never, says: No such mailbox.}\n"
        "  - {id: spam, class: soft, fault: message, advice: fix content,\n"
        "     says: Taken for spam.}\n"
        "  - {id: full, class: soft, transient: none, fault: recipient,\n"
        "     advice: retry later, says: Full.}\n";

static const char text[] = "rules:\n"
                           "  - id: text/unknown\n"
                           "    when: {text: 'user unknown'}\n"
                           "    reason: unknown-user\n"
                           "    examples:\n"
                           "      - 550 User unknown\n";

static struct nx_source source(const char *name, const char *content)
{
	return (struct nx_source){name, content, strlen(content), false};
}

/* One way to break a file; what precedes it is always valid. */
struct broken {
	const char *file;
	const char *content;
	const char *error; /* what the message begins with */
	const char *hint;  /* and what it contains */
};

static const struct broken broken_reasons[] = {
        {"reasons.yaml", "reason: []\n", "reasons.yaml:1:1: ", "reasons"},
        {"reasons.yaml", "", "reasons.yaml:1:1: ", "reasons"},
        {"reasons.yaml", "reasons: hard\n",
         "reasons.yaml:1:10: ", "must be a list"},
        {"reasons.yaml", "reasons:\n  - hard\n", "reasons.yaml:2:5: ", ""},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: heavy, fault: unknown, advice: none, says: A}\n",
         "reasons.yaml:2:20: ", "hard, soft, complaint"},
        {"reasons.yaml",
         "reasons:\n  - {id: a, fault: unknown, advice: none, says: A}\n",
         "reasons.yaml:2:5: ", "needs \"class\""},
        {"reasons.yaml",
         "reasons:\n  - {id: a, class: soft, advice: none, says: A}\n",
         "reasons.yaml:2:5: ", "needs \"fault\""},
        {"reasons.yaml",
         "reasons:\n  - {id: a, class: soft, fault: unknown, says: A}\n",
         "reasons.yaml:2:5: ", "needs \"advice\""},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: unknown, advice: none}\n",
         "reasons.yaml:2:5: ", "says"},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: A b, class: soft, fault: unknown, advice: none, says: A}\n",
         "reasons.yaml:2:10: ", "a-z"},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: god, advice: none, says: A}\n",
         "reasons.yaml:2:33: ", "recipient, sender"},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: sender, advice: hope, says: A}\n",
         "reasons.yaml:2:49: ", "never, retry"},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: sender, advice: none, says: A}\n"
         "  - {id: a, class: soft, fault: sender, advice: none, says: B}\n",
         "reasons.yaml:3:10: ", "declared already"},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: a, class: soft, fault: sender, advice: 'fix ${x}',\n"
         "     says: A}\n",
         "reasons.yaml:2:49: ", "no group (?<x>"},
        {"reasons.yaml",
         "reasons:\n"
         "  - {id: a, klass: soft, fault: sender, advice: none, says: A}\n",
         "reasons.yaml:2:13: ", "klass"},
};

static const struct broken broken_codes[] = {
        {"d/status.yaml", "status:\n  - {code: 3.1.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "2, 4 or 5"},
        {"d/status.yaml", "status:\n  - {code: x.1.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "2, 4 or 5"},
        {"d/status.yaml", "status:\n  - {code: 5.1.1.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "x.y.z"},
        {"d/status.yaml", "status:\n  - {code: 5, reason: spam}\n",
         "d/status.yaml:2:12: ", "x.y.z"},
        {"d/status.yaml", "status:\n  - {code: 5.1234.1, reason: spam}\n",
         "d/status.yaml:2:12: ", "x.y.z"},
        {"d/status.yaml", "status:\n  - {code: 5.1.1, reason: spram}\n",
         "d/status.yaml:2:27: ", "not declared"},
        {"d/status.yaml", "status:\n  - {code: 5.1.1}\n",
         "d/status.yaml:2:5: ", "reason"},
        {"d/status.yaml", "status:\n  - {reason: spam}\n",
         "d/status.yaml:2:5: ", "code"},
        {"d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam, weak: maybe}\n",
         "d/status.yaml:2:39: ", "true or false"},
        {"d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam, reason: full}\n",
         "d/status.yaml:2:33: ", "duplicate key"},
        {"d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam}\n"
         "  - {code: 5.1.1, reason: full}\n",
         "d/status.yaml:3:5: ", "d/status.yaml:2"},
        {"d/status.yaml", "status:\n  - &a {code: 5.1.1, reason: spam}\n",
         "d/status.yaml:2:5: ", "anchor"},
        {"d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: spam, confirm: 2 days}\n",
         "d/status.yaml:2:42: ", "hard and the recipient's fault"},
        {"d/status.yaml",
         "status:\n  - {code: 5.1.1, reason: unknown-user, confirm: 2}\n",
         "d/status.yaml:2:50: ", "\"2 days\" to \"7 days\""},
        {"d/status.yaml",
         "status:\n"
         "  - {code: 5.1.1, reason: unknown-user, confirm: 8 days}\n",
         "d/status.yaml:2:50: ", "\"2 days\" to \"7 days\""},
        {"d/status.yaml",
         "status:\n"
         "  - {code: 5.1.1, reason: unknown-user, fault: sender,\n"
         "     confirm: 2 days}\n",
         "d/status.yaml:3:15: ", "the recipient's fault"},
        {"d/status.yaml",
         "status:\n"
         "  - {code: 5.1.1, reason: spam, advice: 'fix ${a}'}\n",
         "d/status.yaml:2:41: ", "no group (?<a>"},
        {"replies.yaml", "replies:\n  - {code: 600, reason: spam}\n",
         "replies.yaml:2:12: ", "200 to 599"},
        {"replies.yaml", "replies:\n  - {code: 55, reason: spam}\n",
         "replies.yaml:2:12: ", "200 to 599"},
        {"replies.yaml", "replies:\n  - {code: 550, reason: spam, text: x}\n",
         "replies.yaml:2:31: ", "text"},
        {"replies.yaml", "status:\n  - {code: 550, reason: spam}\n",
         "replies.yaml:1:1: ", "replies"},
        {"actions.yaml", "actions:\n  - {action: lost, reason: spam}\n",
         "actions.yaml:2:14: ", "failed, delayed"},
        {"actions.yaml",
         "actions:\n  - {action: delayed, reason: spam, class: hard}\n",
         "actions.yaml:2:44: ", "none"},
        {"actions.yaml",
         "actions:\n  - {action: delayed, digit: 4, reason: spam}\n",
         "actions.yaml:2:30: ", "failed"},
        {"actions.yaml",
         "actions:\n  - {action: failed, digit: 7, reason: spam}\n",
         "actions.yaml:2:29: ", ""},
        {"actions.yaml",
         "actions:\n  - {action: failed, reason: spam}\n"
         "  - {action: failed, reason: full}\n",
         "actions.yaml:3:5: ", "actions.yaml:2"},
        {"kinds.yaml", "kinds:\n  - {kind: bounce, reason: spam}\n",
         "kinds.yaml:2:12: ", "auto-reply"},
        {"kinds.yaml", "kinds:\n  - {kind: delivery-report, reason: spam}\n",
         "kinds.yaml:2:12: ", "auto-reply"},
        {"feedback.yaml", "feedback:\n  - {type: Not Spam, reason: spam}\n",
         "feedback.yaml:2:12: ", "a-z"},
        {"feedback.yaml", "feedback:\n  - {reason: spam}\n",
         "feedback.yaml:2:5: ", "type"},
};

#define GROUP "{id: a, says: A, providers: [p, q]}"

static const struct broken broken_groups[] = {
        {"providers.yaml", "providers: []\n",
         "providers.yaml:1:1: ", "unknown key"},
        {"providers.yaml", "groups:\n  - {id: a, says: A}\n",
         "providers.yaml:2:5: ", "two names or more"},
        {"providers.yaml", "groups:\n  - {id: a, says: A, providers: [p]}\n",
         "providers.yaml:2:33: ", "two names or more"},
        {"providers.yaml",
         "groups:\n  - {id: a, says: A, providers: [p, [q]]}\n",
         "providers.yaml:2:37: ", "the name of a provider"},
        {"providers.yaml", "groups:\n  - {id: a, providers: [p, q]}\n",
         "providers.yaml:2:5: ", "says"},
        {"providers.yaml", "groups:\n  - " GROUP "\n  - " GROUP "\n",
         "providers.yaml:3:10: ", "there already"},
};

#define ROW "{code: 5.1.1, reason: spam, class: soft}"

static const struct broken broken_words[] = {
        {"words/a.yaml", "concept: user\nwords: {en: [user]}\n",
         "words/a.yaml:1:10: ", "none of recipient, sender"},
        {"words/a.yaml", "concept: sender\nwords: [sender]\n",
         "words/a.yaml:2:8: ", "a map of languages"},
        {"words/a.yaml", "concept: sender\nwords: {en: sender}\n",
         "words/a.yaml:2:13: ", "a list of words"},
        {"words/a.yaml", "concept: sender\nwords: {en: [ab]}\n",
         "words/a.yaml:2:14: ", "3 bytes or more"},
        {"words/a.yaml", "concept: sender\nwords: {en: ['se*der']}\n",
         "words/a.yaml:2:14: ", "at its end only"},
        {"words/a.yaml", "concept: sender\nwords: {en: ['the  sender']}\n",
         "words/a.yaml:2:14: ", "one blank"},
        {"words/b.yaml",
         "concept: sender\nwords: {en: [Owner], de: [owner]}\nreason: full\n",
         "words/b.yaml:3:9: ", "recipient's fault"},
        {"words/b.yaml", "concept: recipient\nreason: spam\n",
         "words/b.yaml:2:9: ", "for rules to judge"},
        {"words/b.yaml", "concept: content\nexamples: [550 no]\n",
         "words/b.yaml:2:11: ", "give a reason"},
        {"words/b.yaml", "concept: content\nreason: spam\n",
         "words/b.yaml:1:1: ", "at least one example"},
};

static const struct broken broken_profiles[] = {
        {"profiles/p.yaml", "profile: q\nstatus: []\n",
         "profiles/p.yaml:1:10: ", "in a file q.yaml"},
        {"r/profiles/p.yaml", "profile: P\nstatus: []\n",
         "r/profiles/p.yaml:1:10: ", "a-z"},
        {"profiles/p.yaml", "status: []\n", "profiles/p.yaml:1:1: ", "profile"},
        {"profiles/p.yaml", "profile: p\n",
         "profiles/p.yaml:1:1: ", "needs \"status:\""},
        {"profiles/p.yaml", "profile: p\nrules: []\n",
         "profiles/p.yaml:2:1: ", "rules"},
        {"profiles/p.yaml", "profile: p\nstatus: 5.1.1\n",
         "profiles/p.yaml:2:9: ", "must be a list"},
        {"profiles/p.yaml",
         "profile: p\nstatus:\n  - {code: 5.1.1, reason: spam}\n",
         "profiles/p.yaml:3:5: ", "needs \"class\""},
        {"profiles/p.yaml",
         "profile: p\nreplies:\n  - {code: '5:51', reason: spam,\n"
         "     class: soft}\n",
         "profiles/p.yaml:3:12: ", "200 to 599"},
        {"profiles/p.yaml",
         "profile: p\nstatus:\n  - {code: 5.1.1, reason: spam,\n"
         "     class: soft, weak: true}\n",
         "profiles/p.yaml:4:19: ", "weak"},
        {"profiles/p.yaml", "profile: p\nstatus:\n  - " ROW "\n  - " ROW "\n",
         "profiles/p.yaml:4:5: ", "\"profile/p/5.1.1\" is there already"},
};

#define RULE(when, rest)                                                       \
	"rules:\n  - id: text/a\n    when: " when "\n    reason: spam\n" rest
#define EXAMPLE "    examples: ['550 spam']\n"

static const struct broken broken_text[] = {
        {"text.yaml", "rules: {}\n", "text.yaml:1:8: ", "must be a list"},
        {"text.yaml", RULE("{text: spam, txt: x}", EXAMPLE),
         "text.yaml:3:24: ", "txt"},
        {"text.yaml", RULE("spam", EXAMPLE), "text.yaml:3:11: ", ""},
        {"text.yaml", RULE("{}", EXAMPLE), "text.yaml:3:11: ", "text, status"},
        {"text.yaml", RULE("{not: spam}", EXAMPLE),
         "text.yaml:3:11: ", "text, status"},
        {"text.yaml", RULE("{text: '(spam'}", EXAMPLE),
         "text.yaml:3:18: ", "position 6"},
        {"text.yaml", RULE("{text: spam, not: '[z-a]'}", EXAMPLE),
         "text.yaml:3:29: ", "position"},
        {"text.yaml", RULE("{text: ''}", EXAMPLE), "text.yaml:3:", "text"},
        {"text.yaml", RULE("{text: []}", EXAMPLE),
         "text.yaml:3:18: ", "one pattern or more"},
        {"text.yaml", RULE("{text: [spam, '']}", EXAMPLE),
         "text.yaml:3:25: ", "must be a pattern"},
        {"text.yaml", RULE("{text: [spam, [ham]]}", EXAMPLE),
         "text.yaml:3:25: ", "must be a pattern"},
        {"text.yaml", RULE("{text: [spam, 'ham)|(x']}", EXAMPLE),
         "text.yaml:3:25: ", "position 4"},
        {"text.yaml", RULE("{text: ['(?<a>spam)', '(?<a>x)']}", EXAMPLE),
         "text.yaml:3:18: ", "position"},
        {"text.yaml", RULE("{text: {a: b}}", EXAMPLE),
         "text.yaml:3:18: ", "text: must be text"},
        {"text.yaml", RULE("{status: 'a)(b'}", EXAMPLE),
         "text.yaml:3:20: ", "position"},
        {"text.yaml", RULE("{phase: eoh}", EXAMPLE),
         "text.yaml:3:19: ", "connect, helo"},
        {"text.yaml", RULE("{text: spam}", ""),
         "text.yaml:2:5: ", "at least one example"},
        {"text.yaml", RULE("{text: spam}", "    examples: []\n"),
         "text.yaml:5:15: ", "at least one example"},
        {"text.yaml", RULE("{text: spam}", "    examples: spam\n"),
         "text.yaml:5:15: ", "example"},
        {"text.yaml", RULE("{text: spam}", "    examples: ['']\n"),
         "text.yaml:5:16: ", "diagnostic"},
        {"text.yaml", RULE("{text: spam}", "    examples: [{txt: spam}]\n"),
         "text.yaml:5:17: ", "txt"},
        {"text.yaml",
         RULE("{text: spam}", "    examples: [{text: spam, status: 5.1}]\n"),
         "text.yaml:5:37: ", "x.y.z"},
        {"text.yaml",
         RULE("{text: spam}", "    examples: [{text: spam, reply: 99}]\n"),
         "text.yaml:5:36: ", ""},
        {"text.yaml", RULE("{text: spam}", "    examples: [550 ham]\n"),
         "text.yaml:5:16: ", "no rule decides"},
        {"text.yaml", RULE("{text: spam}", EXAMPLE "    severity: 3\n"),
         "text.yaml:6:5: ", "severity"},
        {"text.yaml", RULE("{text: spam}", EXAMPLE "    class: hardest\n"),
         "text.yaml:6:12: ", "hard, soft"},
        {"text.yaml",
         RULE("{text: spam}", EXAMPLE "    advice: 'delist ${list}'\n"),
         "text.yaml:6:13: ", "no group (?<list>"},
        {"text.yaml",
         RULE("{text: '(?<url>spam)'}", EXAMPLE "    advice: 'fix ${url'\n"),
         "text.yaml:6:13: ", "without a name"},
        {"text.yaml",
         RULE("{text: spam}", EXAMPLE "    counterexamples: [spam]\n"),
         "text.yaml:6:23: ", "own counterexample"},
        {"text.yaml", "rules:\n  - {id: text/A, reason: spam}\n",
         "text.yaml:2:10: ", "a-z"},
        {"text.yaml", "rules:\n  - {id: text/a, reason: spam}\n",
         "text.yaml:2:5: ", "needs \"when:\""},
        {"text.yaml", "provider: {name: x}\nrules: []\n",
         "text.yaml:1:11: ", "mta or domain"},
        {"text.yaml", "provider: {mta: x}\nrules: []\n",
         "text.yaml:1:11: ", "name"},
        {"text.yaml", "provider: {name: x, mx: y}\nrules: []\n",
         "text.yaml:1:21: ", "mx"},
        {"text.yaml", "rules: [\n", "text.yaml:", ""},
};

static void check_broken(const struct broken *row)
{
	const bool own = strcmp(row->file, "reasons.yaml") == 0;
	const struct nx_source sources[] = {
	        source(row->file, row->content),
	        source("reasons.yaml", reasons),
	};
	const struct nx_tables *tables = NULL;
	struct nx_error err = {0};
	void *ctx = talloc_new(NULL);

	if (nx_tables_compile(ctx, sources, own ? 1 : 2, &tables, &err))
		fail_msg("taken: %s", row->content);
	if (strncmp(err.text, row->error, strlen(row->error)) != 0 ||
	    strstr(err.text, row->hint) == NULL)
		fail_msg("%s\n%s\nwanted: %s... %s", row->content, err.text,
		         row->error, row->hint);
	assert_int_equal(err.kind, NX_ERROR_CONFIG);
	assert_null(tables);
	assert_int_equal(talloc_total_blocks(ctx), 1);
	talloc_free(ctx);
}

static void a_broken_reason_is_refused_where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken_reasons); i++)
		check_broken(&broken_reasons[i]);
}

static void a_broken_row_of_a_code_is_refused_where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken_codes); i++)
		check_broken(&broken_codes[i]);
}

static void a_broken_text_rule_is_refused_where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken_text); i++)
		check_broken(&broken_text[i]);
}

static void a_broken_group_is_refused_where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken_groups); i++)
		check_broken(&broken_groups[i]);
}

static void broken_words_are_refused_where_they_stand(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken_words); i++)
		check_broken(&broken_words[i]);
}

static void one_word_is_one_concept(void **state)
{
	(void)state;
	struct nx_error err = {0};
	const struct nx_tables *tables;
	const struct nx_source sources[] = {
	        source("words/a.yaml",
	               "concept: sender\nwords: {en: [owner]}\n"),
	        source("words/b.yaml",
	               "concept: recipient\nwords: {en: [user, Owner]}\n"),
	};
	assert_false(nx_tables_compile(NULL, sources, 2, &tables, &err));
	assert_string_equal(err.text,
	                    "words/b.yaml:2:20: \"Owner\" stands for the "
	                    "concept \"sender\" already; a word means one "
	                    "thing");
}

static void a_broken_profile_is_refused_where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken_profiles); i++)
		check_broken(&broken_profiles[i]);
}

static void check_refused(const struct nx_source *sources, size_t count,
                          const char *error)
{
	const struct nx_tables *tables;
	struct nx_error err = {0};

	assert_false(nx_tables_compile(NULL, sources, count, &tables, &err));
	assert_string_equal(err.text, error);
}

static void an_id_is_unique_over_all_files(void **state)
{
	const struct nx_source sources[] = {
	        source("reasons.yaml", reasons),
	        source("text.yaml", text),
	        source("providers/a.yaml", text),
	};

	(void)state;
	check_refused(
	        sources, 3,
	        "providers/a.yaml:2:5: \"text/unknown\" is there already, "
	        "at text.yaml:2; an id or code has one rule");
}

static void a_rule_in_the_shadow_of_another_is_refused(void **state)
{
	const struct nx_source sources[] = {
	        source("reasons.yaml", reasons),
	        source("a.yaml", text),
	        source("b.yaml", "rules:\n"
	                         "  - id: text/virtual\n"
	                         "    when: {text: 'user unknown in'}\n"
	                         "    reason: unknown-user\n"
	                         "    examples: [User unknown in table]\n"),
	};

	(void)state;
	check_refused(
	        sources, 3,
	        "b.yaml:5:16: this example of \"text/virtual\" is decided "
	        "by \"text/unknown\" (a.yaml:2); mend a pattern, or the "
	        "order");
}

/* Reasons may come last, and the tables in any order. */
static const struct nx_tables *compile_good(void *ctx)
{
	const struct nx_source sources[] = {
	        source("x/text.yaml", text),
	        source("x/status.yaml",
	               "status:\n"
	               "  - {code: 5.2, reason: full, weak: true}\n"
	               "  - {code: 4.2.2, reason: full, name: Full, note: x,\n"
	               "     source: RFC 3463}\n"),
	        source("x/replies.yaml", "replies:\n"
	                                 "  - {code: 550, reason: spam,\n"
	                                 "     class: hard}\n"),
	        source("x/actions.yaml",
	               "actions:\n"
	               "  - {action: failed, reason: spam}\n"
	               "  - {action: failed, digit: 5, reason: spam}\n"
	               "  - {action: delayed, reason: unknown-user}\n"),
	        source("x/kinds.yaml", "kinds:\n"
	                               "  - {kind: other, reason: spam}\n"),
	        source("x/feedback.yaml",
	               "feedback:\n  - {type: '*', reason: spam}\n"),
	        source("x/z.yaml",
	               "provider: {name: z, domain: '\\.z\\.example$'}\n"
	               "rules:\n"
	               "  - id: z/gone\n"
	               "    when: {text: gone}\n"
	               "    reason: unknown-user\n"
	               "    examples: [gone, really gone]\n"),
	        source("x/reasons.yaml", reasons),
	};
	const struct nx_tables *tables;
	struct nx_error err = {0};

	if (!nx_tables_compile(ctx, sources, COUNT(sources), &tables, &err))
		fail_msg("%s", err.text);
	return tables;
}

static void a_list_of_patterns_is_their_alternatives(void **state)
{
	const struct nx_source sources[] = {
	        source("reasons.yaml", reasons),
	        source("text.yaml",
	               "rules:\n"
	               "  - id: text/a\n"
	               "    when:\n"
	               "      text:\n"
	               "        - ham\n"
	               "        - spam$\n"
	               "      not: [not, no]\n"
	               "      status: ['5\\.7\\.1', '5\\.7\\.2']\n"
	               "    reason: spam\n"
	               "    examples: [550 5.7.1 ham, 550 5.7.2 x spam]\n"
	               "    counterexamples: [550 5.7.1 no ham, 5.7.1 spam x,\n"
	               "                      550 5.7.10 ham, 550 5.7.3 ham]\n"),
	};
	const struct nx_tables *tables;
	struct nx_error err = {0};
	void *ctx = talloc_new(NULL);

	(void)state;
	if (!nx_tables_compile(ctx, sources, 2, &tables, &err))
		fail_msg("%s", err.text);
	assert_string_equal(nx_tables_info(tables, 0).pattern, "ham|spam$");
	talloc_free(ctx);
}

static void rules_are_listed_in_order_of_asking(void **state)
{
	static const char *const ids[] = {
	        "action/delayed", "kind/other",     "feedback/*", "z/gone",
	        "text/unknown",   "status/4.2.2",   "status/5.2", "reply/550",
	        "action/failed",  "action/failed-5"};
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);

	(void)state;
	assert_int_equal(nx_tables_count(tables), COUNT(ids));
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_string_equal(nx_tables_info(tables, i).id, ids[i]);
	talloc_free(ctx);
}

static void a_rule_tells_where_it_stands_and_what_it_means(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);
	struct nx_rule_info info = nx_tables_info(tables, 3);

	(void)state;
	assert_string_equal(info.file, "x/z.yaml");
	assert_int_equal(info.line, 3);
	assert_int_equal(info.table, NX_BASIS_PROVIDER);
	assert_string_equal(info.reason, "unknown-user");
	assert_int_equal(info.class, NX_CLASS_HARD);
	assert_string_equal(info.pattern, "gone");
	assert_int_equal(info.examples, 2);
	info = nx_tables_info(tables, 7);
	assert_int_equal(info.table, NX_BASIS_REPLY);
	assert_string_equal(info.pattern, "550");
	assert_int_equal(info.class, NX_CLASS_HARD);
	info = nx_tables_info(tables, 0);
	assert_int_equal(info.class, NX_CLASS_NONE);
	talloc_free(ctx);
}

static void providers_of_a_group_know_each_other(void **state)
{
	static const char groups[] =
	        "groups:\n"
	        "  - {id: shared, providers: [z, text, y], says: One filter.}\n";
	static const char rules[] = "provider: {name: z, mta: z}\n"
	                            "rules:\n"
	                            "  - id: z/gone\n"
	                            "    when: {text: gone}\n"
	                            "    reason: unknown-user\n"
	                            "    examples: [gone]\n";
	const struct nx_source sources[] = {
	        source("reasons.yaml", reasons),
	        source("text.yaml", text),
	        source("z.yaml", rules),
	        source("providers.yaml", groups),
	};
	const struct nx_tables *tables;
	struct nx_rule_info info;
	struct nx_error err = {0};
	const char *says;
	void *ctx = talloc_new(NULL);

	(void)state;
	if (!nx_tables_compile(ctx, sources, COUNT(sources), &tables, &err))
		fail_msg("%s", err.text);
	assert_true(nx_tables_find(tables, "z/gone", &info));
	assert_string_equal(info.provider, "z");
	assert_true(nx_tables_find(tables, "text/unknown", &info));
	assert_string_equal(info.provider, "text");
	assert_false(nx_tables_find(tables, "text/none", &info));
	assert_string_equal(nx_tables_related(ctx, tables, "z", &says),
	                    "text, y");
	assert_string_equal(says, "One filter.");
	assert_string_equal(nx_tables_related(ctx, tables, "a", &says), "");
	assert_string_equal(says, "");
	assert_false(nx_tables_check_names(tables, &err));
	assert_string_equal(err.text, "providers.yaml:2:39: no rule is about a "
	                              "provider \"y\"");
	talloc_free(ctx);
}

static void a_reason_is_found_by_its_id(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);
	const struct nx_reason *reason = nx_tables_reason(tables, "full");

	(void)state;
	assert_int_equal(nx_tables_reasons(tables), 3);
	assert_ptr_equal(nx_tables_reason_at(tables, 2), reason);
	assert_null(nx_tables_reason_at(tables, 3));
	assert_null(nx_tables_reason(tables, "empty"));
	assert_int_equal(reason->class, NX_CLASS_SOFT);
	assert_int_equal(reason->transient, NX_CLASS_NONE);
	assert_int_equal(reason->fault, NX_FAULT_RECIPIENT);
	assert_string_equal(reason->advice, "retry later");
	assert_string_equal(reason->says, "Full.");
	talloc_free(ctx);
}

static void a_hard_reason_is_soft_while_it_is_transient(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);

	(void)state;
	assert_int_equal(nx_tables_reason(tables, "unknown-user")->transient,
	                 NX_CLASS_SOFT);
	assert_int_equal(nx_tables_reason(tables, "spam")->transient,
	                 NX_CLASS_SOFT);
	talloc_free(ctx);
}

static void names_are_read_and_written(void **state)
{
	enum nx_class class;
	enum nx_fault fault;

	(void)state;
	for (int i = NX_CLASS_NONE; i <= NX_CLASS_UNSUBSCRIBE; i++) {
		const char *name = nx_class_name((enum nx_class)i);

		assert_true(nx_class_of_name(name, &class));
		assert_int_equal(class, i);
	}
	for (int i = NX_FAULT_UNKNOWN; i <= NX_FAULT_NETWORK; i++) {
		const char *name = nx_fault_name((enum nx_fault)i);

		assert_true(nx_fault_of_name(name, &fault));
		assert_int_equal(fault, i);
	}
	assert_false(nx_class_of_name("", &class));
	assert_false(nx_class_of_name("Hard", &class));
	assert_false(nx_fault_of_name("nobody", &fault));
	assert_string_equal(nx_verdict_basis_name(NX_BASIS_NONE), "");
	assert_string_equal(nx_verdict_basis_name(NX_BASIS_KIND), "kind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_broken_reason_is_refused_where_it_stands),
	        cmocka_unit_test(
	                a_broken_row_of_a_code_is_refused_where_it_stands),
	        cmocka_unit_test(a_broken_text_rule_is_refused_where_it_stands),
	        cmocka_unit_test(a_broken_group_is_refused_where_it_stands),
	        cmocka_unit_test(broken_words_are_refused_where_they_stand),
	        cmocka_unit_test(one_word_is_one_concept),
	        cmocka_unit_test(a_broken_profile_is_refused_where_it_stands),
	        cmocka_unit_test(an_id_is_unique_over_all_files),
	        cmocka_unit_test(a_rule_in_the_shadow_of_another_is_refused),
	        cmocka_unit_test(a_list_of_patterns_is_their_alternatives),
	        cmocka_unit_test(rules_are_listed_in_order_of_asking),
	        cmocka_unit_test(
	                a_rule_tells_where_it_stands_and_what_it_means),
	        cmocka_unit_test(providers_of_a_group_know_each_other),
	        cmocka_unit_test(a_reason_is_found_by_its_id),
	        cmocka_unit_test(a_hard_reason_is_soft_while_it_is_transient),
	        cmocka_unit_test(names_are_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
