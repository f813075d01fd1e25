/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* The envelope from the options or the environment of a pipe command. */

static const char *variable(struct nx_cli *cli, const char *name)
{
	const char *value = getenv(name);
	if (!value)
		return NULL;
	return nx_text_repair(cli, value, strlen(value), strlen(value));
}

/* False when neither the option nor the environment gives it; name NULL: the
 * environment is not used. */
static bool find_word(struct nx_cli *cli, enum nx_option option,
                      const char *name, const char **out)
{
	bool given = nx_cli_has(cli, option);
	const char *value = given || !name ? NULL : variable(cli, name);
	if (given)
		*out = cli->value[option];
	else
		*out = value ? value : "";
	return given || value;
}

/* Postfix writes MAILER-DAEMON for the null sender unless configured otherwise,
 * and Sendmail adds a domain to it. */
static bool is_daemon(const char *sender)
{
	static const char daemon[] = "MAILER-DAEMON";
	if (!nx_text_starts(sender, daemon))
		return false;
	const char behind = sender[strlen(daemon)];
	return behind == '\0' || behind == '@';
}

static const char *null_or(const char *sender)
{
	return is_daemon(sender) || strcmp(sender, "<>") == 0 ? "" : sender;
}

/* An MTA that looked up an alias may give in EXTENSION what it cut off. */
static const char *with_extension(struct nx_cli *cli, const char *recipient)
{
	const char *extension = variable(cli, "EXTENSION");
	const char *at = strrchr(recipient, '@');
	if (!extension || !*extension || !at || strstr(recipient, extension))
		return "";
	return talloc_asprintf(cli, "%.*s+%s%s", (int)(at - recipient),
	                       recipient, extension, at);
}

void nx_cli_envelope(struct nx_cli *cli, bool environment,
                     struct nx_envelope *out)
{
	const char *sender;
	*out = (struct nx_envelope){0};
	out->sender_known = find_word(cli, NX_OPTION_SENDER,
	                              environment ? "SENDER" : NULL, &sender);
	out->sender = null_or(sender);
	find_word(cli, NX_OPTION_RECIPIENT, environment ? "RECIPIENT" : NULL,
	          &out->recipient);
	find_word(cli, NX_OPTION_ORIGINAL_RECIPIENT,
	          environment ? "ORIGINAL_RECIPIENT" : NULL,
	          &out->original_recipient);
	find_word(cli, NX_OPTION_QUEUE_ID, NULL, &out->queue_id);
	if (environment && !*out->original_recipient)
		out->original_recipient = with_extension(cli, out->recipient);
}
