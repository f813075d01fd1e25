/* SPDX-License-Identifier: ISC */
#include "mail/naming.h"

#include "base/room.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/escapes.h"
#include "mail/message.h"

#include <stdint.h>
#include <string.h>

enum {
	ESCAPED = 3, /* times that one escape may stand in another */
	ENCODED = 2, /* the same of base64 */
	PHASES = 4   /* at which base64 may begin */
};

struct nx_naming {
	struct nx_stretch local;
	struct nx_stretch domain[2]; /* as A-labels; as U-labels, or empty */
	size_t run;                  /* characters of base64 that can hold it */
};

static struct nx_stretch part_of(const char *text)
{
	return (struct nx_stretch){text, strlen(text)};
}

const struct nx_naming *nx_naming_new(TALLOC_CTX *ctx, const char *address)
{
	struct nx_naming *naming = talloc_zero(ctx, struct nx_naming);
	const char *at = strrchr(address, '@');
	const size_t size = at ? (size_t)(at - address) : strlen(address);
	const char *from = address;
	size_t length = size;

	if (size > 2 && from[0] == '"' && from[size - 1] == '"') {
		from++;
		length -= 2;
	}
	naming->local = part_of(
	        nx_text_lower(naming, talloc_strndup(naming, from, length)));
	naming->domain[0] = part_of(nx_text_lower(naming, at ? at + 1 : ""));
	naming->domain[1] = part_of(nx_text_lower(
	        naming,
	        nx_address_unicode_domain(naming, naming->domain[0].text)));
	naming->run = strlen(address) * 4 / 3;
	if (naming->domain[1].size > 0) /* may be shorter */
		naming->run = naming->local.size * 4 / 3;
	return naming;
}

/* --- plain text ----------------------------------------------------------- */

/* In lower case, and without NULs and the ends of lines with what quotes the
 * next line. Where a line ended an address may end, or go on. */
struct plain {
	char *text;
	size_t size;
	size_t *edge; /* offsets before which a line ended, in order */
	size_t edges;
};

static bool is_between(char c) /* the text of a line and that of the next */
{
	return nx_text_is_blank(c) || c == '>';
}

static void add_edge(TALLOC_CTX *ctx, struct plain *plain)
{
	plain->edge = NX_ROOM(ctx, plain->edge, size_t, plain->edges);
	plain->edge[plain->edges++] = plain->size;
}

static struct plain plain_of(TALLOC_CTX *ctx, struct nx_stretch from)
{
	const char *const end = from.text + from.size;
	struct plain out = {.text = talloc_size(ctx, from.size + 1)};

	for (const char *at = from.text; at < end;) {
		const char c = *at++;

		if (c == '\n' || c == '\r') {
			add_edge(ctx, &out);
			while (at < end && is_between(*at))
				at++;
			continue;
		}
		out.text[out.size] = nx_text_to_lower(c);
		out.size += c != '\0';
	}
	out.text[out.size] = '\0';
	return out;
}

