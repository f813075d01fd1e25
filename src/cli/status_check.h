/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_STATUS_CHECK_H
#define NX_CLI_STATUS_CHECK_H

#include "cli/cli.h"

/*
 * nixie status --check: what a monitoring system wants to hear of the daemon,
 * as a plug-in of Nagios or Icinga says it: one line, and one of four exit
 * statuses.
 */
enum nx_health {
	NX_HEALTH_OK = 0,
	NX_HEALTH_WARNING,
	NX_HEALTH_CRITICAL,
	NX_HEALTH_UNKNOWN
};

/* Says the line and sets the exit status. Fails only for thresholds that are
 * none. */
NX_MUST_USE bool nx_status_check(struct nx_cli *cli, struct nx_error *err);

/* Says an error as such a line and returns NX_HEALTH_UNKNOWN; -1: --check was
 * not given. */
int nx_status_check_fail(const struct nx_cli *cli, const struct nx_error *err);

#endif
