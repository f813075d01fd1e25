/* SPDX-License-Identifier: ISC */
#include "config/read_retention.h"

#include "base/date.h"

#include <string.h>

void nx_config_set_retention(struct nx_retention *out)
{
	*out = (struct nx_retention){.events = 90 * NX_DAY,
	                             .texts = 30 * NX_DAY,
	                             .digests = 30 * NX_DAY,
	                             .attempts = 90 * NX_DAY,
	                             .leases = 400 * NX_DAY,
	                             .acts = 400 * NX_DAY,
	                             .counts = 400 * NX_DAY,
	                             .sent = 90 * NX_DAY,
	                             .changes = 90 * NX_DAY};
}

static bool read_span(const struct nx_yaml *map, const char *key, int64_t days,
                      int64_t *out, struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);

	if (node == NULL)
		return true;
	if (!nx_span_parse(node->text, out))
		return nx_yaml_error(err, node,
		                     "%s: a span is wanted, as 90d, or 0 for "
		                     "ever",
		                     key);
	if (*out > 0 && *out < days * NX_DAY)
		return nx_yaml_error(err, node,
		                     "%s: not less than %lldd, or 0 for ever",
		                     key, (long long)days);
	return true;
}

bool nx_config_read_privacy(const struct nx_yaml *root, bool *hashed,
                            struct nx_error *err)
{
	const char *privacy = "plain";

	if (!nx_yaml_take_text(root, "privacy", &privacy, err))
		return false;
	*hashed = strcmp(privacy, "hashed") == 0;
	return *hashed || strcmp(privacy, "plain") == 0 ||
	       nx_yaml_error(err, nx_yaml_get(root, "privacy"),
	                     "privacy: plain or hashed");
}

/* An event counts once for up to 60 days, and a message for 30: a report that
 * comes again must still be known. */
bool nx_config_read_retention(const struct nx_yaml *root,
                              struct nx_retention *out, struct nx_error *err)
{
	static const char *const keys[] = {
	        "events", "texts",  "digests", "attempts", "leases",
	        "acts",   "counts", "sent",    "changes",  NULL};
	const struct nx_yaml *map = nx_yaml_get(root, "retention");

	return map == NULL ||
	       (nx_yaml_check_keys(map, keys, err) &&
	        read_span(map, "events", 60, &out->events, err) &&
	        read_span(map, "texts", 1, &out->texts, err) &&
	        read_span(map, "digests", 30, &out->digests, err) &&
	        read_span(map, "attempts", 1, &out->attempts, err) &&
	        read_span(map, "leases", 1, &out->leases, err) &&
	        read_span(map, "acts", 1, &out->acts, err) &&
	        read_span(map, "counts", 1, &out->counts, err) &&
	        read_span(map, "sent", 1, &out->sent, err) &&
	        read_span(map, "changes", 1, &out->changes, err));
}
