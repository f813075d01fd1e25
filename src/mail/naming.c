/* SPDX-License-Identifier: ISC */
#include "mail/naming.h"

#include "base/text.h"
#include "mail/address.h"

#include <stdint.h>
#include <string.h>

enum {
	ESCAPED = 3,      /* times that one escape may stand in another */
	ENCODED = 2,      /* the same of base64 */
	SHORTEST_RUN = 8, /* of base64 that can hold an address */
	PHASES = 4        /* at which base64 may begin */
};

struct part {
	const char *text;
	size_t size;
};

struct nx_naming {
	struct part local;
	struct part domain[2]; /* as A-labels; as U-labels, or empty */
};

static struct part part_of(const char *text)
{
	return (struct part){text, strlen(text)};
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
	return naming;
}

/* --- plain text ----------------------------------------------------------- */

/* In lower case, and without NULs and the ends of lines with what quotes the
 * next line. edge says before which bytes a line ended: an address may end
 * there, or go on. */
struct plain {
	char *text;
	uint8_t *edge; /* one more than there are bytes */
	size_t size;
};

static struct plain plain_of(TALLOC_CTX *ctx, struct part from)
{
	struct plain out = {.text = talloc_size(ctx, from.size + 1),
	                    .edge = talloc_zero_size(ctx, from.size + 1)};
	bool begins = true;

	out.edge[0] = 1;
	for (size_t i = 0; i < from.size; i++) {
		const char c = from.text[i];

		if (c == '\n' || c == '\r') {
			begins = true;
			out.edge[out.size] = 1;
		} else if (c != '\0' &&
		           !(begins && (nx_text_is_fold(c) || c == '>'))) {
			begins = false;
			out.text[out.size++] = nx_text_to_lower(c);
		}
	}
	out.edge[out.size] = 1;
	out.text[out.size] = '\0';
	return out;
}

/* --- searching ------------------------------------------------------------ */

static bool ends_with(const char *text, size_t end, struct part part)
{
	return end >= part.size &&
	       memcmp(text + end - part.size, part.text, part.size) == 0;
}

/* Nothing that belongs to a longer address stands before it. A return path has
 * something of its own there. */
static bool begins_there(const struct plain *plain, size_t from, bool is_path)
{
	if (plain->edge[from])
		return true;
	const char c = plain->text[from - 1];
	return !nx_text_is_alnum(c) &&
	       (is_path || (c != '.' && c != '-' && c != '+'));
}

static bool ends_there(const struct plain *plain, size_t to)
{
	if (plain->edge[to])
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
		const struct part sign = part_of(between[i]);
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
	       (plain->edge[to] || !nx_text_is_alnum(plain->text[to]));
}

