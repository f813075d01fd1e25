/* SPDX-License-Identifier: ISC */
#include "report/conditions/conditions.h"

#include "base/text.h"

#include <string.h>

/* --- names of headers ----------------------------------------------------- */

/* Cheap, and good enough for names of headers: many begin alike ("X-Auto"), but
 * their sizes and ends differ. */
static size_t hash(const char *name)
{
	size_t size = strlen(name);

	if (!size)
		return 0;
	size_t middle = (unsigned char)nx_text_to_lower(name[size / 2]);
	size_t last = (unsigned char)nx_text_to_lower(name[size - 1]);

	return (size * 7 + middle * 3 + last) % NX_HEADER_BUCKETS;
}

size_t nx_header_number(const struct nx_header_names *names, const char *name)
{
	size_t at = names->bucket[hash(name)];

	while (at > 0 && !nx_text_equal(names->item[at - 1], name))
		at = names->chain[at - 1];
	return at > 0 ? at - 1 : NX_HEADER_NAMES;
}

static void add_name(struct nx_header_names *names, const char *name)
{
	unsigned char *bucket = &names->bucket[hash(name)];

	names->item[names->count] = name;
	names->chain[names->count++] = *bucket;
	*bucket = (unsigned char)names->count;
}

void nx_header_names_begin(struct nx_header_names *names)
{
	add_name(names, "Subject");
}

static bool number_header(const struct nx_condition_loader *loader,
                          const struct nx_yaml *node, const char *name,
                          size_t *out)
{
	struct nx_header_names *names = loader->names;

	*out = nx_header_number(names, name);
	if (*out < NX_HEADER_NAMES)
		return true;
	if (names->count == NX_HEADER_NAMES)
		return nx_yaml_error(loader->err, node,
		                     "more than %d names of headers",
		                     NX_HEADER_NAMES);
	*out = names->count;
	add_name(names, name);
	return true;
}

/* --- groups --------------------------------------------------------------- */

enum { PATTERNS = 1, PHRASES = 2, BOTH = PATTERNS | PHRASES };

static const struct member {
	const char *key;
	enum nx_condition_kind kind;
	int of;
	const char *header; /* NULL: each in a map of headers */
} members[] = {
        {"body", NX_CONDITION_BODY, BOTH, ""},
        {"count", NX_CONDITION_SENDER, BOTH, ""},
        {"first", NX_CONDITION_FIRST, PATTERNS, ""},
        {"from", NX_CONDITION_HEADER, BOTH, "From"},
        {"header", NX_CONDITION_HEADER, BOTH, NULL},
        {"report-type", NX_CONDITION_REPORT_TYPE, PHRASES, ""},
        {"sender", NX_CONDITION_SENDER, PHRASES, ""},
        {"subject", NX_CONDITION_HEADER, BOTH, "Subject"},
        {"subject-begins", NX_CONDITION_FRONT, PHRASES, ""},
        {"to", NX_CONDITION_HEADER, PHRASES, "To"},
        {"type", NX_CONDITION_TYPE, BOTH, ""},
};
enum { MEMBERS = sizeof members / sizeof *members };

static bool add_condition(const struct nx_condition_loader *loader,
                          struct nx_condition_group *group,
                          enum nx_condition_kind kind, const char *header,
                          const struct nx_yaml *node)
{
	struct nx_condition *condition =
	        talloc_zero(loader->ctx, struct nx_condition);
	struct nx_condition **place = &group->first;

	while (*place && (*place)->kind < kind)
		place = &(*place)->next;
	condition->kind = kind;
	condition->next = *place;
	*place = condition;
	group->conditions++;
	if (*header && !number_header(loader, node, header, &condition->header))
		return false;
	return loader->by_patterns
	               ? nx_patterns_load_one(loader->ctx, node,
	                                      kind == NX_CONDITION_BODY,
	                                      &condition->pattern, loader->err)
	               : nx_phrases_load(loader->ctx, node, &condition->phrases,
	                                 loader->err);
}

static bool add_headers(const struct nx_condition_loader *loader,
                        struct nx_condition_group *group,
                        const struct nx_yaml *map)
{
	if (map->kind != NX_YAML_MAP)
		return nx_yaml_error(loader->err, map,
		                     "expected a map of header names");
	for (const struct nx_yaml *node = map->first; node; node = node->next)
		if (!add_condition(loader, group, NX_CONDITION_HEADER,
		                   node->key, node))
			return false;
	return true;
}

static bool add_member(const struct nx_condition_loader *loader,
                       struct nx_condition_group *group,
                       const struct member *member, const struct nx_yaml *node)
{
	if (!member->header)
		return add_headers(loader, group, node);
	if (member->kind == NX_CONDITION_SENDER &&
	    strcmp(node->text, "null") != 0)
		return nx_yaml_error(loader->err, node,
		                     "sender can only be null");
	return add_condition(loader, group, member->kind, member->header, node);
}

static bool load_count(const struct nx_yaml *map,
                       struct nx_condition_group *group, struct nx_error *err)
{
	int64_t needed = (int64_t)group->conditions;

	if (!needed)
		return nx_yaml_error(err, map, "a group needs a condition");
	if (!nx_yaml_number(map, "count", 1, needed, &needed, err))
		return false;
	group->needed = (size_t)needed;
	return true;
}

static bool load_group(const struct nx_condition_loader *loader,
                       const struct nx_yaml *map,
                       struct nx_condition_group *group)
{
	const int of = loader->by_patterns ? PATTERNS : PHRASES;
	const char *keys[MEMBERS + 1];
	size_t count = 0;

	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].of & of)
			keys[count++] = members[i].key;
	keys[count] = NULL;
	if (!nx_yaml_check_keys(map, keys, loader->err))
		return false;
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct nx_yaml *node = nx_yaml_get(map, members[i].key);

		if (node && strcmp(node->key, "count") != 0 &&
		    !add_member(loader, group, &members[i], node))
			return false;
	}
	return load_count(map, group, loader->err);
}

bool nx_conditions_load(const struct nx_condition_loader *loader,
                        const struct nx_yaml *map, const char *key,
                        const struct nx_condition_group **out)
{
	const struct nx_yaml *list = nx_yaml_get(map, key);

	if (!list)
		return true;
	if (list->kind != NX_YAML_LIST || !list->first)
		return nx_yaml_error(loader->err, list,
		                     "%s: expected a list of groups", key);
	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		struct nx_condition_group *group =
		        talloc_zero(loader->ctx, struct nx_condition_group);

		if (!load_group(loader, node, group))
			return false;
		*out = group;
		out = &group->next;
	}
	return true;
}
