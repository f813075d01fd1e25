/* SPDX-License-Identifier: ISC */
#include "config/read_streams.h"

#include "base/text.h"
#include "mail/address.h"

#include <string.h>

/* The name in normal form, or "". */
typedef const char *normal_name(TALLOC_CTX *ctx, const char *text);

/* In lower case, and "" when it has one of those characters. */
static const char *lower_without(TALLOC_CTX *ctx, const char *text,
                                 const char *others)
{
	char *name = talloc_strdup(ctx, strpbrk(text, others) ? "" : text);

	for (char *at = name; *at; at++)
		*at = nx_text_to_lower(*at);
	return name;
}

/* It may have a "+", but behind the first one of an address. */
static const char *tag(TALLOC_CTX *ctx, const char *text)
{
	return lower_without(ctx, *text == '+' ? "" : text, "@* \t");
}

static const char *list_id(TALLOC_CTX *ctx, const char *text)
{
	return lower_without(ctx, text, "<> \t");
}

/* As the server of SMTP knows it. */
static const char *login(TALLOC_CTX *ctx, const char *text)
{
	return talloc_strdup(ctx, text);
}

static const char *recipient(TALLOC_CTX *ctx, const char *text)
{
	return strchr(text, '*') ? "" : nx_address_normal(ctx, text);
}

static bool read_name(TALLOC_CTX *ctx, const struct nx_yaml *item,
                      normal_name *normal, const char *what, const char **out,
                      struct nx_error *err)
{
	*out = item->kind == NX_YAML_TEXT ? normal(ctx, item->text) : "";
	return **out || nx_yaml_error(err, item, "must be %s", what);
}

/* A text, or a list of them. */
static bool read_names(TALLOC_CTX *ctx, const struct nx_yaml *map,
                       const char *key, normal_name *normal, const char *what,
                       const char *const **out, struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	const bool is_list = node && node->kind == NX_YAML_LIST;
	const size_t most = is_list ? node->count : 1;
	const char **name = talloc_zero_array(ctx, const char *, most + 1);

	*out = name;
	if (!node)
		return true;
	if (!is_list)
		return read_name(ctx, node, normal, what, name, err);
	for (const struct nx_yaml *item = node->first; item; item = item->next)
		if (!read_name(ctx, item, normal, what, name++, err))
			return false;
	return true;
}

static bool read_kind(const struct nx_yaml *map, enum nx_stream_kind *out,
                      struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "kind");

	*out = NX_STREAM_BULK;
	if (!node)
		return nx_yaml_error(err, map, "missing key \"kind\"");
	if (strcmp(node->text, "transactional") == 0)
		*out = NX_STREAM_TRANSACTIONAL;
	else if (strcmp(node->text, "bulk") != 0)
		return nx_yaml_error(err, node,
		                     "kind: must be bulk or transactional");
	return true;
}

static bool read_stream(TALLOC_CTX *ctx, const struct nx_yaml *map,
                        struct nx_stream *out, struct nx_error *err)
{
	static const char *const KEYS[] = {"kind",     "recipients", "tags",
	                                   "list_ids", "domains",    "logins",
	                                   NULL};

	out->name = talloc_strdup(ctx, map->key);
	if (!*out->name)
		return nx_yaml_error(err, map, "a stream needs a name");
	return nx_yaml_check_keys(map, KEYS, err) &&
	       read_kind(map, &out->kind, err) &&
	       read_names(ctx, map, "recipients", recipient,
	                  "an address, without wildcards", &out->recipient,
	                  err) &&
	       read_names(ctx, map, "tags", tag, "what stands behind the \"+\"",
	                  &out->tag, err) &&
	       read_names(ctx, map, "list_ids", list_id,
	                  "a List-Id without its name", &out->list_id, err) &&
	       read_names(ctx, map, "domains", nx_address_normal_domain,
	                  "a domain", &out->domain, err) &&
	       read_names(ctx, map, "logins", login, "a name to log in by",
	                  &out->login, err);
}

static bool read_streams(TALLOC_CTX *ctx, const struct nx_yaml *root,
                         struct nx_streams *out, struct nx_error *err)
{
	const struct nx_yaml *map = nx_yaml_get(root, "streams");

	if (!map)
		return true;
	if (map->kind != NX_YAML_MAP || map->count == 0)
		return nx_yaml_error(err, map,
		                     "streams: must be a map of streams");
	struct nx_stream *stream =
	        talloc_zero_array(ctx, struct nx_stream, map->count);
	out->stream = stream;
	for (const struct nx_yaml *node = map->first; node; node = node->next)
		if (!read_stream(ctx, node, &stream[out->count++], err))
			return false;
	return true;
}

static bool check_name(const struct nx_yaml *root, const char *key,
                       const struct nx_streams *streams, struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(root, key);

	return !node || nx_streams_find(streams, node->text) ||
	       nx_yaml_error(err, node, "%s: \"%s\" is none of the streams",
	                     key, node->text);
}

/* Where none are configured, stream may be any name. */
static bool check_names(const struct nx_yaml *root,
                        const struct nx_streams *streams, struct nx_error *err)
{
	const struct nx_yaml *old = nx_yaml_get(root, "scope");

	if (old && nx_yaml_get(root, "stream"))
		return nx_yaml_error(err, old, "scope: is stream, too");
	return check_name(root, "default_stream", streams, err) &&
	       (streams->count == 0 ||
	        (check_name(root, "stream", streams, err) &&
	         check_name(root, "scope", streams, err)));
}

bool nx_config_read_streams(TALLOC_CTX *ctx, const struct nx_yaml *root,
                            const struct nx_streams **out, struct nx_error *err)
{
	struct nx_streams *streams = talloc_zero(ctx, struct nx_streams);

	streams->fallback = "";
	*out = streams;
	return read_streams(streams, root, streams, err) &&
	       check_names(root, streams, err) &&
	       nx_yaml_take_text(root, "default_stream", &streams->fallback,
	                         err);
}
