/* SPDX-License-Identifier: ISC */
#include "classify/facts.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/ours.h"

#include <stdlib.h>
#include <string.h>

/*
 * Who and what a refusal names. Addresses and hosts belong to the recipient,
 * to the sender (the returned message's return path and From, and whom the
 * report was sent to) or to somebody else, by name and by domain.
 */
enum { NAMES = 8 };

struct side {
	const char *address[NAMES]; /* as written */
	const char *domain[NAMES];  /* in lower case */
	size_t count;
};

struct finder {
	TALLOC_CTX *ctx;
	const struct nx_report *report;
	const struct nx_recipient *by;
	struct nx_facts *facts;
	bool knows; /* whose names are whose */
	struct side recipient, sender;
	struct nx_mention *mention;
	size_t count;
};

/* --- whose ---------------------------------------------------------------- */

static void add_name(TALLOC_CTX *ctx, struct side *side, const char *value)
{
	if (value == NULL || *value == '\0' || side->count == NAMES)
		return;

	const char *address = nx_address_of_header(ctx, value);

	if (*address == '\0')
		return;
	side->address[side->count] = address;
	side->domain[side->count++] = nx_address_domain(ctx, address);
}

static void know_recipient(struct finder *finder)
{
	const struct nx_recipient *recipient = finder->by;
	const char *names[] = {
	        recipient->address,
	        recipient->original_recipient,
	        recipient->final_recipient,
	        recipient->actual_recipient,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		add_name(finder->ctx, &finder->recipient, names[i]);
}

static void know_sender(struct finder *finder)
{
	const struct nx_report *report = finder->report;
	const struct nx_message *message = report->message;
	struct side *sender = &finder->sender;

	add_name(finder->ctx, sender, report->original.return_path);
	add_name(finder->ctx, sender, report->original.from);
	if (message == NULL)
		return;
	add_name(finder->ctx, sender, message->envelope.recipient);
	add_name(finder->ctx, sender, message->envelope.original_recipient);
	add_name(finder->ctx, sender, nx_message_header(message, "To"));
}

/* Not before a refusal names somebody: most do not. */
static void know_sides(struct finder *finder)
{
	if (finder->knows)
		return;
	finder->knows = true;
	know_recipient(finder);
	know_sender(finder);
}

static bool is_named(const struct side *side, const char *address)
{
	for (size_t i = 0; i < side->count; i++)
		if (nx_text_equal(side->address[i], address))
			return true;
	return false;
}

enum fit { FIT_NONE, FIT_BELOW, FIT_SAME };

/* "mx1.example.com" is below "example.com". */
static enum fit fit_of(const char *host, const char *domain)
{
	size_t size = strlen(host);
	size_t length = strlen(domain);

	if (length == 0 || size < length ||
	    !nx_text_equal(host + size - length, domain))
		return FIT_NONE;
	if (size == length)
		return FIT_SAME;
	return host[size - length - 1] == '.' ? FIT_BELOW : FIT_NONE;
}

static enum fit best_fit(const struct side *side, const char *host)
{
	enum fit best = FIT_NONE;

	for (size_t i = 0; i < side->count; i++) {
		enum fit fit = fit_of(host, side->domain[i]);

		if (fit > best)
			best = fit;
	}
	return best;
}

/* At a domain that the administrator calls ours, or that the returned message
 * in a text is from. An example has no message. */
static bool is_home(const struct finder *finder, const char *address)
{
	return finder->report->message != NULL &&
	       nx_report_is_home(finder->ctx, finder->report, address);
}

/* Who mails to his own domain is known by his address only. */
static enum nx_party whose_address(const struct finder *finder,
                                   const char *address)
{
	const char *at = strrchr(address, '@');

	if (is_named(&finder->recipient, address))
		return NX_PARTY_RECIPIENT;
	if (is_named(&finder->sender, address))
		return NX_PARTY_SENDER;
	if (at == NULL || best_fit(&finder->recipient, at + 1) == FIT_SAME)
		return NX_PARTY_OTHER;
	return best_fit(&finder->sender, at + 1) != FIT_NONE ||
	                       is_home(finder, address)
	               ? NX_PARTY_SENDER
	               : NX_PARTY_OTHER;
}

static enum nx_party whose_host(const struct finder *finder, const char *host)
{
	switch (best_fit(&finder->recipient, host)) {
	case FIT_SAME:
		return best_fit(&finder->sender, host) == FIT_SAME
		               ? NX_PARTY_NONE
		               : NX_PARTY_RECIPIENT;
	case FIT_BELOW:
		return NX_PARTY_THEIRS;
	case FIT_NONE:
		break;
	}
	switch (best_fit(&finder->sender, host)) {
	case FIT_SAME:
		return NX_PARTY_SENDER;
	case FIT_BELOW:
		return NX_PARTY_CONNECTION;
	case FIT_NONE:
		break;
	}
	return nx_text_equal(host, finder->facts->mta) ? NX_PARTY_THEIRS
	                                               : NX_PARTY_OTHER;
}

/* --- where ---------------------------------------------------------------- */

static void add(struct finder *finder, struct nx_mention mention)
{
	finder->mention = talloc_realloc(finder->ctx, finder->mention,
	                                 struct nx_mention, finder->count + 1);
	finder->mention[finder->count++] = mention;
}

/* What addresses and host names are made of. */
static bool is_name_char(char c)
{
	static const bool is_mark[128] = {
	        ['.'] = 1, ['-'] = 1,  ['+'] = 1, ['='] = 1, ['@'] = 1,
	        ['!'] = 1, ['#'] = 1,  ['$'] = 1, ['%'] = 1, ['&'] = 1,
	        ['*'] = 1, ['\''] = 1, ['/'] = 1, ['?'] = 1, ['^'] = 1,
	        ['`'] = 1, ['{'] = 1,  ['|'] = 1, ['}'] = 1, ['~'] = 1,
	};
	unsigned char byte = (unsigned char)c;

	return byte >= 0x80 || nx_text_is_word(c) || is_mark[byte];
}

static bool is_number_or_dot(char c)
{
	return nx_text_is_digit(c) || c == '.';
}

/* Two labels or more, the last of letters: "example.com". */
static bool is_host(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL || dot == name || strlen(dot) < 3)
		return false;
	for (const char *at = name; *at != '\0'; at++)
		if ((!nx_text_is_word(*at) && *at != '.' && *at != '-' &&
		     (unsigned char)*at < 0x80) ||
		    (at > dot && nx_text_is_digit(*at)))
			return false;
	return true;
}

