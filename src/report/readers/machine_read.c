/* SPDX-License-Identifier: ISC */
#include "report/readers/machine.h"

#include "base/text.h"
#include "report/readers/account.h"
#include "report/readers/places.h"

#include <string.h>

/*
 * The line machine. One pass over the lines of the account; the first pattern
 * that matches a line decides what it means: skip, stop, fails or delays,
 * again, recipient, diagnostic.
 */
static bool take_recipient(struct nx_machine *machine, struct nx_line line)
{
	const struct nx_patterns *patterns = &machine->format->recipient;
	struct nx_recipient told;

	for (size_t i = 0; i < patterns->count; i++) {
		if (!nx_machine_tell(machine, patterns->item[i], line, &told))
			continue;
		machine->report->truncated |=
		        line.end > line.start + nx_patterns_line_size(line);
		const char *address = nx_machine_address(machine, &told);

		if (!nx_machine_take_list(machine, &told)) {
			if (!*address)
				continue;
			nx_machine_take(machine, address, &told);
		}
		machine->indent = nx_line_indent(line);
		return true;
	}
	return false;
}

/* A transcript returns to a recipient. It may use another address of it: if
 * there is only one recipient, that one is meant, else it is unknown. */
static bool take_again(struct nx_machine *machine, struct nx_line line)
{
	const struct nx_patterns *patterns = &machine->format->again;
	struct nx_recipient told;

	for (size_t i = 0; i < patterns->count; i++) {
		if (!nx_machine_tell(machine, patterns->item[i], line, &told))
			continue;
		machine->current = nx_report_find_recipient(
		        machine->report, nx_machine_address(machine, &told));
		if (!machine->current && machine->report->recipients == 1)
			machine->current = machine->report->recipient;
		machine->stopped = false;
		if (machine->current) {
			nx_machine_list(machine, machine->current);
			nx_machine_merge(machine, machine->current, &told);
		}
		return true;
	}
	return false;
}

/* The recipient that words belong to: the current one, or those to come. */
static struct nx_recipient *subject_of_words(struct nx_machine *machine)
{
	if (!machine->format->before)
		return machine->stopped ? NULL : machine->current;
	if (machine->used) {
		machine->pending = nx_recipient_empty();
		machine->used = false;
	}
	return &machine->pending;
}

static void take_words(struct nx_machine *machine, struct nx_line line)
{
	const struct nx_patterns *patterns = &machine->format->diagnostic;
	struct nx_recipient told = nx_recipient_empty();
	bool taken = false;

	if (!patterns->count) {
		char *words = talloc_strndup(machine->ctx, line.start,
		                             nx_patterns_line_size(line));

		told.diagnostic = nx_text_trim(machine->ctx, words);
		taken = *told.diagnostic;
	}
	for (size_t i = 0; i < patterns->count && !taken; i++)
		taken = nx_machine_tell(machine, patterns->item[i], line,
		                        &told);
	if (!taken)
		return;
	struct nx_recipient *subject = subject_of_words(machine);

	machine->words++;
	if (subject)
		nx_machine_merge(machine, subject, &told);
}

static bool is_stop(const struct nx_machine *machine, struct nx_line line)
{
	if (!machine->format->ends_at_blank)
		return nx_patterns_take(&machine->format->stop, line);
	return nx_line_is_blank(line) && machine->current &&
	       *machine->current->diagnostic;
}

/* Whether the recipients named from here on failed or are still tried. */
static bool is_section(struct nx_machine *machine, struct nx_line line)
{
	if (nx_patterns_take(&machine->format->fails, line))
		machine->action = NX_ACTION_FAILED;
	else if (nx_patterns_take(&machine->format->delays, line))
		machine->action = NX_ACTION_DELAYED;
	else
		return false;
	return true;
}

static void read_line(struct nx_machine *machine, struct nx_line line)
{
	machine->words += nx_line_is_blank(line); /* ends a list */
	if (nx_patterns_take(&machine->format->skip, line)) {
		machine->words++; /* also ends a list */
		return;
	}
	if (is_stop(machine, line)) {
		machine->stopped = true;
		if (machine->format->before && !machine->format->ends_at_blank)
			machine->pending = nx_recipient_empty();
		return;
	}
	if (is_section(machine, line) || take_again(machine, line) ||
	    take_recipient(machine, line) ||
	    nx_machine_names_others(machine, line))
		return;
	if (nx_machine_begins_another(machine, line))
		machine->stopped = true;
	take_words(machine, line);
}

/* The lines of the account, or NULL when its beginning is not found. The line
 * before it is included: it may have been broken. */
