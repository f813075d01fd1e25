/* SPDX-License-Identifier: ISC */
#include "store/sqlite_prune.h"

/* Removes what an old act changed, and since when older evidence counts for
 * nothing. */

static bool run(struct nx_prune *prune, enum nx_sql which,
                const struct nx_prune_row *row)
{
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, which);

	nx_query_put_number(&query, row->first);
	nx_query_put_number(&query, row->second);
	return nx_query_run(&query, prune->err);
}

static bool remove_undo(struct nx_prune *prune, const struct nx_prune_row *row)
{
	return run(prune, NX_SQL_PRUNE_UNDO, row) &&
	       nx_sqlite_prune_address(prune, row->second);
}

static bool remove_verdicts(struct nx_prune *prune,
                            const struct nx_prune_row *row)
{
	return run(prune, NX_SQL_PRUNE_VERDICTS, row) &&
	       nx_sqlite_prune_address(prune, row->second);
}

static bool remove_tombstone(struct nx_prune *prune,
                             const struct nx_prune_row *row)
{
	return run(prune, NX_SQL_PRUNE_TOMBSTONE, row) &&
	       nx_sqlite_prune_address(prune, row->first);
}

static bool prune_all(struct nx_prune *prune, enum nx_sql look, int64_t span,
                      nx_prune_remove *remove, bool *is_end)
{
	int64_t ignored = 0;

	return nx_sqlite_prune_rows(prune, look, span, remove, &ignored,
	                            is_end);
}

bool nx_prune_undo(struct nx_prune *prune, bool *is_end)
{
	return prune_all(prune, NX_SQL_LOOK_UNDO, prune->terms.keep.acts,
	                 remove_undo, is_end);
}

bool nx_prune_verdicts(struct nx_prune *prune, bool *is_end)
{
	return prune_all(prune, NX_SQL_LOOK_VERDICTS, prune->terms.keep.acts,
	                 remove_verdicts, is_end);
}

bool nx_prune_tombstones(struct nx_prune *prune, bool *is_end)
{
	return prune_all(prune, NX_SQL_LOOK_TOMBSTONES,
	                 prune->terms.keep.events, remove_tombstone, is_end);
}

bool nx_prune_tombstones_of_class(struct nx_prune *prune, bool *is_end)
{
	return prune_all(prune, NX_SQL_LOOK_TOMBSTONES_OF_CLASS,
	                 prune->terms.keep.acts, remove_tombstone, is_end);
}

bool nx_sqlite_prune_bulk(struct nx_prune *prune, int64_t act)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(prune->store, NX_SQL_PRUNE_BULK);

	nx_query_put_number(&query, act);
	return nx_query_run(&query, prune->err);
}
