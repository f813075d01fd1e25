/* SPDX-License-Identifier: ISC */
#include "classify/sides.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/ours.h"

#include <string.h>

static void add_name(TALLOC_CTX *ctx, struct nx_side *side, const char *value)
{
	if (value == NULL || *value == '\0' || side->count == NX_SIDE_NAMES)
		return;

	const char *address = nx_address_of_header(ctx, value);

	if (*address == '\0')
		return;
	side->address[side->count] = address;
	side->domain[side->count++] = nx_address_domain(ctx, address);
}

static bool is_named(const struct nx_side *side, const char *address)
{
	for (size_t i = 0; i < side->count; i++)
		if (nx_text_equal(side->address[i], address))
			return true;
	return false;
}

static void learn_recipient(struct nx_sides *sides)
{
	const struct nx_recipient *recipient = sides->of;
	const char *names[] = {
	        recipient->address,
	        recipient->original_recipient,
	        recipient->final_recipient,
	        recipient->actual_recipient,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i] != NULL && !is_named(&sides->recipient, names[i]))
			add_name(sides->ctx, &sides->recipient, names[i]);
}

static void learn_sender(struct nx_sides *sides)
{
	const struct nx_report *report = sides->report;
	const struct nx_message *message = report->message;
	struct nx_side *sender = &sides->sender;

	add_name(sides->ctx, sender, report->original.return_path);
	add_name(sides->ctx, sender, report->original.from);
	if (message == NULL)
		return;
	add_name(sides->ctx, sender, message->envelope.recipient);
	add_name(sides->ctx, sender, message->envelope.original_recipient);
	add_name(sides->ctx, sender, nx_message_header(message, "To"));
}

void nx_sides_learn_recipient(struct nx_sides *sides)
{
	if (sides->recipient.count == 0)
		learn_recipient(sides);
}

void nx_sides_learn_sender(struct nx_sides *sides)
{
	if (!sides->knows_sender)
		learn_sender(sides);
	sides->knows_sender = true;
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

static enum fit best_fit(const struct nx_side *side, const char *host)
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
 * in a text is from. */
static bool is_home(const struct nx_sides *sides, const char *address)
{
	return sides->report->message != NULL &&
	       nx_report_is_home(sides->ctx, sides->report, address);
}

/* Mail from b@bounce.example.com may have a@example.com as its author. */
static bool is_above(const struct nx_side *side, const char *domain)
{
	for (size_t i = 0; i < side->count; i++)
		if (fit_of(side->domain[i], domain) == FIT_BELOW)
			return true;
	return false;
}

/* A sender in the recipient's domain is recognised by its address only. */
enum nx_party nx_sides_address(struct nx_sides *sides, const char *address)
{
	const char *at = strrchr(address, '@');

	if (is_named(&sides->recipient, address))
		return NX_PARTY_RECIPIENT;
	nx_sides_learn_sender(sides);
	if (is_named(&sides->sender, address))
		return NX_PARTY_SENDER;
	if (at == NULL || best_fit(&sides->recipient, at + 1) == FIT_SAME)
		return NX_PARTY_OTHER;
	return best_fit(&sides->sender, at + 1) == FIT_SAME ||
	                       is_above(&sides->sender, at + 1) ||
	                       is_home(sides, address)
	               ? NX_PARTY_SENDER
	               : NX_PARTY_OTHER;
}

static bool is_remote(const struct nx_sides *sides, const char *host)
{
	return nx_text_equal(host, sides->of->remote_mta);
}

/* The receiving side of a sender at a large provider may also be that
 * provider. */
enum nx_party nx_sides_host(struct nx_sides *sides, const char *host)
{
	const enum fit theirs = best_fit(&sides->recipient, host);

	if (theirs == FIT_BELOW || is_remote(sides, host))
		return NX_PARTY_THEIRS;
	nx_sides_learn_sender(sides);

	const enum fit ours = best_fit(&sides->sender, host);

	if (theirs == FIT_SAME)
		return ours == FIT_SAME ? NX_PARTY_NONE : NX_PARTY_RECIPIENT;
	if (ours == FIT_SAME)
		return NX_PARTY_SENDER;
	return ours == FIT_BELOW ? NX_PARTY_CONNECTION : NX_PARTY_OTHER;
}