static const char *account(struct nx_machine *machine, const char *text)
{
	const struct nx_format *format = machine->format;
	struct nx_line lead = {text, text};

	if (format->begin.count) {
		lead.start = nx_patterns_find_line(&format->begin, text);
		if (!lead.start)
			return NULL;
		lead.end = nx_line_after(nx_line_at(lead.start));
	}
	char *lines = nx_patterns_cut(machine->ctx, &format->end,
	                              talloc_strdup(machine->ctx, lead.end));
	int size = (int)(lead.end - lead.start);

	machine->text = talloc_asprintf(
	        machine->ctx, "%.*s%s", size, lead.start,
	        nx_patterns_split(machine->ctx, &format->split, lines));
	return machine->text + size;
}

/* A header of the mail, or the field of that name in the part for machines that
 * a receipt has. */
static const char *header_or_field(struct nx_machine *machine, const char *name)
{
	const struct nx_message *message = machine->report->message;
	const char *value = nx_message_header(message, name);

	for (size_t i = 0; i < message->parts && !*value; i++) {
		const struct nx_part *part = &message->part[i];

		if (!nx_text_ends(part->type, "-notification"))
			continue;
		struct nx_fields fields =
		        nx_fields_parse(machine->ctx, part->text, NULL);

		value = nx_fields_get(&fields, name);
	}
	return value;
}

/* Addresses in a header such as X-Failed-Recipients, comma separated. */
static void read_header(struct nx_machine *machine)
{
	const char *list =
	        header_or_field(machine, machine->format->recipient_header);

	for (const char *at = list; *at;) {
		struct nx_line item = {at, at + strcspn(at, ",")};
		struct nx_line place;
		const char *address =
		        nx_machine_whole_address(machine, list, item, &place);

		if (*address)
			nx_machine_recipient(machine, address);
		at = item.end + (*item.end == ',');
	}
	machine->of_header = machine->report->recipients;
	if (machine->report->recipients == 1)
		machine->current = machine->report->recipient;
}

/* What a transcript shows of a session takes precedence over the lines. */
static void finish_session(struct nx_machine *machine,
                           struct nx_accounts *accounts,
                           struct nx_recipient *recipient)
{
	if (!machine->format->transcript)
		return;
	struct nx_said account =
	        nx_accounts_session(machine->ctx, accounts, recipient);

	if (!*account.text)
		return;
	recipient->diagnostic = account.text;
	recipient->reply.code = 0;
	recipient->status = (struct nx_status){0};
	if (*account.mta)
		recipient->remote_mta = account.mta;
}

static void finish_recipient(struct nx_machine *machine, size_t index,
                             bool delayed)
{
	struct nx_recipient *recipient = &machine->report->recipient[index];
	struct nx_reply told = recipient->reply;

	if (!*recipient->diagnostic)
		recipient->diagnostic = machine->format->fallback;
	if (delayed)
		recipient->action = NX_ACTION_DELAYED;
	if (recipient->action == NX_ACTION_NONE)
		recipient->action = NX_ACTION_FAILED;
	nx_reply_parse(machine->ctx, recipient->diagnostic, &recipient->reply);
	if (told.code)
		recipient->reply.code = told.code;
	if (nx_status_is_none(recipient->status))
		recipient->status = recipient->reply.status;
	if (*recipient->original_recipient)
		recipient->address = recipient->original_recipient;
}

static bool is_delayed(const struct nx_machine *machine, const char *text)
{
	const struct nx_patterns *patterns = &machine->format->delayed;

	if (!patterns->count)
		return false;
	return nx_patterns_take(patterns, nx_line_at(nx_message_header(
	                                          machine->report->message,
	                                          "Subject"))) ||
	       nx_patterns_find_line(patterns, text);
}

bool nx_machine_read(struct nx_machine *machine, char *text)
{
	const char *lines = account(machine, text);

	if (!lines)
		return false;
	if (*machine->format->recipient_header)
		read_header(machine);
	while (*lines)
		read_line(machine,
		          nx_places_next_line(machine->ctx, machine->report,
		                              &lines));
	bool delayed = is_delayed(machine, text);

	nx_machine_drop_unnamed(machine);
	if (machine->format->shared)
		nx_machine_share(machine);
	if (machine->format->before)
		nx_machine_withdraw(machine);

	struct nx_report *report = machine->report;
	struct nx_accounts *accounts = nx_accounts_new(machine->ctx, report);

	for (size_t i = 0; i < report->recipients; i++) {
		finish_session(machine, accounts, &report->recipient[i]);
		finish_recipient(machine, i, delayed);
	}
	return machine->report->recipients > 0;
}
