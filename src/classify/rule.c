/* SPDX-License-Identifier: ISC */
#include "classify/rule.h"

#include <string.h>

long nx_key_of_status(int klass, int subject, int detail)
{
	return ((long)klass * 1000 + subject) * (NX_ANY_DETAIL + 1) + detail;
}

long nx_key_of_action(int action, int digit)
{
	return (long)action * 10 + digit;
}

enum nx_basis nx_table_basis(enum nx_table table)
{
	static const enum nx_basis basis[NX_TABLES] = {
	        [NX_TABLE_ACTION] = NX_BASIS_ACTION,
	        [NX_TABLE_KIND] = NX_BASIS_KIND,
	        [NX_TABLE_FEEDBACK] = NX_BASIS_FEEDBACK,
	        [NX_TABLE_PROFILE_STATUS] = NX_BASIS_STATUS,
	        [NX_TABLE_PROFILE_REPLY] = NX_BASIS_REPLY,
	        [NX_TABLE_PROVIDER] = NX_BASIS_PROVIDER,
	        [NX_TABLE_TEXT] = NX_BASIS_TEXT,
	        [NX_TABLE_STATUS] = NX_BASIS_STATUS,
	        [NX_TABLE_REPLY] = NX_BASIS_REPLY,
	        [NX_TABLE_FAILURE] = NX_BASIS_ACTION,
	};

	return basis[table];
}

enum nx_class nx_rule_class(const struct nx_rule *rule, bool temporary)
{
	if (rule->confirm_days > 0)
		return NX_CLASS_SOFT;
	if (rule->has_class)
		return rule->klass;
	return temporary ? rule->reason->transient : rule->reason->klass;
}

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

const struct nx_reason *nx_tables_reason_at(const struct nx_tables *tables,
                                            size_t index)
{
	return index < tables->reasons ? &tables->reason[index] : NULL;
}

size_t nx_tables_count(const struct nx_tables *tables)
{
	return tables->rules;
}

struct nx_rule_info nx_tables_info(const struct nx_tables *tables, size_t index)
{
	const struct nx_rule *rule = tables->rule[index];
	bool coded = *rule->code != '\0';

	return (struct nx_rule_info){
	        .id = rule->id,
	        .file = rule->file,
	        .line = rule->line,
	        .site = rule->site,
	        .provider = rule->provider != NULL ? rule->provider->name : "",
	        .table = nx_table_basis(rule->table),
	        .reason = rule->reason->id,
	        .klass = nx_rule_class(rule, false),
	        .confirm_days = rule->confirm_days,
	        .pattern = coded ? rule->code : rule->when.text.source,
	        .examples = rule->examples,
	};
}
