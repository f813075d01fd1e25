/* SPDX-License-Identifier: ISC */
#include "concepts/concepts_load.h"

#include "base/text.h"
#include "concepts/plain.h"

#include <stdlib.h>
#include <string.h>

/* From files to struct nx_concepts: which file is which, and what the words of
 * all languages mean together. */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool is_list_of_concepts(const char *path)
{
	return strcmp(base_name(path), "concepts.yaml") == 0;
}

static bool is_in_words(const char *path)
{
	static const char folder[] = "words/";
	const size_t size = sizeof folder - 1;
	const char *name = base_name(path);
	const size_t before = (size_t)(name - path);

	return before >= size && strncmp(name - size, folder, size) == 0 &&
	       (before == size || name[-(long)size - 1] == '/');
}

bool nx_concepts_is_source(const char *name)
{
	return is_list_of_concepts(name) || is_in_words(name);
}

/* --- what they mean ------------------------------------------------------- */

static int compare_entries(const void *a, const void *b)
{
	const struct nx_concept_entry *left = a;
	const struct nx_concept_entry *right = b;

	if (left->front != right->front)
		return left->front < right->front ? -1 : 1;

	const int order = strcmp(left->text, right->text);

	if (order != 0)
		return order;
	if (left->language != right->language)
		return left->language < right->language ? -1 : 1;
	return (left->concept > right->concept) -
	       (left->concept < right->concept);
}

/* The entries of one text stand side by side: what they mean together. */
static bool merge(struct nx_concepts_loader *loader, size_t first, size_t *next,
                  struct nx_concept_word *out)
{
	struct nx_concepts *concepts = loader->concepts;
	const struct nx_concept_entry *entry = loader->entry;
	uint64_t meant = 0; /* in one language */

	*out = (struct nx_concept_word){.meaning = (uint32_t)first};
	for (*next = first; *next < loader->entries &&
	                    strcmp(entry[*next].text, entry[first].text) == 0;
	     ++*next) {
		const struct nx_concept_entry *one = &entry[*next];

		if (*next > first && one->language != entry[*next - 1].language)
			meant = 0;
		if ((concepts->concept[one->concept].opposite & meant) != 0)
			return nx_concepts_refuse(
			        loader, one,
			        "stands for the opposite as well in this "
			        "language");
		meant |= NX_CONCEPT_BIT(one->concept);
		concepts->meaning[*next] = (struct nx_concept_meaning){
		        (unsigned char)one->concept,
		        (unsigned char)one->language};
		out->meanings++;
		out->open |= one->open;
	}
	return true;
}

static bool is_party(const struct nx_concepts *concepts, size_t concept)
{
	return (concepts->parties >> concept & 1) != 0;
}

/* A word names one party at most; where it does in two ways, the last one
 * counts. */
static bool choose_party(struct nx_concepts_loader *loader, size_t first,
                         const struct nx_concept_word *word)
{
	const struct nx_concepts *concepts = loader->concepts;
	struct nx_concept_meaning *meaning = &concepts->meaning[word->meaning];
	size_t last = NX_CONCEPT_NONE;

	for (size_t i = 0; i < word->meanings; i++) {
		const size_t one = meaning[i].concept;

		if (!is_party(concepts, one))
			continue;
		if (last != NX_CONCEPT_NONE &&
		    concepts->concept[last].party !=
		            concepts->concept[one].party)
			return nx_concepts_refuse(loader, &loader->entry[first],
			                          "names two parties");
		if (last == NX_CONCEPT_NONE || one > last)
			last = one;
	}
	for (size_t i = 0; i < word->meanings; i++) {
		unsigned char *one = &meaning[i].concept;

		if (is_party(concepts, *one))
			*one = (unsigned char)last;
	}
	return true;
}

/* --- typing errors -------------------------------------------------------- */

static void add_token(struct nx_concepts_loader *loader, const char *word,
                      size_t size)
{
	struct nx_concepts *concepts = loader->concepts;

	if (!nx_plain_is_token(word, size))
		return;
	if (concepts->tokens % 1024 == 0)
		concepts->token =
		        talloc_realloc(concepts, concepts->token, const char *,
		                       concepts->tokens + 1024);
	concepts->token[concepts->tokens++] =
	        talloc_strndup(loader->scratch, word, size);
}