static bool is_ipv4(const char *name)
{
	unsigned dots = 0;

	for (const char *at = name; *at != '\0'; at++) {
		if (!is_number_or_dot(*at))
			return false;
		dots += *at == '.';
	}
	return dots == 3;
}

/* Nothing but codes and brackets stands before it: the reply is about the
 * client of that address. Without a code it is qmail's, of the other side. */
static bool is_in_front(const char *text, size_t at)
{
	return at > 0 && strspn(text, "0123456789.- [(<#") >= at;
}

/* A run of name characters without the marks around it. */
static void add_name_at(struct finder *finder, size_t start, size_t end)
{
	const char *text = finder->facts->text;

	while (start < end && strchr(".'`=*/|{", text[start]) != NULL)
		start++;
	while (end > start && strchr(".'`=*/|}!?-", text[end - 1]) != NULL)
		end--;

	const char *name =
	        talloc_strndup(finder->ctx, text + start, end - start);
	struct nx_mention mention = {.start = start, .end = end};
	const char *at = strrchr(name, '@');

	know_sides(finder);
	if (at != NULL && at > name && at[1] != '\0') {
		mention.kind = NX_MENTION_ADDRESS;
		mention.party = whose_address(finder, name);
	} else if (is_ipv4(name)) {
		mention.kind = NX_MENTION_IP;
		mention.party = NX_PARTY_CONNECTION;
		mention.aside = !is_in_front(text, start);
	} else if (is_host(name)) {
		mention.kind = NX_MENTION_HOST;
		mention.party = whose_host(finder, name);
	} else {
		return;
	}
	add(finder, mention);
}

static size_t url_end(const char *text, size_t at)
{
	return at + strcspn(text + at, " <>\"')]");
}

static bool is_url(const char *text)
{
	return nx_text_to_lower(*text) == 'h' &&
	       (nx_text_starts(text, "http://") ||
	        nx_text_starts(text, "https://"));
}

static void find_names(struct finder *finder)
{
	const char *text = finder->facts->text;
	size_t at = 0;

	while (text[at] != '\0') {
		size_t end = at;
		bool named = false;

		if (is_url(text + at)) {
			end = url_end(text, at);
			add(finder,
			    (struct nx_mention){.start = at,
			                        .end = end,
			                        .kind = NX_MENTION_URL});
			at = end;
			continue;
		}
		while (is_name_char(text[end]) && !is_url(text + end)) {
			named |= text[end] == '.' || text[end] == '@';
			end++;
		}
		if (named)
			add_name_at(finder, at, end);
		at = end > at ? end : at + 1;
	}
}

enum nx_party nx_party_of_concept(enum nx_concept concept)
{
	static const enum nx_party parties[NX_CONCEPTS] = {
	        [NX_CONCEPT_RECIPIENT] = NX_PARTY_RECIPIENT,
	        [NX_CONCEPT_SENDER] = NX_PARTY_SENDER,
	        [NX_CONCEPT_CONNECTION] = NX_PARTY_CONNECTION,
	        [NX_CONCEPT_CONTENT] = NX_PARTY_CONTENT,
	};

	return parties[concept];
}

/* A word inside of an address or a URL is part of a name. */
static bool is_inside(const struct finder *finder, size_t names,
                      const struct nx_mark *mark)
{
	for (size_t i = 0; i < names; i++)
		if (mark->start < finder->mention[i].end &&
		    mark->end > finder->mention[i].start)
			return true;
	return false;
}

static void find_words(struct finder *finder,
                       const struct nx_concepts *concepts)
{
	size_t names = finder->count;
	size_t count;
	const char *folded = nx_text_fold(finder->ctx, finder->facts->text);
	const struct nx_mark *mark = nx_concepts_find(
	        finder->ctx, concepts, folded, finder->facts->size, &count);

	for (size_t i = 0; i < count; i++)
		if (!is_inside(finder, names, &mark[i]))
			add(finder,
			    (struct nx_mention){.start = mark[i].start,
			                        .end = mark[i].end,
			                        .party = nx_party_of_concept(
			                                mark[i].concept),
			                        .aside = mark[i].aside});
}

static int by_start(const void *a, const void *b)
{
	const struct nx_mention *left = a;
	const struct nx_mention *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

void nx_mentions_find(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                      const struct nx_report *report,
                      const struct nx_recipient *recipient,
                      struct nx_facts *facts)
{
	struct finder finder = {
	        .ctx = ctx, .report = report, .by = recipient, .facts = facts};

	if (facts->size == 0)
		return;
	find_names(&finder);
	find_words(&finder, concepts);
	if (finder.count > 1)
		qsort(finder.mention, finder.count, sizeof(*finder.mention),
		      by_start);
	facts->mention = finder.mention;
	facts->mentions = finder.count;
}
