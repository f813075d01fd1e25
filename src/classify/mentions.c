/* SPDX-License-Identifier: ISC */
#include "classify/sides.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/*
 * The parties and things that a refusal names, and where.
 */
struct finder {
	TALLOC_CTX *ctx;
	const struct nx_facts *facts;
	struct nx_sides sides;
	struct nx_mention *mention;
	size_t count;
};

static void add(struct finder *finder, struct nx_mention mention)
{
	finder->mention = talloc_realloc(finder->ctx, finder->mention,
	                                 struct nx_mention, finder->count + 1);
	finder->mention[finder->count++] = mention;
}

/* The ASCII characters that addresses and host names consist of. */
static bool is_name_char(char c)
{
	static const bool is_mark[128] = {
	        ['.'] = 1, ['-'] = 1,  ['+'] = 1, ['='] = 1, ['@'] = 1,
	        ['!'] = 1, ['#'] = 1,  ['$'] = 1, ['%'] = 1, ['&'] = 1,
	        ['*'] = 1, ['\''] = 1, ['/'] = 1, ['?'] = 1, ['^'] = 1,
	        ['`'] = 1, ['{'] = 1,  ['|'] = 1, ['}'] = 1, ['~'] = 1,
	};
	unsigned char byte = (unsigned char)c;

	return byte < 0x80 && (nx_text_is_word(c) || is_mark[byte]);
}

/* The size of the character at that place if it can be in a name, or 0. In
 * scripts without blanks a name ends where they begin. */
static size_t name_char(const struct nx_facts *facts, size_t at)
{
	uint32_t code = 0;

	if ((unsigned char)facts->text[at] < 0x80)
		return is_name_char(facts->text[at]);

	size_t size = nx_text_decode(facts->text + at, facts->size - at, &code);

	return nx_text_is_letter(code) ? size : 0;
}

/* Two labels or more, the last consisting of letters: "example.com". */
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
		if (!nx_text_is_digit(*at) && *at != '.')
			return false;
		dots += *at == '.';
	}
	return dots == 3;
}

/* Only codes and brackets stand before it, and no colon after it: the reply is
 * about the client with that address. Elsewhere, and in "[192.0.2.1]: no such
 * user", it may be the other side's. */
static bool is_client(const char *text, size_t start, size_t end)
{
	size_t behind = end + strspn(text + end, "])> ");

	return start > 0 && strspn(text, "0123456789.- [(<#") >= start &&
	       text[behind] != ':';
}

/* "from mx1.example.org", "by <a@b>": it says where the mail came from, and
 * nothing is said of it. */
static bool is_source(const char *text, size_t start)
{
	while (start > 0 && strchr(" <[(", text[start - 1]) != NULL)
		start--;
	return (start >= 5 && nx_text_starts(text + start - 4, "from") &&
	        !nx_text_is_word(text[start - 5])) ||
	       (start >= 3 && nx_text_starts(text + start - 2, "by") &&
	        !nx_text_is_word(text[start - 3]));
}

/* "an <a@b>", "до a@b": a word of three letters or less before it. */
static bool has_short_word(const struct nx_facts *facts, size_t start)
{
	size_t letters = 0;

	while (start > 0 && strchr(" <[(", facts->text[start - 1]) != NULL)
		start--;
	for (size_t at = start; at > 0;) {
		uint32_t code = 0;

		do
			at--;
		while (at > 0 && nx_text_continues(facts->text[at]));
		nx_text_decode(facts->text + at, facts->size - at, &code);
		if (!nx_text_is_letter(code))
			break;
		if (++letters > 3)
			return false;
	}
	return letters > 0;
}

/* A run of name characters without the marks around it. */
static void add_name_at(struct finder *finder, size_t start, size_t end)
{
	const char *text = finder->facts->text;

	while (start < end && strchr(".'`=*/|{&~#", text[start]) != NULL)
		start++;
	while (end > start && strchr(".'`=*/|}!?-&~", text[end - 1]) != NULL)
		end--;

	const char *name =
	        talloc_strndup(finder->ctx, text + start, end - start);
	struct nx_mention mention = {.start = start, .end = end};
	const char *at = strrchr(name, '@');

	nx_sides_learn_recipient(&finder->sides);
	mention.source = is_source(text, start);
	mention.short_word = has_short_word(finder->facts, start);
	if (at != NULL && at > name && at[1] != '\0') {
		mention.kind = NX_MENTION_ADDRESS;
		mention.party = nx_sides_address(&finder->sides, name);
	} else if (is_ipv4(name)) {
		mention.kind = NX_MENTION_IP;
		mention.party = NX_PARTY_CONNECTION;
		mention.aside = !is_client(text, start, end);
	} else if (is_host(name)) {
		mention.kind = NX_MENTION_HOST;
		mention.party = nx_sides_host(&finder->sides, name);
	} else {
		return;
	}
	add(finder, mention);
}

