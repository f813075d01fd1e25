/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include <string.h>

/* Names that shipped rules and files had, and what to write instead. Site rules
 * that use one go on working, with a warning. */
static const struct {
	const char *old;
	const char *now;
} names[] = {
        {"text/blocklist/asked-wrongly", "blocklist/asked-wrongly"},
        {"text-blocklists.yaml", "blocklists.yaml"},
        {"uncommon.yaml", "text.yaml"},
        {"vendor-codes.yaml", "exchange-codes.yaml"},
        {"providers/apple-hosts.yaml", "providers/apple.yaml"},
        {"providers/att-hosts.yaml", "providers/att.yaml"},
        {"providers/barracuda-hosts.yaml", "providers/barracuda.yaml"},
        {"providers/comcast-hosts.yaml", "providers/comcast.yaml"},
        {"providers/cox-hosts.yaml", "providers/cox.yaml"},
        {"providers/gmx-hosts.yaml", "providers/gmx.yaml"},
        {"providers/godaddy-hosts.yaml", "providers/godaddy.yaml"},
        {"providers/google-hosts.yaml", "providers/google.yaml"},
        {"providers/mail-ru-hosts.yaml", "providers/mail-ru.yaml"},
        {"providers/mimecast-hosts.yaml", "providers/mimecast.yaml"},
        {"providers/netease-hosts.yaml", "providers/netease.yaml"},
        {"providers/orange-hosts.yaml", "providers/orange.yaml"},
        {"providers/outlook-com-hosts.yaml", "providers/outlook-com.yaml"},
        {"providers/proofpoint-hosts.yaml", "providers/proofpoint.yaml"},
        {"providers/qq-hosts.yaml", "providers/qq.yaml"},
        {"providers/sfr-hosts.yaml", "providers/sfr.yaml"},
        {"providers/symantec-hosts.yaml", "providers/symantec.yaml"},
        {"providers/t-online-hosts.yaml", "providers/t-online.yaml"},
        {"providers/yahoo-hosts.yaml", "providers/yahoo.yaml"},
        {"providers/yandex-hosts.yaml", "providers/yandex.yaml"},
        {"providers/europe-small.yaml", "a file for each provider"},
        {"providers/gateways-small.yaml", "a file for each provider"},
        {"providers/groupware.yaml", "a file for each provider"},
        {"providers/senders.yaml", "a file for each provider"},
        {"providers/us-small.yaml", "a file for each provider"},
        {"providers/japan.yaml", "a file for each provider"},
};

enum { NAMES = sizeof(names) / sizeof(*names) };

static const char *name_of_today(const char *name)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(names[i].old, name) == 0)
			return names[i].now;
	}
	return name;
}

const char *nx_load_name(struct nx_loader *loader, const struct nx_yaml *node,
                         const char *name)
{
	struct nx_tables *tables = loader->tables;
	const char *now = loader->site ? name_of_today(name) : name;

	if (now == name)
		return name;
	tables->warning = talloc_realloc(tables, tables->warning, const char *,
	                                 tables->warnings + 1);
	tables->warning[tables->warnings++] = talloc_asprintf(
	        tables, "%s:%d:%d: \"%s\" is an old name; write %s", node->file,
	        node->line, node->column, name, now);
	return now;
}
