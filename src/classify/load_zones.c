/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "base/room.h"

/* How a refusal names the blocklist that it rests on. */

static const char *const keys[] = {"zones", "after", "source", NULL};

static bool load_texts(struct nx_loader *loader, const struct nx_yaml *root,
                       const char *key, const char ***text, size_t *count)
{
	const struct nx_yaml *list = nx_yaml_get(root, key);

	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(loader->err, list, "%s: must be a list",
		                     key);
	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		if (node->kind != NX_YAML_TEXT || *node->text == '\0')
			return nx_yaml_error(loader->err, node,
			                     "%s: must be text", key);
		*text = NX_ROOM(loader->tables, *text, const char *, *count);
		(*text)[(*count)++] = nx_load_keep(loader, node->text);
	}
	return true;
}

bool nx_load_zones(struct nx_loader *loader, const struct nx_yaml *root)
{
	struct nx_tables *tables = loader->tables;

	return nx_yaml_check_keys(root, keys, loader->err) &&
	       load_texts(loader, root, "zones", &tables->zone,
	                  &tables->zones) &&
	       load_texts(loader, root, "after", &tables->before_zone,
	                  &tables->before_zones);
}