static bool is_url(const char *text)
{
	const char first = nx_text_to_lower(*text);

	return (first == 'h' && (nx_text_starts(text, "http://") ||
	                         nx_text_starts(text, "https://"))) ||
	       (first == 'w' && nx_text_starts(text, "www."));
}

static size_t url_size(const char *text)
{
	return is_url(text) ? strcspn(text, " <>\"')]") : 0;
}

/* The size of the run of name characters; *named says whether some can be in a
 * name. */
static size_t run_size(const struct nx_facts *facts, size_t start, bool *named)
{
	const char *text = facts->text;
	size_t at = start;
	size_t size;

	*named = false;
	while ((size = name_char(facts, at)) > 0 && !is_url(text + at)) {
		*named |= text[at] == '.' || text[at] == '@';
		at += size;
	}
	return at - start;
}

static void find_names(struct finder *finder)
{
	const struct nx_facts *facts = finder->facts;
	size_t at = 0;

	while (at < facts->size) {
		bool named;
		size_t size = url_size(facts->text + at);

		if (size > 0)
			add(finder,
			    (struct nx_mention){.start = at,
			                        .end = at + size,
			                        .kind = NX_MENTION_URL});
		else if ((size = run_size(facts, at, &named)) > 0 && named)
			add_name_at(finder, at, at + size);
		at += size > 0 ? size : 1;
	}
}

/* The character before; a blank at the start of the text. */
static char in_front(const char *text, size_t at)
{
	if (at == 0)
		return ' ';
	return text[at - 1];
}

/* Known addresses are found even inside a run: "from=anna@b.example",
 * "anna@b.example's". */
static bool is_edge(char before, char behind)
{
	return !nx_text_is_word(before) && strchr(".-+@", before) == NULL &&
	       !nx_text_is_word(behind) && behind != '-' && behind != '@';
}

static void find_known(struct finder *finder, const struct nx_side *side,
                       enum nx_party party)
{
	const char *text = finder->facts->text;

	for (size_t i = 0; i < side->count; i++) {
		size_t size = strlen(side->address[i]);

		for (const char *at = text;
		     (at = nx_text_find(at, side->address[i])) != NULL;
		     at += size) {
			size_t start = (size_t)(at - text);

			if (is_edge(in_front(text, start), at[size]))
				add(finder,
				    (struct nx_mention){
				            .start = start,
				            .end = start + size,
				            .kind = NX_MENTION_ADDRESS,
				            .party = party,
				            .source = is_source(text, start),
				            .short_word = has_short_word(
				                    finder->facts, start)});
		}
	}
}

/* The sender is searched only when there is an "@" that is not the
 * recipient's. */
static void find_all_known(struct finder *finder)
{
	size_t signs = 0;
	size_t recipients = finder->count;

	for (const char *at = finder->facts->text;
	     (at = strchr(at, '@')) != NULL; at++)
		signs++;
	nx_sides_learn_recipient(&finder->sides);
	find_known(finder, &finder->sides.recipient, NX_PARTY_RECIPIENT);
	if (finder->count - recipients == signs)
		return;
	nx_sides_learn_sender(&finder->sides);
	find_known(finder, &finder->sides.sender, NX_PARTY_SENDER);
}

enum { LOCAL_LEAST = 3 };

/* "no such user: anna.b", "<anna>", "called 'anna'", but not the word "office"
 * where somebody is named so. */
static bool is_local_part(const char *text, size_t start, const char *local)
{
	const size_t size = strlen(local);
	const char before = in_front(text, start);

	return is_edge(before, text[start + size]) &&
	       (strpbrk(local, "0123456789._-") != NULL ||
	        (strchr("<'\"", before) != NULL &&
	         strchr(">'\"", text[start + size]) != NULL &&
	         text[start + size] != '\0'));
}

