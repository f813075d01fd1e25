/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "base/room.h"

#include <string.h>

/* Groups of providers with something in common: filters, a mail system. */

static const char *const keys[] = {"id",   "providers", "domains",
                                   "says", "source",    NULL};

static bool is_known(const struct nx_loader *loader, const char *id)
{
	const struct nx_tables *tables = loader->tables;

	for (size_t i = 0; i < tables->groups; i++) {
		if (strcmp(tables->group[i].id, id) == 0)
			return true;
	}
	return false;
}

static bool load_provider(struct nx_loader *loader, const struct nx_yaml *node,
                          struct nx_provider_group *group)
{
	if (node->kind != NX_YAML_TEXT || *node->text == '\0')
		return nx_yaml_error(loader->err, node,
		                     "providers: must be the name of a "
		                     "provider");
	group->provider[group->providers] = nx_load_keep(loader, node->text);
	group->at[group->providers++] = (struct nx_source_position){
	        .file = nx_load_keep(loader, node->file),
	        .line = node->line,
	        .column = node->column,
	};
	return true;
}

static bool load_providers(struct nx_loader *loader, const struct nx_yaml *row,
                           struct nx_provider_group *group)
{
	const struct nx_yaml *list = nx_yaml_get(row, "providers");

	if (list == NULL || list->kind != NX_YAML_LIST || list->count < 2)
		return nx_yaml_error(loader->err, list != NULL ? list : row,
		                     "a group needs \"providers\", a list of "
		                     "two names or more");
	group->provider =
	        talloc_array(loader->tables, const char *, list->count);
	group->at = talloc_array(loader->tables, struct nx_source_position,
	                         list->count);
	for (const struct nx_yaml *node = list->first; node; node = node->next)
		if (!load_provider(loader, node, group))
			return false;
	return true;
}

static bool load_domain(struct nx_loader *loader, const struct nx_yaml *node,
                        const char *name, struct nx_provider_group *group)
{
	if (node->kind != NX_YAML_TEXT || *node->text == '\0')
		return nx_yaml_error(loader->err, node,
		                     "domains: must be the name of a domain");
	group->domain = NX_ROOM(loader->tables, group->domain,
	                        struct nx_group_domain, group->domains);
	group->domain[group->domains++] = (struct nx_group_domain){
	        .name = nx_load_keep(loader, name),
	        .domain = nx_load_keep(loader, node->text)};
	return true;
}

static bool load_domains(struct nx_loader *loader, const struct nx_yaml *row,
                         struct nx_provider_group *group)
{
	const struct nx_yaml *map = nx_yaml_get(row, "domains");

	if (map == NULL)
		return true;
	if (map->kind != NX_YAML_MAP || map->count < 2)
		return nx_yaml_error(loader->err, map,
		                     "domains: must be a map of two names or "
		                     "more, each with a list of domains");
	for (const struct nx_yaml *list = map->first; list; list = list->next) {
		if (list->kind != NX_YAML_LIST)
			return nx_yaml_error(loader->err, list,
			                     "domains: %s needs a list of "
			                     "domains",
			                     list->key);
		for (const struct nx_yaml *node = list->first; node;
		     node = node->next)
			if (!load_domain(loader, node, list->key, group))
				return false;
	}
	return true;
}

bool nx_load_group(struct nx_loader *loader, const struct nx_yaml *row)
{
	struct nx_tables *tables = loader->tables;
	struct nx_provider_group group = {0};
	const char *id;
	const char *says;

	if (!nx_yaml_check_keys(row, keys, loader->err) ||
	    !nx_load_id(loader, row, "id", false, &id))
		return false;
	if (is_known(loader, id))
		return nx_yaml_error(loader->err, nx_yaml_get(row, "id"),
		                     "group \"%s\" is there already; each has "
		                     "one row",
		                     id);
	if (!nx_yaml_need_text(row, "says", &says, loader->err) ||
	    !load_providers(loader, row, &group) ||
	    !load_domains(loader, row, &group))
		return false;
	group.id = nx_load_keep(loader, id);
	group.says = nx_load_keep(loader, says);
	tables->group =
	        talloc_realloc(tables, tables->group, struct nx_provider_group,
	                       tables->groups + 1);
	tables->group[tables->groups++] = group;
	return true;
}
