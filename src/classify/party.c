/* SPDX-License-Identifier: ISC */
#include "classify/party.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* --- clauses -------------------------------------------------------------- */

/* "...": Sendmail's, between an address and what is said of it. */
static bool is_ellipsis(const char *text, size_t at)
{
	return text[at] == '.' &&
	       ((at > 0 && text[at - 1] == '.') || text[at + 1] == '.');
}

/* "e. g.", "z. B.": one letter and a full stop. */
static bool is_abbreviation(const char *text, size_t at)
{
	return text[at] == '.' && at > 0 && nx_text_is_word(text[at - 1]) &&
	       !nx_text_is_digit(text[at - 1]) &&
	       (at == 1 || text[at - 2] == ' ');
}

/* The bytes of the mark at that place that ends a clause, or 0. */
static size_t clause_mark(const char *text, size_t at)
{
	static const char *const marks[] = {"。", "！", "？", "；", "؟", "؛"};

	switch (text[at]) {
	case '.':
	case '!':
	case '?':
	case ';':
	case '|':
		return (text[at + 1] == ' ' || text[at + 1] == '\0') &&
		       !is_ellipsis(text, at) && !is_abbreviation(text, at);
	}
	if ((unsigned char)text[at] < 0xC0)
		return 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strncmp(text + at, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

struct nx_match nx_party_clause(const struct nx_facts *facts,
                                struct nx_match match)
{
	struct nx_match clause = {0, facts->size};

	for (size_t at = 0; at < facts->size; at++) {
		size_t size = clause_mark(facts->text, at);

		if (size == 0)
			continue;
		if (at + size <= match.start) {
			clause.start = at + size;
		} else if (at >= match.end) {
			clause.end = at;
			break;
		}
	}
	return clause;
}

/* --- parties -------------------------------------------------------------- */

/* A refusal can be about these; other addresses and hosts decide nothing. */
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
	return mention->start < range.end && mention->end > range.start;
}

static size_t distance(const struct nx_mention *mention, struct nx_match match)
{
	if (mention->end <= match.start)
		return match.start - mention->end;
	return mention->start >= match.end ? mention->start - match.end : 0;
}

/* What the command tells, whatever the words. */
static enum nx_party of_phase(enum nx_phase phase)
{
	switch (phase) {
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

static const struct nx_mention *first_in(const struct nx_facts *facts,
                                         struct nx_match range)
{
	for (size_t i = 0; i < facts->mentions; i++)
		if (counts(&facts->mention[i]) &&
		    is_in(&facts->mention[i], range))
			return &facts->mention[i];
	return NULL;
}

/* A colon between the word and what is said; not "Sender: a@b". */
static bool has_colon(const struct nx_facts *facts,
                      const struct nx_mention *mention, size_t end)
{
	size_t from = mention->end + 1;

	return from < end &&
	       memchr(facts->text + from, ':', end - from) != NULL;
}

/* Where the recipient is first named in range; its end when he is not. */
static size_t recipient_at(const struct nx_facts *facts, struct nx_match range)
{
	for (size_t i = 0; i < facts->mentions; i++) {
		const struct nx_mention *mention = &facts->mention[i];

		if (mention->party == NX_PARTY_RECIPIENT && counts(mention) &&
		    is_in(mention, range))
			return mention->start;
	}
	return range.end;
}

/* "Sender address rejected: undeliverable address: host … said: …": all that
 * stands behind the colon is about the sender, who was named first. */
static bool sender_leads(const struct nx_facts *facts, struct nx_match range,
                         size_t end)
{
	size_t recipient = recipient_at(facts, range);

	if (recipient < end)
		end = recipient;
	for (size_t i = 0; i < facts->mentions; i++) {
		const struct nx_mention *mention = &facts->mention[i];

		if (mention->party == NX_PARTY_SENDER && counts(mention) &&
		    is_in(mention, range) && mention->kind == NX_MENTION_WORD)
			return has_colon(facts, mention, end);
	}
	return false;
}

static enum nx_party nearest(const struct nx_facts *facts,
                             struct nx_match clause, struct nx_match match)
{
	size_t best = SIZE_MAX;
	enum nx_party party = NX_PARTY_NONE;

	for (size_t i = 0; i < facts->mentions; i++) {
		const struct nx_mention *mention = &facts->mention[i];
		size_t far = distance(mention, match);

		if (!counts(mention) || !is_in(mention, clause) || far > best)
			continue;
		if (far < best || mention->party == NX_PARTY_SENDER)
			party = mention->party;
		best = far;
	}
	return party;
}

/* The last one named of the recipient and the sender: "sender ok, but recipient
 * unknown", "message for a@b rejected: sender unknown". */
static const struct nx_mention *last_named(const struct nx_facts *facts,
                                           struct nx_match range)
{
	for (size_t i = facts->mentions; i-- > 0;) {
		const struct nx_mention *mention = &facts->mention[i];

		if (is_in(mention, range) && !mention->aside &&
		    (mention->party == NX_PARTY_RECIPIENT ||
		     mention->party == NX_PARTY_SENDER))
			return mention;
	}
	return NULL;
}

/* The first clause that names one of them decides, and any that speaks of the
 * sender: "message for a@b not accepted. Unknown sender". */
static enum nx_party of_clauses(const struct nx_facts *facts)
{
	enum nx_party party = NX_PARTY_NONE;
	struct nx_match clause = {0, 0};

	while (clause.end < facts->size) {
		clause = nx_party_clause(
		        facts,
		        (struct nx_match){clause.end + 1, clause.end + 1});

		const struct nx_mention *last = last_named(facts, clause);

		if (last == NULL)
			continue;
		if (last->party == NX_PARTY_SENDER &&
		    (party == NX_PARTY_NONE || last->kind == NX_MENTION_WORD))
			return NX_PARTY_SENDER;
		party = last->party;
	}
	return party;
}

enum nx_party nx_party_of(const struct nx_facts *facts, struct nx_match match)
{
	enum nx_party party = of_phase(facts->phase);

	if (party != NX_PARTY_NONE)
		return party;

	struct nx_match clause = nx_party_clause(facts, match);
	const struct nx_mention *first = first_in(facts, clause);

	if (first == NULL)
		return of_clauses(facts) == NX_PARTY_SENDER ? NX_PARTY_SENDER
		                                            : NX_PARTY_NONE;
	if (sender_leads(facts, clause, match.start))
		return NX_PARTY_SENDER;
	return nearest(facts, clause, match);
}

enum nx_party nx_party_of_all(const struct nx_facts *facts)
{
	const struct nx_match all = {0, facts->size};
	enum nx_party party = of_phase(facts->phase);
	const struct nx_mention *first = first_in(facts, all);

	if (party != NX_PARTY_NONE || first == NULL)
		return party;
	if (sender_leads(facts, all, facts->size))
		return NX_PARTY_SENDER;
	party = of_clauses(facts);
	return party != NX_PARTY_NONE ? party : first->party;
}
