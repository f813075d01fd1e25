/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include <stdlib.h>
#include <string.h>

/* Merges the administrator's own rules with the shipped ones. */

static bool add_disabled(struct nx_loader *loader, const struct nx_yaml *node)
{
	if (node->kind != NX_YAML_TEXT || *node->text == '\0')
		return nx_yaml_error(loader->err, node,
		                     "disable: must be the id of a rule");
	loader->disabled =
	        talloc_realloc(loader->scratch, loader->disabled,
	                       struct nx_disabled, loader->disabled_count + 1);
	loader->disabled[loader->disabled_count++] = (struct nx_disabled){
	        nx_load_name(loader, node, node->text), node};
	return true;
}

bool nx_load_disable(struct nx_loader *loader, const struct nx_yaml *root)
{
	const struct nx_yaml *list = nx_yaml_get(root, "disable");

	if (list == NULL)
		return true;
	if (!loader->site)
		return nx_yaml_error(loader->err, list,
		                     "disable: only site rules may; take the "
		                     "rule away instead");
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(loader->err, list,
		                     "disable: must be a list of ids");
	for (const struct nx_yaml *node = list->first; node; node = node->next)
		if (!add_disabled(loader, node))
			return false;
	return true;
}

/* By id; for the same id shipped ones first, in order of reading. */
static int compare_ids(const void *a, const void *b)
{
	const struct nx_rule *left = *(struct nx_rule *const *)a;
	const struct nx_rule *right = *(struct nx_rule *const *)b;
	int order = strcmp(left->id, right->id);

	if (order != 0)
		return order;
	return (left->place > right->place) - (left->place < right->place);
}

static struct nx_rule **sort_ids(struct nx_loader *loader)
{
	struct nx_rule **sorted = talloc_array(
	        loader->scratch, struct nx_rule *, loader->rules + 1);

	for (size_t i = 0; i < loader->rules; i++)
		sorted[i] = loader->rule[i];
	qsort(sorted, loader->rules, sizeof(struct nx_rule *), compare_ids);
	return sorted;
}

static bool twice(struct nx_loader *loader, const struct nx_rule *first,
                  const struct nx_rule *again)
{
	return nx_error_set(loader->err, NX_ERROR_CONFIG,
	                    "%s:%d:%d: \"%s\" is there already, at %s:%d; an "
	                    "id or code has one rule",
	                    again->file, again->line, again->column, again->id,
	                    first->file, first->line);
}

/* A rule without a provider of its own is asked about the same providers as the
 * rule that it replaces. */
static void replace(struct nx_rule *shipped, struct nx_rule *site)
{
	shipped->dropped = true;
	site->place = shipped->place;
	if (site->provider != NULL || shipped->provider == NULL)
		return;
	site->provider = shipped->provider;
	site->table = shipped->table;
}

static bool replace_all(struct nx_loader *loader, struct nx_rule **sorted)
{
	for (size_t i = 1; i < loader->rules; i++) {
		struct nx_rule *first = sorted[i - 1];
		struct nx_rule *again = sorted[i];

		if (strcmp(first->id, again->id) != 0)
			continue;
		if (first->site || !again->site)
			return twice(loader, first, again);
		replace(first, again);
	}
	return true;
}

/* Only shipped rules: a site rule of that id is there on purpose. */
static struct nx_rule *find_shipped(const struct nx_loader *loader,
                                    struct nx_rule **sorted, const char *id)
{
	for (size_t i = 0; i < loader->rules; i++) {
		if (!sorted[i]->site && strcmp(sorted[i]->id, id) == 0)
			return sorted[i];
	}
	return NULL;
}

/* The first of them is told. */
static void note_unused(struct nx_tables *tables,
                        const struct nx_disabled *disabled)
{
	const struct nx_yaml *node = disabled->node;

	if (*tables->unused_disable != '\0')
		return;
	tables->unused_disable = talloc_asprintf(
	        tables,
	        "%s:%d:%d: disable: there is no shipped rule "
	        "\"%s\"; take the line away",
	        node->file, node->line, node->column, disabled->id);
}

static void disable_all(struct nx_loader *loader, struct nx_rule **sorted)
{
	for (size_t i = 0; i < loader->disabled_count; i++) {
		struct nx_rule *rule =
		        find_shipped(loader, sorted, loader->disabled[i].id);

		if (rule != NULL)
			rule->dropped = true;
		else
			note_unused(loader->tables, &loader->disabled[i]);
	}
}

/* A replacement for a rule that is also disabled stays. */
static void drop(struct nx_loader *loader)
{
	size_t kept = 0;

	for (size_t i = 0; i < loader->rules; i++) {
		if (!loader->rule[i]->dropped)
			loader->rule[kept++] = loader->rule[i];
	}
	loader->rules = kept;
}

bool nx_load_merge(struct nx_loader *loader)
{
	for (size_t i = 0; i < loader->rules; i++) {
		struct nx_rule *rule = loader->rule[i];

		rule->place = (long)i;
	}

	struct nx_rule **sorted = sort_ids(loader);

	for (size_t i = 0; i < loader->rules; i++) {
		if (loader->rule[i]->site)
			loader->rule[i]->place -= (long)loader->rules;
	}
	if (!replace_all(loader, sorted))
		return false;
	disable_all(loader, sorted);
	drop(loader);
	return true;
}
