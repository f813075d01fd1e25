/* SPDX-License-Identifier: ISC */
#include "mail/address_find.h"
#include "report/outcome.h"
#include "report/readers/machine.h"
#include "report/readers/places.h"

#include <string.h>

/*
 * Which words belong to which recipient: what a text says of one is never given
 * to another, except for one reason below a list.
 */
static bool is_current(const struct nx_machine *machine, const char *address)
{
	const struct nx_recipient *current = machine->current;

	return nx_text_equal(address, current->address) ||
	       nx_text_equal(address, current->final_recipient) ||
	       nx_text_equal(address, current->original_recipient);
}

bool nx_machine_begins_another(struct nx_machine *machine, struct nx_line line)
{
	if (!machine->current || nx_line_indent(line) > machine->indent)
		return false;
	const char *address =
	        nx_places_leading(machine->ctx, machine->report, line);

	return *address && !is_current(machine, address);
}

static struct nx_listing listing_of(const struct nx_machine *machine,
                                    size_t index)
{
	return index < talloc_array_length(machine->listing)
	               ? machine->listing[index]
	               : (struct nx_listing){0};
}

void nx_machine_drop_unnamed(struct nx_machine *machine)
{
	struct nx_report *report = machine->report;
	size_t kept = 0;

	if (report->recipients == machine->of_header)
		return;
	for (size_t i = 0; i < report->recipients; i++) {
		struct nx_listing listing = listing_of(machine, i);

		if (!listing.named)
			continue;
		machine->listing[kept] = listing;
		report->recipient[kept++] = report->recipient[i];
	}
	if (kept > 0)
		report->recipients = kept;
}

/* Nothing is said between the two. */
static bool are_listed(const struct nx_machine *machine, size_t one,
                       size_t other)
{
	struct nx_listing a = listing_of(machine, one);
	struct nx_listing b = listing_of(machine, other);

	return a.named && b.named && a.words == b.words;
}

/* From the last to the first: within a list the reason moves up. */
void nx_machine_share(struct nx_machine *machine)
{
	struct nx_report *report = machine->report;
	const struct nx_places *places = NULL;
	const char *words = "";

	for (size_t i = report->recipients; i-- > 1;) {
		struct nx_recipient *above = &report->recipient[i - 1];
		const struct nx_recipient *below = &report->recipient[i];

		if (!*below->diagnostic) {
			words = "";
			continue;
		}
		if (words != below->diagnostic)
			places = NULL;
		words = below->diagnostic;
		if (*above->diagnostic || !are_listed(machine, i - 1, i))
			continue;
		if (!places)
			places = nx_places_find(machine->ctx, report, words);
		struct nx_line all = nx_line_whole(words);

		if (!nx_places_another(places, all, above->address))
			above->diagnostic = words;
	}
}

void nx_machine_withdraw(struct nx_machine *machine)
{
	struct nx_report *report = machine->report;
	const struct nx_places *places = NULL;
	struct nx_line words = {"", ""};

	for (size_t i = 0; i < report->recipients; i++) {
		struct nx_recipient *one = &report->recipient[i];
		const char *text = one->diagnostic;

		if (!listing_of(machine, i).above || !strchr(text, '@'))
			continue;
		if (!places || strcmp(words.start, text) != 0) {
			words = nx_line_whole(text);
			places = nx_places_find(machine->ctx, report, text);
		}
		if (!nx_places_another(places, words, one->address))
			continue;
		one->diagnostic = "";
		one->reply.code = 0;
		one->status = (struct nx_status){0};
	}
}

/* --- nobody's words ------------------------------------------------------- */

enum nx_other nx_machine_other(struct nx_machine *machine, struct nx_line place)
{
	struct nx_line *asked = &machine->asked;

	if (asked->start != place.start || asked->end != place.end) {
		machine->other =
		        nx_formats_other(machine->ctx, machine->formats,
		                         machine->text, place.start, place.end);
		*asked = place;
	}
	return machine->other;
}

/* The next line; one blank line is skipped. */
static struct nx_line next_line(struct nx_line line)
{
	struct nx_line next = nx_line_next(line);

	return nx_line_is_blank(next) ? nx_line_next(next) : next;
}

/* "Sender: News <news@example.org>": a label, and nothing after the address. A
 * line that says more may say what happened. */
static bool is_field(struct nx_line line, const char *at, const char *end)
{
	enum { LABEL = 30 };
	line = nx_line_trim(line);
	const char *colon = memchr(line.start, ':', (size_t)(at - line.start));

	end += strspn(end, "> \t)\"'.");
	return colon && colon - line.start < LABEL && end >= line.end;
}

/* A server's answer says what happened, whichever address it names. */
static bool is_reply(struct nx_machine *machine, const char *words)
{
	struct nx_reply reply;

	nx_reply_parse(machine->ctx, words, &reply);
	return reply.code >= 400 || !nx_status_is_none(reply.status);
}

/* The address at "at" is a contact's, or the sender's and its line says nothing
 * else. */
static bool is_others(struct nx_machine *machine, struct nx_line line,
                      bool is_lone, const char *at, size_t size)
{
	enum nx_other other =
	        nx_machine_other(machine, (struct nx_line){at, at + size});

	return other == NX_OTHER_CONTACT ||
	       (other == NX_OTHER_SENDER &&
	        (is_lone || is_field(line, at, at + size)));
}

/* In the line, or in the line that it introduces. Finding whose address it is
 * costs the most and comes last, except for a long list of words. */
bool nx_machine_names_others(struct nx_machine *machine, struct nx_line line)
{
	bool names = nx_line_find(line, "@");
	struct nx_line place = names ? line : next_line(line);
	bool is_lone = nx_line_is_lone_address(place);
	const char *at;

	if (!is_lone && !names)
		return false;
	const char *words = talloc_strndup(machine->ctx, line.start,
	                                   nx_patterns_line_size(line));

	if (is_reply(machine, words))
		return false;
	const char *address = nx_address_find_in(machine->ctx, machine->text,
	                                         place.start, place.end, &at);

	return *address &&
	       is_others(machine, line, is_lone, at, strlen(address)) &&
	       !nx_outcome_is_failure(machine->ctx, machine->report, words);
}
