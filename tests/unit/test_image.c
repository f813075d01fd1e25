/* SPDX-License-Identifier: ISC */
#include "context.h"
#include "snapshot/image.h"

#include <stdlib.h>
#include <string.h>

struct leaf {
	const char *name;
	int number;
};

struct tree {
	const char *title;
	const char *none; /* NULL */
	struct leaf *leaf;
	size_t leaves;
	struct leaf own;
	const struct leaf *chosen; /* one of leaf */
	const uint32_t *block;
	void *open; /* what an image does not have */
};

static const struct nx_member leaf_parts[] = {NX_TEXT(struct leaf, name)};
static const struct nx_image_layout leaf_layout = {sizeof(struct leaf),
                                                   leaf_parts, 1, true};
static NX_LAYOUT(tree_layout, struct tree, NX_TEXT(struct tree, title),
                 NX_TEXT(struct tree, none),
                 NX_MANY(struct tree, leaf, leaves, leaf_layout),
                 NX_INSIDE(struct tree, own, 1, leaf_layout),
                 NX_ONE(struct tree, chosen, leaf_layout),
                 NX_BLOCK(struct tree, block), NX_ABSENT(struct tree, open));

static struct tree *make_tree(void)
{
	static int something;
	uint32_t *block = talloc_array(ctx, uint32_t, 3);
	struct tree *tree = talloc_zero(ctx, struct tree);
	for (uint32_t i = 0; i < 3; i++)
		block[i] = 7 * i;
	tree->title = "a tree";
	tree->leaves = 2;
	tree->leaf = talloc_zero_array(tree, struct leaf, 2);
	tree->leaf[0] = (struct leaf){.name = "one", .number = 1};
	tree->leaf[1] = (struct leaf){.name = "two", .number = 2};
	tree->own.name = "own";
	tree->own.number = 3;
	tree->chosen = &tree->leaf[1];
	tree->block = block;
	tree->open = &something;
	return tree;
}

static char *written(size_t *size)
{
	return nx_image_write(ctx, make_tree(), &tree_layout, size);
}

static void what_was_written_is_there_at_another_address(void **state)
{
	(void)state;
	size_t size;
	const char *bytes = written(&size);
	char *moved = talloc_memdup(ctx, bytes, size);
	const struct tree *tree = nx_image_read(moved, size);
	assert_non_null(tree);
	assert_string_equal(tree->title, "a tree");
	assert_null(tree->none);
	assert_int_equal(tree->leaves, 2);
	assert_string_equal(tree->leaf[0].name, "one");
	assert_int_equal(tree->leaf[1].number, 2);
	assert_string_equal(tree->own.name, "own");
	assert_int_equal(tree->own.number, 3);
	assert_ptr_equal(tree->chosen, &tree->leaf[1]);
	assert_int_equal(tree->block[2], 14);
	assert_null(tree->open);
}

static void the_same_values_give_the_same_bytes(void **state)
{
	(void)state;
	size_t size, again;
	const char *bytes = written(&size);
	const char *others = written(&again);
	assert_int_equal(size, again);
	assert_memory_equal(bytes, others, size);
}

static void listed_structs_are_found_by_number(void **state)
{
	(void)state;
	size_t size;
	char *bytes = written(&size);
	bool seen[4] = {false};
	size_t count = 0;
	assert_non_null(nx_image_read(bytes, size));
	for (const struct leaf *leaf;
	     (leaf = nx_image_listed(bytes, count)) != NULL; count++) {
		assert_in_range(leaf->number, 1, 3);
		seen[leaf->number] = true;
	}
	assert_true(seen[1] && seen[2]);
	assert_null(nx_image_listed(bytes, count + 10));
}

static void what_is_cut_or_damaged_is_no_image(void **state)
{
	(void)state;
	size_t size;
	const char *bytes = written(&size);
	for (size_t cut = 0; cut < size; cut++)
		assert_null(
		        nx_image_read(talloc_memdup(ctx, bytes, size), cut));
	for (size_t at = 0; at < size; at++) {
		char *other = talloc_memdup(ctx, bytes, size);
		other[at] ^= 1;
		assert_null(nx_image_read(other, size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                what_was_written_is_there_at_another_address, begin,
	                end),
	        cmocka_unit_test_setup_teardown(
	                the_same_values_give_the_same_bytes, begin, end),
	        cmocka_unit_test_setup_teardown(
	                listed_structs_are_found_by_number, begin, end),
	        cmocka_unit_test_setup_teardown(
	                what_is_cut_or_damaged_is_no_image, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
