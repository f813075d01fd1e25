/* SPDX-License-Identifier: ISC */
#include "config/read_serve.h"

#include "base/date.h"
#include "config/read_listeners.h"

#include <string.h>

enum {
	MOST_SESSIONS = 10000,
	MOST_MEMORY = 4096, /* MiB */
	MOST_DAYS = 36500,
	MOST_WITHIN = 60 /* seconds */
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
	out->attempts_within = 1;
	out->budget =
	        (struct nx_budget){.rows = 200000, .bytes = 1024 * MEBIBYTE};
	out->quarantine = (struct nx_quarantine_limits){
	        .messages = 10000, .bytes = 64 * MEBIBYTE, .days = 7};
	out->originals = (struct nx_original_limits){.days = 30,
	                                             .bytes = 1024 * MEBIBYTE};
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

static bool read_attempts(const struct nx_yaml *root, int64_t *within,
                          struct nx_error *err)
{
	static const char *const keys[] = {"within", NULL};
	const struct nx_yaml *map = nx_yaml_get(root, "attempts");
	if (map == NULL)
		return true;
	if (!nx_yaml_check_keys(map, keys, err))
		return false;
	const struct nx_yaml *node = nx_yaml_get(map, "within");
	return node == NULL ||
	       (nx_span_parse(node->text, within) && *within <= MOST_WITHIN) ||
	       nx_yaml_error(err, node,
	                     "within: a span from 0 to 60s is wanted");
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
	return nx_config_read_listeners(ctx, root, out, err) &&
	       read_names(root, out, err) && read_limits(root, out, err) &&
	       read_quarantine(root, &out->quarantine, err) &&
	       read_originals(root, &out->originals, err) &&
	       read_attempts(root, &out->attempts_within, err) &&
	       read_log(root, out, err);
}
