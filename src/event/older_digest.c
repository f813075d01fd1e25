/* SPDX-License-Identifier: ISC */
#include "event/content.h"
#include "event/raw_line.h"

#include <string.h>

/* Must not change: stores hold what this has made. */

static void add_line(struct nx_digest_state *state, struct nx_raw_line line)
{
	const struct nx_raw_line text = nx_raw_line_text(line);
	nx_digest_add(state, text.at, nx_raw_line_size(text));
	if (text.end < line.end)
		nx_digest_add(state, "\n", 1);
}

static bool is_of_last_hop(struct nx_raw_line line, bool *seen_received)
{
	static const char *const names[] = {
	        "return-path:", "delivered-to:",  "x-original-to:",
	        "envelope-to:", "delivery-date:", NULL};
	if (nx_raw_line_begins_any(line, names))
		return true;
	if (*seen_received || !nx_raw_line_begins(line, "received:"))
		return false;
	*seen_received = true;
	return true;
}

static void add_content(struct nx_digest_state *state, const char *bytes,
                        size_t size)
{
	struct nx_raw_line rest = {bytes, bytes + size};
	bool seen_received = false;
	bool skips = false;
	nx_raw_line_skip_framing(&rest);
	struct nx_raw_line line = nx_raw_line_next(&rest);
	for (; !nx_raw_line_ends_header(line); line = nx_raw_line_next(&rest)) {
		if (!nx_raw_line_is_folded(line))
			skips = is_of_last_hop(line, &seen_received);
		if (!skips)
			add_line(state, line);
	}
	for (; nx_raw_line_size(line) > 0; line = nx_raw_line_next(&rest))
		add_line(state, line);
}

void nx_event_older_digest(enum nx_older_digest kind, const char *recipient,
                           const char *bytes, size_t size,
                           uint8_t out[NX_DIGEST_SIZE])
{
	struct nx_digest_state state;
	uint8_t content[NX_DIGEST_SIZE];
	nx_digest_init(&state);
	if (kind == NX_OLDER_SECOND) {
		add_content(&state, bytes, size);
		nx_digest_end(&state, content);
		nx_event_digest(recipient, content, out);
		return;
	}
	nx_digest_add(&state, recipient, strlen(recipient) + 1);
	add_content(&state, bytes, size);
	nx_digest_end(&state, out);
}
