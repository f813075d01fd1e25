/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_CONTEXT_H
#define NX_TESTS_CONTEXT_H

/* One talloc context for each test, freed when it ends: begin and end are for
 * cmocka_unit_test_setup_teardown and its like. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <talloc.h>

static TALLOC_CTX *ctx;

static inline int begin(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	return talloc_free(ctx);
}

#endif
