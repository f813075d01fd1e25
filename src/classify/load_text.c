/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include <string.h>

/* Text rules: what the words of a diagnostic mean. */

static const char *const rule_keys[] = {
        "id",      "when",  "reason", "class",    "fault",           "advice",
        "confirm", "vague", "source", "examples", "counterexamples", NULL,
};
static const char *const when_keys[] = {
        "text",   "not",   "nowhere", "status", "reply", "mta",
        "domain", "phase", "says",    "unless", "by",    NULL,
};
static const char *const provider_keys[] = {"name", "mta", "domain", NULL};

static bool compile(struct nx_loader *loader, TALLOC_CTX *ctx,
                    const struct nx_yaml *node, const char *source,
                    const struct nx_pattern **out)
{
	struct nx_error error;

	if (nx_pattern_compile(ctx, source, false, out, &error))
		return true;
	return nx_yaml_error(loader->err, node, "%s", error.text);
}

/* Joins the alternatives of a list. Each is compiled alone first, so that an
 * error has its place in the file. */
static bool join(struct nx_loader *loader, const struct nx_yaml *list,
                 const char **out)
{
	char *joined = talloc_strdup(loader->scratch, "");

	if (list->count == 0)
		return nx_yaml_error(loader->err, list,
		                     "%s: an empty list; it holds one pattern "
		                     "or more",
		                     list->key);
	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		const struct nx_pattern *pattern;

		if (node->kind != NX_YAML_TEXT || *node->text == '\0')
			return nx_yaml_error(loader->err, node,
			                     "%s: an alternative must be a "
			                     "pattern",
			                     list->key);
		if (!compile(loader, loader->scratch, node, node->text,
		             &pattern))
			return false;
		joined = talloc_asprintf_append_buffer(
		        joined, "%s%s", node == list->first ? "" : "|",
		        node->text);
	}
	*out = joined;
	return true;
}

static bool read_pattern(struct nx_loader *loader, const struct nx_yaml *map,
                         const char *key, const char **out)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);

	if (node->kind == NX_YAML_LIST)
		return join(loader, node, out);
	return nx_yaml_need_text(map, key, out, loader->err);
}

/* A pattern for the whole text is first compiled as it is written, so that an
 * error has its place in the file. */
static bool load_test(struct nx_loader *loader, const struct nx_yaml *map,
                      const char *key, bool whole, struct nx_test *out)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	TALLOC_CTX *ctx = whole ? loader->scratch : loader->tables;
	const struct nx_pattern *pattern;
	const char *source = "";

	out->source = "";
	if (node == NULL)
		return true;
	if (!read_pattern(loader, map, key, &source) ||
	    !compile(loader, ctx, node, source, &pattern))
		return false;
	out->source = nx_load_keep(loader, source);
	source = talloc_asprintf(loader->scratch, "\\A(?:%s)\\z", source);
	if (whole && !compile(loader, loader->tables, node, source, &pattern))
		return false;
	out->pattern = talloc(loader->tables, const struct nx_pattern *);
	*out->pattern = pattern;
	return true;
}

static bool load_says(struct nx_loader *loader, const struct nx_yaml *map,
                      struct nx_when *when)
{
	const struct nx_yaml *says = nx_yaml_get(map, "says");
	const struct nx_yaml *unless = nx_yaml_get(map, "unless");
	const struct nx_concepts *concepts = loader->tables->concepts;

	if (says != NULL && nx_yaml_get(map, "text") != NULL)
		return nx_yaml_error(loader->err, says,
		                     "says: not beside \"text\"; write two "
		                     "rules");
	if (says == NULL && unless != NULL)
		return nx_yaml_error(loader->err, unless,
		                     "unless: only beside \"says\"");
	if (!nx_sentences_load(loader->tables, concepts, says, &when->says,
	                       loader->err) ||
	    !nx_sentences_load(loader->tables, concepts, unless, &when->unless,
	                       loader->err))
		return false;
	when->languages = nx_concepts_languages(
	        concepts, when->unless.need & concepts->things);
	loader->tables->asked |= when->says.need | when->unless.need;
	return true;
}

static bool load_by(struct nx_loader *loader, const struct nx_yaml *map,
                    struct nx_when *when)
{
	const struct nx_yaml *node = nx_yaml_get(map, "by");

	when->by_ours = node != NULL;
	return node == NULL || strcmp(node->text, "ours") == 0 ||
	       nx_yaml_error(loader->err, node, "by: can only be ours");
}

static bool load_when(struct nx_loader *loader, const struct nx_yaml *row,
                      struct nx_when *when)
{
	const struct nx_yaml *map = nx_yaml_get(row, "when");

