/* SPDX-License-Identifier: ISC */
#include "config/read_serve.h"

#include "base/date.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum {
	MOST_SESSIONS = 10000,
	MOST_MEMORY = 4096, /* MiB */
	MOST_DAYS = 36500,
	MAIL_PORT = 25,
	MOST_PORT = 65535
};

static const int64_t MEBIBYTE = INT64_C(1024) * 1024;
static const int64_t MOST_BUDGET = INT64_MAX / 100; /* ten times fits */

void nx_config_set_serve(struct nx_config *out)
{
	out->status = "";
	out->spool = "";
	out->host = "";
	out->limits = (struct nx_limits){.sessions = 1000,
	                                 .memory = 32 * MEBIBYTE,
	                                 .idle = 300,
	                                 .data = 600,
	                                 .uneventful = 20000};
	out->budget =
	        (struct nx_budget){.rows = 200000, .bytes = 1024 * MEBIBYTE};
	out->quarantine = (struct nx_quarantine_limits){
	        .messages = 10000, .bytes = 64 * MEBIBYTE, .days = 7};
	out->originals = (struct nx_original_limits){.days = 30,
	                                             .bytes = 1024 * MEBIBYTE};
}

/* --- lmtp ----------------------------------------------------------------- */

/* Every client that can connect to the port can send anything: there is no
 * login. */
static bool is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static bool parse_path(const struct nx_yaml *node, struct nx_listen *out,
                       struct nx_error *err)
{
	const struct sockaddr_un *address = NULL;
	out->path = out->name + strlen("unix:");
	if (*out->path != '/')
		return nx_yaml_error(
		        err, node, "%s: the path must begin with /", out->name);
	if (strlen(out->path) >= sizeof(address->sun_path))
		return nx_yaml_error(err, node,
		                     "%s: longer than a socket's path may be",
		                     out->name);
	return true;
}

static bool parse_host(TALLOC_CTX *ctx, const struct nx_yaml *node,
                       struct nx_listen *out, struct nx_error *err)
{
	const char *colon = strrchr(out->name, ':');
	char *end = NULL;
	const char *host = out->name;
	size_t size = colon != NULL ? (size_t)(colon - host) : 0;
	if (size > 2 && host[0] == '[' && host[size - 1] == ']') {
		host++;
		size -= 2;
	}
	out->host = talloc_strndup(ctx, host, size);
	const long port = colon != NULL ? strtol(colon + 1, &end, 10) : 0;
	if (colon == NULL || end == colon + 1 || *end != '\0' || port < 0 ||
	    port > MOST_PORT)
		return nx_yaml_error(err, node,
		                     "%s: neither unix:PATH nor HOST:PORT",
		                     out->name);
	out->port = (int)port;
	if (!is_loopback(out->host))
		return nx_yaml_error(err, node,
		                     "%s: not a loopback address (127.0.0.1 "
		                     "or [::1])",
		                     out->name);
	if (port == MAIL_PORT)
		return nx_yaml_error(err, node,
		                     "%s: LMTP must not be on port 25 (RFC "
		                     "2033)",
		                     out->name);
	return true;
}

static bool parse_mode(const struct nx_yaml *map, struct nx_listen *out,
                       struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "mode");
	if (node == NULL)
		return true;
	char *end = NULL;
	const long mode = strtol(node->text, &end, 8);
	if (end == node->text || *end != '\0' || mode < 0 || mode > 0777)
		return nx_yaml_error(
		        err, node, "mode: an octal number is wanted, as 0660");
	out->mode = (int)mode;
	return true;
}

static bool read_listen(TALLOC_CTX *ctx, const struct nx_yaml *map,
                        struct nx_listen *out, struct nx_error *err)
{
	static const char *const keys[] = {"listen", "owner", "group", "mode",
	                                   NULL};
	*out = (struct nx_listen){
	        .path = "", .host = "", .owner = "", .group = "", .mode = 0660};
	if (!nx_yaml_check_keys(map, keys, err) ||
	    !nx_yaml_need_text(map, "listen", &out->name, err) ||
	    !nx_yaml_take_text(map, "owner", &out->owner, err) ||
	    !nx_yaml_take_text(map, "group", &out->group, err) ||
	    !parse_mode(map, out, err))
		return false;
	const struct nx_yaml *node = nx_yaml_get(map, "listen");
	if (nx_text_starts(out->name, "unix:"))
		return parse_path(node, out, err);
	if (map->count > 1)
		return nx_yaml_error(err, node,
		                     "%s: owner, group and mode are for unix "
		                     "sockets",
		                     out->name);
	return parse_host(ctx, node, out, err);
}

static bool is_twice(const struct nx_listen *listen, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		if (strcmp(listen[i].name, listen[count - 1].name) == 0)
			return true;
	return false;
}

static bool read_lmtp(TALLOC_CTX *ctx, const struct nx_yaml *root,
                      struct nx_config *out, struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(root, "lmtp");
	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(err, list, "lmtp: must be a list");
	struct nx_listen *listen =
	        talloc_array(ctx, struct nx_listen, list->count);
	size_t count = 0;
	for (const struct nx_yaml *item = list->first; item != NULL;
	     item = item->next) {
		if (!read_listen(ctx, item, &listen[count++], err))
			return false;
		if (is_twice(listen, count))
			return nx_yaml_error(err, item, "%s is there twice",
			                     listen[count - 1].name);
	}
	out->lmtp = listen;
	out->lmtps = count;
	return true;
}

