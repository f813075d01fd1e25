/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address_find.h"
#include "report/readers.h"
#include "report/signs_rules.h"

#include <string.h>

/* Mail that a program wrote in somebody's absence, or for its operator: the
 * signs of rules/automatic.yaml. None tells of a recipient. */

static const char *local_part(TALLOC_CTX *ctx, const char *address)
{
	const char *at = strrchr(address, '@');
	return at == NULL
	               ? ""
	               : talloc_strndup(ctx, address, (size_t)(at - address));
}

/* As mail systems call themselves, with or without a mailbox of that name. */
static bool is_system_name(const char *from)
{
	static const char *const names[] = {
	        "daemon",
	        "mail delivery s",
	        "mail.delivery.s",
	        "mail deliver ",
	        "postmaster@",
	        "post_master@",
	        "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@",
	        "mail administrator",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (nx_text_find(from, names[i]) != NULL)
			return true;
	}
	return false;
}

static bool is_from_system(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const struct nx_message *message = report->message;
	const char *from = nx_message_header(message, "From");
	const char *local = local_part(ctx, nx_address_of_header(ctx, from));
	if (is_system_name(from) || nx_text_equal(local, "postmaster") ||
	    nx_text_equal(local, "root"))
		return true;
	bool is_null = message->envelope.sender_known &&
	               *message->envelope.sender == '\0';
	return is_null && nx_signs_is_bounce(report->sight);
}

bool nx_report_is_from_system(TALLOC_CTX *ctx, const struct nx_report *report)
{
	struct nx_sight *sight = report->sight;
	if (sight == NULL)
		return is_from_system(ctx, report);
	if (sight->system == NX_SYSTEM_UNKNOWN)
		sight->system = is_from_system(ctx, report) ? NX_SYSTEM_YES
		                                            : NX_SYSTEM_NO;
	return sight->system == NX_SYSTEM_YES;
}

static bool read_sign(const struct nx_sign *sign, struct nx_report *report)
{
	if (sign == NULL)
		return false;
	report->kind = sign->kind;
	report->format = sign->format;
	return true;
}

bool nx_report_disguised(struct nx_report *report)
{
	return read_sign(nx_signs_find(report->sight, NX_SIGN_EARLY), report);
}

bool nx_report_automatic(struct nx_report *report)
{
	return read_sign(nx_signs_find(report->sight, NX_SIGN_LATE), report);
}
