/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_H
#define NX_STORE_SQLITE_H

#include "store/held.h"
#include "store/sqlite_changes.h"
#include "store/sqlite_current.h"
#include "store/sqlite_place.h"
#include "store/sqlite_statements.h"
#include "store/store.h"
#include "store/store_clock.h"

#include <sqlite3.h>

/*
 * What the files of the SQLite backend share: the open store, its statements
 * (prepared on first use, kept), and the transaction that a store function runs
 * in. Included by sqlite*.c alone.
 */

/* What the store has to do with a struct nx_known. Of one that is open; of a
 * view that begins; of a standing that is saved; of what is asked; of a
 * transaction that has ended. */
void nx_sqlite_known_open(const struct nx_store *store);
void nx_sqlite_known_view(struct nx_store *store);
void nx_sqlite_known_save(struct nx_store *store, int64_t r);
bool nx_sqlite_known_is_neither(const struct nx_store *store, int64_t one,
                                int64_t other);
void nx_sqlite_known_commit(struct nx_store *store, bool done);

struct nx_pair { /* a row of mail or of why */
	const char *first, *second;
	bool hand; /* of mail alone */
};

/* A small table whose rows never change, as it was when last read. */
struct nx_pairs {
	struct nx_pair *pair;
	int64_t count; /* beyond the highest id */
};

/* Of the failures of an hour. The hours that it is of are over, so it holds
 * until the next. */
struct nx_median {
	char *domain; /* NULL: none */
	int64_t hour;
	int64_t failures;
};
enum { NX_MEDIANS = 64 };

struct nx_store {
	sqlite3 *db;       /* NULL: nx_store_renew found none */
	const char *named; /* the directory, as it was given */
	char *directory;
	char *path; /* of the database */
	struct nx_sqlite_place place;
	struct nx_digest_key key;
	bool grouped; /* between begin and commit */
	bool begun;   /* there is a transaction, since something was written */
	bool failed;  /* a call in the group failed: no commit */
	bool hashed;  /* see store/hash.h */
	bool looks;   /* opened as NX_STORE_LOOK */
	bool older_digests[NX_OLDER_DIGESTS];
	struct nx_clock_reading reading; /* to be remembered when written */
	bool has_reading;
	int64_t number; /* of this commit of the writer; 0: none taken yet */
	struct nx_changing changing;
	struct nx_known *known; /* NULL: nobody's */
	int64_t *saved;         /* keys of standings that this commit leaves */
	size_t saved_count;
	int64_t viewed; /* the last commit that the view has; 0: no view */
	struct nx_sqlite_current current;
	struct nx_pairs mails; /* what rows of mail and why say, by id */
	struct nx_pairs whys;
	struct nx_median median[NX_MEDIANS]; /* the last that were asked for */
	size_t next_median;                  /* that is given up for another */
	struct nx_hold hold;        /* the last that was asked for, … */
	int64_t hold_now;           /* … and as of when */
	struct nx_packing *packing; /* NULL: not needed yet */
	sqlite3_stmt *statement[NX_SQL_COUNT];
};

/* Fills *err with SQLite's message and the path; returns false. */
bool nx_sqlite_fail(const struct nx_store *store, struct nx_error *err);

/* The same of errno, for a file or directory; near is what of it can be looked
 * at for whose it is. */
bool nx_sqlite_fail_file(const char *what, const char *path, const char *near,
                         struct nx_error *err);

bool nx_sqlite_no_store(const struct nx_store *store, struct nx_error *err);

/* For a store function that writes: begins its own transaction, or joins the
 * group that is under way. leave returns whether done is committed or part of
 * the group. */
NX_MUST_USE bool nx_sqlite_enter(struct nx_store *store, struct nx_error *err);
NX_MUST_USE bool nx_sqlite_leave(struct nx_store *store, bool done,
                                 struct nx_error *err);

/* Within a transaction: remembers the reading, where there is one. */
NX_MUST_USE bool nx_sqlite_note_clock(struct nx_store *store,
                                      struct nx_error *err);

