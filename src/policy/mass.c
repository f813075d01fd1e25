/* SPDX-License-Identifier: ISC */
#include "policy/mass.h"

#include "base/date.h"

#include <string.h>

const struct nx_mass_terms nx_mass_default = {.share = 3,
                                              .at_least = 200,
                                              .times_median = 5,
                                              .drop_after = 7 * NX_DAY};

static int64_t more(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- how many ------------------------------------------------------------- */

int64_t nx_mass_least(const struct nx_mass_terms *terms)
{
	if (terms->off)
		return INT64_MAX;
	return terms->at_least < NX_MASS_FEW ? terms->at_least : NX_MASS_FEW;
}

static int64_t times(int64_t a, int64_t b)
{
	return a > 0 && b > INT64_MAX / a ? INT64_MAX : a * b;
}

/* What the share has left for this hour: the leases of the hours before it are
 * taken off. */
static int64_t limit_of_share(const struct nx_mass_terms *terms,
                              const struct nx_mass_counts *counts)
{
	const int64_t all = counts->sent / 100 * terms->share +
	                    counts->sent % 100 * terms->share / 100;

	return more(NX_MASS_FEW, all - counts->leases);
}

int64_t nx_mass_limit(const struct nx_mass_terms *terms,
                      const struct nx_mass_counts *counts)
{
	if (terms->off)
		return INT64_MAX;
	if (counts->sent > 0)
		return limit_of_share(terms, counts);
	return more(terms->at_least,
	            times(terms->times_median, counts->median));
}

/* --- whose ---------------------------------------------------------------- */

/* The label before, or NULL. */
static const char *before(const char *host, const char *at)
{
	if (at == host)
		return NULL;
	for (at--; at > host && at[-1] != '.';)
		at--;
	return at;
}

/* Under which names of two letters have many owners. */
static bool is_shared(const char *label, size_t size)
{
	static const char *const names[] = {"ac",  "co", "com", "edu", "go",
	                                    "gov", "ne", "net", "or",  "org"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == size &&
		    memcmp(names[i], label, size) == 0)
			return true;
	return false;
}

static bool is_number(const char *label)
{
	return label[strspn(label, "0123456789")] == '\0';
}

const char *nx_mass_provider(const char *host)
{
	const char *end = host + strlen(host);
	const char *last = before(host, end);
	const char *second = last ? before(host, last) : NULL;
	const char *third = second ? before(host, second) : NULL;

	if (!second || is_number(last))
		return host;
	if (third && end - last == 2 &&
	    is_shared(second, (size_t)(last - second - 1)))
		return third;
	return second;
}
