/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

static const char *const keys[] = {
        "id", "class", "transient", "fault", "advice", "says", NULL,
};

static bool need(struct nx_loader *loader, const struct nx_yaml *row,
                 const char *key, bool given)
{
	if (given)
		return true;
	return nx_yaml_error(loader->err, row,
	                     "a reason needs \"%s\"; it has no default", key);
}

static bool load_classes(struct nx_loader *loader, const struct nx_yaml *row,
                         struct nx_reason *reason)
{
	bool given;

	if (!nx_load_class(loader, row, "class", &reason->klass, &given) ||
	    !need(loader, row, "class", given))
		return false;
	reason->transient =
	        reason->klass == NX_CLASS_HARD ? NX_CLASS_SOFT : reason->klass;
	return nx_load_class(loader, row, "transient", &reason->transient,
	                     &given);
}

static bool load_rest(struct nx_loader *loader, const struct nx_yaml *row,
                      struct nx_reason *reason)
{
	const char *says;
	bool given;

	if (!nx_load_fault(loader, row, &reason->fault, &given) ||
	    !need(loader, row, "fault", given) ||
	    !nx_load_advice(loader, row, &reason->advice, &given) ||
	    !need(loader, row, "advice", given) ||
	    !nx_yaml_need_text(row, "says", &says, loader->err))
		return false;
	reason->says = nx_load_keep(loader, says);
	return true;
}

static bool load_row(struct nx_loader *loader, const struct nx_yaml *row,
                     struct nx_reason *reason)
{
	const char *id;

	if (!nx_yaml_check_keys(row, keys, loader->err) ||
	    !nx_load_id(loader, row, "id", false, &id))
		return false;
	if (nx_tables_reason(loader->tables, id) != NULL)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "id"),
		                     "reason \"%s\" is declared already; each "
		                     "has one row",
		                     id);
	reason->id = nx_load_keep(loader, id);
	return load_classes(loader, row, reason) &&
	       load_rest(loader, row, reason);
}

bool nx_load_reasons(struct nx_loader *loader, const struct nx_yaml *root)
{
	struct nx_tables *tables = loader->tables;
	const struct nx_yaml *list;

	if (!nx_load_list(loader, root, "reasons", NULL, &list))
		return false;
	tables->reason =
	        talloc_realloc(tables, tables->reason, struct nx_reason,
	                       tables->reasons + list->count + 1);
	for (const struct nx_yaml *row = list->first; row; row = row->next) {
		struct nx_reason reason = {0};

		if (!load_row(loader, row, &reason))
			return false;
		tables->reason[tables->reasons++] = reason;
	}
	return true;
}
