/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_CURRENT_H
#define NX_STORE_SQLITE_CURRENT_H

#include <stdbool.h>
#include <stdint.h>

struct nx_store;

/* What shows whether somebody has committed since. */
enum { NX_SQLITE_CURRENT = 12 }; /* words: two copies of 48 octets */

struct nx_sqlite_current {
	uint64_t header[NX_SQLITE_CURRENT]; /* as it was before the view */
	const volatile uint64_t *at;        /* NULL: nobody knows */
	bool was_read; /* SQLite has read the database: it knows of a WAL */
	bool has_wal;  /* … and there is one, which stays */
};

/* Before each view. */
void nx_sqlite_current_note(struct nx_store *store);

#endif
