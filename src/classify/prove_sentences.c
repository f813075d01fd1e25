/* SPDX-License-Identifier: ISC */
#include "classify/proving.h"

#include <string.h>

/* What rules say, in every language that has words for it. */

struct form { /* what stands around a reply in a diagnostic */
	const char *front, *behind;
};

static const struct form forms[] = {
        {"", ""},
        {"550 ", ""},
        {"550 5.0.0 ", ""},
        /* Postfix */
        {"host mx.example.net[192.0.2.25] said: 550 5.0.0 ",
         " (in reply to RCPT TO command)"},
        /* Exim */
        {"host mx.example.net [192.0.2.25] SMTP error from remote mail server "
         "after RCPT TO:<someone@example.net>: 550 5.0.0 ",
         ""},
        /* qmail */
        {"192.0.2.25 does not like recipient. Remote host said: 550 5.0.0 ",
         " Giving up on 192.0.2.25."},
        /* Sendmail */
        {"(reason: 550 5.0.0 ", ")"},
        {"... while talking to mx.example.net.: >>> RCPT "
         "To:<someone@example.net> <<< 550 5.0.0 ",
         ""},
        /* Exchange */
        {"Remote Server returned '<mx.example.net #5.0.0 smtp;550 5.0.0 ",
         ">'"},
        /* Gmail */
        {"The response from the remote server was: 550 5.0.0 ", ""},
};
static const struct form temporary = {"450 4.0.0 ", ""};
static const struct form mail_from = {
        "host mx.example.net[192.0.2.25] said: 550 5.0.0 ",
        " (in reply to MAIL FROM command)"};

struct said { /* a sentence of a rule in one language */
	struct nx_proving *proving;
	const struct nx_rule *rule;
	const struct nx_sentence *sentence;
	const struct nx_yaml *node; /* where it is written */
	size_t language;
	const char *text;
	const struct nx_rule *before; /* another rule that decides it … */
	bool finer; /* … and only gives another reason for the same */
};

static struct nx_judged judge_form(const struct said *said,
                                   const struct form *form, const char **text)
{
	*text = talloc_asprintf(said->proving->scratch, "%s%s%s", form->front,
	                        said->text, form->behind);

	const struct nx_yaml node = {.kind = NX_YAML_TEXT, .text = *text};

	return nx_proving_judge(said->proving, &node, said->rule, NULL);
}

static bool refuse(const struct said *said, const char *text,
                   const struct nx_judged *judged, const char *wanted)
{
	nx_proving_fault(
	        said->proving, said->node,
	        "\"%s\" (%s) is %s, %s by %s, but must be %s", text,
	        said->proving->tables->concepts->language[said->language].id,
	        nx_class_name(judged->verdict.class), judged->verdict.reason,
	        judged->by != NULL ? judged->by->id : "no rule", wanted);
	return false;
}

static bool prove_form(struct said *said, const struct form *form)
{
	const struct nx_rule *rule = said->rule;
	const enum nx_class class = nx_rule_class(rule, false);
	const char *text;
	const struct nx_judged judged = judge_form(said, form, &text);

	if (judged.by == rule ||
	    (strcmp(judged.verdict.reason, rule->reason->id) == 0 &&
	     judged.verdict.class == class))
		return true;

	const bool is_text =
	        judged.by != NULL && (judged.by->table == NX_TABLE_PROVIDER ||
	                              judged.by->table == NX_TABLE_TEXT);

	if (is_text && said->before == NULL)
		said->before = judged.by;
	said->finer = is_text && judged.verdict.class == class &&
	              judged.verdict.fault == rule->fault;
	return refuse(said, text, &judged,
	              talloc_asprintf(said->proving->scratch, "%s, %s",
	                              nx_class_name(class), rule->reason->id));
}

static bool prove_not_hard(const struct said *said, const struct form *form)
{
	const char *text;
	const struct nx_judged judged = judge_form(said, form, &text);

	return (judged.verdict.class != NX_CLASS_HARD &&
	        judged.verdict.confirm_days == 0) ||
	       refuse(said, text, &judged, "soft");
}

