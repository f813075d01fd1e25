/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_VERBS_H
#define NX_CLI_VERBS_H

#include "cli/cli.h"

/*
 * The first operand of a command that does several things names one of them. A
 * command has a table of structs that begin with this.
 */
struct nx_verb {
	const char *name;
	const char *operands; /* after the name, as the usage line shows them */
	int least, most;      /* number of these; most -1: any */
	uint64_t options;     /* bits, of those that only some verbs take */
};

/* The index of the verb that the first operand names; count with *err when
 * there is none, or its operands are too few or many, or an option was given
 * that others of the verbs take and this one does not. size is that of an
 * element of the table. */
NX_MUST_USE size_t nx_verb_find(const struct nx_cli *cli, const void *verbs,
                                size_t size, size_t count,
                                struct nx_error *err);

#define NX_VERBS(table) (sizeof(table) / sizeof((table)[0]))
#define NX_VERB_FIND(cli, table, err)                                          \
	nx_verb_find(cli, table, sizeof((table)[0]), NX_VERBS(table), err)

#endif
