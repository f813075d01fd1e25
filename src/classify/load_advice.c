/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include <string.h>

/* Advice: its first word, and the ${words} that are filled in from a
 * diagnostic. */

static const char *const first_words[] = {
        "never", "retry", "slow-down", "fix", "delist", "none",
};

enum { FIRST_WORDS = sizeof(first_words) / sizeof(*first_words) };

static bool is_advice(const char *text)
{
	size_t length = strcspn(text, " ");

	for (size_t i = 0; i < FIRST_WORDS; i++) {
		if (strlen(first_words[i]) == length &&
		    strncmp(first_words[i], text, length) == 0)
			return true;
	}
	return false;
}

bool nx_load_advice(struct nx_loader *loader, const struct nx_yaml *row,
                    const char **out, bool *given)
{
	const char *text;

	*given = nx_yaml_get(row, "advice") != NULL;
	if (!*given)
		return true;
	if (!nx_yaml_need_text(row, "advice", &text, loader->err))
		return false;
	if (!is_advice(text))
		return nx_yaml_error(loader->err, nx_yaml_get(row, "advice"),
		                     "advice \"%s\" must begin with never, "
		                     "retry, slow-down, fix, delist or none",
		                     text);
	*out = nx_load_keep(loader, text);
	return true;
}

/* "(?<name>", "(?P<name>" or "(?'name'" in the pattern. */
static bool has_group(const char *pattern, const char *name)
{
	const char *at = pattern;
	size_t length = strlen(name);

	while ((at = strstr(at, "(?")) != NULL) {
		at += at[2] == 'P' ? 3 : 2;
		if ((*at == '<' || *at == '\'') &&
		    strncmp(at + 1, name, length) == 0 &&
		    (at[1 + length] == '>' || at[1 + length] == '\''))
			return true;
	}
	return false;
}

/* May occur in any diagnostic. */
static bool is_common(const char *name)
{
	return strcmp(name, "url") == 0 || strcmp(name, "ip") == 0;
}

bool nx_load_check_words(struct nx_loader *loader, const struct nx_yaml *row,
                         const char *advice, const char *pattern)
{
	const struct nx_yaml *node = nx_yaml_get(row, "advice");

	for (const char *at = advice; (at = strstr(at, "${")) != NULL;) {
		size_t length = strcspn(at + 2, "}");
		const char *name =
		        talloc_strndup(loader->scratch, at + 2, length);

		if (at[2 + length] != '}' || length == 0)
			return nx_yaml_error(loader->err, node,
			                     "\"${\" without a name and \"}\"");
		if (!is_common(name) && !has_group(pattern, name))
			return nx_yaml_error(
			        loader->err, node,
			        "the text pattern has no group (?<%s>...); "
			        "without one there are ${url} and ${ip}",
			        name);
		at += 2;
	}
	return true;
}

bool nx_load_check_advice(struct nx_loader *loader, const struct nx_yaml *row,
                          struct nx_rule *rule)
{
	rule->advice_has_groups = strstr(rule->advice, "${") != NULL;
	return nx_yaml_get(row, "advice") == NULL ||
	       nx_load_check_words(loader, row, rule->advice,
	                           rule->when.text.source);
}
