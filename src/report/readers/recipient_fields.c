/* SPDX-License-Identifier: ISC */
#include "report/readers/recipient_fields.h"

#include "base/text.h"
#include "mail/rejoin.h"
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
	                                    "Diagnostic-Code"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (nx_text_equal(name, names[i]))
			return true;
	}
	return false;
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
	if (!nx_fields_has(block, "Final-Recipient") &&
	    !nx_fields_has(block, "Original-Recipient"))
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

struct nx_recipient_fields nx_recipient_fields_parse(TALLOC_CTX *ctx,
                                                     const char *text,
                                                     size_t limit)
{
	size_t blocks;
	text = nx_rejoin_fields(ctx, nx_rejoin_lines(ctx, text));
	const struct nx_fields *block =
	        nx_fields_blocks(ctx, text, BLOCKS, &blocks);
	size_t total = 0;
	for (size_t i = 0; i < blocks; i++)
		total += block[i].count;

	struct nx_field *field = talloc_array(ctx, struct nx_field, total + 1);
	struct grouping walk = {
	        .group = talloc_array(ctx, struct nx_fields, limit + 1),
	        .limit = limit,
	};
	size_t at = 0;
	for (size_t i = 0; i < blocks; i++) {
		struct nx_fields copy = {&field[at], block[i].count};
		for (size_t j = 0; j < block[i].count; j++)
			field[at++] = block[i].item[j];
		walk_block(&walk, &copy);
	}
	return (struct nx_recipient_fields){
	        .all = {field, total},
	        .group = walk.group,
	        .count = walk.count,
	        .truncated = walk.truncated || blocks == BLOCKS,
	};
}

const char *nx_recipient_fields_value(const struct nx_fields *fields,
                                      const char *name)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct nx_field *field = &fields->item[i];
		if (*field->value != '\0' && nx_text_equal(field->name, name))
			return field->value;
	}
	return "";
}

const char *nx_recipient_fields_typed(TALLOC_CTX *ctx,
                                      const struct nx_fields *fields,
                                      const char *name)
{
	const char *type;
	return nx_fields_typed(ctx, nx_recipient_fields_value(fields, name),
	                       &type);
}

bool nx_recipient_fields_name_one(const struct nx_fields *group)
{
	return nx_fields_has(group, "Final-Recipient") ||
	       nx_fields_has(group, "Original-Recipient") ||
	       nx_fields_has(group, "Status");
}
