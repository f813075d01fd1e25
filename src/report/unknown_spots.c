/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/human.h"
#include "report/places.h"
#include "report/readers.h"
#include "report/unknown.h"

#include <string.h>

/* Where addresses stand in the text of an unknown report. */
enum {
	LINES = 8 * NX_REPORT_RECIPIENTS,
	SPOTS = 4 * NX_REPORT_RECIPIENTS, /* one may be named again */
	LINE_SIZE = 2048
};

struct seeker {
	TALLOC_CTX *ctx;
	const struct nx_report *report;
	struct nx_spots *out;
};

/* --- the lines ------------------------------------------------------------ */

static void split(TALLOC_CTX *ctx, const char *text, struct nx_spots *out)
{
	out->line = talloc_array(ctx, struct nx_line, LINES);
	out->named = talloc_zero_array(ctx, bool, LINES);
	out->spot = talloc_array(ctx, struct nx_spot, SPOTS);
	for (; *text && out->lines < LINES;
	     text = nx_line_after(out->line[out->lines - 1]))
		out->line[out->lines++] = nx_line_at(text);
	out->cut = *text != '\0';
}

/* --- the addresses -------------------------------------------------------- */

static bool starts_with_any(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (nx_text_starts(text, *words))
			return true;
	return false;
}

static bool contains_any(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (nx_text_find(text, *words))
			return true;
	return false;
}

static bool ends_with_any(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (nx_text_ends(text, *words))
			return true;
	return false;
}

/* Headers, and commands that name the sender. */
static bool is_about_mail(const char *line)
{
	static const char *const starts[] = {
	        "From:",        "Subject:",  "Date:",       "Sent:",
	        "Message-ID:",  "Reply-To:", "Sender:",     "Return-Path:",
	        "Received:",    "Cc:",       "Bcc:",        "X-",
	        "Content-",     "MIME-",     "References:", "In-Reply-To:",
	        "Disposition-", "MAIL FROM", ">>> MAIL",    ">>> EHLO",
	        "Message id",   "Von:",      "Betreff:",    "De:",
	        "Da:",          "Van:",      "От:",         "差出人",
	        "件名",         NULL};

	return starts_with_any(line, starts);
}

static bool is_to_header(const char *line)
{
	static const char *const starts[] = {
	        "To:", "An:", "Para:", "Aan:", "Кому:", "宛先", NULL};

	return starts_with_any(line, starts);
}

/* Nobody a list writes to: those who look after mail. */
static bool is_office(const char *address)
{
	static const char *const starts[] = {
	        "postmaster@", "mailer-daemon@", "mailerdaemon@",
	        "abuse@",      "noreply@",       "no-reply@",
	        "hostmaster@", "root@",          "do-not-reply",
	        "donotreply",  "helpdesk@",      "support@",
	        "mailadmin@",  "mailmaster@",    NULL};

	return starts_with_any(address, starts);
}

/* What stands before tells that the address is somebody else's. */
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

	return ends_with_any(before, ends) || contains_any(before, words);
}

bool nx_unknown_is_usable(TALLOC_CTX *ctx, const struct nx_report *report,
                          const char *address, const char *before)
{
	const char *at = strrchr(address, '@');

	if (!at || !strchr(at, '.') || is_office(address))
		return false;
	return !is_somebody_else(before) && *nx_address_normal(ctx, address) &&
	       !nx_report_is_ours(ctx, report, address);
}

/* Behind "recipient:", "550 5.1.1", "unknown user" and the like. */
static bool is_label(TALLOC_CTX *ctx, const char *before)
{
	static const char *const ends[] = {
	        ":",         "recipient",    "recipients", "address",
	        "addresses", "user",         "mailbox",    "account",
	        "rcpt to",   "addressed to", "for user",   NULL};
	struct nx_reply reply;

	if (ends_with_any(before, ends))
		return true;
	nx_reply_parse(ctx, before, &reply);
	return reply.code >= 400 && !nx_human_has_words(before);
}

