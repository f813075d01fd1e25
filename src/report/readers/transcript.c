/* SPDX-License-Identifier: ISC */
#include "report/readers/transcript.h"

#include <stdlib.h>
#include <string.h>

struct refusal {
	struct nx_line words; /* the lines of one reply */
	struct nx_line host;  /* the host that gave it; NULL when unknown */
	struct nx_line asked; /* the address in the command, or NULL */
	struct nx_line below; /* the reporter's translation of it, or NULL */
};

enum what { REPLY, AGENT, COMMAND };

/* Something in the transcript that is about an address. */
struct transcript_entry {
	struct nx_line address;
	enum what what;
	struct nx_line words;
	struct nx_line host;
};

struct nx_transcript {
	struct transcript_entry *entry; /* by address, in order of the text */
	size_t entries;
	struct refusal *shared; /* for no particular recipient */
	size_t shareds;
};

struct transcript_reader {
	const struct nx_places *places;
	struct nx_transcript *out;
	bool in_transcript;   /* after the line that announces it */
	struct refusal reply; /* being read, or NULL words */
	struct nx_line host;  /* of the last "while talking to" */
	struct nx_line asked; /* the address in the last command */
	struct nx_line words; /* the last line, if a program wrote it */
};

static const struct nx_line nothing = {NULL, NULL};

/* A reply that refuses, except the "503 need RCPT" that follows a refused
 * recipient. */
static bool is_refusal(const char *code)
{
	return nx_line_is_refusal(code) && strncmp(code, "503", 3) != 0;
}

/* --- what was found ------------------------------------------------------- */

static void add_entry(struct transcript_reader *reader, struct nx_line address,
                      enum what what, struct nx_line words, struct nx_line host)
{
	struct nx_transcript *out = reader->out;

	if ((out->entries & (out->entries - 1)) == 0)
		out->entry =
		        talloc_realloc(out, out->entry, struct transcript_entry,
		                       2 * out->entries + 1);
	out->entry[out->entries++] =
	        (struct transcript_entry){address, what, words, host};
}

static void add_shared(struct transcript_reader *reader)
{
	struct nx_transcript *out = reader->out;

	if ((out->shareds & (out->shareds - 1)) == 0)
		out->shared = talloc_realloc(out, out->shared, struct refusal,
		                             2 * out->shareds + 1);
	out->shared[out->shareds++] = reader->reply;
}

/* Adds the recipients that the stretch names; *stranger is another address in
 * it. */
static bool add_named(struct transcript_reader *reader,
                      struct nx_line *stranger)
{
	const struct refusal *reply = &reader->reply;
	struct nx_line rest = reply->words;
	struct nx_line address;
	bool known = false;

	while (nx_places_in(reader->places, rest, &address)) {
		struct nx_line head = {rest.start, address.end};

		if (nx_places_is_known(reader->places, address)) {
			add_entry(reader, address, REPLY, reply->words,
			          reply->host);
			known = true;
		} else if (nx_places_another(reader->places, head, "")) {
			*stranger = address;
		}
		rest.start = address.end;
	}
	return known;
}

/* The recipient that a line of codes names: "550 5.1.1 <anna@example.com>...
 * ". */
static struct nx_line named_behind_code(const struct transcript_reader *reader,
                                        struct nx_line line)
{
	struct nx_line address;

	if (!is_refusal(line.start) ||
	    !nx_places_in(reader->places, line, &address))
		return nothing;
	for (const char *at = line.start; at < address.start; at++)
		if (strchr("0123456789-. <", *at) == NULL)
			return nothing;
	return address;
}

/* The reply is to one recipient, whom the command named. */
static bool is_answer(const struct refusal *reply, struct nx_line address)
{
	return reply->asked.start &&
	       nx_line_compare(reply->asked, address) == 0;
}

/* Two lines of codes say the same of two recipients. */
static bool are_alike(struct nx_line one, struct nx_line one_address,
                      struct nx_line other, struct nx_line other_address)
{
	struct nx_line a = {one_address.end, one.end};
	struct nx_line b = {other_address.end, other.end};

	return strncmp(one.start, other.start, 3) == 0 &&
	       nx_line_compare(a, b) == 0;
}

/* A reply is for the recipient that the line below it names, and for those of
 * whom the next lines say the same. */
