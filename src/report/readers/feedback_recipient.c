/* SPDX-License-Identifier: ISC */
#include "report/readers/feedback_recipient.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "report/any.h"
#include "report/conditions/detectors.h"
#include "report/conditions/fold.h"
#include "report/ours.h"
#include "report/readers/recipient_fields.h"

#include <string.h>

enum { HOPS = 20, CLUES = 12 };

/* --- masks ---------------------------------------------------------------- */

static bool is_masked(TALLOC_CTX *ctx, const struct nx_report *report,
                      const char *text)
{
	return !text[strspn(text, "xX*#.-_?")] ||
	       nx_phrases_hit(&report->detectors->wording.masks,
	                      nx_fold(ctx, text, strlen(text)));
}

/* RFC 6590: a hash of the local part, in hexadecimal digits or base64. */
static bool is_hash(const char *text)
{
	size_t size = strlen(text);

	if (size >= 24 && text[size - 1] == '=')
		return true;
	return (size == 32 || size == 40 || size == 56 || size == 64) &&
	       strspn(text, "0123456789abcdefABCDEF") >= size;
}

static bool is_usable(TALLOC_CTX *ctx, const struct nx_report *report,
                      const char *address)
{
	const char *at = strrchr(address, '@');
	if (!at || strpbrk(address, "*[]<>"))
		return false;
	const char *domain = at + 1;
	const char *local =
	        talloc_strndup(ctx, address, (size_t)(at - address));

	return !is_masked(ctx, report, local) && !is_hash(local) &&
	       !is_masked(ctx, report, domain) &&
	       !nx_text_ends(domain, ".invalid") &&
	       nx_report_is_deliverable(ctx, report, address);
}

/* --- what the reporter says ----------------------------------------------- */

static void add_address(TALLOC_CTX *ctx, struct nx_report *report,
                        const char *address, const char *told)
{
	if (nx_report_find_recipient(report, address))
		return;
	struct nx_recipient *recipient = nx_report_add_recipient(ctx, report);
	if (!recipient)
		return;
	recipient->address = address;
	recipient->original_recipient = told;
	recipient->redacted = !*address;
}

static void add_fields(TALLOC_CTX *ctx, struct nx_report *report,
                       const struct nx_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct nx_field *field = &fields->item[i];
		if (!nx_text_equal(field->name, name))
			continue;
		const char *address = nx_address_of_field(ctx, field->value);
		if (is_usable(ctx, report, address))
			add_address(ctx, report, address, address);
	}
}

/* --- what the complained message reveals ---------------------------------- */

/* "Received: from … by … for <a@b>; date". */
static const char *received_for(TALLOC_CTX *ctx, const struct nx_report *report,
                                const struct nx_fields *fields)
{
	int hops = 0;
	for (size_t i = 0; i < fields->count && hops < HOPS; i++) {
		const struct nx_field *field = &fields->item[i];
		if (!nx_text_equal(field->name, "Received"))
			continue;
		hops++;
		const char *at = strstr(field->value, " for <");
		if (!at)
			continue;
		at += strlen(" for ");
		const char *text = talloc_strndup(ctx, at, strcspn(at, "; "));
		const char *address = nx_address_of_field(ctx, text);
		if (is_usable(ctx, report, address) &&
		    !nx_report_is_ours(ctx, report, address))
			return address;
	}
	return "";
}

static const char *recover_from(TALLOC_CTX *ctx, const struct nx_report *report,
                                const struct nx_fields *headers,
                                const char *name)
{
	const char *address =
	        nx_report_only_address(ctx, nx_fields_value(headers, name));
	return is_usable(ctx, report, address) &&
	                       !nx_report_is_ours(ctx, report, address)
	               ? address
	               : "";
}

/* The most reliable first. */
static const char *recover(TALLOC_CTX *ctx, const struct nx_report *report)
{
	static const char *const names[] = {"X-Original-To",   "Delivered-To",
	                                    "Envelope-To",     "X-Envelope-To",
	                                    "X-Apparently-To", NULL};
	const struct nx_fields *headers = &report->original.headers;
	const struct nx_fields hop = nx_fields_of_last_hop(headers);
	const char *address =
	        recover_from(ctx, report, headers, "X-HmXmrOriginalRecipient");
	for (size_t i = 0; names[i] && !*address; i++)
		address = recover_from(ctx, report, &hop, names[i]);
	if (!*address)
		address = recover_from(ctx, report, headers, "To");
	return *address ? address : received_for(ctx, report, headers);
}

/* There is always an entry: a complaint counts even if the complainer is
 * unknown. */
void nx_feedback_recipient_read(TALLOC_CTX *ctx, struct nx_report *report)
{
	const struct nx_fields *fields = &report->feedback->all;
	add_fields(ctx, report, fields, "Original-Rcpt-To");
	if (report->recipients == 0)
		add_fields(ctx, report, fields, "Removal-Recipient");
	if (report->recipients == 0)
		add_address(ctx, report, recover(ctx, report),
		            nx_fields_value(fields, "Original-Rcpt-To"));
}

/* --- clues ---------------------------------------------------------------- */

/* Written by mail systems on the way and by mail programs. */
static bool is_common(const char *name)
{
	static const char *const fronts[] = {
	        "X-MS-",        "X-Microsoft",   "X-Exchange",
	        "X-Forefront",  "X-Google",      "X-Gm-",
	        "X-Received",   "X-YMail",       "X-Yahoo",
	        "X-Apparently", "X-Originat",    "X-SID",
	        "X-Spam",       "X-Virus",       "X-Proofpoint",
	        "X-Mailer",     "X-Priority",    "X-MSMail",
	        "X-MimeOLE",    "X-AOL",         "X-Rspamd",
	        "X-Auto-",      "X-Original-",   "X-Envelope-",
	        "X-Delivered",  "X-HmXmr",       "X-Message-",
	        "X-Sender-IP",  "X-Store-Info",  "X-OriginatorOrg",
	        "X-EOP",        "X-IncomingTop", NULL};

	return nx_any_starts(name, fronts);
}

struct nx_fields nx_feedback_recipient_clues(TALLOC_CTX *ctx,
                                             const struct nx_fields *headers)
{
	struct nx_field *item = talloc_array(ctx, struct nx_field, CLUES);
	size_t count = 0;
	for (size_t i = 0; i < headers->count && count < CLUES; i++) {
		const struct nx_field *field = &headers->item[i];
		if ((nx_text_starts(field->name, "X-") &&
		     !is_common(field->name)) ||
		    nx_text_starts(field->name, "CFBL-"))
			item[count++] = *field;
	}
	return (struct nx_fields){item, count};
}
