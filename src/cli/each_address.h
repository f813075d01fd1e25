/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_EACH_ADDRESS_H
#define NX_CLI_EACH_ADDRESS_H

#include "cli/commands.h"

/* What commands do that do one thing with every address they are given. */
struct nx_each_address {
	struct nx_cli *cli;
	struct nx_store *store;
	const struct nx_policy *policy; /* NULL when the store is only read */
	struct nx_manual_action act;    /* with the address, in normal form */
	bool no;                        /* to end with NX_EXIT_NO */
	bool bad;                       /* something was no address */
	bool (*take)(struct nx_each_address *walk, TALLOC_CTX *ctx);
	struct nx_error err; /* when take returns false, which ends it */
};

/* Opens the store, and the policy for changing it, and calls take for every
 * operand, in order; "-" stands for the lines of stdin. What is not an address
 * is reported on stderr, and the rest is still processed. Returns the exit
 * status. */
int nx_each_address(struct nx_cli *cli, enum nx_store_mode mode,
                    const char *reason,
                    bool (*take)(struct nx_each_address *walk,
                                 TALLOC_CTX *ctx));

#endif
