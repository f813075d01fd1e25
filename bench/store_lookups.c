/* SPDX-License-Identifier: ISC */
#include "base/digest.h"
#include "event/stream.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOGETHER = 100 }; /* questions of a view */

/*
 * store_lookups DIRECTORY ADDRESSES RUNS: asks a store for the addresses of a
 * file, one a line, one by one and together, in turns with bare SQLite, which
 * is given their keys and reads one row of the same table with a prepared
 * statement. Prints a JSON line a run and contender: per second of processor
 * time, the slowest of a hundred in microseconds, and the most memory so far.
 */
struct list {
	char **address;
	int64_t *r;
	double *took; /* seconds, one a look-up */
	size_t count;
};

static double read_clock(clockid_t which)
{
	struct timespec now;
	clock_gettime(which, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void give_up(const char *words)
{
	fprintf(stderr, "store_lookups: %s\n", words);
	exit(1);
}

static struct list read_list(const char *path)
{
	struct list list = {0};
	char line[512];
	FILE *file = fopen(path, "r");
	if (!file)
		give_up(path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if ((list.count & (list.count - 1)) == 0)
			list.address =
			        realloc(list.address,
			                (list.count ? 2 * list.count : 1) *
			                        sizeof(*list.address));
		list.address[list.count++] = strdup(line);
	}
	fclose(file);
	list.r = calloc(list.count, sizeof(*list.r));
	list.took = calloc(list.count, sizeof(*list.took));
	return list;
}

static void free_list(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->address[i]);
	free(list->address);
	free(list->r);
	free(list->took);
}

/* --- bare ----------------------------------------------------------------- */

static sqlite3 *open_bare(const char *directory)
{
	sqlite3 *db;
	char path[4096];
	snprintf(path, sizeof(path), "%s/nixie.db", directory);
	if (sqlite3_open_v2(path, &db,
	                    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
	                    NULL) != SQLITE_OK)
		give_up(path);
	sqlite3_exec(db, "PRAGMA cache_size=-16384", NULL, NULL, NULL);
	return db;
}

static void read_keys(sqlite3 *db, struct list *list)
{
	struct nx_digest_key key;
	sqlite3_stmt *secret;
	sqlite3_prepare_v2(db, "SELECT bytes FROM secret", -1, &secret, NULL);
	if (sqlite3_step(secret) != SQLITE_ROW)
		give_up("no key");
	nx_digest_key_init(&key, sqlite3_column_blob(secret, 0));
	sqlite3_finalize(secret);
	for (size_t i = 0; i < list->count; i++)
		list->r[i] = nx_digest_recipient(&key, list->address[i]);
}

static size_t ask_bare(sqlite3_stmt *query, const struct list *list)
{
	size_t found = 0;
	for (size_t i = 0; i < list->count; i++) {
		const double begun = read_clock(CLOCK_MONOTONIC);
		sqlite3_bind_int64(query, 1, list->r[i]);
		found += sqlite3_step(query) == SQLITE_ROW &&
		         sqlite3_column_int64(query, 0) > 0;
		sqlite3_reset(query);
		list->took[i] = read_clock(CLOCK_MONOTONIC) - begun;
	}
	return found;
}

/* --- the store ------------------------------------------------------------ */

static size_t ask_store(struct nx_store *store, const struct list *list,
                        size_t together)
{
	static const struct nx_streams none = {.fallback = ""};
	const struct nx_question question = nx_question_of(&none, "");
	size_t found = 0;
	for (size_t i = 0; i < list->count; i++) {
		const double begun = read_clock(CLOCK_MONOTONIC);
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_response answer;
		struct nx_error err;
		if (together > 1 && i % together == 0 &&
		    !nx_store_view_begin(store, &err))
			give_up(err.text);
		if (!nx_store_ask(ctx, store, &question, list->address[i],
		                  time(NULL), &answer, &err))
			give_up(err.text);
		found += answer.blocking > 0;
		talloc_free(ctx);
		if (i % together == together - 1 || i == list->count - 1)
			nx_store_view_end(store);
		list->took[i] = read_clock(CLOCK_MONOTONIC) - begun;
	}
	return found;
}

/* -------------------------------------------------------------------------- */

static int compare_times(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;
	return left < right ? -1 : left > right;
}

/* The most that this program had; getrusage also counts whoever started it. */
static long most_memory(void)
{
	char line[256];
	long kib = 0;
	FILE *file = fopen("/proc/self/status", "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "VmHWM: %ld kB", &kib);
	if (file)
		fclose(file);
	return kib;
}

static void print(const char *what, struct list *list, double seconds,
                  size_t found)
{
	qsort(list->took, list->count, sizeof(*list->took), compare_times);
	printf("{\"asked\": \"%s\", \"addresses\": %zu, \"found\": %zu, "
	       "\"per_second\": %.0f, \"p99_us\": %.0f, \"most_us\": %.0f, "
	       "\"resident_kib\": %ld}\n",
	       what, list->count, found, (double)list->count / seconds,
	       1e6 * list->took[list->count * 99 / 100],
	       1e6 * list->took[list->count - 1], most_memory());
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct nx_store *store;
	struct nx_error err;
	sqlite3_stmt *query;
	if (argc != 4)
		give_up("wants DIRECTORY ADDRESSES RUNS");
	struct list list = read_list(argv[2]);
	sqlite3 *bare = open_bare(argv[1]);
	read_keys(bare, &list);
	sqlite3_prepare_v2(bare, "SELECT until FROM standing WHERE r = ?", -1,
	                   &query, NULL);
	if (!nx_store_open(NULL, argv[1], NX_STORE_READ, &store, &err))
		give_up(err.text);
	for (int run = 0; run < atoi(argv[3]); run++) {
		double begun = read_clock(CLOCK_PROCESS_CPUTIME_ID);
		size_t found = ask_bare(query, &list);
		print("sqlite", &list,
		      read_clock(CLOCK_PROCESS_CPUTIME_ID) - begun, found);
		begun = read_clock(CLOCK_PROCESS_CPUTIME_ID);
		found = ask_store(store, &list, 1);
		print("store", &list,
		      read_clock(CLOCK_PROCESS_CPUTIME_ID) - begun, found);
		begun = read_clock(CLOCK_PROCESS_CPUTIME_ID);
		found = ask_store(store, &list, TOGETHER);
		print("store, together", &list,
		      read_clock(CLOCK_PROCESS_CPUTIME_ID) - begun, found);
	}
	free_list(&list);
	nx_store_close(store);
	sqlite3_finalize(query);
	sqlite3_close(bare);
	return 0;
}
