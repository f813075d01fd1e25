/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/db_commands.h"
#include "cli/verbs.h"

static const struct nx_verb verbs[] = {
        {.name = "status", .run = nx_db_command_status},
        {.name = "verify", .run = nx_db_command_verify},
        {.name = "backup",
         .operands = "FILE",
         .least = 1,
         .most = 1,
         .options = NX_OPTION_BIT(NX_OPTION_FORCE),
         .run = nx_db_command_backup},
        {.name = "restore",
         .operands = "FILE",
         .least = 1,
         .most = 1,
         .options = NX_OPTION_BIT(NX_OPTION_FORCE),
         .run = nx_db_command_restore},
        {.name = "migrate", .run = nx_db_command_migrate},
        {.name = "compact", .run = nx_db_command_compact},
        {.name = "clock",
         .options = NX_OPTION_BIT(NX_OPTION_ACCEPT),
         .run = nx_db_command_clock},
};

bool nx_command_db(struct nx_cli *cli, struct nx_error *err)
{
	return nx_verb_run(cli, verbs, sizeof(verbs) / sizeof(*verbs), err);
}
