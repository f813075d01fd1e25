/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Reads the tree and checks the keys of a file. */

const struct nx_yaml *nx_yaml_get(const struct nx_yaml *map, const char *key)
{
	if (!map || map->kind != NX_YAML_MAP)
		return NULL;
	for (const struct nx_yaml *node = map->first; node; node = node->next)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

const char *nx_yaml_text(const struct nx_yaml *map, const char *key,
                         const char *fallback)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	return node && node->kind == NX_YAML_TEXT ? node->text : fallback;
}

bool nx_yaml_error(struct nx_error *err, const struct nx_yaml *node,
                   const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list values;
	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (!node)
		return nx_error_set(err, NX_ERROR_CONFIG, "%s", text);
	return nx_error_set(err, NX_ERROR_CONFIG, "%s:%d:%d: %s", node->file,
	                    node->line, node->column, text);
}

static bool is_known(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (strcmp(key, *keys) == 0)
			return true;
	return false;
}

static bool refuse_key(const struct nx_yaml *node, const char *const *keys,
                       struct nx_error *err)
{
	struct nx_yaml place = {.file = node->file,
	                        .line = node->key_line,
	                        .column = node->key_column};
	char *known = talloc_strdup(NULL, *keys ? *keys : "none");
	for (size_t i = 1; *keys && keys[i]; i++)
		known = talloc_asprintf_append(known, ", %s", keys[i]);
	char *key = nx_text_escape(known, node->key, true);
	nx_yaml_error(err, &place, "unknown key \"%s\" (known: %s)", key,
	              known);
	talloc_free(known);
	return false;
}

bool nx_yaml_check_keys(const struct nx_yaml *map, const char *const *keys,
                        struct nx_error *err)
{
	if (!map || map->kind != NX_YAML_MAP)
		return nx_yaml_error(err, map, "must be a map");
	for (const struct nx_yaml *node = map->first; node; node = node->next)
		if (!is_known(node->key, keys))
			return refuse_key(node, keys, err);
	return true;
}

bool nx_yaml_need_text(const struct nx_yaml *map, const char *key,
                       const char **out, struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	if (!node)
		return nx_yaml_error(err, map, "missing key \"%s\"", key);
	if (node->kind != NX_YAML_TEXT || !*node->text)
		return nx_yaml_error(err, node, "%s: must be text", key);
	*out = node->text;
	return true;
}

/* Decimal digits with an optional minus, nothing else. */
static bool parse_whole(const char *text, int64_t *out)
{
	bool is_negative = *text == '-';
	int64_t value = 0;
	text += is_negative;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (!nx_text_is_digit(*text))
			return false;
		int digit = is_negative ? '0' - *text : *text - '0';
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*out = value;
	return true;
}

bool nx_yaml_take_text(const struct nx_yaml *map, const char *key,
                       const char **out, struct nx_error *err)
{
	return !nx_yaml_get(map, key) || nx_yaml_need_text(map, key, out, err);
}

bool nx_yaml_number(const struct nx_yaml *map, const char *key, int64_t low,
                    int64_t high, int64_t *out, struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	int64_t value;
	if (!node)
		return true;
	if (node->kind != NX_YAML_TEXT || !parse_whole(node->text, &value) ||
	    value < low || value > high)
		return nx_yaml_error(err, node,
		                     "%s: must be a whole number from %lld to "
		                     "%lld",
		                     key, (long long)low, (long long)high);
	*out = value;
	return true;
}

bool nx_yaml_flag(const struct nx_yaml *map, const char *key, bool *out,
                  struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	*out = node && strcmp(node->text, "true") == 0;
	if (!node || *out || strcmp(node->text, "false") == 0)
		return true;
	return nx_yaml_error(err, node, "%s: must be true or false", key);
}
