/* SPDX-License-Identifier: ISC */
#include "config/asked.h"

#include <string.h>

enum nx_asked_map nx_asked_map_of_name(const char *name, size_t size)
{
	static const char *const names[] = {"", "access", "transport", "check"};
	for (size_t i = 1; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == size &&
		    strncmp(name, names[i], size) == 0)
			return (enum nx_asked_map)i;
	return NX_ASKED_UNKNOWN;
}

bool nx_asked_of_passed(const char *name, struct nx_asked *out)
{
	*out = (struct nx_asked){.map = "", .transport = NX_ASKED_NEXT_HOP};
	if (strcmp(name, "ask") == 0)
		return true;
	if (strncmp(name, "ask-", 4) != 0 ||
	    !nx_asked_protocol_of_name(name + 4, &out->protocol))
		return false;
	if (out->protocol == NX_ASK_TCP_TABLE)
		out->map = "access";
	return true;
}

bool nx_asked_protocol_of_name(const char *name, enum nx_ask_protocol *out)
{
	static const char *const names[] = {"socketmap", "tcp_table", "policy"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*out = (enum nx_ask_protocol)i;
		return true;
	}
	return false;
}
