/* SPDX-License-Identifier: ISC */
#ifndef NX_POLICY_MASS_H
#define NX_POLICY_MASS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Mass failure: a provider that refuses everybody for some hours speaks of
 * itself, whatever its replies say. What goes beyond the usual number of new
 * hard leases is held until a human has looked. Pure: who counts is the store.
 */
enum {
	NX_MASS_HOURS = 28 * 24, /* of which the median is taken; the hours in
	                            which nothing failed count too */
	NX_MASS_SENT = 24,       /* hours of mail that a share is of: a bounce
	                            comes later than its mail */
	NX_MASS_FEW = 20         /* an hour are never too large a share */
};

struct nx_mass_terms {
	bool off;
	int64_t share;        /* per cent of what was sent */
	int64_t at_least;     /* an hour, where that is not known */
	int64_t times_median; /* the same */
	int64_t drop_after;   /* seconds until what is held is forgotten */
};

/* Where policy.yaml says nothing else. */
extern const struct nx_mass_terms nx_mass_default;

struct nx_mass_counts { /* of one domain, or of one provider */
	int64_t sent;   /* in the last NX_MASS_SENT hours; 0: not known */
	int64_t leases; /* hard leases made in these, without this hour */
	int64_t median; /* failures of an hour, of the NX_MASS_HOURS before */
};

enum { NX_MASS_DOMAIN = 256 };

struct nx_hold_begun { /* the first failure of an hour that is held */
	char domain[NX_MASS_DOMAIN]; /* or of a provider; "": none began */
	int64_t leases; /* that this hour's failures have made before it */
};

/* No limit is lower than this, so until then no other count is needed. */
int64_t nx_mass_least(const struct nx_mass_terms *terms);

/* How many of this hour's failures, bounces that were to make a new hard lease,
 * may make it: a failure beyond them is held. INT64_MAX: none is. */
int64_t nx_mass_limit(const struct nx_mass_terms *terms,
                      const struct nx_mass_counts *counts);

/* The provider that a host is of: the last two labels of its name, or three
 * where the last two are such as co.uk. What has none, as an address of the
 * network, is its own. Points into host, which is in normal form. */
const char *nx_mass_provider(const char *host);

#endif