	if (map == NULL)
		return nx_yaml_error(loader->err, row,
		                     "a rule needs \"when:\" with a text or "
		                     "another condition");
	if (!nx_yaml_check_keys(map, when_keys, loader->err) ||
	    !load_test(loader, map, "text", false, &when->text) ||
	    !load_test(loader, map, "not", false, &when->not_text) ||
	    !load_test(loader, map, "nowhere", false, &when->nowhere) ||
	    !load_says(loader, map, when) ||
	    !load_test(loader, map, "status", true, &when->status) ||
	    !load_test(loader, map, "reply", true, &when->reply) ||
	    !load_test(loader, map, "mta", false, &when->mta) ||
	    !load_test(loader, map, "domain", false, &when->domain) ||
	    !nx_load_phase(map, &when->phase, loader->err) ||
	    !load_by(loader, map, when))
		return false;
	if (when->text.pattern || when->says.count || when->status.pattern ||
	    when->reply.pattern || when->mta.pattern || when->domain.pattern ||
	    when->phase)
		return true;
	return nx_yaml_error(loader->err, map,
	                     "\"when\" needs one of text, says, status, "
	                     "reply, mta, domain, phase");
}

static void add_case(struct nx_loader *loader, const struct nx_rule *rule,
                     const struct nx_yaml *node, bool counter)
{
	loader->cases = talloc_realloc(loader->scratch, loader->cases,
	                               struct nx_case, loader->count + 1);
	loader->cases[loader->count++] = (struct nx_case){rule, node, counter};
}

/* Cases wait until all rules are loaded. */
static bool load_cases(struct nx_loader *loader, const struct nx_yaml *row,
                       const char *key, const struct nx_rule *rule)
{
	const struct nx_yaml *list = nx_yaml_get(row, key);

	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(loader->err, list, "%s must be a list",
		                     key);
	for (const struct nx_yaml *node = list->first; node; node = node->next)
		add_case(loader, rule, node, strcmp(key, "examples") != 0);
	return true;
}

bool nx_load_cases(struct nx_loader *loader, const struct nx_yaml *row,
                   struct nx_rule *rule)
{
	const struct nx_yaml *list = nx_yaml_get(row, "examples");

	if (list == NULL || list->count == 0)
		return nx_yaml_error(loader->err, list != NULL ? list : row,
		                     "rule \"%s\" needs at least one example "
		                     "that it decides",
		                     rule->id);
	rule->examples = list->count;
	return load_cases(loader, row, "examples", rule) &&
	       load_cases(loader, row, "counterexamples", rule);
}

static bool load_row(struct nx_loader *loader, const struct nx_yaml *row,
                     const struct nx_provider *provider)
{
	const char *id;

	if (!nx_yaml_check_keys(row, rule_keys, loader->err) ||
	    !nx_load_id(loader, row, "id", true, &id))
		return false;
	id = nx_load_name(loader, nx_yaml_get(row, "id"), id);

	struct nx_rule *rule = nx_load_rule(
	        loader, row,
	        provider != NULL ? NX_TABLE_PROVIDER : NX_TABLE_TEXT, id);

	if (rule == NULL)
		return false;
	rule->provider = provider;
	return load_when(loader, row, &rule->when) &&
	       nx_yaml_flag(row, "vague", &rule->vague, loader->err) &&
	       nx_load_check_advice(loader, row, rule) &&
	       nx_load_confirm(loader, row, rule) &&
	       nx_load_cases(loader, row, rule);
}

static bool load_provider(struct nx_loader *loader, const struct nx_yaml *map,
                          struct nx_provider *provider)
{
	const char *name;

	if (!nx_yaml_check_keys(map, provider_keys, loader->err) ||
	    !nx_load_id(loader, map, "name", false, &name) ||
	    !load_test(loader, map, "mta", false, &provider->mta) ||
	    !load_test(loader, map, "domain", false, &provider->domain))
		return false;
	provider->name = nx_load_keep(loader, name);
	if (provider->mta.pattern != NULL || provider->domain.pattern != NULL)
		return true;
	return nx_yaml_error(loader->err, map,
	                     "provider \"%s\" needs mta or domain to be known "
	                     "by",
	                     name);
}

static bool load_rules(struct nx_loader *loader, const struct nx_yaml *root,
                       const char *key, const struct nx_provider *provider)
{
	const struct nx_yaml *list;

	if (!nx_load_list(loader, root, key, &list))
		return false;
	for (const struct nx_yaml *row = list->first; row; row = row->next) {
		if (!load_row(loader, row, provider))
			return false;
	}
	return true;
}

/* Either list may be missing beside the other; a site file may lack both. */
bool nx_load_text(struct nx_loader *loader, const struct nx_yaml *root)
{
	static const char *const keys[] = {"rules", "provider", "anywhere",
	                                   "disable", NULL};
	const struct nx_yaml *map = nx_yaml_get(root, "provider");
	const struct nx_yaml *anywhere = nx_yaml_get(root, "anywhere");
	bool bare = nx_yaml_get(root, "rules") == NULL;
	struct nx_provider *provider = NULL;

	if (!nx_yaml_check_keys(root, keys, loader->err) ||
	    !nx_load_disable(loader, root))
		return false;
	if (bare && anywhere == NULL && loader->site)
		return true;
	if (map == NULL && anywhere != NULL)
		return nx_yaml_error(loader->err, anywhere,
		                     "anywhere: only beside a provider; "
		                     "without one write rules");
	if (map != NULL) {
		provider = talloc_zero(loader->tables, struct nx_provider);
		if (!load_provider(loader, map, provider))
			return false;
	}
	return ((bare && anywhere != NULL) ||
	        load_rules(loader, root, "rules", provider)) &&
	       (anywhere == NULL || load_rules(loader, root, "anywhere", NULL));
}
