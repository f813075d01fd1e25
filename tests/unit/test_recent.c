/* SPDX-License-Identifier: ISC */
#include "serve/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What was counted a short while ago. */

static struct nx_recent recent;

static int clear(void **state)
{
	(void)state;
	memset(&recent, 0, sizeof(recent));
	return 0;
}

static void it_counts_once_in_its_span(void **state)
{
	(void)state;
	assert_true(nx_recent_note(&recent, 7, 100, 60));
	assert_false(nx_recent_note(&recent, 7, 100, 60));
	assert_false(nx_recent_note(&recent, 7, 159, 60));
	assert_true(nx_recent_note(&recent, 7, 160, 60));
	assert_false(nx_recent_note(&recent, 7, 219, 60));
}

static void others_of_its_row_count_too(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < NX_RECENT_ROW; i++)
		assert_true(nx_recent_note(&recent, 7 + i * NX_RECENT_ROWS, 100,
		                           60));
	for (uint64_t i = 0; i < NX_RECENT_ROW; i++)
		assert_false(nx_recent_note(&recent, 7 + i * NX_RECENT_ROWS,
		                            101, 60));
}

static void what_ends_first_is_forgotten_first(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < NX_RECENT_ROW; i++)
		assert_true(nx_recent_note(&recent, 7 + i * NX_RECENT_ROWS,
		                           100 + (int64_t)i, 60));
	assert_true(nx_recent_note(&recent, 7 + 100 * NX_RECENT_ROWS, 120, 60));
	assert_false(nx_recent_note(&recent, 7 + NX_RECENT_ROWS, 120, 60));
	assert_true(nx_recent_note(&recent, 7, 120, 60));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(it_counts_once_in_its_span, clear),
	        cmocka_unit_test_setup(others_of_its_row_count_too, clear),
	        cmocka_unit_test_setup(what_ends_first_is_forgotten_first,
	                               clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
