/* SPDX-License-Identifier: ISC */
#include "classify/rule.h"

#include "base/text.h"

#include <string.h>

/* Queries about the tables. */

const struct nx_reason *nx_tables_reason(const struct nx_tables *tables,
                                         const char *id)
{
	for (size_t i = 0; i < tables->reasons; i++) {
		if (strcmp(tables->reason[i].id, id) == 0)
			return &tables->reason[i];
	}
	return NULL;
}

size_t nx_tables_reasons(const struct nx_tables *tables)
{
	return tables->reasons;
}

const char *nx_tables_warning(const struct nx_tables *tables, size_t index)
{
	return index < tables->warnings ? tables->warning[index] : NULL;
}

size_t nx_tables_count(const struct nx_tables *tables)
{
	return tables->rules;
}

static const char *in_group(const struct nx_provider_group *group,
                            const char *name, size_t length)
{
	for (size_t i = 0; i < group->providers; i++) {
		if (strncmp(group->provider[i], name, length) == 0 &&
		    group->provider[i][length] == '\0')
			return group->provider[i];
	}
	return NULL;
}

/* The name of a provider's file or of a group; NULL: it is neither. */
static const char *provider_named(const struct nx_tables *tables,
                                  const char *name, size_t length)
{
	const struct nx_slice slice = tables->table[NX_TABLE_PROVIDER];

	for (size_t i = slice.first; i < slice.first + slice.count; i++) {
		const struct nx_provider *provider = tables->rule[i]->provider;

		if (strncmp(provider->name, name, length) == 0 &&
		    provider->name[length] == '\0')
			return provider->name;
	}
	for (size_t i = 0; i < tables->groups; i++) {
		const char *found = in_group(&tables->group[i], name, length);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static const char *provider_of(const struct nx_tables *tables,
                               const struct nx_rule *rule)
{
	if (rule->provider != NULL)
		return rule->provider->name;
	if (rule->table != NX_TABLE_TEXT)
		return "";

	const char *name =
	        provider_named(tables, rule->id, strcspn(rule->id, "/"));

	return name != NULL ? name : "";
}

struct nx_rule_info nx_tables_info(const struct nx_tables *tables, size_t index)
{
	const struct nx_rule *rule = tables->rule[index];
	bool coded = *rule->code != '\0';

	return (struct nx_rule_info){
	        .id = rule->id,
	        .file = rule->file,
	        .line = rule->line,
	        .column = rule->column,
	        .site = rule->site,
	        .provider = provider_of(tables, rule),
	        .table = nx_table_basis(rule->table),
	        .reason = rule->reason->id,
	        .class = nx_rule_class(rule, false),
	        .confirm_days = rule->confirm_days,
	        .pattern = coded                       ? rule->code
	                   : rule->when.says.count > 0 ? rule->when.says.source
	                                               : rule->when.text.source,
	        .examples = rule->examples,
	};
}

void nx_tables_try(const struct nx_tables *tables, size_t index,
                   size_t condition, const char *text)
{
	const struct nx_when *when = &tables->rule[index]->when;
	const struct nx_test *tests[NX_CONDITIONS] = {
	        &when->text,  &when->not_text, &when->nowhere, &when->status,
	        &when->reply, &when->mta,      &when->domain};
	const struct nx_test *test = tests[condition];
	struct nx_match match;

	if (test->pattern != NULL)
		nx_pattern_find(*test->pattern, text, strlen(text), &match);
}

bool nx_tables_find(const struct nx_tables *tables, const char *id,
                    struct nx_rule_info *out)
{
	for (size_t i = 0; i < tables->rules; i++) {
		if (strcmp(tables->rule[i]->id, id) != 0)
			continue;
		*out = nx_tables_info(tables, i);
		return true;
	}
	return false;
}

static const char *others(TALLOC_CTX *ctx,
                          const struct nx_provider_group *group,
                          const char *provider)
{
	char *list = talloc_strdup(ctx, "");

	for (size_t i = 0; i < group->providers; i++) {
		if (strcmp(group->provider[i], provider) != 0)
			list = talloc_asprintf_append(list, "%s%s",
			                              *list != '\0' ? ", " : "",
			                              group->provider[i]);
	}
	return list;
}

const char *nx_tables_related(TALLOC_CTX *ctx, const struct nx_tables *tables,
                              const char *provider, const char **says)
{
	*says = "";
	for (size_t i = 0; i < tables->groups; i++) {
		const struct nx_provider_group *group = &tables->group[i];

		if (in_group(group, provider, strlen(provider)) == NULL)
			continue;
		*says = group->says;
		return others(ctx, group, provider);
	}
	return "";
}

static const struct nx_group_domain *member_at(
        const struct nx_provider_group *group, const char *domain)
{
	for (size_t i = 0; i < group->domains; i++)
		if (nx_text_equal(group->domain[i].domain, domain))
			return &group->domain[i];
	return NULL;
}

/* A member's domains follow each other. */
static const char *other_members(TALLOC_CTX *ctx,
                                 const struct nx_provider_group *group,
                                 const char *name)
{
	char *list = talloc_strdup(ctx, "");
	const char *last = name;

	for (size_t i = 0; i < group->domains; i++) {
		const char *other = group->domain[i].name;

		if (strcmp(other, name) == 0 || strcmp(other, last) == 0)
			continue;
		list = talloc_asprintf_append(list, "%s%s",
		                              *list != '\0' ? ", " : "", other);
		last = other;
	}
	return list;
}

const char *nx_tables_neighbours(TALLOC_CTX *ctx,
                                 const struct nx_tables *tables,
                                 const char *domain, const char **says)
{
	*says = "";
	for (size_t i = 0; i < tables->groups; i++) {
		const struct nx_provider_group *group = &tables->group[i];
		const struct nx_group_domain *member = member_at(group, domain);

		if (member == NULL)
			continue;
		*says = group->says;
		return other_members(ctx, group, member->name);
	}
	return "";
}

const char *nx_tables_zone(const struct nx_tables *tables, const char *host)
{
	const size_t size = strlen(host);

	for (size_t i = 0; i < tables->zones; i++) {
		const size_t length = strlen(tables->zone[i]);

		if (nx_text_ends(host, tables->zone[i]) &&
		    (size == length || host[size - length - 1] == '.'))
			return tables->zone[i];
	}
	return NULL;
}

bool nx_tables_is_before_zone(const struct nx_tables *tables, const char *text,
                              size_t size)
{
	for (size_t i = 0; i < tables->before_zones; i++) {
		const size_t length = strlen(tables->before_zone[i]);

		if (size >= length &&
		    nx_text_starts(text + size - length,
		                   tables->before_zone[i]) &&
		    (size == length ||
		     !nx_text_is_word(text[size - length - 1])))
			return true;
	}
	return false;
}

/* The file or id of some rule names it. */
static bool is_provider(const struct nx_tables *tables, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < tables->text.count; i++) {
		const struct nx_rule *rule =
		        tables->rule[tables->text.first + i];

		if (rule->provider != NULL &&
		    strcmp(rule->provider->name, name) == 0)
			return true;
		if (strncmp(rule->id, name, length) == 0 &&
		    rule->id[length] == '/')
			return true;
	}
	return false;
}

static bool check_group(const struct nx_tables *tables,
                        const struct nx_provider_group *group,
                        struct nx_error *err)
{
	for (size_t i = 0; i < group->providers; i++) {
		const struct nx_source_position *at = &group->at[i];

		if (!is_provider(tables, group->provider[i]))
			return nx_error_set(err, NX_ERROR_CONFIG,
			                    "%s:%d:%d: no rule is about a "
			                    "provider \"%s\"",
			                    at->file, at->line, at->column,
			                    group->provider[i]);
	}
	return true;
}

bool nx_tables_check_names(const struct nx_tables *tables, struct nx_error *err)
{
	if (*tables->unused_disable != '\0')
		return nx_error_set(err, NX_ERROR_CONFIG, "%s",
		                    tables->unused_disable);
	for (size_t i = 0; i < tables->groups; i++) {
		if (!check_group(tables, &tables->group[i], err))
			return false;
	}
	return true;
}
