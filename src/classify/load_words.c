/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "base/text.h"
#include "classify/facts.h"

#include <string.h>

/* Concepts: how many languages name a party (rules/words/). */

static const char *const keys[] = {"concept", "reason",   "words",
                                   "aside",   "examples", "counterexamples",
                                   NULL};

enum { WORD_LEAST = NX_DICTIONARY_GRAM };

static bool has_word(const struct nx_loader *loader, const char *text,
                     enum nx_concept concept, bool *other)
{
	for (size_t i = 0; i < loader->words; i++) {
		const struct nx_concept_word *word = &loader->word[i];

		if (strcmp(word->text, text) != 0)
			continue;
		*other = word->concept != concept;
		return true;
	}
	return false;
}

/* "sender", or "absender*" with any ending. The same word may stand in several
 * languages, but means one thing. */
static bool add_word(struct nx_loader *loader, const struct nx_yaml *node,
                     enum nx_concept concept, bool aside)
{
	bool other = false;

	if (node->kind != NX_YAML_TEXT)
		return nx_yaml_error(loader->err, node,
		                     "a word must be a text in lower case");

	char *text = nx_text_fold(loader->scratch, node->text);
	size_t size = strlen(text);
	bool open = size > 0 && text[size - 1] == '*';

	if (open)
		text[--size] = '\0';
	if (size < WORD_LEAST)
		return nx_yaml_error(loader->err, node,
		                     "\"%s\" is too short; a word has %d bytes "
		                     "or more",
		                     node->text, WORD_LEAST);
	if (has_word(loader, text, concept, &other)) {
		if (!other)
			return true;
		return nx_yaml_error(loader->err, node,
		                     "\"%s\" stands for another concept "
		                     "already; a word means one thing",
		                     node->text);
	}
	loader->word =
	        talloc_realloc(loader->scratch, loader->word,
	                       struct nx_concept_word, loader->words + 1);
	loader->word[loader->words++] =
	        (struct nx_concept_word){text, concept, aside, open};
	return true;
}

/* By language: lists of words. */
static bool load_list(struct nx_loader *loader, const struct nx_yaml *root,
                      const char *key, enum nx_concept concept)
{
	const struct nx_yaml *map = nx_yaml_get(root, key);
	bool aside = strcmp(key, "aside") == 0;

	if (map == NULL && aside)
		return true;
	if (map == NULL || map->kind != NX_YAML_MAP)
		return nx_yaml_error(loader->err, map != NULL ? map : root,
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
			if (!add_word(loader, node, concept, aside))
				return false;
	}
	return true;
}

/* What a refusal comes to that is about this party and that no other rule
 * understands. */
static bool load_reason(struct nx_loader *loader, const struct nx_yaml *root,
                        enum nx_concept concept)
{
	if (nx_yaml_get(root, "reason") == NULL)
		return true;

	struct nx_rule *rule =
	        nx_load_rule(loader, root, NX_TABLE_PARTY,
	                     talloc_asprintf(loader->scratch, "words/%s",
	                                     nx_concept_name(concept)));

	if (rule == NULL)
		return false;
	rule->key = (long)nx_party_of_concept(concept);
	rule->code = nx_load_keep(loader, nx_concept_name(concept));
	if (rule->fault != NX_BLAME_RECIPIENT)
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
	return load_reason(loader, root, concept) &&
	       load_list(loader, root, "words", concept) &&
	       load_list(loader, root, "aside", concept);
}