/* --- limits --------------------------------------------------------------- */

static bool read_span(const struct nx_yaml *map, const char *key, int64_t *out,
                      struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	if (node == NULL)
		return true;
	if (!nx_span_parse(node->text, out) || *out < 1 || *out > NX_DAY)
		return nx_yaml_error(
		        err, node, "%s: a span from 1s to 24h is wanted", key);
	return true;
}

static bool read_mebibytes(const struct nx_yaml *map, const char *key,
                           int64_t least, int64_t most, int64_t *out,
                           struct nx_error *err)
{
	int64_t mebibytes = *out / MEBIBYTE;
	if (!nx_yaml_number(map, key, least, most, &mebibytes, err))
		return false;
	*out = mebibytes * MEBIBYTE;
	return true;
}

static bool read_limits(const struct nx_yaml *root, struct nx_config *config,
                        struct nx_error *err)
{
	struct nx_limits *out = &config->limits;
	struct nx_budget *budget = &config->budget;
	static const char *const keys[] = {"sessions", "memory", "size",
	                                   "idle",     "data",   "eventless",
	                                   "rows",     "bytes",  NULL};
	const struct nx_yaml *map = nx_yaml_get(root, "limits");
	return map == NULL ||
	       (nx_yaml_check_keys(map, keys, err) &&
	        nx_yaml_number(map, "sessions", 1, MOST_SESSIONS,
	                       &out->sessions, err) &&
	        read_mebibytes(map, "memory", 1, MOST_MEMORY, &out->memory,
	                       err) &&
	        nx_yaml_number(map, "size", 0, INT64_MAX, &out->size, err) &&
	        read_span(map, "idle", &out->idle, err) &&
	        read_span(map, "data", &out->data, err) &&
	        nx_yaml_number(map, "rows", 0, MOST_BUDGET, &budget->rows,
	                       err) &&
	        nx_yaml_number(map, "bytes", 0, MOST_BUDGET, &budget->bytes,
	                       err) &&
	        nx_yaml_number(map, "eventless", 0, INT64_MAX, &out->uneventful,
	                       err));
}

static bool read_quarantine(const struct nx_yaml *root,
                            struct nx_quarantine_limits *out,
                            struct nx_error *err)
{
	static const char *const keys[] = {"messages", "mebibytes", "days",
	                                   NULL};
	const struct nx_yaml *map = nx_yaml_get(root, "quarantine");
	return map == NULL ||
	       (nx_yaml_check_keys(map, keys, err) &&
	        nx_yaml_number(map, "messages", 1, 10000000, &out->messages,
	                       err) &&
	        read_mebibytes(map, "mebibytes", 1, MEBIBYTE, &out->bytes,
	                       err) &&
	        nx_yaml_number(map, "days", 1, MOST_DAYS, &out->days, err));
}

/* originals: 0 says the same as 0 of its keys. */
static bool read_originals(const struct nx_yaml *root,
                           struct nx_original_limits *out, struct nx_error *err)
{
	static const char *const keys[] = {"days", "mebibytes", NULL};
	const struct nx_yaml *map = nx_yaml_get(root, "originals");
	if (map != NULL && map->kind == NX_YAML_TEXT &&
	    strcmp(map->text, "0") == 0) {
		*out = (struct nx_original_limits){0};
		return true;
	}
	return map == NULL ||
	       (nx_yaml_check_keys(map, keys, err) &&
	        nx_yaml_number(map, "days", 0, MOST_DAYS, &out->days, err) &&
	        read_mebibytes(map, "mebibytes", 0, MEBIBYTE, &out->bytes,
	                       err));
}

static bool read_log(const struct nx_yaml *root, struct nx_config *out,
                     struct nx_error *err)
{
	static const char *const keys[] = {"addresses", NULL};
	const struct nx_yaml *map = nx_yaml_get(root, "log");
	const char *addresses = "short";
	if (map == NULL)
		return true;
	if (!nx_yaml_check_keys(map, keys, err) ||
	    !nx_yaml_take_text(map, "addresses", &addresses, err))
		return false;
	out->full_addresses = strcmp(addresses, "full") == 0;
	if (!out->full_addresses && strcmp(addresses, "short") != 0)
		return nx_yaml_error(err, nx_yaml_get(map, "addresses"),
		                     "addresses: short or full");
	return true;
}

static bool read_names(const struct nx_yaml *root, struct nx_config *out,
                       struct nx_error *err)
{
	return nx_yaml_take_text(root, "status", &out->status, err) &&
	       nx_yaml_take_text(root, "spool", &out->spool, err) &&
	       nx_yaml_take_text(root, "host", &out->host, err);
}

bool nx_config_read_serve(TALLOC_CTX *ctx, const struct nx_yaml *root,
                          struct nx_config *out, struct nx_error *err)
{
	return read_lmtp(ctx, root, out, err) && read_names(root, out, err) &&
	       read_limits(root, out, err) &&
	       read_quarantine(root, &out->quarantine, err) &&
	       read_originals(root, &out->originals, err) &&
	       read_log(root, out, err);
}
