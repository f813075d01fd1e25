/* SPDX-License-Identifier: ISC */
#ifndef NX_FUZZ_RULES_H
#define NX_FUZZ_RULES_H

#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>

/* The shipped rules, for targets that read or judge with them. They are
 * reachable from a static variable, so that they do not count as a leak. */
static struct nx_rules rules;

static inline void load_rules(void)
{
	static TALLOC_CTX *ctx;
	struct nx_error err = {0};
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	ctx = talloc_new(NULL);
	if (nx_rules_load(ctx, &from, &rules, &err))
		return;
	fprintf(stderr, "%s\n", err.text);
	exit(1);
}

#endif
