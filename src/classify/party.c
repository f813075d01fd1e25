/* SPDX-License-Identifier: ISC */
#include "classify/party.h"

#include "base/text.h"
#include "concepts/clause.h"

#include <stdint.h>
#include <string.h>

static void find_clauses(const struct nx_facts *facts)
{
	struct nx_names_told *names = facts->names;

	if (names->clause == NULL)
		names->clause = nx_clauses_find(names->ctx, facts->text,
		                                facts->size, &names->clauses);
}

static bool overlap(struct nx_match a, struct nx_match b)
{
	return a.start < b.end && a.end > b.start;
}

struct nx_match nx_party_clause(const struct nx_facts *facts,
                                struct nx_match match)
{
	struct nx_match found = {0, 0};

	find_clauses(facts);

	if (match.end == match.start)
		match.end++;
	for (size_t i = 0; i < facts->names->clauses; i++) {
		if (!overlap(facts->names->clause[i], match))
			continue;
		if (found.end == 0)
			found.start = facts->names->clause[i].start;
		found.end = facts->names->clause[i].end;
	}
	return found.end > 0 ? found : (struct nx_match){0, facts->size};
}

/* --- quotations ----------------------------------------------------------- */

struct quotes {
	const char *open, *close;
};

/* A quotation begins behind a blank or bracket, and ends before none of a word;
 * so the apostrophe of "isn't" is none. */
static const char *quote_end(const struct nx_facts *facts,
                             struct nx_match clause, size_t at,
                             const struct quotes *quotes)
{
	const char *text = facts->text;
	const size_t size = strlen(quotes->open);
	const char *end = text + at + size;

	if (strncmp(text + at, quotes->open, size) != 0 ||
	    ((unsigned char)*quotes->open < 0x80 && at > 0 &&
	     strchr(" (:[", text[at - 1]) == NULL))
		return NULL;
	while ((end = strstr(end, quotes->close)) != NULL &&
	       (size_t)(end - text) < clause.end) {
		end += strlen(quotes->close);
		if (!nx_text_is_word(*end))
			return end;
	}
	return NULL;
}

/* The words of the clause from there on. */
static size_t words_behind(const char *text, struct nx_match clause, size_t at)
{
	size_t words = 0;
	bool inside = false;

	for (size_t i = at; i < clause.end; i++) {
		const bool is_letter = (unsigned char)text[i] >= 0x80 ||
		                       (nx_text_is_word(text[i]) &&
		                        !nx_text_is_digit(text[i]));

		words += is_letter && !inside;
		inside = is_letter;
	}
	return words;
}

static bool is_introduced(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] == ' ')
		at--;
	return at > 0 && text[at - 1] == ':';
}

enum { GOES_ON = 2 }; /* words behind a quotation that is only mentioned */

bool nx_party_is_quoted(const struct nx_facts *facts, struct nx_match match)
{
	static const struct quotes all[] = {
	        {"'", "'"}, {"\"", "\""}, {"“", "”"}, {"„", "“"},  {"„", "”"},
	        {"«", "»"}, {"»", "«"},   {"‘", "’"}, {"「", "」"}};
	const struct nx_match clause = nx_party_clause(facts, match);

	for (size_t at = clause.start; at < match.start; at++)
		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
			const char *end = quote_end(facts, clause, at, &all[i]);

			if (end != NULL && end >= facts->text + match.end &&
			    at > clause.start &&
			    !is_introduced(facts->text, at) &&
			    words_behind(facts->text, clause,
			                 (size_t)(end - facts->text)) >=
			            GOES_ON)
				return true;
		}
	return false;
}

/* --- mentions ------------------------------------------------------------- */

/* A refusal can be about these parties; other addresses and hosts decide
 * nothing. */
static bool counts(const struct nx_mention *mention)
{
	if (mention->aside)
		return false;
	switch (mention->party) {
	case NX_PARTY_RECIPIENT:
	case NX_PARTY_SENDER:
	case NX_PARTY_CONNECTION:
	case NX_PARTY_CONTENT:
		return true;
	case NX_PARTY_NONE:
	case NX_PARTY_THEIRS:
	case NX_PARTY_OTHER:
		break;
	}
	return false;
}

static bool is_in(const struct nx_mention *mention, struct nx_match range)
{
	return overlap((struct nx_match){mention->start, mention->end}, range);
}

static size_t distance(const struct nx_mention *mention, struct nx_match match)
{
	if (mention->end <= match.start)
		return match.start - mention->end;
	return mention->start >= match.end ? mention->start - match.end : 0;
}

/* "unknown user in the From header", not "unknown user, header logged"; and
 * "host unknown: mx1.example.org". */
