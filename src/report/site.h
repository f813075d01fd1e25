/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_SITE_H
#define NX_REPORT_SITE_H

#include <stddef.h>

/*
 * What the administrator says is ours, for whoever reads a report. Names are
 * in normal form (mail/address.h). An empty one says nothing.
 */
struct nx_names {
	const char *const *name;
	size_t count;
};

struct nx_site {
	struct nx_names domains;       /* that we take mail for */
	struct nx_names protect;       /* "anna@example.com", "@example.com" */
	struct nx_names local_domains; /* without a dot: "mailhub" */
};

#endif
