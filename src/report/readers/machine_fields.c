/* SPDX-License-Identifier: ISC */
#include "report/readers/machine.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"

#include <stdlib.h>
#include <string.h>

/* What the named groups of a pattern say, and of which recipient. */
enum { FORMAT_DIAGNOSTIC = 2048 };

/* X.400 cannot write an "@": "anna(a)example.com", RFC 2156 section 4.3.5. */
static const char *without_x400(TALLOC_CTX *ctx, const char *text)
{
	static const char at[] = "(a)";
	const char *found = strchr(text, '@') ? NULL : strstr(text, at);

	return found ? talloc_asprintf(ctx, "%.*s@%s", (int)(found - text),
	                               text, found + strlen(at))
	             : text;
}

/* The address as written when it is one; "" when it is not. */
static const char *address_of(struct nx_machine *machine, const char *text)
{
	text = without_x400(machine->ctx, text);
	if (!strchr(text, '@') && *machine->format->domain && *text)
		text = talloc_asprintf(machine->ctx, "%s@%s", text,
		                       machine->format->domain);
	text = nx_address_of_field(machine->ctx, text);
	return nx_address_is_valid(machine->ctx, text) ? text : "";
}

/* Where the address stands in the words that a pattern matched as one. */
static struct nx_line place_of(struct nx_line words, const char *address)
{
	size_t size = strlen(address);
	const char *at = nx_line_find(words, address);

	return at ? (struct nx_line){at, at + size} : words;
}

const char *nx_machine_whole_address(struct nx_machine *machine,
                                     const char *text, struct nx_line words,
                                     struct nx_line *place)
{
	const char *address =
	        address_of(machine, nx_line_text(machine->ctx, words));

	*place = place_of(words, address);
	return nx_address_is_whole(text, place->start, place->end) ? address
	                                                           : "";
}

/* The address that a pattern matched, unless it is the sender's or a
 * contact's. */
static const char *taken_address(struct nx_machine *machine,
                                 struct nx_line words)
{
	struct nx_line place;
	const char *address =
	        nx_machine_whole_address(machine, machine->text, words, &place);

	return *address && nx_machine_other(machine, place) ? "" : address;
}

static void append(struct nx_machine *machine, const char **text,
                   const char *more)
{
	if (!*more || strlen(*text) + strlen(more) >= FORMAT_DIAGNOSTIC)
		return;
	*text = **text ? talloc_asprintf(machine->ctx, "%s %s", *text, more)
	               : more;
}

/* Fills in one field of a recipient by the name of the pattern's group. */
static void take_group(struct nx_machine *machine,
                       struct nx_recipient *recipient, const char *name,
                       struct nx_line words)
{
	char *raw = nx_line_text(machine->ctx, words);
	const char *value = nx_text_trim(machine->ctx, raw);

	if (strcmp(name, "diagnostic") == 0)
		append(machine, &recipient->diagnostic, value);
	else if (strcmp(name, "status") == 0)
		nx_status_parse(value, &recipient->status);
	else if (strcmp(name, "reply") == 0)
		recipient->reply.code = (int)strtol(value, NULL, 10);
	else if (strcmp(name, "remote_mta") == 0)
		recipient->remote_mta = value;
	else if (strcmp(name, "action") == 0)
		recipient->action =
		        nx_action_of_name(nx_text_lower(machine->ctx, value));
	else if (strcmp(name, "original") == 0)
		recipient->original_recipient = taken_address(machine, words);
	else if (strcmp(name, "address") == 0)
		recipient->final_recipient = taken_address(machine, words);
	else if (strcmp(name, "addresses") == 0)
		machine->list = words;
	else if (strcmp(name, "alias") == 0)
		machine->alias = taken_address(machine, words);
}

static void take_groups(struct nx_machine *machine,
                        struct nx_recipient *recipient, struct nx_line line,
                        const struct nx_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		struct nx_line words = {line.start + groups->item[i].start,
		                        line.start + groups->item[i].end};

		take_group(machine, recipient, groups->item[i].name, words);
	}
}

/* The same recipient again, or a new one; NULL when the report is full. */
struct nx_recipient *nx_machine_recipient(struct nx_machine *machine,
                                          const char *address)
{
	struct nx_recipient *recipient =
	        nx_report_find_recipient(machine->report, address);

	if (recipient)
		return recipient;
	recipient = nx_report_add_recipient(machine->ctx, machine->report);
	if (recipient)
		recipient->address = address;
	return recipient;
}

