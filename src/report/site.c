/* SPDX-License-Identifier: ISC */
#include "report/site.h"

#include "base/text.h"

#include <stdlib.h>

struct nx_site_names nx_site_names_of(const char **name, size_t count)
{
	if (count > 0)
		qsort(name, count, sizeof(*name), nx_text_compare);
	return (struct nx_site_names){name, count};
}

bool nx_site_names_has(const struct nx_site_names *names, const char *name)
{
	return names->count > 0 &&
	       bsearch(&name, names->name, names->count, sizeof(*names->name),
	               nx_text_compare);
}
