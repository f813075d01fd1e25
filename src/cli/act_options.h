/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_ACT_OPTIONS_H
#define NX_CLI_ACT_OPTIONS_H

#include "cli/cli.h"

/* What several commands read of an act by hand. */

/* What --class names; NONE when it is not given. */
NX_MUST_USE bool nx_act_options_class(const struct nx_cli *cli,
                                      enum nx_cause *out, struct nx_error *err);

/* A time, or a span back from now; what stands before it in an error. */
NX_MUST_USE bool nx_act_options_time(const struct nx_cli *cli, const char *what,
                                     const char *text, int64_t *out,
                                     struct nx_error *err);

#endif
