/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "base/text.h"
#include "classify/facts.h"

#include <string.h>

/* Concepts: the words of many languages for a party (rules/words/). */

static const char *const keys[] = {
        "concept", "reason",   "words",           "aside",
        "behind",  "examples", "counterexamples", NULL,
};

enum { WORD_LEAST = NX_DICTIONARY_GRAM };

static struct nx_concept_word *find_word(const struct nx_loader *loader,
                                         const char *text)
{
	for (size_t i = 0; i < loader->words; i++) {
		struct nx_concept_word *word = &loader->word[i];

		if (word->text[0] == text[0] && strcmp(word->text, text) == 0)
			return word;
	}
	return NULL;
}

/* One line, one blank between its parts, and "*" at the end only. */
static bool is_word(const char *text)
{
	size_t size = strlen(text);

	return size >= WORD_LEAST && text[0] != ' ' && text[size - 1] != ' ' &&
	       strstr(text, "  ") == NULL && strpbrk(text, "*\t\n") == NULL;
}

/* The same word may be in several languages, but has one meaning; where it is
 * given again, by a site file for example, the last entry counts. */
static bool add_word(struct nx_loader *loader, const struct nx_yaml *node,
                     struct nx_concept_word word)
{
	bool is_text = node->kind == NX_YAML_TEXT;
	char *text = nx_text_fold(loader->scratch, is_text ? node->text : "");
	size_t size = strlen(text);

	word.open = size > 0 && text[size - 1] == '*';
	if (word.open)
		text[size - 1] = '\0';
	if (!is_word(text))
		return nx_yaml_error(loader->err, node,
		                     "a word has %d bytes or more, one blank "
		                     "between its parts, and \"*\" at its end "
		                     "only",
		                     WORD_LEAST);

	struct nx_concept_word *known = find_word(loader, text);

	if (known != NULL && known->concept != word.concept)
		return nx_yaml_error(loader->err, node,
		                     "\"%s\" stands for the concept \"%s\" "
		                     "already; a word means one thing",
		                     node->text,
		                     nx_concept_name(known->concept));
	if (known == NULL) {
		loader->word = talloc_realloc(loader->scratch, loader->word,
		                              struct nx_concept_word,
		                              loader->words + 1);
		known = &loader->word[loader->words++];
	}
	word.text = text;
	*known = word;
	return true;
}

/* Lists of words, by language. */
static bool load_list(struct nx_loader *loader, const struct nx_yaml *root,
                      const char *key, struct nx_concept_word word)
{
	const struct nx_yaml *map = nx_yaml_get(root, key);

	if (map == NULL)
		return true;
	if (map->kind != NX_YAML_MAP)
		return nx_yaml_error(loader->err, map,
		                     "%s: must be a map of languages to lists "
		                     "of words",
		                     key);
	for (const struct nx_yaml *list = map->first; list; list = list->next) {
		if (list->kind != NX_YAML_LIST)
			return nx_yaml_error(loader->err, list,
			                     "%s: must be a list of words",
			                     list->key);
		for (const struct nx_yaml *node = list->first; node;
		     node = node->next)
			if (!add_word(loader, node, word))
				return false;
	}
	return true;
}

/* The reason for a refusal that is about this party and that no other rule
 * matches. */
static bool load_reason(struct nx_loader *loader, const struct nx_yaml *root,
                        enum nx_concept concept)
{
	const struct nx_yaml *reason = nx_yaml_get(root, "reason");
	const struct nx_yaml *cases = nx_yaml_get(root, "examples");

	if (cases == NULL)
		cases = nx_yaml_get(root, "counterexamples");
	if (reason == NULL && cases != NULL)
		return nx_yaml_error(loader->err, cases,
		                     "%s: what they prove is missing; give a "
		                     "reason",
		                     cases->key);
	if (reason == NULL)
		return true;
	if (concept == NX_CONCEPT_RECIPIENT)
		return nx_yaml_error(loader->err, reason,
		                     "reason: what is said of the recipient "
		                     "is for rules to judge");

	struct nx_rule *rule =
	        nx_load_rule(loader, root, NX_TABLE_PARTY,
	                     talloc_asprintf(loader->scratch, "words/%s",
	                                     nx_concept_name(concept)));

	if (rule == NULL)
		return false;
	rule->key = (long)nx_party_of_concept(concept);
	rule->code = nx_load_keep(loader, nx_concept_name(concept));
	if (rule->fault != NX_FAULT_RECIPIENT)
		return nx_load_cases(loader, root, rule);
	return nx_yaml_error(loader->err, nx_yaml_get(root, "reason"),
	                     "reason \"%s\" is the recipient's fault, whom "
	                     "these words are not about",
	                     rule->reason->id);
}

bool nx_load_words(struct nx_loader *loader, const struct nx_yaml *root)
{
	const char *name;

	if (!nx_yaml_check_keys(root, keys, loader->err) ||
	    !nx_yaml_need_text(root, "concept", &name, loader->err))
		return false;

	enum nx_concept concept = nx_concept_of_name(name);

	if (concept == NX_CONCEPT_NONE)
		return nx_yaml_error(loader->err, nx_yaml_get(root, "concept"),
		                     "concept \"%s\" is none of recipient, "
		                     "sender, connection, content",
		                     name);
	const struct nx_concept_word named = {.concept = concept};
	const struct nx_concept_word aside = {.concept = concept,
	                                      .aside = true};
	const struct nx_concept_word behind = {.concept = concept,
	                                       .behind = true};

	return load_reason(loader, root, concept) &&
	       load_list(loader, root, "words", named) &&
	       load_list(loader, root, "aside", aside) &&
	       load_list(loader, root, "behind", behind);
}
