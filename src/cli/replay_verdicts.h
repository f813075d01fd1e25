/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_REPLAY_VERDICTS_H
#define NX_CLI_REPLAY_VERDICTS_H

#include "cli/cli.h"
#include "store/bulk.h"

/*
 * The verdicts of today on what a store remembers: of what a message says that
 * is kept, else of the event's fields. Owns what it has read.
 */
struct nx_replay_verdicts;

struct nx_replay_verdicts *nx_replay_verdicts_new(struct nx_cli *cli);

/* Has the workers read the originals that came since then. */
NX_MUST_USE bool nx_replay_verdicts_read(struct nx_replay_verdicts *verdicts,
                                         int64_t since, struct nx_error *err);
int64_t nx_replay_verdicts_originals(const struct nx_replay_verdicts *verdicts);

/* As struct nx_replay asks for it; user is a struct nx_replay_verdicts. */
bool nx_replay_verdicts_judge(void *user, TALLOC_CTX *ctx,
                              const struct nx_past_event *event,
                              struct nx_verdict *out);

#endif
