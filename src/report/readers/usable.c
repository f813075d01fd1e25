/* SPDX-License-Identifier: ISC */
#include "report/readers/usable.h"

#include "base/text.h"
#include "mail/address.h"
#include "report/any.h"
#include "report/ours.h"

#include <string.h>

/* Addresses that no list mails: those of postmasters and the like. */
static bool is_office(const char *address)
{
	static const char *const starts[] = {
	        "postmaster@", "mailer-daemon@", "mailerdaemon@",
	        "abuse@",      "noreply@",       "no-reply@",
	        "hostmaster@", "root@",          "do-not-reply",
	        "donotreply",  "helpdesk@",      "support@",
	        "mailadmin@",  "mailmaster@",    NULL};

	return nx_any_starts(address, starts);
}

/* The words before the address show that it is somebody else's. */
static bool is_somebody_else(const char *before)
{
	static const char *const ends[] = {
	        "from",    "from:",    "sender",     "sender:",  "contact",
	        "by",      "write to", "reply to",   "email",    "e-mail",
	        "message", " id",      "id:",        "message:", "/",
	        "=",       "von",      "expéditeur", "mailto:",  "reply-to:",
	        "id <",    "sender <", NULL};
	static const char *const words[] = {
	        "please",    "contact ",  "questions", "assistance", "for help",
	        "report to", "if you ",   "complain",  "wenden sie", "from: ",
	        " from <",   "contacter", NULL};

	return nx_any_ends(before, ends) || nx_any_in(before, words);
}

char *nx_usable_lead(TALLOC_CTX *ctx, const char *line, size_t size)
{
	char *text = talloc_strndup(ctx, line, size);

	while (size > 0 && strchr(" \t<\"'([*->|.,;", text[size - 1]))
		text[--size] = '\0';
	if (nx_text_ends(text, "smtp:") || nx_text_ends(text, "rfc822:"))
		*strrchr(text, ':') = '\0';
	return text + strspn(text, " \t<\"'([*->|");
}

bool nx_usable_address(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address, const char *before)
{
	const char *at = strrchr(address, '@');

	if (!at || !strchr(at, '.') || is_office(address))
		return false;
	return (!*before || !is_somebody_else(nx_usable_lead(
	                            ctx, before, strlen(before)))) &&
	       nx_address_is_valid(ctx, address) &&
	       !nx_report_is_ours(ctx, report, address);
}
