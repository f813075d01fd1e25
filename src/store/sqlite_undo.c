/* SPDX-License-Identifier: ISC */
#include "store/past.h"

#include "base/room.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Acts on many addresses: what they changed is kept, and taken back. */

/* --- rows for whoever prints them ----------------------------------------- */

void nx_bulk_note(struct nx_bulk_rows *rows, const struct nx_bulk_row *row)
{
	rows->row =
	        NX_ROOM(rows->ctx, rows->row, struct nx_bulk_row, rows->rows);
	struct nx_bulk_row *kept = &rows->row[rows->rows++];
	*kept = *row;
	kept->address = talloc_strdup(rows->ctx, row->address);
	kept->mail.name = talloc_strdup(rows->ctx, row->mail.name);
	kept->rule = talloc_strdup(rows->ctx, row->rule);
	kept->again = talloc_strdup(rows->ctx, row->again);
}

static int compare_rows(const void *a, const void *b)
{
	const struct nx_bulk_row *left = a, *right = b;
	const int order = strcmp(left->address, right->address);

	return order != 0 ? order
	                  : (int)left->mail.reach - (int)right->mail.reach;
}

/* By address: their keys are in no order that anybody knows. */
void nx_bulk_give(struct nx_bulk_rows *rows, nx_bulk_row_fn *give, void *user)
{
	if (rows->rows > 1)
		qsort(rows->row, rows->rows, sizeof(*rows->row), compare_rows);
	for (size_t i = 0; i < rows->rows; i++)
		if (!give(user, &rows->row[i]))
			return;
}

/* --- an act --------------------------------------------------------------- */

bool nx_bulk_allow(struct nx_store *store, int64_t act, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADD_BULK);

	nx_query_put_number(&query, act);
	return nx_query_run(&query, err);
}

bool nx_bulk_begin(struct nx_store *store, struct nx_bulk_act *act,
                   struct nx_error *err)
{
	const struct nx_act made = {.what = act->what,
	                            .now = act->said->now,
	                            .who = act->said->who,
	                            .note = act->said->note,
	                            .reason = act->reason,
	                            .ended = act->ended};

	return act->id != 0 ||
	       (nx_act_add(store, &made, &act->id, err) &&
	        (act->ended != 0 || nx_bulk_allow(store, act->id, err)));
}

bool nx_bulk_end(struct nx_store *store, const struct nx_bulk_act *act,
                 struct nx_error *err)
{
	if (act->id == 0)
		return true;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_SET_ENTRIES);
	nx_query_put_number(&query, act->entries);
	nx_query_put_number(&query, act->id);
	return nx_query_run(&query, err);
}

static bool keep(struct nx_store *store, int64_t act, int64_t r, int64_t mail,
                 bool remains, struct nx_error *err)
{
	if (!nx_standing_number(store, err))
		return false;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_KEEP_STANDING);
	nx_query_put_number(&query, act);
	nx_query_put_number(&query, r);
	nx_query_put_number(&query, mail);
	if (remains)
		nx_query_put_number(&query, store->number);
	else
		nx_query_put_nothing(&query);
	return nx_query_run(&query, err);
}

bool nx_bulk_keep(struct nx_store *store, int64_t act,
                  const struct nx_standing_row *row, struct nx_error *err)
{
	return keep(store, act, row->r, row->mail,
	            !nx_standing_is_nothing(&row->standing), err);
}

bool nx_bulk_change(struct nx_store *store, struct nx_bulk_act *act,
                    const struct nx_standing_row *row, bool buried,
                    struct nx_error *err)
{
	struct nx_standing_row after = *row;

	if (buried)
		after.standing = (struct nx_standing){0};
	if (!nx_bulk_begin(store, act, err) ||
	    !nx_bulk_keep(store, act->id, &after, err) ||
	    (buried && !nx_tombstone_put(store, row, act->said->now, err)))
		return false;
	act->entries++;
	return nx_standing_save(store, &after, err);
}

static bool is_held(struct nx_store *store, int64_t r, int64_t time, bool *out,
                    struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_IS_HELD);

	nx_query_put_number(&query, r);
	nx_query_put_number(&query, time);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*out = nx_query_int(&query) > 0;
	return true;
}

static bool drop_held(struct nx_store *store, int64_t r, int64_t time,
                      struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_DROP_HELD_OF);

	store->hold_now = 0;
	nx_query_put_number(&query, r);
	nx_query_put_number(&query, time);
	return nx_query_run(&query, err);
}

bool nx_bulk_unhold(struct nx_store *store, struct nx_bulk_act *act,
                    const struct nx_past *past,
                    const struct nx_past_event *event,
                    struct nx_bulk_rows *rows, struct nx_error *err)
{
	const struct nx_bulk_row row = {.fate = NX_BULK_UNHELD,
	                                .address = past->address,
	                                .mail = {.name = ""},
	                                .rule = event->event.verdict.rule,
	                                .again = ""};
	bool held = false;

