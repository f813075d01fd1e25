/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "base/date.h"

static const char *const keys[] = {
        "id", "class", "transient", "fault", "advice", "says", "block", NULL,
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

	if (!nx_load_class(loader, row, "class", &reason->class, &given) ||
	    !need(loader, row, "class", given))
		return false;
	reason->transient =
	        reason->class == NX_CLASS_HARD ? NX_CLASS_SOFT : reason->class;
	return nx_load_class(loader, row, "transient", &reason->transient,
	                     &given);
}

/* Only what is the sender's can be a refusal of us. */
static bool load_block(struct nx_loader *loader, const struct nx_yaml *row,
                       struct nx_reason *reason)
{
	const struct nx_yaml *node = nx_yaml_get(row, "block");

	if (node == NULL)
		return true;
	if (!nx_span_parse(node->text, &reason->block) || reason->block <= 0 ||
	    reason->block > 366 * NX_DAY)
		return nx_yaml_error(loader->err, node,
		                     "block: must be a span such as 30m, 24h "
		                     "or 7d, of a year at most");
	return reason->fault == NX_FAULT_SENDER ||
	       nx_yaml_error(loader->err, node,
	                     "block: needs the fault sender");
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
	    !nx_load_check_words(loader, row, reason->advice, "") ||
	    !nx_yaml_need_text(row, "says", &says, loader->err))
		return false;
	reason->says = nx_load_keep(loader, says);
	return load_block(loader, row, reason);
}

/* Where the reason goes: after the others, or in place of a shipped one with
 * the same id. */
static bool find_place(struct nx_loader *loader, const struct nx_yaml *row,
                       const char *id, size_t *out)
{
	const struct nx_reason *known = nx_tables_reason(loader->tables, id);

	*out = loader->tables->reasons;
	if (known == NULL)
		return true;
	*out = (size_t)(known - loader->tables->reason);
	if (loader->site && !loader->site_reason[*out])
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(row, "id"),
	                     "reason \"%s\" is declared already; each has one "
	                     "row",
	                     id);
}

static bool load_row(struct nx_loader *loader, const struct nx_yaml *row)
{
	struct nx_tables *tables = loader->tables;
	struct nx_reason reason = {0};
	const char *id;
	size_t place;

	if (!nx_yaml_check_keys(row, keys, loader->err) ||
	    !nx_load_id(loader, row, "id", false, &id) ||
	    !find_place(loader, row, id, &place))
		return false;
	reason.id = nx_load_keep(loader, id);
	if (!load_classes(loader, row, &reason) ||
	    !load_rest(loader, row, &reason))
		return false;
	tables->reason[place] = reason;
	loader->site_reason[place] = loader->site;
	if (place == tables->reasons)
		tables->reasons++;
	return true;
}

bool nx_load_reasons(struct nx_loader *loader, const struct nx_yaml *root)
{
	struct nx_tables *tables = loader->tables;
	const struct nx_yaml *list = nx_yaml_get(root, "reasons");
	size_t room = tables->reasons + (list != NULL ? list->count : 0) + 1;

	tables->reason =
	        talloc_realloc(tables, tables->reason, struct nx_reason, room);
	loader->site_reason = talloc_realloc(loader->scratch,
	                                     loader->site_reason, bool, room);
	return nx_load_rows(loader, root, "reasons", load_row);
}
