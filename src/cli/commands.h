/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_COMMANDS_H
#define NX_CLI_COMMANDS_H

#include "cli/cli.h"

/* The commands, one file each. */
bool nx_command_check(struct nx_cli *cli, struct nx_error *err);
bool nx_command_classify(struct nx_cli *cli, struct nx_error *err);
bool nx_command_config(struct nx_cli *cli, struct nx_error *err);
bool nx_command_db(struct nx_cli *cli, struct nx_error *err);
bool nx_command_delivered(struct nx_cli *cli, struct nx_error *err);
bool nx_command_deliver(struct nx_cli *cli, struct nx_error *err);
bool nx_command_erase(struct nx_cli *cli, struct nx_error *err);
bool nx_command_events(struct nx_cli *cli, struct nx_error *err);
bool nx_command_explain(struct nx_cli *cli, struct nx_error *err);
bool nx_command_held(struct nx_cli *cli, struct nx_error *err);
bool nx_command_ingest(struct nx_cli *cli, struct nx_error *err);
bool nx_command_list(struct nx_cli *cli, struct nx_error *err);
bool nx_command_policy(struct nx_cli *cli, struct nx_error *err);
bool nx_command_quarantine(struct nx_cli *cli, struct nx_error *err);
bool nx_command_release(struct nx_cli *cli, struct nx_error *err);
bool nx_command_replay(struct nx_cli *cli, struct nx_error *err);
bool nx_command_report(struct nx_cli *cli, struct nx_error *err);
bool nx_command_rules(struct nx_cli *cli, struct nx_error *err);
bool nx_command_serve(struct nx_cli *cli, struct nx_error *err);
bool nx_command_show(struct nx_cli *cli, struct nx_error *err);
bool nx_command_status(struct nx_cli *cli, struct nx_error *err);
bool nx_command_subject_export(struct nx_cli *cli, struct nx_error *err);
bool nx_command_suppress(struct nx_cli *cli, struct nx_error *err);
bool nx_command_token_file(struct nx_cli *cli, struct nx_error *err);
bool nx_command_undo(struct nx_cli *cli, struct nx_error *err);

/* deliver ends with 0 or 75: from here on every signal and every unforeseen
 * exit(3) is a 75. */
void nx_deliver_tempfail(void);

/* Prints the reason on stdout, as an MTA wants it; returns 75. */
int nx_deliver_refuse(const char *text);

/* --help; 75 when there was a message on stdin. */
int nx_deliver_help(struct nx_cli *cli);

#endif