/* "HELO account unknown" */
static bool prove_party(const struct said *said, enum nx_party party)
{
	struct nx_proving *proving = said->proving;
	const struct nx_concepts *concepts = proving->tables->concepts;
	struct nx_sentence word = {.terms = 1};
	size_t number = 0;

	while (concepts->concept[*word.term].party != party)
		if (++*word.term == concepts->count)
			return true;
	word.need = NX_CONCEPT_BIT(*word.term);

	const char *name = nx_sentence_text(proving->scratch, proving->texts,
	                                    said->language, &word, &number);

	return name == NULL ||
	       prove_not_hard(
	               said,
	               &(struct form){talloc_asprintf(proving->scratch,
	                                              "550 5.0.0 %s ", name),
	                              ""});
}

/* A party in front says nothing where the sentence itself names one. */
static bool prove_said(struct said *said)
{
	const uint64_t parties = said->proving->tables->concepts->parties;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (!prove_form(said, &forms[i]))
			return false;
	if (!prove_not_hard(said, &temporary))
		return false;
	if (said->rule->fault != NX_FAULT_RECIPIENT)
		return true;
	return prove_not_hard(said, &mail_from) &&
	       ((said->sentence->need & parties) != 0 ||
	        (prove_party(said, NX_PARTY_SENDER) &&
	         prove_party(said, NX_PARTY_CONNECTION)));
}

/* --- all of a rule -------------------------------------------------------- */

struct rule_proof { /* of its sentences, in all languages */
	size_t said;
	size_t hidden;
	struct said first; /* that another rule decides */
};

/* Words that are known better to another rule prove nothing: others are
 * tried. */
static bool prove_texts(struct said *said, struct rule_proof *proof)
{
	struct nx_proving *proving = said->proving;
	const size_t faults = proving->proof.faults;
	size_t number = 0;

	said->before = NULL;
	do {
		said->finer = false;
		said->text = nx_sentence_text(proving->scratch, proving->texts,
		                              said->language, said->sentence,
		                              &number);
		if (said->text == NULL)
			return false;
		if (prove_said(said)) {
			proving->proof.faults = faults;
			return true;
		}
		proving->proof.faults = faults + 1; /* the first */
		if (said->before != NULL && proof->first.before == NULL)
			proof->first = *said;
	} while (said->finer);
	return false;
}

static void prove_in_language(struct said *said, struct rule_proof *proof)
{
	const size_t faults = said->proving->proof.faults;

	proof->said++;
	if (prove_texts(said, proof))
		return;
	if (said->proving->proof.faults == faults)
		nx_proving_fault(said->proving, said->node,
		                 "no words of \"%s\" are found to say it",
		                 said->proving->tables->concepts
		                         ->language[said->language]
		                         .id);
	proof->hidden += said->before != NULL;
}

static void prove_sentence(struct nx_proving *proving,
                           const struct nx_rule *rule, size_t index,
                           struct rule_proof *proof)
{
	struct said said = {
	        .proving = proving,
	        .rule = rule,
	        .sentence = &rule->when.says.item[index],
	        .node = nx_proving_node(rule, "says", index),
	};

	for (; said.language < proving->tables->concepts->languages;
	     said.language++)
		if ((rule->when.languages >> said.language & 1) != 0 &&
		    (said.sentence->need &
		     ~nx_sentence_texts_concepts(proving->texts,
		                                 said.language)) == 0)
			prove_in_language(&said, proof);
}

/* One fault is enough of a rule that never decides. */
void nx_prove_sentences(struct nx_proving *proving, const struct nx_rule *rule)
{
	const struct nx_when *when = &rule->when;
	const size_t faults = proving->proof.faults;
	struct rule_proof proof = {0};

	if (when->phase != NX_PHASE_NONE || when->reply.pattern != NULL ||
	    when->status.pattern != NULL)
		return;
	for (size_t i = 0; i < when->says.count; i++)
		prove_sentence(proving, rule, i, &proof);
	proving->proof.sentences += proof.said;
	if (proof.said == 0 || proof.hidden < proof.said)
		return;
	proving->proof.faults = faults;
	nx_proving_fault(
	        proving, rule->source,
	        "rule \"%s\" is in the shadow of others: \"%s\" (%s) is "
	        "decided by \"%s\" (%s:%d)",
	        rule->id, proof.first.text,
	        proving->tables->concepts->language[proof.first.language].id,
	        proof.first.before->id, proof.first.before->file,
	        proof.first.before->line);
}
