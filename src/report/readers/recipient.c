/* SPDX-License-Identifier: ISC */
#include "report/readers/recipient.h"

#include "base/date.h"
#include "base/text.h"
#include "mail/address_find.h"
#include "report/explanation.h"
#include "report/readers/recipient_fields.h"
#include "report/readers/recover.h"

#include <stdlib.h>
#include <string.h>

/* --- action, RFC 3464 section 2.3.3 --------------------------------------- */

/* By how it starts, because of "failed (mailbox full)" and "failure". Whether
 * "expired" is final or a warning is decided by the rest of the report. */
static enum nx_action read_action(const char *value)
{
	static const struct {
		const char *start;
		enum nx_action action;
	} table[] = {
	        {"fail", NX_ACTION_FAILED},       {"delay", NX_ACTION_DELAYED},
	        {"deliver", NX_ACTION_DELIVERED}, {"relay", NX_ACTION_RELAYED},
	        {"expand", NX_ACTION_EXPANDED},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (nx_text_starts(value, table[i].start))
			return table[i].action;
	return NX_ACTION_NONE;
}

static enum nx_action guess_action(const struct nx_recipient *recipient,
                                   enum nx_action told)
{
	int class = recipient->status.class;
	if (class == 0)
		class = recipient->reply.code / 100;
	if (class == 5)
		return NX_ACTION_FAILED;
	if (class == 2)
		return NX_ACTION_DELIVERED;
	return recipient->will_retry_until != 0 ? NX_ACTION_DELAYED : told;
}

/* --- status, RFC 3464 section 2.3.4 --------------------------------------- */

/* "5.0", "5" and "5.7.1.0": what starts like a code, as far as it does. */
static struct nx_status read_loose_status(const char *value)
{
	unsigned long number[3] = {0};
	for (size_t i = 0; i < 3 && nx_text_is_digit(*value); i++) {
		char *end;
		number[i] = strtoul(value, &end, 10);
		if (number[i] > 999)
			return (struct nx_status){0};
		value = *end == '.' ? end + 1 : end;
		if (*end != '.')
			break;
	}
	if (number[0] != 2 && number[0] != 4 && number[0] != 5)
		return (struct nx_status){0};
	return (struct nx_status){(unsigned short)number[0],
	                          (unsigned short)number[1],
	                          (unsigned short)number[2]};
}

static struct nx_status read_status(const char *value)
{
	struct nx_status status;
	if (nx_status_parse(value, &status) > 0 ||
	    nx_status_find(value, &status, NULL))
		return status;
	return read_loose_status(value);
}

/* The class is the same, and the reply says what the field leaves open: "5.0.0"
 * against "5.2.2", "5.1.0" against "5.1.1". */
static bool is_more_specific(struct nx_status reply, struct nx_status field)
{
	if (nx_status_is_none(reply) || reply.class != field.class)
		return false;
	if (field.subject == 0 && field.detail == 0)
		return true;
	return field.detail == 0 && field.subject == reply.subject;
}

static struct nx_status choose_status(const struct nx_recipient *recipient)
{
	struct nx_status field = recipient->status_field;
	struct nx_status reply = recipient->reply.status;
	if (nx_status_is_none(field) || is_more_specific(reply, field))
		return reply;
	return field;
}

/* Sendmail makes 5.1.1, 5.1.6 and 5.1.3 of any 550, 551 and 553 that came
 * without an enhanced code: it says no more than the reply. */
static bool is_translated(struct nx_accounts *accounts,
                          const struct nx_recipient *recipient)
{
	static const struct {
		int code;
		unsigned short detail;
	} made[] = {{550, 1}, {551, 6}, {553, 3}};
	struct nx_status field = recipient->status_field;

	if (!nx_status_is_none(recipient->reply.status) || field.class != 5 ||
	    field.subject != 1)
		return false;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (made[i].code == recipient->reply.code &&
		    made[i].detail == field.detail)
			return nx_accounts_are_sendmails(accounts);
	return false;
}

/* --- the fields as they stand --------------------------------------------- */

static const char *typed(TALLOC_CTX *ctx, const struct nx_fields *group,
                         const char *name, const char **type)
{
	return nx_fields_typed(ctx, nx_fields_value(group, name), type);
}

static void read_addresses(TALLOC_CTX *ctx, const struct nx_fields *group,
                           struct nx_recipient *recipient)
{
	static const char *const names[] = {
	        "Original-Recipient", "Final-Recipient", "X-Actual-Recipient"};
	const char **as_told[] = {&recipient->original_recipient,
	                          &recipient->final_recipient,
	                          &recipient->actual_recipient};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *type;
		const char *value = nx_fields_value(group, names[i]);
		const char *address = nx_address_of_field(ctx, value);
		*as_told[i] =
		        *address ? address : nx_fields_typed(ctx, value, &type);
		if (!*recipient->address)
			recipient->address = address;
	}
}

