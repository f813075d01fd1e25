/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_EACH_ADDRESS_H
#define NX_CLI_EACH_ADDRESS_H

#include "cli/commands.h"

/* What commands do that do one thing with every address they are given. */
struct nx_each_address {
	struct nx_cli *cli;
	struct nx_manual_action act; /* with the address, in normal form */
	bool bad;                    /* something was no address */
	bool (*take)(struct nx_each_address *walk, TALLOC_CTX *ctx);
	struct nx_error *err; /* when take returns false, which ends it */
};

/* Opens the store, and the policy for changing it, and calls take for every
 * operand, in order; "-" stands for the lines of stdin. What is not an address
 * is reported on stderr and in the exit status, and the rest is still
 * processed. */
NX_MUST_USE bool nx_each_address(struct nx_cli *cli, enum nx_store_mode mode,
                                 const char *reason,
                                 bool (*take)(struct nx_each_address *walk,
                                              TALLOC_CTX *ctx),
                                 struct nx_error *err);

#endif
