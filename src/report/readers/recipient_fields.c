/* SPDX-License-Identifier: ISC */
#include "report/readers/recipient_fields.h"

#include "base/text.h"
#include "mail/rejoin.h"
#include "report/any.h"
#include "report/report.h"

/* Some systems put blank lines into the fields of one recipient. */
enum { BLOCKS = 4 * NX_REPORT_RECIPIENTS };

struct grouping {
	struct nx_fields *group;
	size_t count;
	size_t limit;
	bool truncated;
	/* what the group that is being read holds so far */
	bool is_open;
	bool has_final;
	bool has_original;
	bool has_facts; /* Action, Status or Diagnostic-Code */
};

static bool is_fact(const char *name)
{
	static const char *const names[] = {"Action", "Status",
	                                    "Diagnostic-Code", NULL};

	return nx_any_is(name, names);
}

bool nx_recipient_fields_name_address(const struct nx_fields *group)
{
	return nx_fields_has(group, "Final-Recipient") ||
	       nx_fields_has(group, "Original-Recipient");
}

bool nx_recipient_fields_name_one(const struct nx_fields *group)
{
	return nx_recipient_fields_name_address(group) ||
	       nx_fields_has(group, "Status");
}

static void start_group(struct grouping *walk, const struct nx_field *field)
{
	walk->is_open = walk->count < walk->limit;
	walk->truncated |= !walk->is_open;
	walk->has_final = walk->has_original = walk->has_facts = false;
	if (walk->is_open)
		walk->group[walk->count++] = (struct nx_fields){field, 0};
}

/* Within a block, a second field of the same name starts a new recipient. */
static bool starts_group(const struct grouping *walk, const char *name)
{
	if (nx_text_equal(name, "Final-Recipient"))
		return !walk->is_open || walk->has_final;
	if (nx_text_equal(name, "Original-Recipient"))
		return !walk->is_open || walk->has_original;
	return !walk->is_open && is_fact(name);
}

static void walk_field(struct grouping *walk, const struct nx_field *field)
{
	if (starts_group(walk, field->name))
		start_group(walk, field);
	if (!walk->is_open)
		return;
	struct nx_fields *last = &walk->group[walk->count - 1];
	last->count = (size_t)(field - last->item) + 1;
	walk->has_final |= nx_text_equal(field->name, "Final-Recipient");
	walk->has_original |= nx_text_equal(field->name, "Original-Recipient");
	walk->has_facts |= is_fact(field->name);
}

/* A block that names a recipient is a group of its own when the one before it
 * is complete; else it continues that one. */
static bool block_starts_group(const struct grouping *walk,
                               const struct nx_fields *block)
{
	if (!nx_recipient_fields_name_address(block))
		return false;
	if (!walk->is_open)
		return true;
	return walk->has_facts && (walk->has_final || walk->has_original);
}

static void walk_block(struct grouping *walk, const struct nx_fields *block)
{
	if (block_starts_group(walk, block))
		start_group(walk, block->item);
	for (size_t i = 0; i < block->count; i++)
		walk_field(walk, &block->item[i]);
}

struct nx_fields nx_recipient_fields_join(TALLOC_CTX *ctx,
                                          const struct nx_fields *block,
                                          size_t blocks)
{
	size_t total = 0;
	size_t at = 0;

	for (size_t i = 0; i < blocks; i++)
		total += block[i].count;
	struct nx_field *field = talloc_array(ctx, struct nx_field, total + 1);

	for (size_t i = 0; i < blocks; i++)
		for (size_t j = 0; j < block[i].count; j++)
			field[at++] = block[i].item[j];
	return (struct nx_fields){field, total};
}

struct nx_recipient_fields nx_recipient_fields_parse(TALLOC_CTX *ctx,
                                                     const char *text,
                                                     size_t limit)
{
	size_t blocks;
	text = nx_rejoin_fields(ctx, nx_rejoin_lines(ctx, text));
	const struct nx_fields *block =
	        nx_fields_blocks(ctx, text, BLOCKS, &blocks);
	struct nx_fields all = nx_recipient_fields_join(ctx, block, blocks);
	struct grouping walk = {
	        .group = talloc_array(ctx, struct nx_fields, limit + 1),
	        .limit = limit,
	};
	const struct nx_field *at = all.item;

	for (size_t i = 0; i < blocks; at += block[i++].count)
		walk_block(&walk, &(struct nx_fields){at, block[i].count});
	return (struct nx_recipient_fields){
	        .all = all,
	        .group = walk.group,
	        .count = walk.count,
	        .truncated = walk.truncated || blocks == BLOCKS,
	};
}

const char *nx_recipient_fields_typed(TALLOC_CTX *ctx,
                                      const struct nx_fields *fields,
                                      const char *name)
{
	const char *type;
	return nx_fields_typed(ctx, nx_fields_value(fields, name), &type);
}
