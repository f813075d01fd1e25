/* SPDX-License-Identifier: ISC */
#include "classify/tables.h"

#include "classify/load.h"

#include <stdlib.h>
#include <string.h>

/* From files to tables: every file by its name, then the rules in order of
 * asking, then the examples. */

struct holder { /* what a file of that name holds */
	const char *name;
	bool (*load)(struct nx_loader *loader, const struct nx_yaml *root);
};

static const struct holder holders[] = {
        {"reasons.yaml", nx_load_reasons}, {"status.yaml", nx_load_status},
        {"replies.yaml", nx_load_replies}, {"actions.yaml", nx_load_actions},
        {"kinds.yaml", nx_load_kinds},     {"feedback.yaml", nx_load_feedback},
};

enum { HOLDERS = sizeof(holders) / sizeof(*holders) };

static const struct holder text_holder = {"", nx_load_text};

static const struct holder *holder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	for (size_t i = 0; i < HOLDERS; i++) {
		if (strcmp(holders[i].name, name) == 0)
			return &holders[i];
	}
	return &text_holder;
}

static bool load_source(struct nx_loader *loader,
                        const struct nx_source *source,
                        const struct holder *holder)
{
	const struct nx_yaml *root;

	return nx_yaml_parse(loader->scratch, source->name, source->text,
	                     source->size, &root, loader->err) &&
	       holder->load(loader, root);
}

/* Reasons first, because all others name them. */
static bool load_sources(struct nx_loader *loader,
                         const struct nx_source *sources, size_t count)
{
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < count; i++) {
			const struct holder *holder =
			        holder_of(sources[i].name);

			if ((holder == &holders[0]) == (round == 0) &&
			    !load_source(loader, &sources[i], holder))
				return false;
		}
	}
	return true;
}

struct place { /* a rule and its place in order of reading */
	const struct nx_rule *rule;
	size_t at;
};

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_ids(const void *a, const void *b)
{
	const struct place *left = a;
	const struct place *right = b;
	int order = strcmp(left->rule->id, right->rule->id);

	return order != 0 ? order : compare_numbers(left->at, right->at);
}

/* By table, then by key; rules without a key stay in order of reading. */
static int compare_places(const void *a, const void *b)
{
	const struct place *left = a;
	const struct place *right = b;

	if (left->rule->table != right->rule->table)
		return left->rule->table < right->rule->table ? -1 : 1;
	if (left->rule->key != right->rule->key)
		return left->rule->key < right->rule->key ? -1 : 1;
	return compare_numbers(left->at, right->at);
}

static struct place *sort_rules(struct nx_loader *loader,
                                int (*compare)(const void *, const void *))
{
	struct place *places =
	        talloc_array(loader->scratch, struct place, loader->rules + 1);

	for (size_t i = 0; i < loader->rules; i++)
		places[i] = (struct place){loader->rule[i], i};
	qsort(places, loader->rules, sizeof(*places), compare);
	return places;
}

static bool check_unique(struct nx_loader *loader)
{
	const struct place *places = sort_rules(loader, compare_ids);

	for (size_t i = 1; i < loader->rules; i++) {
		const struct nx_rule *first = places[i - 1].rule;
		const struct nx_rule *again = places[i].rule;

		if (strcmp(first->id, again->id) == 0)
			return nx_error_set(
			        loader->err, NX_ERROR_CONFIG,
			        "%s:%d:%d: \"%s\" is there already, at "
			        "%s:%d; an id or code has one rule",
			        again->file, again->line, again->column,
			        again->id, first->file, first->line);
	}
	return true;
}

static void order_rules(struct nx_loader *loader)
{
	struct nx_tables *tables = loader->tables;
	size_t count = loader->rules;
	const struct place *places = sort_rules(loader, compare_places);

	tables->rule = talloc_array(tables, const struct nx_rule *, count + 1);
	tables->rules = count;
	for (size_t i = count; i-- > 0;) {
		const struct nx_rule *rule = places[i].rule;

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
	if (!load_sources(loader, sources, count) || !check_unique(loader))
		return false;
	order_rules(loader);
	build_prefilter(loader);
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
