/* SPDX-License-Identifier: ISC */
#include "serve/gauge_reader.h"

#include "serve/reading_store.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <uv.h>

enum {
	PAUSE_S = 2,
	LATELY = 3600,        /* seconds */
	COUNT_MS = 60 * 1000, /* between counts of suppressions, … */
	SHARE = 100           /* … and what part of the time they may take */
};

struct nx_gauge_reader {
	uv_thread_t thread;
	struct nx_counters *counters;
	char *store, *spool;
	struct nx_gauges gauges; /* the thread's alone */
	int64_t count_after;     /* of nx_clock_milliseconds */
	uv_mutex_t lock;
	uv_cond_t wake;
	bool ending; /* for whoever has the lock */
};

static void count(struct nx_gauge_reader *reader, struct nx_store *store,
                  int64_t now)
{
	struct nx_error ignored;
	const int64_t begun = nx_clock_milliseconds();

	if (begun < reader->count_after ||
	    !nx_counters_are_watched(reader->counters))
		return;
	if (nx_gauges_count(store, now, reader->gauges.suppressions, &ignored))
		reader->gauges.is_counted = true;
	const int64_t end = nx_clock_milliseconds();
	const int64_t rest = SHARE * (end - begun);
	reader->count_after = end + (rest > COUNT_MS ? rest : COUNT_MS);
}

/* The store is open only meanwhile. */
static bool read_store(struct nx_gauge_reader *reader)
{
	struct nx_store *store;
	struct nx_error ignored;
	struct nx_clock_reading reading = NX_NEVER_READ;
	int64_t now;

	if (!nx_store_open(NULL, reader->store, NX_STORE_LOOK, &store,
	                   &ignored))
		return false;
	const bool done =
	        nx_reading_store_clock(store, &reading, &now, &ignored) &&
	        nx_gauges_read(store, now, now - LATELY, &reader->gauges.store,
	                       &ignored);
	if (done)
		count(reader, store, now);
	nx_store_close(store);
	return done;
}

static void read_once(struct nx_gauge_reader *reader)
{
	reader->gauges.is_known = true;
	(void)nx_file_volume(reader->store, &reader->gauges.store_volume);
	(void)nx_file_volume(reader->spool, &reader->gauges.spool_volume);
	reader->gauges.is_read = read_store(reader);
	nx_counters_set_gauges(reader->counters, &reader->gauges);
}

static void read_on(void *user)
{
	struct nx_gauge_reader *reader = user;

	uv_mutex_lock(&reader->lock);
	while (!reader->ending) {
		uv_mutex_unlock(&reader->lock);
		read_once(reader);
		uv_mutex_lock(&reader->lock);
		if (!reader->ending)
			uv_cond_timedwait(&reader->wake, &reader->lock,
			                  PAUSE_S * UINT64_C(1000000000));
	}
	uv_mutex_unlock(&reader->lock);
}

static void end(struct nx_gauge_reader *reader)
{
	uv_cond_destroy(&reader->wake);
	uv_mutex_destroy(&reader->lock);
	talloc_free(reader);
}

struct nx_gauge_reader *nx_gauge_reader_start(TALLOC_CTX *ctx,
                                              struct nx_counters *counters,
                                              const char *store,
                                              const char *spool)
{
	struct nx_gauge_reader *reader =
	        talloc_zero(ctx, struct nx_gauge_reader);

	reader->counters = counters;
	reader->store = talloc_strdup(reader, store);
	reader->spool = talloc_strdup(reader, spool);
	uv_mutex_init(&reader->lock);
	uv_cond_init(&reader->wake);
	if (uv_thread_create(&reader->thread, read_on, reader) == 0)
		return reader;
	end(reader);
	return NULL;
}

void nx_gauge_reader_stop(struct nx_gauge_reader *reader)
{
	if (!reader)
		return;
	uv_mutex_lock(&reader->lock);
	reader->ending = true;
	uv_cond_signal(&reader->wake);
	uv_mutex_unlock(&reader->lock);
	uv_thread_join(&reader->thread);
	end(reader);
}
