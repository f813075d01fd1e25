/* SPDX-License-Identifier: ISC */
#include "serve/known_reader.h"

#include "store/store.h"
#include "sys/clock.h"

#include <uv.h>

enum {
	PAUSE_MS = 2000,
	SHARE = 10 /* of the time that may be spent on it */
};

struct nx_known_reader {
	uv_thread_t thread;
	char *directory;
	struct nx_known *known;
};

/* The store is open only meanwhile. What fails is tried again. */
static void read_once(const struct nx_known_reader *reader)
{
	struct nx_store *store;
	struct nx_error ignored;
	if (!nx_store_open(NULL, reader->directory, NX_STORE_LOOK, &store,
	                   &ignored))
		return;
	(void)!nx_store_tell_known(store, reader->known, &ignored);
	nx_store_close(store);
}

static void read_on(void *user)
{
	const struct nx_known_reader *reader = user;
	while (nx_known_await(reader->known)) {
		const int64_t begun = nx_clock_milliseconds();
		read_once(reader);
		const int64_t rest =
		        (nx_clock_milliseconds() - begun) * (SHARE - 1);
		nx_known_pause(reader->known,
		               rest > PAUSE_MS ? rest : PAUSE_MS);
	}
}

struct nx_known_reader *nx_known_reader_start(TALLOC_CTX *ctx,
                                              const char *directory,
                                              struct nx_known *known)
{
	struct nx_known_reader *reader =
	        talloc_zero(ctx, struct nx_known_reader);
	reader->directory = talloc_strdup(reader, directory);
	reader->known = known;
	if (uv_thread_create(&reader->thread, read_on, reader) != 0)
		TALLOC_FREE(reader);
	return reader;
}

void nx_known_reader_stop(struct nx_known_reader *reader)
{
	if (reader == NULL)
		return;
	nx_known_end(reader->known);
	uv_thread_join(&reader->thread);
	talloc_free(reader);
}