/* Within a transaction; of messages with the same digest the first is kept.
 * limits NULL: there are none. */
NX_MUST_USE bool nx_sqlite_quarantine(struct nx_store *store,
                                      const struct nx_quarantined *message,
                                      const struct nx_quarantine_limits *limits,
                                      struct nx_error *err);
NX_MUST_USE bool nx_sqlite_drop_quarantined(
        struct nx_store *store, const uint8_t digest[NX_DIGEST_SIZE],
        struct nx_error *err);

/* The same; *kept is how many bytes it took. */
NX_MUST_USE bool nx_sqlite_keep_original(
        struct nx_store *store, const struct nx_kept_original *original,
        const struct nx_original_limits *limits, int64_t *kept,
        struct nx_error *err);
NX_MUST_USE bool nx_sqlite_drop_original(struct nx_store *store,
                                         const uint8_t digest[NX_DIGEST_SIZE],
                                         struct nx_error *err);

/* Takes over what an older nixie kept in a folder; nothing when there is
 * none. */
NX_MUST_USE bool nx_sqlite_take_folder(struct nx_store *store,
                                       struct nx_error *err);

/* The database that is there, whatever it is: no schema is looked at, and
 * nothing made. copy: one of any name that nobody else has. */
NX_MUST_USE bool nx_sqlite_open_bare(TALLOC_CTX *ctx, const char *directory,
                                     bool may_write, struct nx_store **out,
                                     struct nx_error *err);
NX_MUST_USE bool nx_sqlite_open_copy(TALLOC_CTX *ctx, const char *file,
                                     bool may_write, struct nx_store **out,
                                     struct nx_error *err);
/* The directory that the path is in. */
const char *nx_sqlite_parent(TALLOC_CTX *ctx, const char *path);

/* Runs a statement that takes no values and returns no rows. */
NX_MUST_USE bool nx_sqlite_run(struct nx_store *store, enum nx_sql which,
                               struct nx_error *err);

/* One use of a statement: begin, put the values in order, then run it, or step
 * and get the columns in order. Values must live until it ends; columns until
 * the next step. What fails before the first step is told by the step. */
struct nx_query {
	struct nx_store *store;
	sqlite3_stmt *statement;
	int put;          /* values bound */
	int got;          /* columns read from this row */
	TALLOC_CTX *keep; /* NULL, or what texts are copied to: they live on */
};

enum nx_step_answer { NX_STEP_FAILED = 0, NX_STEP_ROW, NX_STEP_DONE };

struct nx_query nx_query_begin(struct nx_store *store, enum nx_sql which);
void nx_query_end(struct nx_query *query);
#define NX_ENDS __attribute__((cleanup(nx_query_end)))

void nx_query_put_text(struct nx_query *query, const char *text);
void nx_query_put_number(struct nx_query *query, int64_t number);
void nx_query_put_bytes(struct nx_query *query, const uint8_t *bytes,
                        size_t size);
void nx_query_put_nothing(struct nx_query *query); /* NULL */
/* The number, or NULL when it is that which NULL stands for. */
void nx_query_put_unless(struct nx_query *query, int64_t number, int64_t null);

enum nx_step_answer nx_query_step(struct nx_query *query, struct nx_error *err);
/* For statements that return no rows. */
NX_MUST_USE bool nx_query_run(struct nx_query *query, struct nx_error *err);
/* The number in the first column of the only row. */
NX_MUST_USE bool nx_query_number(struct nx_store *store, enum nx_sql which,
                                 int64_t *out, struct nx_error *err);

const char *nx_query_text(struct nx_query *query);
int64_t nx_query_int(struct nx_query *query);
/* Exactly size bytes; zeros when the column holds something else. */
void nx_query_bytes(struct nx_query *query, uint8_t *out, size_t size);
const char *nx_query_blob(struct nx_query *query, size_t *size);

#endif
