/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include <string.h>

/* A profile: the verdicts of another system, by codes alone. */

static const char *const file_keys[] = {
        "profile", "status", "replies", "source", NULL,
};
static const char *const row_keys[] = {
        "code",   "name", "reason", "class", "fault",
        "advice", "note", "source", NULL,
};

static bool load_row(struct nx_loader *loader, const struct nx_yaml *row,
                     enum nx_table table, const char *prefix)
{
	if (!nx_yaml_check_keys(row, row_keys, loader->err))
		return false;
	if (nx_yaml_get(row, "class") == NULL)
		return nx_yaml_error(loader->err, row,
		                     "a profile's row needs \"class\": it "
		                     "stands for the whole verdict");
	return nx_load_code(loader, row, table, prefix);
}

static bool load_list(struct nx_loader *loader, const struct nx_yaml *root,
                      const char *key, enum nx_table table, const char *prefix)
{
	const struct nx_yaml *list;

	if (nx_yaml_get(root, key) == NULL)
		return true;
	if (!nx_load_list(loader, root, key, &list))
		return false;
	for (const struct nx_yaml *row = list->first; row; row = row->next) {
		if (!load_row(loader, row, table, prefix))
			return false;
	}
	return true;
}

/* The name selects the profile, so the file must have the same name. */
static bool load_name(struct nx_loader *loader, const struct nx_yaml *root,
                      const char **out)
{
	if (!nx_load_id(loader, root, "profile", false, out))
		return false;

	const char *file = root->file;
	const char *slash = strrchr(file, '/');
	const char *base = slash != NULL ? slash + 1 : file;
	size_t length = strlen(*out);

	if (strncmp(base, *out, length) == 0 &&
	    strcmp(base + length, ".yaml") == 0)
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(root, "profile"),
	                     "profile \"%s\" must be in a file %s.yaml", *out,
	                     *out);
}

bool nx_load_profile(struct nx_loader *loader, const struct nx_yaml *root)
{
	const char *name;

	if (!nx_yaml_check_keys(root, file_keys, loader->err) ||
	    !load_name(loader, root, &name))
		return false;
	if (nx_yaml_get(root, "status") == NULL &&
	    nx_yaml_get(root, "replies") == NULL)
		return nx_yaml_error(loader->err, root,
		                     "a profile needs \"status:\" or "
		                     "\"replies:\"");

	const char *prefix =
	        talloc_asprintf(loader->scratch, "profile/%s", name);

	return load_list(loader, root, "status", NX_TABLE_PROFILE_STATUS,
	                 prefix) &&
	       load_list(loader, root, "replies", NX_TABLE_PROFILE_REPLY,
	                 prefix);
}
