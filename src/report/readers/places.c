/* SPDX-License-Identifier: ISC */
#include "report/readers/places.h"

#include "report/ours.h"
#include "report/readers/usable.h"

#include <stdlib.h>
#include <strings.h>

enum { LONGEST = 320 /* octets of an address */ };

struct nx_places {
	const struct nx_report *report;
	struct nx_line *item;   /* in the order of the text */
	struct nx_line *sorted; /* by spelling, then in the order of the text */
	size_t count;
	const char **known; /* addresses of recipients, sorted */
	size_t known_count;
};

/* --- what is there -------------------------------------------------------- */

static int compare_places(const void *one, const void *other)
{
	const struct nx_line *a = one;
	const struct nx_line *b = other;
	int order = nx_line_compare(*a, *b);

	return order ? order : (a->start > b->start) - (a->start < b->start);
}

/* What is around the "@" without a blank or a mark; start == end when that is
 * not an address. */
static struct nx_line around(const char *text, const char *at)
{
	struct nx_line found = {at, at + 1};

	while (found.start > text && at - found.start < LONGEST &&
	       nx_line_is_address_char(found.start[-1]))
		found.start--;
	while (found.end - at < LONGEST && nx_line_is_address_char(*found.end))
		found.end++;
	while (found.end[-1] == '.')
		found.end--;
	if (found.start == at || found.end <= at + 1)
		found.start = found.end = at + 1;
	return found;
}

static void find_all(struct nx_places *places, const char *text)
{
	size_t room = 0;

	for (const char *at = text; (at = strchr(at, '@')); at++)
		room++;
	places->item = talloc_array(places, struct nx_line, room + 1);
	for (const char *at = text; (at = strchr(at, '@'));) {
		struct nx_line found = around(text, at);

		if (found.start < found.end)
			places->item[places->count++] = found;
		at = found.end > at ? found.end : at + 1;
	}
	places->sorted =
	        talloc_memdup(places, places->item,
	                      (places->count + 1) * sizeof(*places->item));
	qsort(places->sorted, places->count, sizeof(*places->sorted),
	      compare_places);
}

struct nx_line nx_places_span(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? around(address, at) : nx_line_at("");
}

static void know_recipients(struct nx_places *places)
{
	const struct nx_report *report = places->report;

	places->known =
	        talloc_array(places, const char *, 4 * report->recipients + 1);
	for (size_t i = 0; i < report->recipients; i++) {
		const struct nx_recipient *one = &report->recipient[i];
		const char *spelling[] = {
		        one->address,
		        one->original_recipient,
		        one->final_recipient,
		        one->actual_recipient,
		};

		for (size_t j = 0; j < sizeof spelling / sizeof *spelling; j++)
			if (strchr(spelling[j], '@'))
				places->known[places->known_count++] =
				        nx_places_span(spelling[j]).start;
	}
	qsort(places->known, places->known_count, sizeof(*places->known),
	      nx_text_compare_caseless);
}

struct nx_places *nx_places_find(TALLOC_CTX *ctx,
                                 const struct nx_report *report,
                                 const char *text)
{
	struct nx_places *places = talloc_zero(ctx, struct nx_places);

	places->report = report;
	find_all(places, text);
	know_recipients(places);
	return places;
}

/* --- one address ---------------------------------------------------------- */

/* The first of the sorted places with that spelling, at or after from. */
static size_t lower_bound(const struct nx_places *places,
                          struct nx_line spelling, const char *from)
{
	size_t low = 0;
	size_t high = places->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct nx_line here = places->sorted[middle];
		int order = nx_line_compare(here, spelling);

		if (order < 0 || (order == 0 && here.start < from))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *nx_places_next(const struct nx_places *places, const char *address,
                           const char *from)
{
	struct nx_line spelling = nx_places_span(address);
	size_t front = (size_t)(spelling.start - address);
	size_t behind = strlen(spelling.end);

	if (spelling.start == spelling.end)
		return NULL;
	for (size_t i = lower_bound(places, spelling, from); i < places->count;
	     i++) {
		struct nx_line here = places->sorted[i];

		if (nx_line_compare(here, spelling) != 0)
			return NULL;
		if ((size_t)(here.start - from) >= front &&
		    strncasecmp(here.start - front, address, front) == 0 &&
		    strncasecmp(here.end, spelling.end, behind) == 0)
			return here.start - front;
	}
	return NULL;
}

bool nx_places_spells(struct nx_line mention, const char *address)
{
	return nx_line_compare(mention, nx_places_span(address)) == 0;
}

static int compare_known(const void *address, const void *known)
{
	return nx_line_compare(*(const struct nx_line *)address,
	                       nx_line_whole(*(const char *const *)known));
}

static bool is_among(const struct nx_places *places, struct nx_line address)
{
	return bsearch(&address, places->known, places->known_count,
	               sizeof(*places->known), compare_known);
}

bool nx_places_is_known(const struct nx_places *places, struct nx_line address)
{
	if (!is_among(places, address))
		return false;
	char *text = nx_line_text(NULL, address);
	bool ours = nx_report_is_ours(text, places->report, text);

	talloc_free(text);
	return !ours;
}

/* --- a stretch of the text ------------------------------------------------ */

bool nx_places_in(const struct nx_places *places, struct nx_line stretch,
                  struct nx_line *address)
{
	size_t low = 0;
	size_t high = places->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (places->item[middle].start < stretch.start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == places->count || places->item[low].end > stretch.end)
		return false;
	*address = places->item[low];
	return true;
}

/* No address that we know, and yet the words treat it as a recipient. */
static bool may_be_recipient(const struct nx_places *places,
                             struct nx_line stretch, struct nx_line address)
{
	TALLOC_CTX *ctx = talloc_new(places);
	const char *start = address.start;

