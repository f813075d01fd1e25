/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_EACH_ADDRESS_H
#define NX_CLI_EACH_ADDRESS_H

#include "cli/commands.h"

/* What commands do that do one thing with every address they are given. */
struct nx_each_address {
	struct nx_cli *cli;
	struct nx_manual_action act;
	const char *address; /* in normal form, or "@domain" */
	size_t line; /* of stdin, from 1; 0: it is of the command line */
	bool bad;    /* something was no address */
	void *user;
	struct nx_error *err;
};

struct nx_each_call {
	enum nx_store_mode mode;
	const char *reason; /* of an act by hand, or "" */
	/* for each address; false, with the error filled, ends it */
	bool (*take)(struct nx_each_address *walk, TALLOC_CTX *ctx);
	bool (*finish)(struct nx_each_address *walk); /* or NULL: at the end */
	/* a "*" is meant as one; addresses that are known may have one */
	bool refuses_wildcards;
	bool only_asks;     /* take writes nothing */
	bool without_store; /* take does not need it */
	void *user;
};

/* Opens the store, and the policy for changing it, and calls take for every
 * operand, in order, and for --domain; "-" stands for the lines of stdin. What
 * is not an address is reported on stderr and in the exit status, and the rest
 * is still processed. */
NX_MUST_USE bool nx_each_address(struct nx_cli *cli,
                                 const struct nx_each_call *call,
                                 struct nx_error *err);

/* The name of the user who runs the command. */
const char *nx_cli_who(TALLOC_CTX *ctx);

#endif
