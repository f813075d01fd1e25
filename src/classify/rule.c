/* SPDX-License-Identifier: ISC */
#include "classify/rule.h"

#include <string.h>

long nx_key_of_status(int class, int subject, int detail)
{
	return ((long)class * 1000 + subject) * (NX_ANY_DETAIL + 1) + detail;
}

long nx_key_of_action(int action, int digit)
{
	return (long)action * 10 + digit;
}

enum nx_basis nx_table_basis(enum nx_table table)
{
	static const enum nx_basis basis[NX_TABLES] = {
	        [NX_TABLE_ACTION] = NX_BASIS_ACTION,
	        [NX_TABLE_OURS] = NX_BASIS_ADDRESS,
	        [NX_TABLE_KIND] = NX_BASIS_KIND,
	        [NX_TABLE_FEEDBACK] = NX_BASIS_FEEDBACK,
	        [NX_TABLE_PROFILE_STATUS] = NX_BASIS_STATUS,
	        [NX_TABLE_PROFILE_REPLY] = NX_BASIS_REPLY,
	        [NX_TABLE_PROVIDER] = NX_BASIS_PROVIDER,
	        [NX_TABLE_TEXT] = NX_BASIS_TEXT,
	        [NX_TABLE_STATUS] = NX_BASIS_STATUS,
	        [NX_TABLE_REPLY] = NX_BASIS_REPLY,
	        [NX_TABLE_PARTY] = NX_BASIS_TEXT,
	        [NX_TABLE_FAILURE] = NX_BASIS_ACTION,
	};

	return basis[table];
}

enum nx_class nx_rule_class(const struct nx_rule *rule, bool temporary)
{
	if (rule->confirm_days > 0)
		return NX_CLASS_SOFT;
	if (rule->has_class)
		return rule->class;
	return temporary ? rule->reason->transient : rule->reason->class;
}