	if (!is_held(store, past->r, event->event.time, &held, err))
		return false;
	if (!held)
		return true;
	nx_bulk_note(rows, &row);
	return act->said->dry_run ||
	       (nx_bulk_begin(store, act, err) &&
	        drop_held(store, past->r, event->event.time, err));
}

/* --- undo: one standing --------------------------------------------------- */

enum { PAGE = 1000 };

struct standing_place { /* of a standing */
	int64_t r, mail;
	bool is_as_left;
};

struct undoing {
	struct nx_store *store;
	struct nx_bulk_act act; /* that undoes … */
	int64_t undone;         /* … this one */
	struct nx_bulk_rows rows;
	struct nx_undone *out;
};

static struct nx_query put_place(const struct undoing *run, enum nx_sql which,
                                 const struct standing_place *place)
{
	struct nx_query query = nx_query_begin(run->store, which);

	nx_query_put_number(&query, run->undone);
	nx_query_put_number(&query, place->r);
	nx_query_put_number(&query, place->mail);
	return query;
}

static bool forget(struct nx_store *store, enum nx_sql which,
                   const struct standing_place *place, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_number(&query, place->r);
	nx_query_put_number(&query, place->mail);
	return nx_query_run(&query, err);
}

/* What there was not is forgotten, before what there was is put back. */
static bool restore(const struct undoing *run,
                    const struct standing_place *place, struct nx_error *err)
{
	NX_ENDS struct nx_query standing =
	        put_place(run, NX_SQL_RESTORE_STANDING, place);
	NX_ENDS struct nx_query tombstone =
	        put_place(run, NX_SQL_RESTORE_TOMBSTONE, place);

	nx_query_put_number(&standing, run->store->number);
	nx_sqlite_known_save(run->store, place->r);
	return nx_sqlite_changes_note(run->store, place->r, place->mail, err) &&
	       forget(run->store, NX_SQL_FORGET_STANDING, place, err) &&
	       forget(run->store, NX_SQL_UNBURY, place, err) &&
	       nx_query_run(&standing, err) && nx_query_run(&tombstone, err);
}

static bool remove_entry(const struct undoing *run,
                         const struct standing_place *place,
                         struct nx_error *err)
{
	return nx_sqlite_changes_note(run->store, place->r, place->mail, err) &&
	       forget(run->store, NX_SQL_FORGET_STANDING, place, err);
}

/* The row of the act that undoes tells the history what was taken back. */
typedef bool restorer(const struct undoing *run,
                      const struct standing_place *place, struct nx_error *err);

static bool take_back(struct undoing *run, const struct standing_place *place,
                      restorer *how, struct nx_error *err)
{
	run->act.entries++;
	run->out->back++;
	return keep(run->store, run->act.id, place->r, place->mail, false,
	            err) &&
	       how(run, place, err);
}

/* --- undo: all of them ---------------------------------------------------- */

/* The next of what the act changed, or of what it made where nothing was. */
static bool read_places(const struct undoing *run, enum nx_sql which,
                        struct standing_place after, struct standing_place *out,
                        size_t *count, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = put_place(run, which, &after);

	*count = 0;
	nx_query_put_number(&query, PAGE);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		struct standing_place *next = &out[(*count)++];
		next->r = nx_query_int(&query);
		next->mail = nx_query_int(&query);
		next->is_as_left =
		        which == NX_SQL_ENTRIES_OF || nx_query_int(&query) != 0;
	}
	return answer == NX_STEP_DONE;
}

static bool name_one(struct undoing *run, const struct standing_place *place,
                     struct nx_error *err)
{
	struct nx_standing_row now;
	struct nx_bulk_row row = {
	        .fate = NX_BULK_SINCE, .rule = "", .again = ""};

	run->out->since++;
	if (!nx_standing_load(run->store, place->r, place->mail, &now, err) ||
	    !nx_mail_of(run->store, place->mail, &row.mail, err) ||
	    !nx_subject_address(run->rows.ctx, run->store, place->r,
	                        &row.address, err))
		return false;
	row.before = row.after = now.standing;
	nx_bulk_note(&run->rows, &row);
	return true;
}

static bool undo_each(struct undoing *run, enum nx_sql which, restorer *how,
                      struct nx_error *err)
{
	struct standing_place page[PAGE];
	struct standing_place after = {.r = INT64_MIN};
	size_t count;

	do {
		if (!read_places(run, which, after, page, &count, err))
			return false;
		for (size_t i = 0; i < count; i++)
			if (!(page[i].is_as_left
			              ? take_back(run, &page[i], how, err)
			              : name_one(run, &page[i], err)))
				return false;
		if (count > 0)
			after = page[count - 1];
	} while (count == PAGE);
	return true;
}

static bool undo_changes(struct undoing *run, struct nx_error *err)
{
	return undo_each(run, NX_SQL_CHANGED_BY, restore, err);
}

/* What somebody ended since has no row of this act, but of that one. */
static bool undo_entries(struct undoing *run, struct nx_error *err)
{
	return undo_each(run, NX_SQL_ENDED_OF, restore, err) &&
	       undo_each(run, NX_SQL_ENTRIES_OF, remove_entry, err);
}

