/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_REPLAY_GROUPS_H
#define NX_CLI_REPLAY_GROUPS_H

#include "cli/bulk_print.h"

/* What a replay changes, by what becomes of it and by the rules that say so. */
struct nx_replay_groups;

struct nx_replay_groups *nx_replay_groups_new(TALLOC_CTX *ctx);
void nx_replay_groups_add(struct nx_replay_groups *groups,
                          const struct nx_bulk_row *row);
/* A line for each, with some of the addresses. */
void nx_replay_groups_print(const struct nx_replay_groups *groups,
                            const struct nx_bulk_told *told);

#endif