static bool add_below(struct transcript_reader *reader)
{
	const struct refusal *reply = &reader->reply;
	struct nx_line first = nothing;
	struct nx_line owner = nothing;

	if (!reply->below.start)
		return false;
	for (struct nx_line line = nx_line_at(reply->below.start);
	     line.start < reply->below.end; line = nx_line_next(line)) {
		struct nx_line address = named_behind_code(reader, line);

		if (!address.start)
			continue;
		if (owner.start && !are_alike(first, owner, line, address))
			break;
		first = line;
		owner = address;
		add_entry(reader, address, REPLY, reply->words, reply->host);
		if (is_answer(reply, address))
			break;
	}
	return owner.start;
}

/* Assigns the last reply: to the recipients that it names, else to those that
 * the lines below name, else to the one in the command, else to an unknown one
 * that it names, else to all. */
static void close_reply(struct transcript_reader *reader)
{
	const struct refusal *reply = &reader->reply;
	struct nx_line stranger = nothing;

	if (!reply->words.start)
		return;
	if (!add_named(reader, &stranger) && !add_below(reader)) {
		if (reply->asked.start)
			stranger = reply->asked;
		if (stranger.start)
			add_entry(reader, stranger, REPLY, reply->words,
			          reply->host);
		else
			add_shared(reader);
	}
	reader->reply.words = nothing;
}

/* --- line by line --------------------------------------------------------- */

/* The lines of one reply are one refusal; a line that names another recipient
 * starts the next. */
static bool goes_on(const struct transcript_reader *reader, struct nx_line line)
{
	struct nx_line first = nx_line_at(reader->reply.words.start);
	struct nx_line here, before;

	return !nx_places_in(reader->places, line, &here) ||
	       !nx_places_is_known(reader->places, here) ||
	       (nx_places_in(reader->places, first, &before) &&
	        nx_line_compare(here, before) == 0);
}

static void read_reply(struct transcript_reader *reader, struct nx_line line)
{
	struct refusal *reply = &reader->reply;
	const char *code = line.start + strlen("<<<");

	if (!is_refusal(code + strspn(code, " \t"))) {
		close_reply(reader);
		return;
	}
	if (reply->words.start && !reply->below.start &&
	    reply->words.end + 1 == line.start && goes_on(reader, line)) {
		reply->words.end = line.end;
		return;
	}
	close_reply(reader);
	*reply = (struct refusal){line, reader->host, reader->asked, nothing};
}

static void read_command(struct transcript_reader *reader, struct nx_line line)
{
	const char *command = line.start + strlen(">>>");

	reader->asked = nothing;
	if (!nx_text_starts(command + strspn(command, " \t"), "RCPT") ||
	    !nx_places_in(reader->places, line, &reader->asked))
		return;
	add_entry(reader, reader->asked, COMMAND, line, reader->host);
}

/* "mail.local: unknown user: anna", followed by Sendmail's translation: "554
 * <anna@example.com>... Service unavailable". */
static void read_words(struct transcript_reader *reader, struct nx_line line)
{
	struct refusal *reply = &reader->reply;

	if (!is_refusal(line.start)) {
		close_reply(reader);
		if (reader->in_transcript && line.start < line.end)
			reader->words = line;
		return;
	}
	if (reply->words.start) {
		if (!reply->below.start)
			reply->below.start = line.start;
		reply->below.end = line.end;
	}
	struct nx_line address = named_behind_code(reader, line);

	if (reader->words.start && address.start)
		add_entry(reader, address, AGENT,
		          (struct nx_line){reader->words.start, line.end},
		          nothing);
	reader->words = nothing;
}

static void read_talk(struct transcript_reader *reader, struct nx_line line)
{
	static const char talking[] = "while talking to ";
	const char *at = nx_line_find(line, talking);

	if (!at)
		return;
	reader->host = (struct nx_line){at + strlen(talking), line.end};
	reader->asked = nothing;
}

static void read_line(struct transcript_reader *reader, struct nx_line line)
{
	if (nx_line_starts(line, "<<<")) {
		read_reply(reader, line);
	} else if (nx_line_starts(line, ">>>")) {
		close_reply(reader);
		read_command(reader, line);
	} else if (nx_line_starts(line, "...")) {
		close_reply(reader);
		read_talk(reader, line);
	} else if (nx_line_starts(nx_line_trim(line), "-----")) {
		close_reply(reader);
		reader->in_transcript =
		        nx_line_find(line, "Transcript of session");
	} else {
		read_words(reader, line);
		return;
	}
	reader->words = nothing;
}

/* --- the whole ------------------------------------------------------------ */