	while (start > stretch.start && start[-1] != '\n')
		start--;
	bool may = nx_usable_address(
	        ctx, places->report, nx_line_text(ctx, address),
	        nx_line_text(ctx, (struct nx_line){start, address.start}));

	talloc_free(ctx);
	return may;
}

bool nx_places_another(const struct nx_places *places, struct nx_line stretch,
                       const char *address)
{
	struct nx_line found;
	struct nx_line rest = stretch;
	bool another = false;

	while (nx_places_in(places, rest, &found)) {
		if (nx_places_spells(found, address))
			return false;
		another = another || nx_places_is_known(places, found) ||
		          may_be_recipient(places, stretch, found);
		rest.start = found.end;
	}
	return another;
}

/* What stands there as an address, valid or not. */
static char *leading_text(TALLOC_CTX *ctx, struct nx_line line)
{
	struct nx_line content = nx_line_trim(line);
	const char *start = content.start + strspn(content.start, "<'(");
	const char *end = start;

	if (*start == '"') { /* a local part with blanks, or only quotes */
		end = memchr(start + 1, '"', (size_t)(content.end - start) - 1);
		end = end && end[1] == '@' ? end + 1 : ++start;
	}
	while (end < content.end && nx_line_is_address_char(*end))
		end++;
	while (end > start && end[-1] == '.')
		end--;
	return talloc_strndup(ctx, start, (size_t)(end - start));
}

static bool may_be_somebody(TALLOC_CTX *ctx, const struct nx_report *report,
                            const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at || at == address)
		return false;
	return strchr(at, '.') ? nx_usable_address(ctx, report, address, "")
	                       : !nx_report_is_ours(ctx, report, address);
}

const char *nx_places_leading(TALLOC_CTX *ctx, const struct nx_report *report,
                              struct nx_line line)
{
	if (!memchr(line.start, '@', (size_t)(line.end - line.start)))
		return "";
	const char *address = leading_text(ctx, line);

	return may_be_somebody(ctx, report, address) ? address : "";
}

bool nx_places_begins_new(const struct nx_places *places, struct nx_line line)
{
	TALLOC_CTX *ctx = talloc_new(places);
	const char *address = leading_text(ctx, line);
	struct nx_line spelling = nx_line_whole(address);
	bool is_new = !is_among(places, spelling) &&
	              may_be_somebody(ctx, places->report, address);

	talloc_free(ctx);
	return is_new;
}

/* Where the line continues with the next recipient and its own reason, or its
 * end. */
static const char *next_item(TALLOC_CTX *ctx, const struct nx_report *report,
                             struct nx_line line)
{
	const char *at = line.start;

	while ((at = memchr(at, ')', (size_t)(line.end - at)))) {
		struct nx_line rest = {++at, line.end};

		rest.start += strspn(rest.start, ",; ");
		if (rest.start == at || rest.start >= line.end)
			continue;
		const char *address = nx_places_leading(ctx, report, rest);
		const char *behind = *address ? strchr(rest.start, '@') : at;

		while (nx_line_is_address_char(*behind))
			behind++;
		behind += strspn(behind, "> ");
		if (*address && *behind == '(')
			return rest.start;
	}
	return line.end;
}

struct nx_line nx_places_next_line(TALLOC_CTX *ctx,
                                   const struct nx_report *report,
                                   const char **text)
{
	struct nx_line line = nx_line_at(*text);
	const char *next = next_item(ctx, report, line);

	*text = next < line.end ? next : nx_line_after(line);
	line.end = next;
	return line;
}

bool nx_places_begins_another(const struct nx_places *places,
                              struct nx_line line, size_t indent,
                              const char *address)
{
	TALLOC_CTX *ctx = talloc_new(places);
	const char *leading = nx_places_leading(ctx, places->report, line);
	struct nx_line spelling = nx_line_whole(leading);
	bool another =
	        *leading && !nx_text_equal(leading, address) &&
	        (nx_line_indent(line) <= indent || is_among(places, spelling));

	talloc_free(ctx);
	return another;
}
