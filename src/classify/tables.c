/* SPDX-License-Identifier: ISC */
#include "classify/tables.h"

#include "classify/load.h"

#include <stdlib.h>
#include <string.h>

/* From files to tables: every file by its name, then the rules in the order in
 * which they are asked, then the examples. */

struct file_kind { /* what a file of that name holds */
	const char *name;
	bool (*load)(struct nx_loader *loader, const struct nx_yaml *root);
};

static const struct file_kind file_kinds[] = {
        {"reasons.yaml", nx_load_reasons}, {"status.yaml", nx_load_status},
        {"replies.yaml", nx_load_replies}, {"actions.yaml", nx_load_actions},
        {"kinds.yaml", nx_load_kinds},     {"feedback.yaml", nx_load_feedback},
        {"ours.yaml", nx_load_ours},       {"providers.yaml", nx_load_groups},
};

enum { HOLDERS = sizeof(file_kinds) / sizeof(*file_kinds) };

static const struct file_kind text_file_kind = {"", nx_load_text};
static const struct file_kind profile_file_kind = {"", nx_load_profile};
static const struct file_kind words_file_kind = {"", nx_load_words};

/* "profiles/x.yaml" and "…/profiles/x.yaml", when name points at "x.yaml". */
static bool is_below(const char *path, const char *name, const char *folder)
{
	size_t length = strlen(folder);

	if ((size_t)(name - path) < length ||
	    strncmp(name - length, folder, length) != 0)
		return false;
	return name - length == path || name[-(long)length - 1] == '/';
}

static const struct file_kind *file_kind_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (is_below(path, name, "profiles/"))
		return &profile_file_kind;
	if (is_below(path, name, "words/"))
		return &words_file_kind;
	for (size_t i = 0; i < HOLDERS; i++) {
		if (strcmp(file_kinds[i].name, name) == 0)
			return &file_kinds[i];
	}
	return &text_file_kind;
}

static bool load_source(struct nx_loader *loader,
                        const struct nx_source *source,
                        const struct file_kind *file_kind)
{
	const struct nx_yaml *root;

	loader->site = source->site;
	return nx_yaml_parse(loader->scratch, source->name, source->text,
	                     source->size, &root, loader->err) &&
	       file_kind->load(loader, root);
}

/* Loads those of the sources that are reasons or not, shipped or not. */
static bool load_some(struct nx_loader *loader, const struct nx_source *sources,
                      size_t count, bool reasons, bool site)
{
	for (size_t i = 0; i < count; i++) {
		const struct file_kind *file_kind =
		        file_kind_of(sources[i].name);

		if ((file_kind == &file_kinds[0]) != reasons ||
		    sources[i].site != site)
			continue;
		if (!load_source(loader, &sources[i], file_kind))
			return false;
	}
	return true;
}

/* Reasons first, because all others name them. */
static bool load_sources(struct nx_loader *loader,
                         const struct nx_source *sources, size_t count)
{
	return load_some(loader, sources, count, true, false) &&
	       load_some(loader, sources, count, true, true) &&
	       load_some(loader, sources, count, false, false) &&
	       load_some(loader, sources, count, false, true);
}

/* By table, then by key; rules without a key stay in order of reading. */
static int compare_rules(const void *a, const void *b)
{
	const struct nx_rule *left = *(struct nx_rule *const *)a;
	const struct nx_rule *right = *(struct nx_rule *const *)b;

	if (left->table != right->table)
		return left->table < right->table ? -1 : 1;
	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return (left->place > right->place) - (left->place < right->place);
}

static void order_rules(struct nx_loader *loader)
{
	struct nx_tables *tables = loader->tables;
	size_t count = loader->rules;

	if (count > 0)
		qsort(loader->rule, count, sizeof(struct nx_rule *),
		      compare_rules);
	tables->rule = talloc_array(tables, const struct nx_rule *, count + 1);
	tables->rules = count;
	for (size_t i = count; i-- > 0;) {
		const struct nx_rule *rule = loader->rule[i];

		tables->rule[i] = rule;
		tables->table[rule->table].first = i;
		tables->table[rule->table].count++;
	}
}

static void build_prefilter(struct nx_loader *loader)
{
	struct nx_tables *tables = loader->tables;
	struct nx_slice provider = tables->table[NX_TABLE_PROVIDER];
	struct nx_slice text = tables->table[NX_TABLE_TEXT];

	tables->text.first = provider.count > 0 ? provider.first : text.first;
	tables->text.count = provider.count + text.count;

	const char **sources = talloc_array(loader->scratch, const char *,
	                                    tables->text.count + 1);

	for (size_t i = 0; i < tables->text.count; i++)
		sources[i] =
		        tables->rule[tables->text.first + i]->when.text.source;
	tables->prefilter =
	        nx_prefilter_compile(tables, sources, tables->text.count);
}

static bool load_all(struct nx_loader *loader, const struct nx_source *sources,
                     size_t count)
{
	if (!load_sources(loader, sources, count) || !nx_load_merge(loader))
		return false;
	order_rules(loader);
	build_prefilter(loader);
	loader->tables->concepts = nx_concepts_compile(
	        loader->tables, loader->word, loader->words);
	return nx_load_examples(loader);
}

bool nx_tables_compile(TALLOC_CTX *ctx, const struct nx_source *sources,
                       size_t count, const struct nx_tables **out,
                       struct nx_error *err)
{
	struct nx_tables *tables = talloc_zero(ctx, struct nx_tables);
	struct nx_loader loader = {
	        .tables = tables,
	        .scratch = talloc_new(NULL),
	        .err = err,
	};
	bool loaded = load_all(&loader, sources, count);

	talloc_free(loader.scratch);
	if (loaded)
		*out = tables;
	else
		talloc_free(tables);
	return loaded;
}