static int compare_entries(const void *one, const void *other)
{
	const struct transcript_entry *a = one;
	const struct transcript_entry *b = other;
	int order = nx_line_compare(a->address, b->address);

	if (!order)
		order = (a->what > b->what) - (a->what < b->what);
	return order ? order
	             : (a->words.start > b->words.start) -
	                       (a->words.start < b->words.start);
}

struct nx_transcript *nx_transcript_read(TALLOC_CTX *ctx,
                                         const struct nx_places *places,
                                         const char *text)
{
	struct nx_transcript *out = talloc_zero(ctx, struct nx_transcript);
	struct transcript_reader reader = {.places = places, .out = out};

	if (!strstr(text, "\n<<<") && !strstr(text, "Transcript of session"))
		return out;
	for (struct nx_line line = nx_line_at(text); *line.start;
	     line = nx_line_next(line))
		read_line(&reader, line);
	close_reply(&reader);
	if (out->entries)
		qsort(out->entry, out->entries, sizeof(*out->entry),
		      compare_entries);
	return out;
}

/* The last entry of that kind for the address, or NULL. */
static const struct transcript_entry *find(
        const struct nx_transcript *transcript, const char *address,
        enum what what)
{
	struct transcript_entry wanted = {.address = nx_places_span(address)};
	size_t low = 0;
	size_t high = transcript->entries;

	/* after the last of those that are not greater */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct transcript_entry *here =
		        &transcript->entry[middle];
		int order = nx_line_compare(here->address, wanted.address);

		if (order < 0 || (order == 0 && here->what <= what))
			low = middle + 1;
		else
			high = middle;
	}
	const struct transcript_entry *found =
	        low ? &transcript->entry[low - 1] : NULL;

	return found && found->what == what &&
	                       nx_line_compare(found->address,
	                                       wanted.address) == 0
	               ? found
	               : NULL;
}

/* Words without the marks of the transcript. A reply may be as long as the
 * text, and apply to all. */
static const char *text_of(TALLOC_CTX *ctx, struct nx_line words)
{
	static const char mark[] = "<<<";
	char *raw = nx_line_text(ctx, nx_line_cut(words, NX_LINE_SAID_RAW));

	for (char *at = raw; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, mark, strlen(mark)) == 0)
			memset(at, ' ', strlen(mark));
	}
	const char *text = nx_text_squeeze(ctx, raw, NX_LINE_SAID);

	talloc_free(raw);
	return text;
}

static const char *host_of(TALLOC_CTX *ctx, struct nx_line host)
{
	if (!host.start)
		return "";
	size_t size = nx_line_size(host);
	size_t name = strcspn(host.start, " \t\n:[");

	if (name < size)
		size = name;
	while (size > 0 && host.start[size - 1] == '.')
		size--;
	return talloc_strndup(ctx, host.start, size);
}

static struct nx_said said(TALLOC_CTX *ctx,
                           const struct transcript_entry *entry)
{
	if (!entry)
		return (struct nx_said){"", ""};
	return (struct nx_said){text_of(ctx, entry->words),
	                        host_of(ctx, entry->host)};
}

struct nx_said nx_transcript_own(TALLOC_CTX *ctx,
                                 const struct nx_transcript *transcript,
                                 const char *address)
{
	return said(ctx, find(transcript, address, REPLY));
}

struct nx_said nx_transcript_agent(TALLOC_CTX *ctx,
                                   const struct nx_transcript *transcript,
                                   const char *address)
{
	return said(ctx, find(transcript, address, AGENT));
}

bool nx_transcript_was_asked(const struct nx_transcript *transcript,
                             const char *address)
{
	return find(transcript, address, COMMAND);
}

struct nx_said nx_transcript_shared(TALLOC_CTX *ctx,
                                    const struct nx_transcript *transcript,
                                    const char *mta)
{
	enum { LOOKED_AT = 20 };

	for (size_t i = 0; i < transcript->shareds && i < LOOKED_AT; i++) {
		const struct refusal *reply =
		        &transcript->shared[transcript->shareds - 1 - i];
		const char *host = host_of(ctx, reply->host);

		if (!*mta || !*host || nx_text_equal(host, mta))
			return (struct nx_said){text_of(ctx, reply->words),
			                        host};
	}
	return (struct nx_said){"", ""};
}

bool nx_transcript_is_in(const char *text)
{
	return nx_text_find(text, "Transcript of session follows") ||
	       nx_text_find(text, "The following addresses had ");
}

bool nx_transcript_is_translation(struct nx_line line)
{
	return is_refusal(line.start) && nx_line_find(line, "... User unknown");
}
