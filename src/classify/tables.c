/* SPDX-License-Identifier: ISC */
#include "classify/tables.h"

#include "classify/load.h"

#include <stdlib.h>
#include <string.h>

/* From files to tables: every file by its name, those of rules on words by
 * order.yaml, then the rules in the order in which they are asked, then the
 * examples. */

struct file_kind { /* what a file of that name holds */
	const char *name;
	const char *key; /* of a list whose rows are loaded; else the root is */
	bool (*load)(struct nx_loader *loader, const struct nx_yaml *node);
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool load_order(struct nx_loader *loader, const struct nx_yaml *root)
{
	static const char *const keys[] = {"order", NULL};

	return nx_yaml_check_keys(root, keys, loader->err) &&
	       nx_load_list(loader, root, "order", &loader->order);
}

static const struct file_kind file_kinds[] = {
        {"reasons.yaml", NULL, nx_load_reasons},
        {"order.yaml", NULL, load_order},
        {"status.yaml", "status", nx_load_status},
        {"replies.yaml", "replies", nx_load_reply},
        {"actions.yaml", "actions", nx_load_action},
        {"kinds.yaml", "kinds", nx_load_kind},
        {"feedback.yaml", "feedback", nx_load_feedback},
        {"ours.yaml", "ours", nx_load_ours},
        {"parties.yaml", "parties", nx_load_party},
        {"providers.yaml", "groups", nx_load_group},
        {"zones.yaml", NULL, nx_load_zones},
};

enum { HOLDERS = sizeof(file_kinds) / sizeof(*file_kinds) };

static const struct file_kind text_file_kind = {"", NULL, nx_load_text};
static const struct file_kind profile_file_kind = {"", NULL, nx_load_profile};

/* "profiles/x.yaml" and "…/profiles/x.yaml", when name points at "x.yaml". */
static bool is_below(const char *path, const char *name, const char *folder)
{
	size_t length = strlen(folder);

	if ((size_t)(name - path) < length ||
	    strncmp(name - length, folder, length) != 0)
		return false;
	return name - length == path || name[-(long)length - 1] == '/';
}

/* A site has no order.yaml: there that name is as good as any. */
static const struct file_kind *file_kind_of(const struct nx_source *source)
{
	const char *name = base_name(source->name);

	if (is_below(source->name, name, "profiles/"))
		return &profile_file_kind;
	for (size_t i = 0; i < HOLDERS; i++) {
		if (strcmp(file_kinds[i].name, name) == 0 &&
		    !(source->site && file_kinds[i].load == load_order))
			return &file_kinds[i];
	}
	return &text_file_kind;
}

static void warn_of_name(struct nx_loader *loader, const struct nx_yaml *root)
{
	const char *name = base_name(root->file);

	if (is_below(root->file, name, "providers/"))
		name -= strlen("providers/");
	(void)nx_load_name(loader, root, name);
}

static bool load_source(struct nx_loader *loader,
                        const struct nx_source *source)
{
	const struct nx_yaml *root;

	loader->site = source->site;
	if (!nx_yaml_parse(loader->tables, source->name, source->text,
	                   source->size, &root, loader->err))
		return false;
	warn_of_name(loader, root);

	const struct file_kind *file_kind = file_kind_of(source);

	if (file_kind->key == NULL)
		return file_kind->load(loader, root);
	return nx_load_rows(loader, root, file_kind->key, file_kind->load);
}

static bool is_shipped_text(const struct nx_source *source)
{
	return !source->site && file_kind_of(source) == &text_file_kind;
}

/* Loads those of the sources that are reasons or not, shipped or not; but for
 * shipped text rules, which have an order. */
static bool load_some(struct nx_loader *loader, const struct nx_source *sources,
                      size_t count, bool reasons, bool site)
{
	for (size_t i = 0; i < count; i++) {
		const struct file_kind *file_kind = file_kind_of(&sources[i]);

		if ((file_kind == &file_kinds[0]) != reasons ||
		    sources[i].site != site || is_shipped_text(&sources[i]))
			continue;
		if (!load_source(loader, &sources[i]))
			return false;
	}
	return true;
}

/* Loads the file that a row of order.yaml names, beside it or in a folder
 * there, and takes it out of the texts. */
static bool load_row(struct nx_loader *loader, const struct nx_yaml *row,
                     const struct nx_source **texts, size_t count)
{
	size_t length = (size_t)(base_name(row->file) - row->file);

	for (size_t i = 0; i < count; i++) {
		const struct nx_source *text = texts[i];

		if (text == NULL ||
		    strncmp(row->file, text->name, length) != 0 ||
		    strcmp(row->text, text->name + length) != 0)
			continue;
		texts[i] = NULL;
		return load_source(loader, text);
	}
	return nx_yaml_error(loader->err, row,
	                     "order: \"%s\" is no file of rules on words here, "
	                     "or stands here twice",
	                     row->text);
}

/* One file alone needs no order. */
static bool load_texts(struct nx_loader *loader,
                       const struct nx_source *sources, size_t count)
{
	const struct nx_yaml *order = loader->order;
	const struct nx_yaml *row = order != NULL ? order->first : NULL;
	const struct nx_source **texts = talloc_array(
	        loader->scratch, const struct nx_source *, count + 1);
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_shipped_text(&sources[i]))
			texts[found++] = &sources[i];
	}
	if (order == NULL && found == 1)
		return load_source(loader, texts[0]);
	for (; row != NULL; row = row->next) {
		if (!load_row(loader, row, texts, found))
			return false;
	}
	for (size_t i = 0; i < found; i++) {
		if (texts[i] != NULL)
			return nx_error_set(loader->err, NX_ERROR_CONFIG,
			                    "%s: not in order.yaml, which says "
			                    "when its rules are asked",
			                    texts[i]->name);
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
	       load_texts(loader, sources, count) &&
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
	return nx_load_examples(loader);
}

bool nx_tables_compile(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                       const struct nx_source *sources, size_t count,
                       const struct nx_tables **out, struct nx_error *err)
{
	struct nx_tables *tables = talloc_zero(ctx, struct nx_tables);

	tables->unused_disable = "";
	tables->concepts = concepts;

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
