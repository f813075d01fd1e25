/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_SITE_H
#define NX_REPORT_SITE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What the administrator says is ours, for the readers of a report. Names are
 * in normal form (mail/address.h). An empty list says nothing.
 */
struct nx_site_names { /* in byte order: nx_site_names_of */
	const char *const *name;
	size_t count;
};

struct nx_site {
	struct nx_site_names domains; /* the domains that we take mail for */
	struct nx_site_names protect; /* "anna@example.com", "@example.com" */
	struct nx_site_names local_domains; /* without a dot: "mailhub" */
	struct nx_site_names own_hosts;     /* MTAs of ours */
};

/* Sorts the array, which stays the caller's. */
struct nx_site_names nx_site_names_of(const char **name, size_t count);
bool nx_site_names_has(const struct nx_site_names *names, const char *name);

#endif
