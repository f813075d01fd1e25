/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classify/prove_rules.h"
#include "tables.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char concepts[] =
        "concepts:\n"
        "  - {id: recipient, says: x, party: recipient}\n"
        "  - {id: sender, says: x, party: sender}\n"
        "  - {id: connection, says: x, party: connection}\n"
        "  - {id: user, says: x, thing: true}\n"
        "  - {id: missing, says: x}\n"
        "  - {id: later, says: x}\n";

#define PARTIES "  sender: absender\n  connection: helo-name\n"

static const char german[] = "language: de\n"
                             "words:\n" PARTIES "  user: konto, postfach\n"
                             "  missing: unbekannt, fehlt\n"
                             "  later: spaeter\n";

/* The rule for missing users, with what may follow its conditions. */
#define MISSING(more)                                                          \
	"  - id: text/missing\n"                                               \
	"    when:\n"                                                          \
	"      says:\n"                                                        \
	"        - '{user} {missing}'\n" more "    reason: unknown-user\n"     \
	"    examples: [550 Postfach fehlt]\n"
#define LATER                                                                  \
	"  - id: text/later\n"                                                 \
	"    when: {says: '{later}'}\n"                                        \
	"    reason: full\n"                                                   \
	"    examples: [550 Spaeter]\n"

/* What is tried, and the beginning and a part of its only fault, or "". */
struct tried {
	const char *name;
	const char *words;    /* NULL: german */
	const char *text;     /* rules of text.yaml */
	const char *provider; /* rules of providers/p.yaml, or NULL */
	const char *place;
	const char *hint;
};

static const struct tried all[] = {
        {"what is right", NULL, MISSING("") LATER, NULL, "", ""},
        {"words that a longer one hides",
         "language: de\nwords:\n" PARTIES
         "  user: konto, postfach\n  missing: unbekannt, fehlt\n"
         "  later: spaeter, konto unbekannt\n",
         MISSING("") LATER, NULL, "", ""},
        {"words that another rule knows for the same fault", NULL,
         "  - id: text/no-postbox\n"
         "    when: {text: 'konto'}\n"
         "    reason: gone\n"
         "    examples: [Konto]\n" MISSING("") LATER,
         NULL, "", ""},
        {"words that are never found",
         "language: de\nwords:\n" PARTIES
         "  user: konto\n  missing: unbekannt, fehlt\n"
         "  later: spaeter, konto unbekannt, konto fehlt, postfach fehlt\n",
         "  - id: text/missing\n"
         "    when: {says: '{user} {missing}'}\n"
         "    reason: unknown-user\n"
         "    examples: ['550 Konto: fehlt']\n" LATER,
         NULL, "text.yaml:3:18: ", "no words of \"de\""},
        {"words that mean something else", NULL,
         "  - id: text/busy\n"
         "    when: {text: 'konto unbekannt'}\n"
         "    reason: full\n"
         "    examples: [Konto unbekannt]\n" MISSING(
                 "        - '{missing} {user}'\n") LATER,
         NULL, "text.yaml:9:11: ",
         "\"konto unbekannt\" (de) is soft, full by text/busy, but must be "
         "hard, unknown-user"},
        {"a rule in the shadow", NULL,
         "  - id: text/any\n"
         "    when: {text: 'konto unbekannt'}\n"
         "    reason: full\n"
         "    examples: [Konto unbekannt]\n"
         "  - id: text/missing\n"
         "    when: {says: '{user} {missing}', unless: '{later}'}\n"
         "    reason: unknown-user\n"
         "    examples: [550 Unbekannt Konto]\n" LATER,
         NULL, "text.yaml:6:5: ",
         "\"konto unbekannt\" (de) is decided by \"text/any\""},
        {"a class that no temporary code takes back", NULL,
         MISSING("") "    class: hard\n" LATER, NULL,
         "text.yaml:5:11: ", "\"450 4.0.0 konto unbekannt\" (de) is hard"},
        {"a sender's account", NULL,
         "  - id: text/fatal\n"
         "    when: {text: 'absender konto'}\n"
         "    reason: fatal\n"
         "    examples: [Absender Konto]\n" MISSING("") LATER,
         NULL, "text.yaml:9:11: ",
         "\"550 5.0.0 absender konto unbekannt\" (de) is hard"},
        {"a concept that is not asked for", NULL, MISSING(""), NULL,
         "concepts.yaml:7:5: ", "no sentence asks for \"later\""},
        {"a concept without words",
         "language: de\nwords:\n" PARTIES
         "  user: konto, postfach\n  missing: unbekannt, fehlt\n",
         "  - id: text/missing\n"
         "    when: {says: '{user} {missing}', unless: ['{later}']}\n"
         "    reason: unknown-user\n"
         "    examples: [Postfach fehlt]\n",
         NULL, "text.yaml:3:47: ", "no language has words for \"later\""},
        {"a pattern that says nothing", NULL,
         MISSING("") LATER "  - id: text/any\n"
                           "    when: {status: '5\\.7\\.1', text: '\\w?'}\n"
                           "    reason: full\n"
                           "    examples: [550 5.7.1 x]\n",
         NULL, "text.yaml:13:37: ", "is found in \"\""},
        {"a provider's rule that is needed", NULL, MISSING("") LATER,
         "  - id: p/missing\n"
         "    when: {text: 'no such'}\n"
         "    reason: unknown-user\n"
         "    examples: [550 Konto unbekannt no such, 550 no such]\n",
         "", ""},
        {"a provider's rule that is not", NULL, MISSING("") LATER,
         "  - id: p/missing\n"
         "    when: {text: 'no such'}\n"
         "    reason: unknown-user\n"
         "    examples: [550 Konto unbekannt no such]\n",
         "providers/p.yaml:3:5: ",
         "\"text/missing\" says the same of its examples"},
};

