/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_VERBS_H
#define NX_CLI_VERBS_H

#include "cli/cli.h"

/*
 * The first operand of a command that does several things names one of them.
 */
struct nx_verb {
	const char *name;
	const char *operands; /* after the name, as the usage line shows them */
	int least, most;      /* number of these; most -1: any */
	uint64_t options;     /* bits, of those that only some verbs take */
	bool (*run)(struct nx_cli *cli, struct nx_error *err); /* NULL: the
	                      command has its own */
};

/* The index of the verb that the first operand names; count with *err when
 * there is none, or its operands are too few or many, or an option was given
 * that others of the verbs take and this one does not. */
NX_MUST_USE size_t nx_verb_find(const struct nx_cli *cli,
                                const struct nx_verb *verbs, size_t count,
                                struct nx_error *err);

/* find, and run. */
NX_MUST_USE bool nx_verb_run(struct nx_cli *cli, const struct nx_verb *verbs,
                             size_t count, struct nx_error *err);

#endif