/* The text before an address without what may surround one. */
static char *lead(TALLOC_CTX *ctx, const char *line, size_t size)
{
	char *text = talloc_strndup(ctx, line, size);

	while (size > 0 && strchr(" \t<\"'([*->|.,;", text[size - 1]))
		text[--size] = '\0';
	if (nx_text_ends(text, "smtp:") || nx_text_ends(text, "rfc822:"))
		*strrchr(text, ':') = '\0';
	return text + strspn(text, " \t<\"'([*->|");
}

static enum nx_place place_of(const struct seeker *seeker, const char *before,
                              const char *line)
{
	if (is_to_header(line))
		return NX_PLACE_HEADER;
	return *before == '\0' || nx_text_equal(before, "smtp") ||
	                       is_label(seeker->ctx, before)
	               ? NX_PLACE_NAMED
	               : NX_PLACE_PROSE;
}

static void add_spot(struct seeker *seeker, size_t index, const char *address,
                     enum nx_place place, const char *words)
{
	if (seeker->out->count == SPOTS) {
		seeker->out->cut = true;
		return;
	}
	seeker->out->spot[seeker->out->count++] =
	        (struct nx_spot){address, index, place, words};
	seeker->out->named[index] |= place == NX_PLACE_NAMED;
}

/* The address that the text begins with: nx_address_find would rather have
 * one in angle brackets further on. */
static const char *leading_address(const struct seeker *seeker,
                                   const char *text, size_t *at)
{
	size_t from = strspn(text, " \t<\"'([*->|,;");
	size_t size = strcspn(text + from, " \t<>\"')]:,;|");
	const char *token = talloc_strndup(seeker->ctx, text + from, size);

	*at = from;
	if (!strchr(token, '@'))
		return "";
	size_t inside = 0;
	const char *address = nx_address_find(seeker->ctx, token, &inside);

	return inside == 0 ? address : "";
}

static const char *next_address(const struct seeker *seeker, const char *text,
                                size_t *at)
{
	const char *address = leading_address(seeker, text, at);

	return *address ? address : nx_address_find(seeker->ctx, text, at);
}

/* What stands before the address is more than a command. */
static bool tells_more(const char *before)
{
	return *before && !nx_text_ends(before, "rcpt to:") &&
	       !nx_text_equal(before, "smtp");
}

/* All addresses of a line; those behind the first of a list stand where it
 * stands. */
static void search_line(struct seeker *seeker, size_t index)
{
	struct nx_line line = nx_line_trim(seeker->out->line[index]);
	size_t size = (size_t)(line.end - line.start);
	char *text = talloc_strndup(seeker->ctx, line.start,
	                            size < LINE_SIZE ? size : LINE_SIZE);
	enum nx_place place = NX_PLACE_PROSE;
	size_t from = 0;
	size_t at;

	if (!strchr(text, '@') || is_about_mail(text))
		return;
	for (;;) {
		const char *address = next_address(seeker, text + from, &at);

		if (!*address)
			return;
		const char *before = lead(seeker->ctx, text + from, at);
		bool again = from > 0 && *before == '\0';

		if (!again)
			place = from > 0 ? NX_PLACE_PROSE
			                 : place_of(seeker, before, text);
		const char *found = line.start + from + at;
		from += at + strlen(address);
		if (nx_address_is_whole(seeker->out->line[0].start, found,
		                        line.start + from) &&
		    nx_unknown_is_usable(seeker->ctx, seeker->report, address,
		                         before))
			add_spot(seeker, index, address, place,
			         tells_more(before) ? line.start
			                            : line.start + from);
	}
}

void nx_unknown_spots(TALLOC_CTX *ctx, const struct nx_report *report,
                      const char *text, struct nx_spots *out)
{
	struct seeker seeker = {ctx, report, out};

	*out = (struct nx_spots){.lines = 0};
	split(ctx, text, out);
	for (size_t i = 0; i < out->lines; i++) {
		search_line(&seeker, i);
		if (!out->named[i])
			out->named[i] =
			        *nx_places_leading(ctx, report, out->line[i]);
	}
}

bool nx_unknown_is_header(const char *line)
{
	return is_about_mail(line) || is_to_header(line);
}
