/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_OPTIONS_H
#define NX_CLI_OPTIONS_H

#include <stdint.h>

/* The options that commands have; what each is stands in options.c. */
enum nx_option {
	NX_OPTION_ACCEPT = 0,
	NX_OPTION_ALL,
	NX_OPTION_ATTEMPT,
	NX_OPTION_CLASS,
	NX_OPTION_CONFIG,
	NX_OPTION_DOMAIN,
	NX_OPTION_HELP,
	NX_OPTION_JOBS,
	NX_OPTION_JSON,
	NX_OPTION_MESSAGE,
	NX_OPTION_MTA,
	NX_OPTION_NOTE,
	NX_OPTION_NOW,
	NX_OPTION_ORIGINAL_RECIPIENT,
	NX_OPTION_OUTPUT,
	NX_OPTION_POLICY,
	NX_OPTION_PROFILE,
	NX_OPTION_PROVIDER,
	NX_OPTION_QUEUE_ID,
	NX_OPTION_REASON,
	NX_OPTION_RECEIVED,
	NX_OPTION_RECIPIENT,
	NX_OPTION_RULES,
	NX_OPTION_RULES_SITE,
	NX_OPTION_SCOPE,
	NX_OPTION_SENDER,
	NX_OPTION_SINCE,
	NX_OPTION_STATUS,
	NX_OPTION_STORE,
	NX_OPTION_STREAM,
	NX_OPTION_UNTIL,
	NX_OPTIONS /* their number; no more than bits in an uint64_t */
};

#define NX_OPTION_BIT(option) (UINT64_C(1) << (option))

/* Without the dashes. */
const char *nx_cli_option_name(enum nx_option option);

#endif