static bool is_joined(const struct nx_facts *facts,
                      const struct nx_mention *mention, size_t from)
{
	const char *marks = mention->kind == NX_MENTION_WORD ? ",;:([-" : ",;(";

	for (size_t at = from; at < mention->start; at++)
		if (strchr(marks, facts->text[at]) != NULL)
			return false;
	return true;
}

/* What follows the words may be only an addition: where the mail came from, or
 * what else was noticed. */
static bool is_added(const struct nx_facts *facts,
                     const struct nx_mention *mention, struct nx_match match)
{
	if (mention->start < match.end)
		return false;
	if (mention->behind)
		return true;
	if (mention->source && mention->kind != NX_MENTION_WORD)
		return true;
	return (mention->party == NX_PARTY_CONNECTION ||
	        mention->party == NX_PARTY_CONTENT) &&
	       !is_joined(facts, mention, match.end);
}

/* --- the party ------------------------------------------------------------ */

/* The party that the command implies, whatever the words. */
static enum nx_party of_phase(const struct nx_facts *facts)
{
	switch (facts->phase) {
	case NX_PHASE_MAIL:
		return NX_PARTY_SENDER;
	case NX_PHASE_HELO:
	case NX_PHASE_AUTH:
		return NX_PARTY_CONNECTION;
	case NX_PHASE_NONE:
	case NX_PHASE_CONNECT:
	case NX_PHASE_RCPT:
	case NX_PHASE_DATA:
		break;
	}
	return NX_PARTY_NONE;
}

/* No party was named yet when the server refused the connection. */
static enum nx_party of_greeting(const struct nx_facts *facts)
{
	return facts->phase == NX_PHASE_CONNECT ? NX_PARTY_CONNECTION
	                                        : NX_PARTY_NONE;
}

/* Where the recipient is first named in range; the end of range when it is
 * not. */
static size_t recipient_at(const struct nx_facts *facts, struct nx_match range)
{
	for (size_t i = 0; i < facts->names->mentions; i++) {
		const struct nx_mention *mention = &facts->names->mention[i];

		if (mention->party == NX_PARTY_RECIPIENT && counts(mention) &&
		    is_in(mention, range))
			return mention->start;
	}
	return range.end;
}

/* "<a@b>: what follows is about a@b" */
static bool has_colon_next(const struct nx_facts *facts,
                           const struct nx_mention *mention)
{
	const char *behind = facts->text + mention->end;

	return behind[strspn(behind, ">)]'\" ")] == ':';
}

/* "Sender address rejected: …", but not the label of "Sender: a@b". */
static bool has_colon_behind(const struct nx_facts *facts,
                             const struct nx_mention *mention, size_t end)
{
	size_t from = mention->end;

	return from < end && !has_colon_next(facts, mention) &&
	       memchr(facts->text + from, ':', end - from) != NULL;
}

/* Everything after the colon is about the sender, who is named before any other
 * party. */
static bool sender_leads(const struct nx_facts *facts, struct nx_match range,
                         size_t end)
{
	size_t recipient = recipient_at(facts, range);
	size_t before = recipient < end ? recipient : end;

	for (size_t i = 0; i < facts->names->mentions; i++) {
		const struct nx_mention *mention = &facts->names->mention[i];

		if (mention->start >= before)
			return false;
		if (mention->party != NX_PARTY_SENDER || !counts(mention) ||
		    !is_in(mention, range))
			continue;
		if (mention->kind == NX_MENTION_WORD
		            ? has_colon_behind(facts, mention, before)
		            : has_colon_next(facts, mention) &&
		                      !mention->source)
			return true;
	}
	return false;
}

static enum nx_party nearest(const struct nx_facts *facts,
                             struct nx_match clause, struct nx_match match)
{
	size_t best = SIZE_MAX;
	enum nx_party party = NX_PARTY_NONE;

	for (size_t i = 0; i < facts->names->mentions; i++) {
		const struct nx_mention *mention = &facts->names->mention[i];
		size_t far = distance(mention, match);

		if (!counts(mention) || !is_in(mention, clause) ||
		    is_added(facts, mention, match) || far > best)
			continue;
		if (far < best || mention->party == NX_PARTY_SENDER)
			party = mention->party;
		best = far;
	}
	return party;
}

/* The sender, when the text up to end is about the sender and names no
 * recipient. */
static enum nx_party inherited(const struct nx_facts *facts, size_t end)
{
	const struct nx_match before = {0, end};
	enum nx_party party = NX_PARTY_NONE;

