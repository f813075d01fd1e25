/* SPDX-License-Identifier: ISC */
#include "store/sqlite_blocks.h"

#include <inttypes.h>

/* Block events: looked at, closed, followed. */

enum { CHANGES = 100 }; /* that are told at once */

/* The columns of BLOCKS. What is due but not marked has closed all the same. */
static struct nx_block block_of(struct nx_query *query, int64_t now)
{
	struct nx_block block = {.id = nx_query_int(query),
	                         .address = "",
	                         .remote_mta = "",
	                         .diagnostic = ""};

	block.provider = nx_query_text(query);
	block.ours = nx_query_text(query);
	block.list = nx_query_text(query);
	block.reason = nx_query_text(query);
	block.url = nx_query_text(query);
	block.first = nx_query_int(query);
	block.last = nx_query_int(query);
	block.reports = nx_query_int(query);
	block.until = nx_query_int(query);
	block.closed = nx_query_int(query);
	block.how = nx_query_text(query);
	block.who = nx_query_text(query);
	block.note = nx_query_text(query);
	if (block.closed == 0 && block.until <= now) {
		block.closed = block.until;
		block.how = "time";
	}
	return block;
}

/* --- lists ---------------------------------------------------------------- */

struct rows {
	TALLOC_CTX *ctx;
	struct nx_block *block;
	size_t count;
};

static bool read_rows(struct nx_query *query, int64_t now, struct rows *out,
                      struct nx_error *err)
{
	enum nx_step_answer answer;

	query->keep = out->ctx;
	while ((answer = nx_query_step(query, err)) == NX_STEP_ROW) {
		out->block = talloc_realloc(out->ctx, out->block,
		                            struct nx_block, out->count + 1);
		out->block[out->count++] = block_of(query, now);
	}
	return answer == NX_STEP_DONE;
}

static void give(const struct rows *rows, nx_block_row *row, void *user)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!row(user, &rows->block[i]))
			return;
}

static bool read_list(struct nx_store *store, bool all, int64_t now,
                      struct rows *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_BLOCKS);

	nx_query_put_number(&query, now);
	nx_query_put_number(&query, all);
	return read_rows(&query, now, out, err);
}

bool nx_blocks_list(struct nx_store *store, bool all, int64_t now,
                    nx_block_row *row, void *user, struct nx_error *err)
{
	struct rows rows = {.ctx = talloc_new(NULL)};
	const bool done = read_list(store, all, now, &rows, err);

	if (done)
		give(&rows, row, user);
	talloc_free(rows.ctx);
	return done;
}

bool nx_block_find(TALLOC_CTX *ctx, struct nx_store *store, int64_t id,
                   int64_t now, struct nx_block *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_BLOCK);
	query.keep = ctx;
	nx_query_put_number(&query, id);
	const enum nx_step_answer answer = nx_query_step(&query, err);

	if (answer == NX_STEP_DONE)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%" PRId64 ": no block event has this id",
		                    id);
	if (answer != NX_STEP_ROW)
		return false;
	*out = block_of(&query, now);
	out->address = nx_query_text(&query);
	out->remote_mta = nx_query_text(&query);
	out->diagnostic = nx_query_text(&query);
	return true;
}

/* --- by hand -------------------------------------------------------------- */

static bool ack_one(struct nx_store *store, int64_t id,
                    const struct nx_block_ack *ack, struct rows *before,
                    struct nx_error *err)
{
	struct nx_block *block = &before->block[before->count];

	if (!nx_block_find(before->ctx, store, id, ack->now, block, err))
		return false;
	before->count++;
	const struct nx_block_end end = {.id = id,
	                                 .closed = ack->now,
	                                 .how = "hand",
	                                 .who = ack->who,
	                                 .note = ack->note};
	return block->closed != 0 || nx_sqlite_blocks_close(store, &end, err);
}

static bool ack_all(struct nx_store *store, const int64_t *id, size_t count,
                    const struct nx_block_ack *ack, struct rows *before,
                    struct nx_error *err)
{
	before->block = talloc_array(before->ctx, struct nx_block, count);
	if (!nx_sqlite_blocks_close_due(store, ack->now, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!ack_one(store, id[i], ack, before, err))
			return false;
	return true;
}

bool nx_blocks_ack(struct nx_store *store, const int64_t *id, size_t count,
                   const struct nx_block_ack *ack, nx_block_row *row,
                   void *user, struct nx_error *err)
{
	struct rows before = {.ctx = talloc_new(NULL)};
	const bool done =
	        nx_sqlite_enter(store, err) &&
	        nx_sqlite_leave(store,
	                        ack_all(store, id, count, ack, &before, err),
	                        err);

	if (done)
		give(&before, row, user);
	talloc_free(before.ctx);
	return done;
}

/* --- for whoever follows -------------------------------------------------- */

static bool is_there(const struct nx_store *store, struct nx_error *err)
{
	return store->db != NULL ||
	       nx_error_set(err, NX_ERROR_TEMPORARY, "%s: no store here",
	                    store->named);
}

bool nx_blocks_expire(struct nx_store *store, int64_t now, struct nx_error *err)
{
	int64_t id, until;

	if (!is_there(store, err) ||
	    !nx_sqlite_blocks_next_due(store, now, &id, &until, err))
		return false;
	return id == 0 ||
	       (nx_sqlite_enter(store, err) &&
	        nx_sqlite_leave(store,
	                        nx_sqlite_blocks_close_due(store, now, err),
	                        err));
}

static bool read_totals(struct nx_store *store, int64_t *change, int64_t *open,
                        struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_BLOCK_TOTALS);

	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*change = nx_query_int(&query);
	*open = nx_query_int(&query);
	return true;
}

static bool read_changes(struct nx_store *store, int64_t since,
                         struct rows *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_CHANGED_BLOCKS);

	nx_query_put_number(&query, since);
	nx_query_put_number(&query, CHANGES);
	return read_rows(&query, INT64_MIN, out, err);
}

bool nx_blocks_follow(struct nx_store *store, struct nx_blocks_seen *seen,
                      nx_block_row *row, void *user, struct nx_error *err)
{
	struct rows rows = {.ctx = talloc_new(NULL)};
	int64_t change;
	bool done = is_there(store, err) &&
	            read_totals(store, &change, &seen->open, err);

	if (done && seen->begun && change > seen->change)
		done = read_changes(store, seen->change, &rows, err);
	if (done) {
		give(&rows, row, user);
		seen->begun = true;
		seen->change = change;
	}
	talloc_free(rows.ctx);
	return done;
}