static bool undo_verdicts(const struct undoing *run, struct nx_error *err)
{
	NX_ENDS struct nx_query keeping =
	        nx_query_begin(run->store, NX_SQL_KEEP_VERDICTS);
	NX_ENDS struct nx_query query =
	        nx_query_begin(run->store, NX_SQL_RESTORE_VERDICTS);

	nx_query_put_number(&keeping, run->undone);
	nx_query_put_number(&keeping, run->act.id);
	nx_query_put_number(&query, run->undone);
	return nx_query_run(&keeping, err) && nx_query_run(&query, err);
}

/* --- undo ----------------------------------------------------------------- */

struct undoable { /* what is known of the act that is named */
	char what[16];
	int64_t entries;
	int64_t undone; /* by that act; -1: not yet; 0: it is not one of many */
};

static bool look_up(struct undoing *run, struct undoable *out,
                    struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(run->store, NX_SQL_BULK);

	nx_query_put_number(&query, run->undone);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_DONE)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%" PRId64 ": no such act (nixie undo "
		                    "lists them)",
		                    run->undone);
	if (answer == NX_STEP_FAILED)
		return false;
	const char *what = nx_query_text(&query);
	memcpy(out->what, what, strnlen(what, sizeof(out->what) - 1));
	out->entries = nx_query_int(&query);
	out->undone = nx_query_int(&query);
	return true;
}

static bool check_state(const struct undoing *run,
                        const struct undoable *undoable, struct nx_error *err)
{
	if (strcmp(undoable->what, "undo") == 0)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%" PRId64 ": is itself an undo",
		                    run->undone);
	if (undoable->undone == 0)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%" PRId64
		                    ": not an act on many addresses; of one "
		                    "use nixie release or nixie suppress",
		                    run->undone);
	if (undoable->undone > 0)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%" PRId64 ": was undone already, by "
		                    "%" PRId64,
		                    run->undone, undoable->undone);
	return true;
}

/* Of the verdicts of an event only the last that was changed can go back. */
static bool check_later(const struct undoing *run, struct nx_error *err)
{
	int64_t later;
	NX_ENDS struct nx_query query =
	        nx_query_begin(run->store, NX_SQL_LATER_REPLAY);

	nx_query_put_number(&query, run->undone);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	later = nx_query_int(&query);
	return later == 0 || nx_error_set(err, NX_ERROR_USAGE,
	                                  "%" PRId64 ": undo %" PRId64
	                                  " first, a replay that came after it",
	                                  run->undone, later);
}

static bool set_undone(const struct undoing *run, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(run->store, NX_SQL_SET_UNDONE);

	nx_query_put_number(&query, run->act.id);
	nx_query_put_number(&query, run->undone);
	return nx_query_run(&query, err);
}

static bool undo(struct undoing *run, struct nx_error *err)
{
	struct undoable undoable = {.what = ""};

	if (!look_up(run, &undoable, err) || !check_state(run, &undoable, err))
		return false;
	const bool is_replay = strcmp(undoable.what, "replay") == 0;
	const bool is_suppress = strcmp(undoable.what, "suppress") == 0;
	if ((is_replay && !check_later(run, err)) ||
	    !nx_bulk_begin(run->store, &run->act, err) ||
	    !undo_changes(run, err) ||
	    (is_suppress && !undo_entries(run, err)) ||
	    (is_replay && !undo_verdicts(run, err)))
		return false;
	run->out->act = run->act.id;
	return set_undone(run, err) && nx_bulk_end(run->store, &run->act, err);
}

bool nx_bulk_undo(struct nx_store *store, const struct nx_bulk *bulk,
                  int64_t act, nx_bulk_row_fn *row, void *user,
                  struct nx_undone *out, struct nx_error *err)
{
	struct undoing run = {.store = store,
	                      .act = {.said = bulk,
	                              .what = "undo",
	                              .reason = "",
	                              .ended = act},
	                      .undone = act,
	                      .rows = {.ctx = talloc_new(NULL)},
	                      .out = out};

	*out = (struct nx_undone){0};
	const bool done = nx_sqlite_enter(store, err) &&
	                  nx_sqlite_leave(store, undo(&run, err), err);
	if (done)
		nx_bulk_give(&run.rows, row, user);
	talloc_free(run.rows.ctx);
	return done;
}

/* --- list ----------------------------------------------------------------- */

bool nx_bulk_list(struct nx_store *store, int64_t most,
                  bool (*row)(void *user, const struct nx_bulk_listed *act),
                  void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_BULKS);

	nx_query_put_number(&query, most);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		struct nx_bulk_listed act = {.id = nx_query_int(&query)};

		act.time = nx_query_int(&query);
		act.what = nx_query_text(&query);
		act.said = nx_query_text(&query);
		act.who = nx_query_text(&query);
		act.note = nx_query_text(&query);
		act.entries = nx_query_int(&query);
		act.undone = nx_query_int(&query);
		act.undoes = nx_query_int(&query);
		if (!row(user, &act))
			return true;
	}
	return answer == NX_STEP_DONE;
}