static const char more_reasons[] =
        "  - {id: gone, class: hard, fault: recipient, advice: never,\n"
        "     says: Gone.}\n"
        "  - {id: fatal, class: hard, fault: unknown, advice: none,\n"
        "     says: Fatal.}\n";

static const struct nx_tables *compile(TALLOC_CTX *ctx,
                                       const struct tried *tried)
{
	const char *const provider = tried->provider != NULL
	                                     ? tried->provider
	                                     : "  - id: p/one\n"
	                                       "    when: {text: p1}\n"
	                                       "    reason: full\n"
	                                       "    examples: [p1]\n";
	const struct nx_source words[] = {
	        source("concepts.yaml", concepts),
	        source("words/de.yaml",
	               tried->words != NULL ? tried->words : german),
	};
	const struct nx_source sources[] = {
	        source("reasons.yaml",
	               talloc_asprintf(ctx, "%s%s", reasons, more_reasons)),
	        source("order.yaml", "order: [providers/p.yaml, text.yaml]\n"),
	        source("providers/p.yaml",
	               talloc_asprintf(ctx,
	                               "provider: {name: p, mta: p}\n"
	                               "rules:\n%s",
	                               provider)),
	        source("text.yaml",
	               talloc_asprintf(ctx, "rules:\n%s", tried->text)),
	};
	const struct nx_concepts *known;
	const struct nx_tables *tables;
	struct nx_error err = {0};

	if (!nx_concepts_compile(ctx, words, COUNT(words), &known, &err) ||
	    !nx_tables_compile(ctx, known, sources, COUNT(sources), &tables,
	                       &err))
		fail_msg("%s: %s", tried->name, err.text);
	return tables;
}

static void each_fault_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		const struct tried *tried = &all[i];
		TALLOC_CTX *ctx = talloc_new(NULL);
		const struct nx_proof proof =
		        nx_prove_rules(ctx, compile(ctx, tried));
		const char *fault = proof.faults > 0 ? proof.fault[0] : "";

		if (proof.faults != (*tried->place != '\0') ||
		    strncmp(fault, tried->place, strlen(tried->place)) != 0 ||
		    strstr(fault, tried->hint) == NULL)
			fail_msg("%s: %zu faults: %s", tried->name,
			         proof.faults, fault);
		talloc_free(ctx);
	}
}

static void every_sentence_is_said_in_every_language(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);

	(void)state;
	assert_int_equal(nx_prove_rules(ctx, compile(ctx, &all[0])).sentences,
	                 2);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_fault_is_told_with_its_place),
	        cmocka_unit_test(every_sentence_is_said_in_every_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