/* Each once; most occur in many words. */
static void sort_tokens(struct nx_concepts *concepts)
{
	size_t kept = 0;

	if (concepts->tokens > 0)
		qsort(concepts->token, concepts->tokens,
		      sizeof(*concepts->token), nx_text_compare);
	for (size_t i = 0; i < concepts->tokens; i++)
		if (kept == 0 ||
		    strcmp(concepts->token[kept - 1], concepts->token[i]) != 0)
			concepts->token[kept++] = concepts->token[i];
	concepts->tokens = kept;
	for (size_t i = 0; i < kept; i++)
		concepts->token[i] =
		        talloc_strdup(concepts, concepts->token[i]);
}

/* The words of the languages whose misspelt words are found. */
static void find_tokens(struct nx_concepts_loader *loader)
{
	for (size_t i = 0; i < loader->entries; i++) {
		const char *at = loader->entry[i].text;

		if ((loader->misspelt >> loader->entry[i].language & 1) == 0)
			continue;
		while (*at != '\0') {
			const size_t size = strcspn(at, " ");

			add_token(loader, at, size);
			at += size;
			at += strspn(at, " ");
		}
	}
	sort_tokens(loader->concepts);
}

/* --- all of them ---------------------------------------------------------- */

/* The first word that each language has for a concept, for proofs. */
static void keep_samples(struct nx_concepts_loader *loader)
{
	for (size_t i = 0; i < loader->entries; i++) {
		const struct nx_concept_entry *entry = &loader->entry[i];
		struct nx_language *language =
		        &loader->concepts->language[entry->language];

		if (*language->word[entry->concept] == '\0')
			language->word[entry->concept] = talloc_strdup(
			        loader->concepts,
			        entry->text + (*entry->text == ' '));
	}
}

static bool merge_all(struct nx_concepts_loader *loader, const char **text,
                      size_t *count)
{
	struct nx_concepts *concepts = loader->concepts;

	*count = 0;
	for (size_t i = 0, next; i < loader->entries; i = next) {
		struct nx_concept_word *word = &concepts->word[*count];

		if (!merge(loader, i, &next, word) ||
		    !choose_party(loader, i, word))
			return false;
		text[(*count)++] = loader->entry[i].text;
	}
	return true;
}

static bool compile(struct nx_concepts_loader *loader)
{
	struct nx_concepts *concepts = loader->concepts;
	const char **text = talloc_array(loader->scratch, const char *,
	                                 loader->entries + 1);

	keep_samples(loader);
	find_tokens(loader);
	if (loader->entries > 0)
		qsort(loader->entry, loader->entries, sizeof(*loader->entry),
		      compare_entries);
	concepts->word = talloc_zero_array(concepts, struct nx_concept_word,
	                                   loader->entries + 1);
	concepts->meaning = talloc_zero_array(
	        concepts, struct nx_concept_meaning, loader->entries + 1);
	if (!merge_all(loader, text, &concepts->words))
		return false;
	concepts->dictionary =
	        nx_dictionary_compile(concepts, text, concepts->words);
	return true;
}

static bool load_source(struct nx_concepts_loader *loader,
                        const struct nx_source *source)
{
	const struct nx_yaml *root;

	if (!nx_yaml_parse(loader->scratch, source->name, source->text,
	                   source->size, &root, loader->err))
		return false;
	return is_list_of_concepts(source->name)
	               ? nx_concepts_load_list(loader, root)
	               : nx_concepts_load_words(loader, root);
}

static bool load_all(struct nx_concepts_loader *loader,
                     const struct nx_source *sources, size_t count)
{
	for (int words = 0; words < 2; words++)
		for (size_t i = 0; i < count; i++)
			if (is_list_of_concepts(sources[i].name) != words &&
			    !load_source(loader, &sources[i]))
				return false;
	return compile(loader);
}

bool nx_concepts_compile(TALLOC_CTX *ctx, const struct nx_source *sources,
                         size_t count, const struct nx_concepts **out,
                         struct nx_error *err)
{
	struct nx_concepts *concepts = talloc_zero(ctx, struct nx_concepts);
	struct nx_concepts_loader loader = {
	        .concepts = concepts,
	        .scratch = talloc_new(NULL),
	        .err = err,
	};

	concepts->asked = talloc_zero(concepts, uint64_t);
	concepts->concept =
	        talloc_zero_array(concepts, struct nx_concept, NX_CONCEPTS);

	const bool loaded = load_all(&loader, sources, count);

	talloc_free(loader.scratch);
	if (loaded)
		*out = concepts;
	else
		talloc_free(concepts);
	return loaded;
}