	if (end == 0 || recipient_at(facts, before) < end)
		return NX_PARTY_NONE;
	for (size_t i = 0; i < facts->names->mentions; i++) {
		const struct nx_mention *mention = &facts->names->mention[i];

		if (counts(mention) && is_in(mention, before) &&
		    mention->party == NX_PARTY_SENDER && !mention->source &&
		    !mention->behind)
			party = NX_PARTY_SENDER;
	}
	return party;
}

enum nx_party nx_party_of(const struct nx_facts *facts, struct nx_match match)
{
	(void)nx_facts_names(facts);

	enum nx_party party = of_phase(facts);

	if (party != NX_PARTY_NONE)
		return party;

	struct nx_match clause = nx_party_clause(facts, match);

	if (sender_leads(facts, clause, match.start))
		return NX_PARTY_SENDER;
	party = nearest(facts, clause, match);
	if (party == NX_PARTY_NONE)
		party = inherited(facts, clause.start);
	return party != NX_PARTY_NONE ? party : of_greeting(facts);
}

/* --- the whole ------------------------------------------------------------ */

/* "Contact the sender" names nobody, but "contact the sender: …" does. */
static bool is_named(const struct nx_facts *facts,
                     const struct nx_mention *mention, struct nx_match range)
{
	return is_in(mention, range) && !mention->aside &&
	       (!mention->behind || has_colon_next(facts, mention)) &&
	       (mention->party == NX_PARTY_RECIPIENT ||
	        mention->party == NX_PARTY_SENDER);
}

/* The last one named of the recipient and the sender: "sender ok, but recipient
 * unknown", "message for a@b rejected: sender unknown". An address after a
 * preposition identifies the mail, and counts only when no other is named. */
static const struct nx_mention *last_named(const struct nx_facts *facts,
                                           struct nx_match range)
{
	const struct nx_mention *described = NULL;

	for (size_t i = facts->names->mentions; i-- > 0;) {
		const struct nx_mention *mention = &facts->names->mention[i];

		if (!is_named(facts, mention, range))
			continue;
		if (!mention->short_word && !mention->source)
			return mention;
		if (described == NULL)
			described = mention;
	}
	return described;
}

/* A longer text is not a server's reply but a notice, which addresses the
 * sender. */
enum { REPLY_SIZE = 400 };

static bool is_of_sender(const struct nx_facts *facts, struct nx_match clause,
                         const struct nx_mention *last, bool is_first)
{
	return sender_leads(facts, clause, clause.end) ||
	       (last->party == NX_PARTY_SENDER &&
	        (is_first || last->kind == NX_MENTION_WORD));
}

static enum nx_party first_named(const struct nx_facts *facts)
{
	for (size_t i = 0; i < facts->names->mentions; i++)
		if (counts(&facts->names->mention[i]) &&
		    !facts->names->mention[i].source &&
		    !facts->names->mention[i].behind)
			return facts->names->mention[i].party;
	return NX_PARTY_NONE;
}

/* "no PTR record. Mail to a@b refused": the address only identifies the
 * mail. */
static enum nx_party recipient_or(const struct nx_facts *facts,
                                  const struct nx_mention *last)
{
	enum nx_party first = first_named(facts);

	if (last->short_word &&
	    (first == NX_PARTY_CONNECTION || first == NX_PARTY_CONTENT))
		return first;
	return NX_PARTY_RECIPIENT;
}

/* The first clause that names one of them decides; in a reply, a later one that
 * has a word for the sender overrides it: "message for a@b not accepted.
 * Unknown sender". */
static enum nx_party of_clauses(const struct nx_facts *facts)
{
	const struct nx_names_told *names = facts->names;
	enum nx_party party = NX_PARTY_NONE;

	for (size_t i = 0; names->clause != NULL && i < names->clauses; i++) {
		const struct nx_match clause = names->clause[i];
		const struct nx_mention *last = last_named(facts, clause);

		if (last == NULL)
			continue;
		if (is_of_sender(facts, clause, last, party == NX_PARTY_NONE))
			return NX_PARTY_SENDER;
		if (party == NX_PARTY_NONE)
			party = recipient_or(facts, last);
		if (facts->size > REPLY_SIZE)
			break;
	}
	return party;
}

void nx_party_find(const struct nx_facts *facts)
{
	find_clauses(facts);
	facts->names->about = of_phase(facts);
	if (facts->names->about == NX_PARTY_NONE)
		facts->names->about = of_clauses(facts);
	if (facts->names->about == NX_PARTY_NONE)
		facts->names->about = first_named(facts);
	if (facts->names->about == NX_PARTY_NONE)
		facts->names->about = of_greeting(facts);
}