/* Merges what one reading of a line says into what is known of a recipient. */
void nx_machine_merge(struct nx_machine *machine,
                      struct nx_recipient *recipient,
                      const struct nx_recipient *told)
{
	append(machine, &recipient->diagnostic, told->diagnostic);
	if (*told->final_recipient)
		recipient->final_recipient = told->final_recipient;
	if (*told->original_recipient)
		recipient->original_recipient = told->original_recipient;
	if (!nx_status_is_none(told->status))
		recipient->status = told->status;
	if (told->reply.code)
		recipient->reply.code = told->reply.code;
	if (*told->remote_mta)
		recipient->remote_mta = told->remote_mta;
	if (told->action != NX_ACTION_NONE)
		recipient->action = told->action;
}

struct nx_listing *nx_machine_list(struct nx_machine *machine,
                                   const struct nx_recipient *recipient)
{
	size_t index = (size_t)(recipient - machine->report->recipient);
	size_t room = talloc_array_length(machine->listing);

	if (index >= room) {
		machine->listing =
		        talloc_realloc(machine->ctx, machine->listing,
		                       struct nx_listing, 2 * index + 1);
		memset(machine->listing + room, 0,
		       (2 * index + 1 - room) * sizeof(*machine->listing));
	}
	machine->listing[index].named = true;
	machine->listing[index].words = machine->words;
	return &machine->listing[index];
}

void nx_machine_take(struct nx_machine *machine, const char *address,
                     const struct nx_recipient *told)
{
	machine->current = nx_machine_recipient(machine, address);
	machine->stopped = false;
	if (!machine->current)
		return;
	nx_machine_list(machine, machine->current);
	if (*told->diagnostic)
		machine->words++;
	nx_machine_merge(machine, machine->current, told);
	if (machine->current->action == NX_ACTION_NONE)
		machine->current->action = machine->action;
	/* words above a list are not about a recipient whose own line says
	 * more */
	if (machine->format->before && !(machine->used && *told->diagnostic)) {
		nx_machine_merge(machine, machine->current, &machine->pending);
		nx_machine_list(machine, machine->current)->above =
		        !*told->diagnostic;
		machine->used = true;
	}
}

/* From one item of a list to the next: blanks alone separate only addresses. */
static bool separates(const char *from, const char *to)
{
	while (from < to && nx_text_is_blank(*from))
		from++;
	return from < to;
}

/* "a@example.com, b@example.com": the same is said of all. A word directly
 * before an address belongs to it. */
bool nx_machine_take_list(struct nx_machine *machine,
                          const struct nx_recipient *told)
{
	static const char separators[] = ",; \t";
	struct nx_line list = machine->list;
	bool any = false;
	bool is_free = true;

	while (list.start < list.end) {
		size_t left = (size_t)(list.end - list.start);
		size_t size = strcspn(list.start, separators);
		struct nx_line item = {
		        list.start, list.start + (size < left ? size : left)};
		const char *address = taken_address(machine, item);

		if (*address && is_free) {
			nx_machine_take(machine, address, told);
			any = true;
		}
		list.start = item.end + strspn(item.end, separators);
		is_free = *address || separates(item.end, list.start);
	}
	return any;
}

/* What the first of the patterns that match reads from the line. */
bool nx_machine_tell(struct nx_machine *machine,
                     const struct nx_pattern *pattern, struct nx_line line,
                     struct nx_recipient *told)
{
	struct nx_groups groups;

	if (!nx_pattern_groups(pattern, line.start, nx_patterns_line_size(line),
	                       0, &groups))
		return false;
	*told = nx_recipient_empty();
	machine->list = (struct nx_line){line.start, line.start};
	machine->alias = "";
	take_groups(machine, told, line, &groups);
	return true;
}

/* An alias stands for a recipient that is not named itself, such as a pipe. */
const char *nx_machine_address(const struct nx_machine *machine,
                               const struct nx_recipient *told)
{
	if (*told->final_recipient)
		return told->final_recipient;
	if (*machine->alias && (!machine->current || machine->stopped))
		return machine->alias;
	return told->original_recipient;
}
