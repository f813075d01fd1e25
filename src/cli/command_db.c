/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/db_commands.h"
#include "cli/verbs.h"

static const struct {
	struct nx_verb verb;
	bool (*run)(struct nx_cli *cli, struct nx_error *err);
} verbs[] = {
        {{.name = "status"}, nx_db_command_status},
        {{.name = "verify"}, nx_db_command_verify},
        {{.name = "backup",
          .operands = "FILE",
          .least = 1,
          .most = 1,
          .options = NX_OPTION_BIT(NX_OPTION_FORCE)},
         nx_db_command_backup},
        {{.name = "restore",
          .operands = "FILE",
          .least = 1,
          .most = 1,
          .options = NX_OPTION_BIT(NX_OPTION_FORCE)},
         nx_db_command_restore},
        {{.name = "migrate"}, nx_db_command_migrate},
        {{.name = "compact"}, nx_db_command_compact},
        {{.name = "clock", .options = NX_OPTION_BIT(NX_OPTION_ACCEPT)},
         nx_db_command_clock},
        {{.name = "prune", .options = NX_OPTION_BIT(NX_OPTION_DRY_RUN)},
         nx_db_command_prune},
        {{.name = "hash", .options = NX_OPTION_BIT(NX_OPTION_YES)},
         nx_db_command_hash},
};

bool nx_command_db(struct nx_cli *cli, struct nx_error *err)
{
	const size_t found = NX_VERB_FIND(cli, verbs, err);
	return found < NX_VERBS(verbs) && verbs[found].run(cli, err);
}