/* The recipient's local part alone. */
static void find_local_part(struct finder *finder, const char *address)
{
	const char *at = strrchr(address, '@');
	const char *text = finder->facts->text;
	const char *local = talloc_strndup(
	        finder->ctx, address, at != NULL ? (size_t)(at - address) : 0);
	const size_t size = strlen(local);

	if (size < LOCAL_LEAST)
		return;
	for (at = text; (at = nx_text_find(at, local)) != NULL; at += size) {
		const size_t start = (size_t)(at - text);

		if (is_local_part(text, start, local))
			add(finder,
			    (struct nx_mention){.start = start,
			                        .end = start + size,
			                        .kind = NX_MENTION_ADDRESS,
			                        .party = NX_PARTY_RECIPIENT});
	}
}

/* A word inside an address or a URL is part of a name. */
static bool is_inside(const struct finder *finder, size_t names,
                      const struct nx_concept_mark *mark)
{
	for (size_t i = 0; i < names; i++) {
		const struct nx_mention *name = &finder->mention[i];

		if (mark->start < name->end && mark->end > name->start &&
		    !(mark->start <= name->start && mark->end >= name->end))
			return true;
	}
	return false;
}

static void find_words(struct finder *finder,
                       const struct nx_concepts *concepts)
{
	size_t names = finder->count;
	size_t count;
	const struct nx_concept_mark *mark =
	        nx_concepts_marks_of(finder->ctx, finder->facts->names->words,
	                             concepts->parties, &count);

	for (size_t i = 0; i < count; i++) {
		const struct nx_concept *concept =
		        nx_concept_of_mark(concepts, &mark[i]);

		if (!is_inside(finder, names, &mark[i]))
			add(finder,
			    (struct nx_mention){.start = mark[i].start,
			                        .end = mark[i].end,
			                        .party = concept->party,
			                        .aside = concept->aside,
			                        .behind = concept->behind});
	}
}

/* By start; of two with the same start the known address first. */
static int by_start(const void *a, const void *b)
{
	const struct nx_mention *left = a;
	const struct nx_mention *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return (left->end > right->end) - (left->end < right->end);
}

static bool is_known(enum nx_party party)
{
	return party == NX_PARTY_RECIPIENT || party == NX_PARTY_SENDER;
}

/* Keeps one mention of a run that holds a known address, or of a name that was
 * found twice. */
static void drop_doubles(struct finder *finder)
{
	size_t kept = 0;

	for (size_t i = 0; i < finder->count; i++) {
		struct nx_mention *last = &finder->mention[kept - (kept > 0)];
		const struct nx_mention *one = &finder->mention[i];

		if (kept == 0 || one->start >= last->end)
			finder->mention[kept++] = *one;
		else if (is_known(one->party) && !is_known(last->party) &&
		         last->kind != NX_MENTION_URL)
			*last = *one;
	}
	finder->count = kept;
}

/* "returned to the sender <a@b>", "anna@b unknown (sender: a@b)": the address
 * is mentioned in the same way as the word. */
static void spread_aside(struct finder *finder)
{
	bool is_added = false; /* the recipient has been named */

	for (size_t i = 0; i + 1 < finder->count; i++) {
		struct nx_mention *word = &finder->mention[i];
		struct nx_mention *name = &finder->mention[i + 1];
		const char *text = finder->facts->text;
		size_t gap = strspn(text + word->end, " :=<([\"");
		size_t front = word->start;

		while (front > 0 && text[front - 1] == ' ')
			front--;

		is_added |= word->party == NX_PARTY_RECIPIENT;
		if (word->kind != NX_MENTION_WORD ||
		    name->kind != NX_MENTION_ADDRESS ||
		    word->party != name->party ||
		    word->end + gap != name->start)
			continue;
		word->aside |= is_added &&
		               strchr("([-", in_front(text, front)) != NULL;
		name->aside |= word->aside;
		name->behind |= word->behind;
	}
}

void nx_mentions_find(const struct nx_facts *facts)
{
	struct nx_names_told *names = facts->names;
	struct finder finder = {
	        .ctx = names->ctx,
	        .facts = facts,
	        .sides = {.ctx = names->ctx,
	                  .report = names->report,
	                  .of = names->recipient},
	};

	if (facts->size == 0)
		return;
	find_names(&finder);
	if (memchr(facts->text, '@', facts->size) != NULL)
		find_all_known(&finder);
	nx_sides_learn_recipient(&finder.sides);
	for (size_t i = 0; i < finder.sides.recipient.count; i++)
		find_local_part(&finder, finder.sides.recipient.address[i]);
	find_words(&finder, names->concepts);
	if (finder.count > 1)
		qsort(finder.mention, finder.count, sizeof(*finder.mention),
		      by_start);
	drop_doubles(&finder);
	spread_aside(&finder);
	names->mention = finder.mention;
	names->mentions = finder.count;
}
