/* SPDX-License-Identifier: ISC */
#include "classify/facts.h"
#include "classify/load.h"

#include <string.h>

/* parties.yaml: what is answered when a refusal is about somebody else. */

static const char *const keys[] = {
        "party",  "reason",   "class",           "fault",
        "advice", "examples", "counterexamples", NULL,
};

/* One of the parties that sentences can name, but not the recipient. */
static enum nx_party party_of_name(const char *name)
{
	enum nx_party party = NX_PARTY_SENDER;

	while (party <= NX_PARTY_CONTENT &&
	       strcmp(nx_party_name(party), name) != 0)
		party++;
	return party <= NX_PARTY_CONTENT ? party : NX_PARTY_NONE;
}

bool nx_load_party(struct nx_loader *loader, const struct nx_yaml *row)
{
	const char *name;

	if (!nx_yaml_check_keys(row, keys, loader->err) ||
	    !nx_yaml_need_text(row, "party", &name, loader->err))
		return false;

	const enum nx_party party = party_of_name(name);

	if (party == NX_PARTY_NONE)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "party"),
		                     "party \"%s\" is none of sender, "
		                     "connection, content",
		                     name);

	struct nx_rule *rule = nx_load_rule(
	        loader, row, NX_TABLE_PARTY,
	        talloc_asprintf(loader->scratch, "party/%s", name));

	if (rule == NULL)
		return false;
	rule->key = (long)party;
	rule->code = nx_load_keep(loader, name);
	if (rule->fault != NX_FAULT_RECIPIENT)
		return nx_load_check_advice(loader, row, rule) &&
		       nx_load_cases(loader, row, rule);
	return nx_yaml_error(loader->err, nx_yaml_get(row, "reason"),
	                     "reason \"%s\" is the recipient's fault, whom "
	                     "the refusal is not about",
	                     rule->reason->id);
}
