/* SPDX-License-Identifier: ISC */
#include "report/returned.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/ours.h"
#include "report/own.h"

#include <string.h>

enum { ADDRESSES = 100 /* of To and Cc that are examined */ };

struct addressees {
	const char *item[ADDRESSES];
	size_t count;
};

static void add_all(TALLOC_CTX *ctx, const char *value, struct addressees *out)
{
	const char *rest = talloc_strdup(ctx, value);

	while (*rest && out->count < ADDRESSES) {
		size_t size = strcspn(rest, ",;");
		const char *one = talloc_strndup(ctx, rest, size);
		const char *address = nx_address_of_field(ctx, one);

		if (*address)
			out->item[out->count++] = address;
		rest += size + (rest[size] != '\0');
	}
}

static struct addressees addressees_of(TALLOC_CTX *ctx,
                                       const struct nx_fields *headers)
{
	struct addressees out = {.count = 0};

	for (size_t i = 0; i < headers->count; i++)
		if (nx_text_equal(headers->item[i].name, "To") ||
		    nx_text_equal(headers->item[i].name, "Cc"))
			add_all(ctx, headers->item[i].value, &out);
	return out;
}

/* "… by mx1.example.org with ESMTP id 1 for <anna@example.com>; …" in the
 * oldest Received, which is our own mail system's. */
static const char *received_for(TALLOC_CTX *ctx,
                                const struct nx_fields *headers)
{
	const char *oldest = "";

	for (size_t i = 0; i < headers->count; i++)
		if (nx_text_equal(headers->item[i].name, "Received"))
			oldest = headers->item[i].value;
	const char *at = nx_text_find(oldest, " for ");

	if (!at)
		return "";
	at += strlen(" for ");
	return nx_address_of_field(ctx,
	                           talloc_strndup(ctx, at, strcspn(at, " ;")));
}

static bool is_usable(TALLOC_CTX *ctx, const struct nx_report *report,
                      const char *address)
{
	return nx_address_is_valid(ctx, address) &&
	       !nx_report_is_ours(ctx, report, address);
}

/* The address, if all are the same. */
static const char *only(const struct addressees *all)
{
	for (size_t i = 1; i < all->count; i++)
		if (!nx_text_equal(all->item[0], all->item[i]))
			return "";
	return all->count ? all->item[0] : "";
}

static bool is_among(const struct addressees *all, const char *address)
{
	for (size_t i = 0; i < all->count; i++)
		if (nx_text_equal(all->item[i], address))
			return true;
	return false;
}

const char *nx_returned_recipient(TALLOC_CTX *ctx,
                                  const struct nx_report *report)
{
	const struct nx_fields *headers = &nx_own_of(report)->headers;
	struct addressees all = addressees_of(ctx, headers);
	const char *envelope = received_for(ctx, headers);
	const char *address = only(&all);

	if (*envelope && all.count && !is_among(&all, envelope))
		return "";
	if (*envelope)
		address = envelope;
	else if (nx_report_is_home(ctx, report, address))
		return ""; /* with hidden recipients, To or Cc has an address of
		              the sender */
	return is_usable(ctx, report, address) ? address : "";
}

static bool has_local(const char *address, const char *local)
{
	size_t size = strlen(local);

	return nx_text_starts(address, local) &&
	       (address[size] == '@' || address[size] == '+');
}

const char *nx_returned_by_name(TALLOC_CTX *ctx, const struct nx_report *report,
                                const char *local)
{
	const struct nx_fields *headers = &nx_own_of(report)->headers;
	struct addressees all = addressees_of(ctx, headers);
	struct addressees named = {.count = 0};

	for (size_t i = 0; i < all.count; i++)
		if (has_local(all.item[i], local))
			named.item[named.count++] = all.item[i];
	const char *address = only(&named);

	return is_usable(ctx, report, address) ? address : "";
}

bool nx_returned_names(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address)
{
	const struct nx_fields *headers = &nx_own_of(report)->headers;
	struct addressees all = addressees_of(ctx, headers);

	return is_among(&all, address);
}
