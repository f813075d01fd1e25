/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_COMMANDS_H
#define NX_CLI_COMMANDS_H

#include "cli/cli.h"

/* The commands, one file each; every one returns its exit status. */
int nx_check_run(struct nx_cli *cli);
int nx_classify_run(struct nx_cli *cli);
int nx_config_run(struct nx_cli *cli);
int nx_db_run(struct nx_cli *cli);
int nx_deliver_run(struct nx_cli *cli);
int nx_explain_run(struct nx_cli *cli);
int nx_ingest_run(struct nx_cli *cli);
int nx_list_run(struct nx_cli *cli);
int nx_quarantine_run(struct nx_cli *cli);
int nx_release_run(struct nx_cli *cli);
int nx_report_run(struct nx_cli *cli);
int nx_rules_run(struct nx_cli *cli);
int nx_serve_run(struct nx_cli *cli);
int nx_show_run(struct nx_cli *cli);
int nx_status_run(struct nx_cli *cli);
int nx_suppress_run(struct nx_cli *cli);

/* deliver ends with 0 or 75: from here on every signal and every exit(3) that
 * nobody foresaw is a 75. */
void nx_deliver_guard(void);

/* Says why on stdout, as an MTA wants it; returns 75. */
int nx_deliver_refuse(const char *text);

/* --help; 75 when a message came with it. */
int nx_deliver_help(struct nx_cli *cli);

/* The message is safe: from here on exit(3) is what it says. Returns 0. */
int nx_deliver_taken(void);

#endif
