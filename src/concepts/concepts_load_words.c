/* SPDX-License-Identifier: ISC */
#include "concepts/concepts_load.h"

#include "base/text.h"
#include "concepts/plain.h"

#include <string.h>

/* words/LANGUAGE.yaml: the words of a language for each concept. */

enum { WORD_LEAST = 2 };

bool nx_concepts_refuse(struct nx_concepts_loader *loader,
                        const struct nx_concept_entry *entry, const char *why)
{
	struct nx_yaml place = *entry->node;

	for (size_t i = 0; i < entry->offset; i++)
		place.column += !nx_text_continues(entry->node->text[i]);
	return nx_yaml_error(loader->err, &place, "\"%s\" %s",
	                     entry->text + (*entry->text == ' '), why);
}

/* Parts between blanks, and "*" at the end only. */
static bool is_word(const char *text)
{
	const size_t size = strlen(text);

	return size >= WORD_LEAST && text[0] != ' ' && text[size - 1] != ' ' &&
	       strchr(text, '*') == NULL;
}

/* The first eight bytes as a number that is ordered as they are. */
static uint64_t front_of(const char *text)
{
	uint64_t front = 0;

	for (size_t i = 0; i < sizeof front; i++) {
		front = front << 8 | (unsigned char)*text;
		text += *text != '\0';
	}
	return front;
}

static void add_entry(struct nx_concepts_loader *loader,
                      struct nx_concept_entry entry)
{
	entry.front = front_of(entry.text);
	if ((loader->entries & (loader->entries - 1)) == 0)
		loader->entry = talloc_realloc(loader->scratch, loader->entry,
		                               struct nx_concept_entry,
		                               loader->entries * 2 + 1);
	loader->entry[loader->entries++] = entry;
}

/* Two bytes are found behind a blank only. */
static bool add_word(struct nx_concepts_loader *loader,
                     struct nx_concept_entry entry, char *text)
{
	const size_t size = strlen(text);

	entry.text = text;
	entry.open = size > 0 && text[size - 1] == '*';
	if (entry.open)
		text[size - 1] = '\0';
	if (!is_word(text))
		return nx_concepts_refuse(
		        loader, &entry,
		        "is no word: two bytes or more, and \"*\" at "
		        "its end only");
	if (size - entry.open == WORD_LEAST)
		entry.text = talloc_asprintf(loader->scratch, " %s", text);
	add_entry(loader, entry);
	return true;
}

/* "one, two, three" */
static bool split_words(struct nx_concepts_loader *loader,
                        const struct nx_yaml *node,
                        const struct nx_plain *plain,
                        struct nx_concept_entry entry)
{
	char *at = plain->text + 1;

	entry.node = node;
	if (node->kind != NX_YAML_TEXT || *at == '\0')
		return nx_yaml_error(loader->err, node,
		                     "must be words, separated by commas");
	for (bool more = true; more;) {
		char *end = at + strcspn(at, ",");

		more = *end == ',';
		*end = '\0';
		if (*at == '\0')
			return nx_yaml_error(loader->err, node,
			                     "a word is missing at a comma");
		entry.offset = plain->at[at - plain->text];
		if (!add_word(loader, entry, at))
			return false;
		at = end + 1;
		at += *at == ' ';
	}
	return true;
}

/* The places in the text are not needed any longer, and are large. */
static bool add_words(struct nx_concepts_loader *loader,
                      const struct nx_yaml *node, struct nx_concept_entry entry)
{
	struct nx_plain plain =
	        nx_plain_of(loader->scratch, node->text, strlen(node->text));
	const bool good = split_words(loader, node, &plain, entry);

	talloc_free(plain.at);
	return good;
}

/* A list of words is good as well. */
static bool add_member(struct nx_concepts_loader *loader,
                       const struct nx_yaml *node,
                       struct nx_concept_entry entry)
{
	if (node->kind != NX_YAML_LIST)
		return add_words(loader, node, entry);
	for (const struct nx_yaml *one = node->first; one; one = one->next)
		if (!add_words(loader, one, entry))
			return false;
	return true;
}

static size_t language_of(struct nx_concepts_loader *loader, const char *id)
{
	struct nx_concepts *concepts = loader->concepts;

	for (size_t i = 0; i < concepts->languages; i++)
		if (strcmp(concepts->language[i].id, id) == 0)
			return i;
	concepts->language =
	        talloc_realloc(concepts, concepts->language, struct nx_language,
	                       concepts->languages + 1);

	struct nx_language *language = &concepts->language[concepts->languages];

	*language = (struct nx_language){
	        .id = talloc_strdup(concepts, id),
	        .word = talloc_array(concepts, const char *,
	                             concepts->count + 1),
	        .concepts = concepts->count,
	};
	for (size_t i = 0; i < concepts->count; i++)
		language->word[i] = "";
	return concepts->languages++;
}

bool nx_concepts_load_words(struct nx_concepts_loader *loader,
                            const struct nx_yaml *root)
{
	static const char *const keys[] = {"language", "misspelt", "words",
	                                   NULL};
	struct nx_concepts *concepts = loader->concepts;
	const struct nx_yaml *map = nx_yaml_get(root, "words");
	const char *id;
	bool misspelt;

	if (!nx_yaml_check_keys(root, keys, loader->err) ||
	    !nx_yaml_need_text(root, "language", &id, loader->err) ||
	    !nx_yaml_flag(root, "misspelt", &misspelt, loader->err))
		return false;
	if (map == NULL || map->kind != NX_YAML_MAP)
		return nx_yaml_error(loader->err, map != NULL ? map : root,
		                     "words: a map of concepts to words");

	const size_t language = language_of(loader, id);

	if (language >= NX_LANGUAGES)
		return nx_yaml_error(loader->err, root,
		                     "there are %d languages already",
		                     NX_LANGUAGES);
	loader->misspelt |= (uint64_t)misspelt << language;
	for (const struct nx_yaml *node = map->first; node; node = node->next) {
		const size_t number = nx_concept_number(concepts, node->key,
		                                        strlen(node->key));

		if (number == NX_CONCEPT_NONE)
			return nx_yaml_error(loader->err, node,
			                     "\"%s\" is no concept of "
			                     "concepts.yaml",
			                     node->key);
		if (!add_member(
		            loader, node,
		            (struct nx_concept_entry){.concept = number,
		                                      .language = language}))
			return false;
	}
	return true;
}
