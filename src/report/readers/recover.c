/* SPDX-License-Identifier: ISC */
#include "report/readers/recover.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/explanation.h"
#include "report/lines.h"
#include "report/ours.h"
#include "report/returned.h"

#include <string.h>

/* --- from the text -------------------------------------------------------- */

/* The only address in angle brackets, when it is not one of ours. */
static const char *address_in(TALLOC_CTX *ctx, const struct nx_report *report,
                              const char *text)
{
	const char *found = "";
	const char *close;

	while ((text = strchr(text, '<')) && (close = strchr(text, '>'))) {
		const char *address = nx_address_of_field(
		        ctx,
		        nx_line_text(ctx, (struct nx_line){text, close + 1}));

		text = close;
		if (!*address || nx_report_is_ours(ctx, report, address))
			continue;
		if (*found && !nx_text_equal(found, address))
			return "";
		found = address;
	}
	return found;
}

/* "<tom@example.com>" for a recipient that the fields call tom: the only
 * address with that local part that is not ours. */
static const char *by_name(TALLOC_CTX *ctx, const struct nx_report *report,
                           const char *text, const char *local)
{
	const char *found = "";
	char *start = talloc_asprintf(ctx, "%s@", local);

	for (const char *at = text; (at = nx_text_find(at, start)); at++) {
		const char *end = at;

		if (at > text && nx_line_is_address_char(at[-1]))
			continue;
		while (nx_line_is_address_char(*end))
			end++;
		while (end[-1] == '.')
			end--;
		const char *address =
		        talloc_strndup(ctx, at, (size_t)(end - at));

		if (!nx_address_is_valid(ctx, address) ||
		    !nx_address_is_whole(text, at, end) ||
		    nx_report_is_ours(ctx, report, address))
			continue;
		if (*found && !nx_text_equal(found, address))
			return "";
		found = address;
	}
	return found;
}

/* --- fields without an address -------------------------------------------- */

/* A local part, without a path, pipe or decoration. */
static bool is_name(const char *text)
{
	size_t size = 0;

	while (nx_line_is_address_char(text[size]) && text[size] != '/' &&
	       text[size] != '|')
		size++;
	return size > 0 && !text[size] && strchr(text, '@') == NULL;
}

static const char *of_name(TALLOC_CTX *ctx, const struct nx_report *report,
                           const struct nx_recipient *recipient)
{
	const char *name = recipient->final_recipient;
	const char *address = address_in(ctx, report, recipient->diagnostic);

	if (!*address)
		address = by_name(ctx, report, nx_report_notice(report), name);
	if (!*address)
		address = nx_returned_by_name(ctx, report, name);
	if (!*address && report->recipients == 1)
		address = nx_explanation_only_address(ctx,
		                                      nx_report_notice(report));
	return address;
}

static const char *of_text(TALLOC_CTX *ctx, const struct nx_report *report,
                           const struct nx_recipient *recipient)
{
	const char *address = address_in(ctx, report, recipient->diagnostic);

	if (*address || report->recipients > 1)
		return address;
	address = nx_explanation_only_address(ctx, nx_report_notice(report));
	return *address && !nx_report_is_ours(ctx, report, address) ? address
	                                                            : "";
}

/* --- fields that are encoded ---------------------------------------------- */

/* The address is written in this form somewhere else, too. */
static bool agrees(TALLOC_CTX *ctx, const struct nx_report *report,
                   const struct nx_recipient *recipient, const char *address)
{
	const char *text = nx_report_notice(report);
	struct nx_line all = nx_line_whole(text);

	return (recipient->address != recipient->final_recipient &&
	        nx_text_equal(address, recipient->final_recipient)) ||
	       nx_line_mention(all, address) ||
	       nx_returned_names(ctx, report, address);
}

/* xtext (RFC 3461 section 4), which belongs in ORCPT and sometimes remains in a
 * field: "+2B" for "+". It may as well be a tag. So it is decoded only when the
 * decoded address is written somewhere else, or when the field is not an
 * address as it stands. */
static const char *decoded(TALLOC_CTX *ctx, const struct nx_report *report,
                           const struct nx_recipient *recipient)
{
	const char *raw = recipient->address;

	if (!strchr(raw, '+'))
		return raw;
	const char *plain = nx_address_xtext(ctx, raw);

	if (plain == raw || !nx_address_is_valid(ctx, plain) ||
	    strcmp(plain, raw) == 0 || agrees(ctx, report, recipient, raw))
		return raw;
	return agrees(ctx, report, recipient, plain) ? plain : raw;
}

/* "user+40example.com": an address only when it is decoded. */
static const char *of_xtext(TALLOC_CTX *ctx,
                            const struct nx_recipient *recipient)
{
	const char *raw = recipient->original_recipient;
	const char *plain = strchr(raw, '@') ? "" : nx_address_xtext(ctx, raw);

	return nx_address_is_valid(ctx, plain) ? plain : "";
}

/* Our address in place of the recipient's: the mail was not sent to it. */
static bool is_stand_in(TALLOC_CTX *ctx, const struct nx_report *report,
                        const struct nx_recipient *recipient)
{
	enum nx_ours ours = nx_report_whose(ctx, report, recipient);

	return ours != NX_OURS_NOT && ours != NX_OURS_POSTMASTER &&
	       ours != NX_OURS_PROTECTED;
}

/* --- the whole ------------------------------------------------------------ */

const char *nx_recover_address(TALLOC_CTX *ctx, const struct nx_report *report,
                               const struct nx_recipient *recipient)
{
	const char *address = of_xtext(ctx, recipient);

	if (*address)
		return address;
	if (*recipient->address) {
		if (!is_stand_in(ctx, report, recipient))
			return decoded(ctx, report, recipient);
		address = of_text(ctx, report, recipient);
		return *address ? address : recipient->address;
	}
	if (is_name(recipient->final_recipient))
		return of_name(ctx, report, recipient);
	address = of_text(ctx, report, recipient);
	return *address || report->recipients > 1
	               ? address
	               : nx_returned_recipient(ctx, report);
}
