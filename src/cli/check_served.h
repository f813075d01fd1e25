/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_CHECK_SERVED_H
#define NX_CLI_CHECK_SERVED_H

#include "cli/each_address.h"

/*
 * nixie check for those who may not read the store: the daemon is asked, by its
 * socketmap, whose file says who may.
 */

/* The store is there, and this user may not read it. */
bool nx_check_is_served(const struct nx_cli *cli);

NX_MUST_USE bool nx_check_served(struct nx_cli *cli, struct nx_error *err);

#endif
