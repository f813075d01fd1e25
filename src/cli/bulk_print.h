/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_BULK_PRINT_H
#define NX_CLI_BULK_PRINT_H

#include "cli/commands.h"
#include "store/bulk.h"

/* What commands share that change many addresses at once. */

enum { NX_BULK_FATES = NX_BULK_SINCE + 1 };

struct nx_bulk_told { /* for printing and counting rows */
	struct nx_cli *cli;
	bool dry_run;
	int64_t count[NX_BULK_FATES];
};

/* As the options say; the store and the rules must be open. */
struct nx_bulk nx_bulk_print_act(struct nx_cli *cli);

/* Counts the row, and prints it: a line or, with --json, an object. An
 * nx_bulk_row_fn; user is a struct nx_bulk_told. */
bool nx_bulk_print_row(void *user, const struct nx_bulk_row *row);

/* "freed", "would be freed", "stays". */
const char *nx_bulk_print_fate(enum nx_bulk_fate fate, bool dry_run);

int64_t nx_bulk_print_stays(const struct nx_bulk_told *told);

/* Which way back there is, at the end of a line; act 0: nothing was done. */
void nx_bulk_print_end(const struct nx_bulk_told *told, int64_t act);
/* The members "act", "dry_run" and "dropped" of the last object. */
void nx_bulk_print_json_end(const struct nx_bulk_told *told, int64_t act,
                            struct nx_json_out *object);

/* release --where. */
NX_MUST_USE bool nx_release_where(struct nx_cli *cli, struct nx_error *err);

#endif