static bool names(const struct nx_naming *naming, struct part domain,
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

static bool is_plainly_in(const struct nx_naming *naming, struct part text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct plain plain = plain_of(ctx, text);
	const bool is = names(naming, naming->domain[0], &plain) ||
	                names(naming, naming->domain[1], &plain);

	talloc_free(ctx);
	return is;
}

/* --- escapes -------------------------------------------------------------- */

struct escape { /* at the start of a text; took 0: none */
	size_t took;
	char out[4];
	size_t size;
};

static struct escape as_code(size_t took, uint32_t code)
{
	struct escape escape = {.took = took};

	if (code <= 0x10FFFF)
		escape.size = nx_text_encode(code, escape.out);
	return escape;
}

static struct escape as_byte(size_t took, int byte)
{
	return (struct escape){.took = took, .out = {(char)byte}, .size = 1};
}

/* Digits of that base from from on; *digits says how many. */
static uint32_t read_number(struct part text, size_t from, uint32_t base,
                            size_t most, size_t *digits)
{
	uint32_t number = 0;

	for (*digits = 0; *digits < most && from + *digits < text.size;
	     (*digits)++) {
		const int digit = nx_text_hex(text.text[from + *digits]);

		if (digit < 0 || (uint32_t)digit >= base)
			break;
		number = number * base + (uint32_t)digit;
	}
	return number;
}

/* "=40", "%40", and of xtext "+2B", "+3D" and "+40": tags look like the others;
 * a soft break. */
static struct escape read_hex(struct part text)
{
	size_t digits, at = 1;
	const uint32_t byte = read_number(text, 1, 16, 2, &digits);

	if (digits == 2 &&
	    (*text.text != '+' || byte == '+' || byte == '=' || byte == '@'))
		return as_byte(3, (int)byte);
	while (at < text.size && nx_text_is_fold(text.text[at]))
		at++;
	if (at < text.size && text.text[at] == '\r')
		at++;
	if (*text.text == '=' && at < text.size && text.text[at] == '\n')
		return (struct escape){.took = at + 1};
	return (struct escape){.took = 0};
}

/* "&#64;", "&#x40;", "&commat;" */
static struct escape read_entity(struct part text)
{
	static const char COMMAT[] = "&commat;";
	size_t digits;

	if (text.size >= strlen(COMMAT) && nx_text_starts(text.text, COMMAT))
		return as_byte(strlen(COMMAT), '@');
	if (text.size < 3 || text.text[1] != '#')
		return (struct escape){.took = 0};
	const bool is_hex = nx_text_to_lower(text.text[2]) == 'x';
	const size_t from = is_hex ? 3 : 2;
	const uint32_t code =
	        read_number(text, from, is_hex ? 16 : 10, 7, &digits);
	size_t took = from + digits;
	if (digits == 0)
		return (struct escape){.took = 0};
	took += took < text.size && text.text[took] == ';';
	return as_code(took, code);
}

/* "\u0040", "\x40", "\x{40}"; of any other the backslash goes. */
static struct escape read_backslash(struct part text)
{
	size_t digits;
	const char kind = text.size > 1 ? text.text[1] : '\0';

	if (kind == 'n' || kind == 'r' || kind == 't')
		return as_byte(2, '\n');
	if (kind != 'u' && kind != 'x')
		return (struct escape){.took = 1};
	const bool is_braced = text.size > 2 && text.text[2] == '{';
	const size_t from = is_braced ? 3 : 2;
	const size_t most = is_braced ? 6 : kind == 'u' ? 4 : 2;
	const uint32_t code = read_number(text, from, 16, most, &digits);
	if (digits == 0)
		return (struct escape){.took = 1};
	return as_code(from + digits + is_braced, code);
}

/* "?= =?utf-8?b?" between two encoded words. */
static struct escape read_joint(struct part text)
{
	size_t at = 2;

	if (text.size < 2 || text.text[1] != '=')
		return (struct escape){.took = 0};
	while (at < text.size && nx_text_is_blank(text.text[at]))
		at++;
	if (at + 1 >= text.size || text.text[at] != '=' ||
	    text.text[at + 1] != '?')
		return (struct escape){.took = 0};
	const char *charset = text.text + at + 2;
	const char *mark = memchr(charset, '?', text.size - at - 2);
	if (!mark || (size_t)(mark - text.text) + 2 >= text.size ||
	    mark[2] != '?')
		return (struct escape){.took = 0};
	return (struct escape){.took = (size_t)(mark - text.text) + 3};
}

static struct escape read_escape(struct part text)
{
	switch (*text.text) {
	case '=':
	case '%':
	case '+':
		return read_hex(text);
	case '&':
		return read_entity(text);
	case '\\':
		return read_backslash(text);
	case '?':
		return read_joint(text);
	default:
		return (struct escape){.took = 0};
	}
}

/* All escapes decoded once; they only get shorter. */
static struct part unescape(TALLOC_CTX *ctx, struct part text)
{
	char *out = talloc_size(ctx, text.size + 1);
	struct part result = {out, 0};

	while (text.size > 0) {
		const struct escape escape = read_escape(text);

		if (escape.took == 0)
			out[result.size++] = *text.text;
		memcpy(out + result.size, escape.out, escape.size);
		result.size += escape.size;
		const size_t took = escape.took > 0 ? escape.took : 1;
		text.text += took;
		text.size -= took;
	}
	out[result.size] = '\0';
	return result;
}

/* --- base64 --------------------------------------------------------------- */

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (nx_text_is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

struct run { /* what may be base64, over the ends of lines */
	uint32_t bits;
	int held;    /* of them not written yet */
	size_t read; /* characters */
	size_t from; /* where in the output it begins */
};

static void end_run(struct run *run, char *out, size_t *size)
{
	if (run->read < SHORTEST_RUN)
		*size = run->from;
	else
		out[(*size)++] = '\n';
	*run = (struct run){.from = *size};
}

static void add_digit(struct run *run, int value, size_t phase, char *out,
                      size_t *size)
{
	if (run->read++ < phase)
		return;
	run->bits = run->bits << 6 | (uint32_t)value;
	run->held += 6;
	if (run->held < 8)
		return;
	run->held -= 8;
	out[(*size)++] = (char)(run->bits >> run->held & 0xff);
}

/* What all runs are when they begin at that phase, a line each. */
static struct part decode(TALLOC_CTX *ctx, struct part text, size_t phase)
{
	char *out = talloc_size(ctx, text.size + 2);
	size_t size = 0;
	bool begins = false;
	struct run run = {.from = 0};

	for (size_t i = 0; i < text.size; i++) {
		const char c = text.text[i];
		const int value = value_of(c);

		if (value >= 0)
			add_digit(&run, value, phase, out, &size);
		else if (c != '\n' && c != '\r' &&
		         !(begins && (nx_text_is_fold(c) || c == '>')))
			end_run(&run, out, &size);
		begins = c == '\n' || (begins && value < 0);
	}
	end_run(&run, out, &size);
	return (struct part){out, size};
}

/* -------------------------------------------------------------------------- */

static bool is_within(const struct nx_naming *naming, struct part text,
                      int depth);

static bool is_encoded_in(const struct nx_naming *naming, struct part text,
                          int depth)
{
	bool is = false;

	for (size_t phase = 0; phase < PHASES && !is; phase++) {
		TALLOC_CTX *ctx = talloc_new(NULL);

		is = is_within(naming, decode(ctx, text, phase), depth - 1);
		talloc_free(ctx);
	}
	return is;
}

/* Recursion: ENCODED deep. */
static bool is_within(const struct nx_naming *naming, struct part text,
                      int depth)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool is = is_plainly_in(naming, text) ||
	          (depth > 0 && is_encoded_in(naming, text, depth));
	struct part last = text;

	for (int i = 0; i < ESCAPED && !is; i++) {
		const struct part next = unescape(ctx, last);

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
	return is_within(naming, (struct part){bytes, size}, ENCODED);
}
