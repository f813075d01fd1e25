/* SPDX-License-Identifier: ISC */
#include "report/site.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct nx_names nx_names_of(const char **name, size_t count)
{
	if (count > 0)
		qsort(name, count, sizeof(*name), compare);
	return (struct nx_names){name, count};
}

bool nx_names_has(const struct nx_names *names, const char *name)
{
	return names->count > 0 && bsearch(&name, names->name, names->count,
	                                   sizeof(*names->name), compare);
}
