/* SPDX-License-Identifier: ISC */
#include "serve/writer_prune.h"

#include <string.h>
#include <uv.h>

static const uint64_t HOUR = UINT64_C(3600) * 1000000000;

enum {
	HOURS = 24, /* from one to the next, or after one that failed: */
	SOON = 1
};

bool nx_writer_prune_is_due(const struct nx_writer_prune *prune)
{
	return prune->has_terms &&
	       (prune->run != NULL || uv_hrtime() >= prune->due);
}

static void end(struct nx_writer_prune *prune, uint64_t hours)
{
	TALLOC_FREE(prune->run);
	prune->due = uv_hrtime() + hours * HOUR;
}

static bool is_any(const struct nx_pruned *pruned)
{
	static const struct nx_pruned none = {.leases = 0};

	return memcmp(pruned, &none, sizeof(none)) != 0;
}

static void tell(struct nx_log *log, const struct nx_pruned *pruned)
{
	if (!is_any(pruned))
		return;
	nx_log_begin(log, "prune");
	nx_log_number(log, "leases", pruned->leases);
	nx_log_number(log, "texts", pruned->texts);
	nx_log_number(log, "events", pruned->events);
	nx_log_number(log, "attempts", pruned->attempts);
	nx_log_number(log, "acts", pruned->acts);
	nx_log_number(log, "messages", pruned->messages);
	nx_log_number(log, "addresses", pruned->addresses);
	nx_log_number(log, "counts", pruned->counts);
	nx_log_number(log, "quarantined", pruned->quarantined);
	nx_log_number(log, "originals", pruned->originals);
	nx_log_end(log);
}

static void tell_trouble(struct nx_writer_batch *batch)
{
	nx_log_begin(&batch->log, "prune");
	nx_log_text(&batch->log, "error", batch->err.text);
	nx_log_end(&batch->log);
}

void nx_writer_prune_step(struct nx_writer_prune *prune,
                          struct nx_writer_batch *batch)
{
	bool more = true;

	batch->err = (struct nx_error){.kind = NX_ERROR_NONE};
	if (!prune->run)
		prune->run = nx_prune_new(NULL, batch->to.store, &prune->terms,
		                          batch->now, false);
	if (!nx_store_renew(batch->to.store, &batch->err) ||
	    !nx_prune_step(prune->run, &more, &batch->err)) {
		nx_counters_store_error(batch->counters);
		tell_trouble(batch);
		end(prune, SOON);
	} else if (!more) {
		tell(&batch->log, nx_prune_result(prune->run));
		end(prune, HOURS);
	}
	nx_log_flush(&batch->log);
}