static void read_diagnostic(TALLOC_CTX *ctx, const struct nx_fields *group,
                            struct nx_recipient *recipient)
{
	static const char *const names[] = {"Diagnostic-Code", "Reason",
	                                    "X-Supplementary-Info"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = typed(ctx, group, names[i],
		                          &recipient->diagnostic_type);
		recipient->diagnostic =
		        nx_text_squeeze(ctx, value, NX_RECIPIENT_DIAGNOSTIC);
		if (*recipient->diagnostic)
			return;
	}
}

/* Some Status fields hold a reply: "553 Exceeded maximum size". */
static void read_status_field(TALLOC_CTX *ctx, const struct nx_fields *group,
                              struct nx_recipient *recipient)
{
	const char *value = nx_fields_value(group, "Status");
	recipient->status_field = read_status(nx_fields_uncomment(ctx, value));
	if (!*recipient->diagnostic && nx_explanation_has_words(value))
		recipient->diagnostic =
		        nx_text_squeeze(ctx, value, NX_RECIPIENT_DIAGNOSTIC);
}

static const char *read_host(TALLOC_CTX *ctx, const struct nx_fields *group)
{
	const char *type;
	const char *value = typed(ctx, group, "Remote-MTA", &type);
	char *host = nx_text_trim(ctx, nx_fields_uncomment(ctx, value));
	size_t size = strcspn(host, " \t,;");
	while (size > 0 && host[size - 1] == '.')
		size--;
	host[size] = '\0';
	return host;
}

void nx_recipient_read(TALLOC_CTX *ctx, const struct nx_fields *group,
                       struct nx_recipient *recipient)
{
	read_addresses(ctx, group, recipient);
	read_diagnostic(ctx, group, recipient);
	read_status_field(ctx, group, recipient);
	recipient->action = read_action(nx_fields_value(group, "Action"));
	recipient->remote_mta = read_host(ctx, group);
	recipient->final_log_id = nx_fields_value(group, "Final-Log-ID");
	recipient->last_attempt_date =
	        nx_date_parse_mail(nx_fields_value(group, "Last-Attempt-Date"));
	recipient->will_retry_until =
	        nx_date_parse_mail(nx_fields_value(group, "Will-Retry-Until"));
}

/* --- what the fields leave out -------------------------------------------- */

/* Codes without words say little: the words of the human part are appended. A
 * sysexits number ("X-Unix; 75") is not a code and is dropped. */
static void complete_diagnostic(TALLOC_CTX *ctx, struct nx_accounts *accounts,
                                struct nx_recipient *recipient)
{
	if (nx_explanation_has_words(recipient->diagnostic))
		return;
	struct nx_said account = nx_accounts_of(ctx, accounts, recipient);
	if (!*account.text)
		return;
	bool is_exit = nx_text_equal(recipient->diagnostic_type, "x-unix");
	bool is_known = is_exit || !*recipient->diagnostic ||
	                strstr(account.text, recipient->diagnostic);
	recipient->diagnostic =
	        is_known ? account.text
	                 : talloc_asprintf(ctx, "%s %s", recipient->diagnostic,
	                                   account.text);
	if (is_exit)
		recipient->diagnostic_type = "";
	if (!*recipient->remote_mta)
		recipient->remote_mta = account.mta;
}

void nx_recipient_complete(TALLOC_CTX *ctx, const struct nx_report *report,
                           struct nx_accounts *accounts,
                           struct nx_recipient *recipient, enum nx_action told)
{
	recipient->address = nx_recover_address(ctx, report, recipient);
	complete_diagnostic(ctx, accounts, recipient);
	if (!nx_text_equal(recipient->diagnostic_type, "x-unix"))
		nx_reply_parse(ctx, recipient->diagnostic, &recipient->reply);
	recipient->status = choose_status(recipient);
	recipient->status_is_translated = is_translated(accounts, recipient);
	if (recipient->action == NX_ACTION_NONE)
		recipient->action = guess_action(recipient, told);
}
