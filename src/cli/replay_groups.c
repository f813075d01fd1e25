/* SPDX-License-Identifier: ISC */
#include "cli/replay_groups.h"

#include "base/room.h"

#include <stdlib.h>
#include <string.h>

enum { NAMED = 3 }; /* addresses of a group */

struct replay_group {
	enum nx_bulk_fate fate;
	const char *rule, *again;
	const char *address[NAMED];
	size_t rows;
};

struct nx_replay_groups {
	struct replay_group *group;
	size_t count;
};

struct nx_replay_groups *nx_replay_groups_new(TALLOC_CTX *ctx)
{
	return talloc_zero(ctx, struct nx_replay_groups);
}

static struct replay_group *group_of(struct nx_replay_groups *groups,
                                     const struct nx_bulk_row *row)
{
	for (size_t i = 0; i < groups->count; i++) {
		struct replay_group *group = &groups->group[i];

		if (group->fate == row->fate &&
		    strcmp(group->rule, row->rule) == 0 &&
		    strcmp(group->again, row->again) == 0)
			return group;
	}
	groups->group = NX_ROOM(groups, groups->group, struct replay_group,
	                        groups->count);
	struct replay_group *group = &groups->group[groups->count++];
	*group = (struct replay_group){
	        .fate = row->fate,
	        .rule = talloc_strdup(groups, row->rule),
	        .again = talloc_strdup(groups, row->again)};
	return group;
}

void nx_replay_groups_add(struct nx_replay_groups *groups,
                          const struct nx_bulk_row *row)
{
	struct replay_group *group = group_of(groups, row);

	if (group->rows < NAMED)
		group->address[group->rows] =
		        talloc_strdup(groups, row->address);
	group->rows++;
}

static int compare(const void *a, const void *b)
{
	const struct replay_group *left = a, *right = b;

	if (left->fate != right->fate)
		return (int)left->fate - (int)right->fate;
	if (left->rows != right->rows)
		return left->rows > right->rows ? -1 : 1;
	const int order = strcmp(left->rule, right->rule);
	return order != 0 ? order : strcmp(left->again, right->again);
}

static const char *rule_text(TALLOC_CTX *ctx, const char *rule)
{
	return *rule ? nx_cli_escape(ctx, rule) : "no rule";
}

static void print_group(TALLOC_CTX *ctx, const struct replay_group *group,
                        const struct nx_bulk_told *told)
{
	printf("%s: %zu  %s", nx_bulk_print_fate(group->fate, told->dry_run),
	       group->rows, rule_text(ctx, group->rule));
	if (strcmp(group->rule, group->again) != 0 && *group->again)
		printf(" -> %s", nx_cli_escape(ctx, group->again));
	for (size_t i = 0; i < group->rows && i < NAMED; i++)
		printf("%s%s", i == 0 ? "  " : ", ",
		       nx_cli_escape(ctx, group->address[i]));
	puts(group->rows > NAMED ? ", ..." : "");
}

void nx_replay_groups_print(const struct nx_replay_groups *groups,
                            const struct nx_bulk_told *told)
{
	TALLOC_CTX *ctx = talloc_new(NULL);

	if (groups->count > 1)
		qsort(groups->group, groups->count, sizeof(*groups->group),
		      compare);
	for (size_t i = 0; i < groups->count; i++)
		print_group(ctx, &groups->group[i], told);
	talloc_free(ctx);
}