static bool is_edge(const struct plain *plain, size_t at)
{
	size_t low = 0, high = plain->edges;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (plain->edge[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return at == 0 || at == plain->size ||
	       (low < plain->edges && plain->edge[low] == at);
}

/* --- searching ------------------------------------------------------------ */

static bool ends_with(const char *text, size_t end, struct nx_stretch part)
{
	return end >= part.size &&
	       memcmp(text + end - part.size, part.text, part.size) == 0;
}

/* Nothing that belongs to a longer address stands before it. A return path has
 * something of its own there. */
static bool begins_there(const struct plain *plain, size_t from, bool is_path)
{
	if (is_edge(plain, from))
		return true;
	const char c = plain->text[from - 1];
	return !nx_text_is_alnum(c) &&
	       (is_path || (c != '.' && c != '-' && c != '+'));
}

static bool ends_there(const struct plain *plain, size_t to)
{
	if (is_edge(plain, to))
		return true;
	const char c = plain->text[to];
	return !nx_text_is_alnum(c) && c != '-' &&
	       (c != '.' || !nx_text_is_alnum(plain->text[to + 1]));
}

/* "local@" or such stands before the domain that begins there. */
static bool is_before(const struct nx_naming *naming, const struct plain *plain,
                      size_t domain)
{
	static const char *const between[] = {"@", "%40",   "%", "=",
	                                      "+", "==a==", NULL};

	for (size_t i = 0; between[i]; i++) {
		const struct nx_stretch sign = part_of(between[i]);
		size_t end = domain - sign.size;

		if (!ends_with(plain->text, domain, sign))
			continue;
		const bool is_quoted = end > 0 && plain->text[end - 1] == '"';
		end -= is_quoted;
		if (ends_with(plain->text, end, naming->local) &&
		    begins_there(plain, end - naming->local.size, i > 0))
			return true;
	}
	return false;
}

/* "=local" stands behind the domain that ends there, as SRS writes it. */
static bool is_behind(const struct nx_naming *naming, const struct plain *plain,
                      size_t domain)
{
	const size_t from = domain + 1, to = from + naming->local.size;

	return plain->text[domain] == '=' && to <= plain->size &&
	       ends_with(plain->text, to, naming->local) &&
	       (is_edge(plain, to) || !nx_text_is_alnum(plain->text[to]));
}

static bool names(const struct nx_naming *naming, struct nx_stretch domain,
                  const struct plain *plain)
{
	const char *at = plain->text;
	const char *const end = plain->text + plain->size;

	while (domain.size > 0 && (at = memmem(at, (size_t)(end - at),
	                                       domain.text, domain.size))) {
		const size_t from = (size_t)(at - plain->text);
		const size_t to = from + domain.size;

		if ((ends_there(plain, to) && is_before(naming, plain, from)) ||
		    is_behind(naming, plain, to))
			return true;
		at++;
	}
	return false;
}

static bool is_plainly_in(const struct nx_naming *naming,
                          struct nx_stretch text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct plain plain = plain_of(ctx, text);
	const bool is = names(naming, naming->domain[0], &plain) ||
	                names(naming, naming->domain[1], &plain);

	talloc_free(ctx);
	return is;
}

/* --- base64 --------------------------------------------------------------- */

/* One more than the value of a digit; 0: none. Also those of URLs. */
static const uint8_t DIGIT[256] = {
        ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,
        ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12,
        ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
        ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
        ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
        ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
        ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
        ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
        ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
        ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
        ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};

static int value_of(char c)
{
	return DIGIT[(unsigned char)c] - 1;
}

/* What may be base64, over the ends of lines; its size, and *digits in it. */
static size_t measure_run(struct nx_stretch text, size_t *digits)
{
	size_t at = 0, end = 0;

	*digits = 0;
	while (at < text.size) {
		const char c = text.text[at++];

		if (value_of(c) >= 0) {
			++*digits;
			end = at;
		} else if (c == '\n' || c == '\r') {
			while (at < text.size && is_between(text.text[at]))
				at++;
		} else {
			break;
		}
	}
	return end;
}

/* Text in any charset has hardly any control characters but those for lines,
 * those of ISO-2022, and the NULs of UTF-16. */
static bool is_text(const char *bytes, size_t size)
{
	enum { ESCAPE = 27, DELETE = 127, FEW = 16 };
	size_t controls = 0;

	for (size_t i = 0; i < size; i++)
		controls +=
		        (bytes[i] > 0 && bytes[i] < ' ' &&
		         !nx_text_is_blank(bytes[i]) && bytes[i] != ESCAPE) ||
		        bytes[i] == DELETE;
	return size < FEW || controls * FEW <= size;
}

/* The run as it is when it begins at that phase, as a line. */
static void decode(struct nx_stretch run, size_t phase, struct nx_stretch *out)
{
	char *const bytes = (char *)out->text + out->size;
	size_t size = 0;
	uint32_t bits = 0;
	int held = 0;

	for (size_t i = 0; i < run.size; i++) {
		const int value = value_of(run.text[i]);

		if (value < 0)
			continue;
		if (phase > 0) {
			phase--;
			continue;
		}
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		bytes[size++] = (char)(bits >> held & 0xff);
	}
	if (!is_text(bytes, size))
		return;
	bytes[size] = '\n';
	out->size += size + 1;
}

/* All that is long enough to name it, at each phase. */
static bool decode_all(TALLOC_CTX *ctx, const struct nx_naming *naming,
                       struct nx_stretch text, struct nx_stretch out[PHASES])
{
	size_t digits;
	bool any = false;

	for (size_t at = 0; at < text.size;) {
		struct nx_stretch run = {text.text + at, text.size - at};

		run.size = measure_run(run, &digits);
		at += run.size + 1;
		if (digits < naming->run)
			continue;
		for (size_t phase = 0; phase < PHASES; phase++) {
			if (!any)
				out[phase] = (struct nx_stretch){
				        talloc_size(ctx, text.size + 2), 0};
			decode(run, phase, &out[phase]);
		}
		any = true;
	}
	return any;
}

/* -------------------------------------------------------------------------- */

static bool is_within(const struct nx_naming *naming, struct nx_stretch text,
                      int depth);

static bool is_encoded_in(const struct nx_naming *naming,
                          struct nx_stretch text, int depth)
{
	struct nx_stretch decoded[PHASES];
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool is = false;

	if (decode_all(ctx, naming, text, decoded))
		for (size_t phase = 0; phase < PHASES && !is; phase++)
			is = decoded[phase].size > 0 &&
			     is_within(naming, decoded[phase], depth - 1);
	talloc_free(ctx);
	return is;
}

/* Recursion: ENCODED deep. */
static bool is_within(const struct nx_naming *naming, struct nx_stretch text,
                      int depth)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool is = is_plainly_in(naming, text) ||
	          (depth > 0 && is_encoded_in(naming, text, depth));
	struct nx_stretch last = text;

	for (int i = 0; i < ESCAPED && !is; i++) {
		const struct nx_stretch next = nx_escapes_decode(ctx, last);

		if (next.size == last.size)
			break;
		is = is_plainly_in(naming, next);
		last = next;
	}
	if (!is && last.size != text.size && depth > 0)
		is = is_encoded_in(naming, last, depth);
	talloc_free(ctx);
	return is;
}

bool nx_naming_is_in(const struct nx_naming *naming, const char *bytes,
                     size_t size)
{
	return is_within(naming, (struct nx_stretch){bytes, size}, ENCODED);
}

static bool is_in_text(const struct nx_naming *naming, const char *text)
{
	return nx_naming_is_in(naming, text, strlen(text));
}

bool nx_naming_is_in_mail(const struct nx_naming *naming,
                          const struct nx_envelope *envelope, const char *bytes,
                          size_t size)
{
	return is_in_text(naming, envelope->sender) ||
	       is_in_text(naming, envelope->recipient) ||
	       is_in_text(naming, envelope->original_recipient) ||
	       nx_naming_is_in(naming, bytes, size);
}
