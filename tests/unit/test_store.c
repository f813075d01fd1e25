/* SPDX-License-Identifier: ISC */
#include "store/history.h"
#include "store/schema.h"
#include "store/verify.h"
#include "stores.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define A "a@example.org"
#define B "b@example.org"

/* --- opening -------------------------------------------------------------- */

static void a_missing_directory_is_told(void **state)
{
	struct fixture *f = *state;
	struct nx_store *store = NULL;
	const char *path = talloc_asprintf(f, "%s/none", f->directory);
	char *want = talloc_asprintf(
	        f,
	        "store directory %s: No such file or directory: create it, or "
	        "name one with --store or store: in nixie.yaml",
	        path);
	for (int mode = NX_STORE_READ; mode <= NX_STORE_WRITE; mode++) {
		assert_false(nx_store_open(f, path, (enum nx_store_mode)mode,
		                           &store, &f->err));
		assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
		assert_string_equal(f->err.text, want);
	}
	assert_null(store);
}

static void a_store_is_made_for_its_owner_alone(void **state)
{
	struct fixture *f = *state;
	struct nx_store *store;
	struct stat about;
	const char *path = talloc_asprintf(f, "%s/made/", f->directory);
	const char *file = talloc_asprintf(f, "%s/nixie.db", path);
	need(f, nx_store_open(f, path, NX_STORE_CREATE, &store, &f->err));
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	assert_int_equal(stat(file, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	nx_store_close(store);
	need(f, nx_store_open(f, path, NX_STORE_CREATE, &store, &f->err));
	nx_store_close(store);
}

static void a_reader_makes_nothing(void **state)
{
	struct fixture *f = *state;
	struct nx_store *store;
	const char *path = talloc_asprintf(f, "%s/empty", f->directory);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_false(nx_store_open(f, path, NX_STORE_READ, &store, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
	assert_non_null(strstr(f->err.text, "no store here yet"));
	assert_int_equal(rmdir(path), 0);
}

static void a_reader_cannot_write(void **state)
{
	struct fixture *f = *state;
	struct nx_response out;
	const struct nx_question question = nx_question_of(&NO_STREAMS, "");
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	reopen(f, NX_STORE_READ);
	assert_true(is_suppressed(f, A, 1));
	const struct nx_attempt asked = {.question = &question,
	                                 .address = A,
	                                 .source = "check",
	                                 .sender = "",
	                                 .queue_id = ""};
	assert_false(nx_store_attempt(f, f->store, f->policy, &asked,
	                              T0 + NX_HOUR, &out, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
}

static void a_link_in_place_of_the_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct nx_store *store;
	const char *path = talloc_asprintf(f, "%s/linked", f->directory);
	const char *file = talloc_asprintf(f, "%s/nixie.db", path);
	const char *real = talloc_asprintf(f, "%s/nixie.db", f->directory);
	const char *road = talloc_asprintf(f, "%s/road", f->directory);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(symlink(real, file), 0);
	assert_false(nx_store_open(f, path, NX_STORE_WRITE, &store, &f->err));
	assert_false(nx_store_open(f, path, NX_STORE_READ, &store, &f->err));
	/* the path to the directory may be a symbolic link */
	assert_int_equal(symlink(f->directory, road), 0);
	need(f, nx_store_open(f, road, NX_STORE_READ, &store, &f->err));
	nx_store_close(store);
}

/* Runs SQL without the store's knowledge. */
static void meddle(const struct fixture *f, const char *sql)
{
	sqlite3 *db;
	char *words = NULL;
	const char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
		fail_msg("%s", words);
	sqlite3_close(db);
}

static void refuse(struct fixture *f, enum nx_error_kind kind,
                   const char *words)
{
	struct nx_store *store;
	for (int mode = NX_STORE_READ; mode <= NX_STORE_CREATE; mode++) {
		assert_false(nx_store_open(f, f->directory,
		                           (enum nx_store_mode)mode, &store,
		                           &f->err));
		assert_int_equal(f->err.kind, kind);
		assert_non_null(strstr(f->err.text, "/nixie.db: "));
		if (!strstr(f->err.text, words))
			fail_msg("%s", f->err.text);
	}
}

static void a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	meddle(f, "PRAGMA user_version = 99");
	refuse(f, NX_ERROR_TEMPORARY, "schema 99 is of a newer nixie");
}

static void a_database_of_others_is_refused(void **state)
{
	struct fixture *f = *state;
	meddle(f, "PRAGMA application_id = 0");
	refuse(f, NX_ERROR_TEMPORARY, "not a nixie store");
}

static void what_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	nx_store_close(f->store);
	f->store = NULL;
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("what is this? ", file);
	fclose(file);
	refuse(f, NX_ERROR_DAMAGED, "file is not a database");
}

static void an_empty_file_becomes_a_store(void **state)
{
	struct fixture *f = *state;
	struct nx_store *store;
	const char *path = talloc_asprintf(f, "%s/new", f->directory);
	const char *file = talloc_asprintf(f, "%s/nixie.db", path);
	assert_int_equal(mkdir(path, 0700), 0);
	fclose(fopen(file, "w"));
	assert_false(nx_store_open(f, path, NX_STORE_READ, &store, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
	need(f, nx_store_open(f, path, NX_STORE_WRITE, &store, &f->err));
	nx_store_close(store);
	need(f, nx_store_open(f, path, NX_STORE_READ, &store, &f->err));
	nx_store_close(store);
}

static void the_database_is_set_to_keep_what_it_took(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;
	sqlite3_stmt *statement;
	const char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db,
	                   "SELECT (SELECT journal_mode FROM "
	                   "pragma_journal_mode), (SELECT application_id FROM "
	                   "pragma_application_id), (SELECT count(*) FROM "
	                   "pragma_table_list WHERE schema = 'main' AND type "
	                   "= 'table' AND name NOT LIKE 'sqlite%' AND NOT "
	                   "strict)",
	                   -1, &statement, NULL);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(statement, 0),
	                    "wal");
	assert_int_equal(sqlite3_column_int(statement, 1), 0x6e697869);
	assert_int_equal(sqlite3_column_int(statement, 2), 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

/* --- adding --------------------------------------------------------------- */

static void a_hard_bounce_suppresses_at_once(void **state)
{
	struct fixture *f = *state;
	struct nx_outcome outcome = add_one(f, 1, A, NX_CLASS_HARD, 0);
	assert_false(outcome.known);
	assert_int_equal(outcome.added, 1);
	assert_int_equal(outcome.suppressed, 1);
	assert_true(is_suppressed(f, A, 23));
	assert_false(is_suppressed(f, A, 24));
	assert_false(is_suppressed(f, B, 1));
	reopen(f, NX_STORE_WRITE);
	assert_true(is_suppressed(f, A, 23));
}

static void a_message_offered_again_changes_nothing(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	for (int i = 1; i < 3; i++) {
		struct nx_outcome outcome = add_one(f, 1, A, NX_CLASS_HARD, i);
		assert_true(outcome.known);
		assert_int_equal(outcome.added, 0);
		assert_int_equal(outcome.suppressed, 0);
	}
	struct nx_standing standing = standing_of(f, "", A, 3);
	assert_int_equal(standing.rung, 0);
	assert_int_equal(standing.until, T0 + NX_DAY);
}

static void an_event_offered_again_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct nx_event event = event_of(1, A, NX_CLASS_HARD, 0);
	add_events(f, &event, 1);
	event.message[20] = 1; /* another message, the same event */
	struct nx_outcome outcome = add_events(f, &event, 1);
	assert_false(outcome.known);
	assert_int_equal(outcome.added, 0);
	assert_int_equal(standing_of(f, "", A, 1).rung, 0);
}

static void a_message_without_events_is_recorded(void **state)
{
	struct fixture *f = *state;
	struct nx_store_status status;
	struct nx_outcome outcome;
	const char *line = nx_record_unparsed(f, "took too long");
	struct nx_delivery delivery = {
	        .time = T0, .source = "test", .record = &f->record};
	need(f, nx_record_read(f, line, strlen(line), &f->record, &f->err));
	need(f,
	     nx_store_add(f->store, f->policy, &delivery, &outcome, &f->err));
	assert_false(outcome.known);
	need(f,
	     nx_store_add(f->store, f->policy, &delivery, &outcome, &f->err));
	assert_true(outcome.known);
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.messages, 1);
	assert_int_equal(status.events, 0);
}

static void others_faults_are_recorded_and_never_suppress(void **state)
{
	struct fixture *f = *state;
	struct nx_event event = event_of(1, A, NX_CLASS_HARD, 0);
	event.verdict.fault = NX_FAULT_SENDER;
	struct nx_outcome outcome = add_events(f, &event, 1);
	assert_int_equal(outcome.added, 1);
	assert_int_equal(outcome.suppressed, 0);
	assert_false(is_suppressed(f, A, 0));
}

static void three_soft_bounces_on_three_days_suppress(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(add_one(f, 1, A, NX_CLASS_SOFT, 0).suppressed, 0);
	assert_int_equal(add_one(f, 2, A, NX_CLASS_SOFT, 1).suppressed, 0);
	reopen(f, NX_STORE_WRITE);
	assert_int_equal(add_one(f, 3, A, NX_CLASS_SOFT, 24).suppressed, 0);
	assert_false(is_suppressed(f, A, 24));
	reopen(f, NX_STORE_WRITE);
	assert_int_equal(add_one(f, 4, A, NX_CLASS_SOFT, 48).suppressed, 1);
	assert_true(is_suppressed(f, A, 48));
}

static void a_second_day_confirms_what_was_in_doubt(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 1; i <= 3; i++) {
		struct nx_event event =
		        event_of(i, A, NX_CLASS_SOFT, i == 3 ? 30 : (int64_t)i);
		event.verdict.confirm_days = 2;
		add_events(f, &event, 1);
		assert_int_equal(is_suppressed(f, A, i == 3 ? 30 : i), i == 3);
		assert_int_equal(standing_of(f, "", A, i).unconfirmed_count,
		                 i < 3);
	}
	assert_int_equal(standing_of(f, "", A, 30).cause, NX_CAUSE_HARD);
}

static void a_group_is_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	add_one(f, 2, B, NX_CLASS_HARD, 0);
	assert_false(nx_store_begin(f->store, &f->err));
	nx_store_rollback(f->store);
	assert_false(is_suppressed(f, A, 1));
	need(f, nx_store_begin(f->store, &f->err));
	assert_false(add_one(f, 1, A, NX_CLASS_HARD, 0).known);
	assert_false(add_one(f, 2, B, NX_CLASS_HARD, 0).known);
	need(f, nx_store_commit(f->store, &f->err));
	reopen(f, NX_STORE_READ);
	assert_true(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 1));
	assert_false(nx_store_commit(f->store, &f->err));
}

static void a_failed_verb_fails_its_group(void **state)
{
	struct fixture *f = *state;
	struct nx_outcome outcome;
	struct nx_event event = event_of(2, "", NX_CLASS_HARD, 0);
	const struct nx_delivery delivery = delivery_of(f, &event, 1);
	need(f, nx_store_begin(f->store, &f->err));
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	assert_false(nx_store_add(f->store, f->policy, &delivery, &outcome,
	                          &f->err));
	assert_false(nx_store_commit(f->store, &f->err));
	assert_false(is_suppressed(f, A, 1));
	assert_false(add_one(f, 1, A, NX_CLASS_HARD, 0).known);
}

static void a_locked_store_is_temporary(void **state)
{
	struct fixture *f = *state;
	struct nx_store *other;
	need(f,
	     nx_store_open(f, f->directory, NX_STORE_WRITE, &other, &f->err));
	struct nx_event event = event_of(1, A, NX_CLASS_HARD, 0);
	struct nx_outcome outcome;
	const struct nx_delivery delivery = delivery_of(f, &event, 1);
	need(f, nx_store_begin(other, &f->err));
	need(f, nx_store_add(other, f->policy, &delivery, &outcome, &f->err));
	assert_false(nx_store_add(f->store, f->policy, &delivery, &outcome,
	                          &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
	assert_non_null(strstr(f->err.text, "database is locked"));
	nx_store_rollback(other);
	nx_store_close(other);
	assert_false(add_one(f, 1, A, NX_CLASS_HARD, 0).known);
}

/* Fills the store until its file may not grow; 0 when all went as it should. */
static int fill_up(struct fixture *f)
{
	const struct rlimit small = {2048 * 1024, 2048 * 1024};
	struct nx_outcome outcome;
	char diagnostic[1024];
	nx_store_close(f->store);
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) < 0 ||
	    !nx_store_open(f, f->directory, NX_STORE_WRITE, &f->store, &f->err))
		return 100;
	memset(diagnostic, 'x', sizeof(diagnostic) - 1);
	diagnostic[sizeof(diagnostic) - 1] = '\0';
	for (unsigned i = 1; i < 1000; i++) {
		struct nx_event event = event_of(i, A, NX_CLASS_HARD, 0);
		event.diagnostic = diagnostic;
		const struct nx_delivery delivery = delivery_of(f, &event, 1);
		if (nx_store_add(f->store, f->policy, &delivery, &outcome,
		                 &f->err))
			continue;
		if (f->err.kind != NX_ERROR_FULL ||
		    !strstr(f->err.text, "/nixie.db: "))
			return 101;
		return (int)(i / 4); /* the number taken, in fours */
	}
	return 102;
}

static void a_full_disk_is_temporary_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct nx_store_status about;
	int status;
	nx_store_close(f->store);
	f->store = NULL;
	pid_t child = fork();
	if (child == 0)
		_exit(fill_up(f));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	int taken = WEXITSTATUS(status);
	if (taken < 5 || taken >= 100)
		fail_msg("ended with %d", taken);
	need(f, nx_store_open(f, f->directory, NX_STORE_WRITE, &f->store,
	                      &f->err));
	need(f, nx_store_status(f, f->store, T0, &about, &f->err));
	assert_int_equal((about.events + 1) / 4, taken);
	assert_int_equal(about.events, about.messages);
	add_one(f, 5000, B, NX_CLASS_HARD, 0);
}

/* --- asking --------------------------------------------------------------- */

static void attempts_climb_the_ladder(void **state)
{
	static const struct {
		int64_t hour, span;
	} steps[] = {{1, 48}, {48, 96}, {120, 168}, {264, 336}};
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	for (size_t i = 0; i < 4; i++) {
		struct nx_subject_state out = attempt(f, "", A, steps[i].hour);
		assert_int_equal(out.standing.until,
		                 T0 + (steps[i].hour + steps[i].span) *
		                                 NX_HOUR);
		struct nx_standing kept = standing_of(f, "", A, steps[i].hour);
		assert_memory_equal(&kept, &out.standing, sizeof(kept));
	}
	int64_t later = 264 + 15 * 24;
	assert_false(is_suppressed(f, A, later));
	attempt(f, "", A, later);
	add_one(f, 2, A, NX_CLASS_HARD, later);
	assert_int_equal(standing_of(f, "", A, later).until,
	                 T0 + (later + 24) * NX_HOUR);
}

static void an_attempt_without_a_lease_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct nx_store_status status;
	struct nx_subject_state out = attempt(f, "list", A, 0);
	assert_string_equal(out.address, A);
	assert_int_equal(out.standing.cause, NX_CAUSE_NONE);
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.attempts, 0);
	assert_int_equal(status.subjects, 0);
}

static struct nx_mail mail_named(const char *stream)
{
	return (struct nx_mail){.reach = *stream ? NX_REACH_STREAM
	                                         : NX_REACH_ALL,
	                        .name = stream};
}

static void suppress(struct fixture *f, const char *stream, const char *address,
                     enum nx_cause cause, int64_t hour)
{
	struct nx_manual_action act = {.mail = mail_named(stream),
	                               .who = "tester",
	                               .note = "for a test",
	                               .reason = "unknown-user",
	                               .cause = cause,
	                               .now = T0 + hour * NX_HOUR};
	need(f, nx_store_suppress(f->store, f->policy, &act, &address, 1,
	                          &f->err));
}

/* How many leases that held it ends. */
static size_t release(struct fixture *f, const char *stream,
                      const char *address, enum nx_cause cause, int64_t hour)
{
	struct nx_response released, left;
	struct nx_manual_action act = {.mail = mail_named(stream),
	                               .who = "tester",
	                               .note = "",
	                               .reason = "",
	                               .cause = cause,
	                               .now = T0 + hour * NX_HOUR};
	need(f, nx_store_release(f, f->store, f->policy, &act, address,
	                         &released, &left, &f->err));
	return released.holding;
}

static void all_mail_or_the_stream_decides_whichever_is_longer(void **state)
{
	struct fixture *f = *state;
	suppress(f, "news", A, NX_CAUSE_HARD, 0);
	assert_string_equal(state_of(f, "news", A, 1).mail.name, "news");
	assert_int_equal(answer_of(f, "", A, 1).blocking, 0);
	assert_int_equal(answer_of(f, "other", A, 1).blocking, 0);
	assert_int_equal(answer_of(f, "other", A, 1).holding, 1);
	suppress(f, "", A, NX_CAUSE_HARD, 12);
	assert_int_equal(answer_of(f, "news", A, 13).blocking, 2);
	assert_string_equal(state_of(f, "news", A, 13).mail.name, "");
	assert_string_equal(state_of(f, "other", A, 13).mail.name, "");
	suppress(f, "news", A, NX_CAUSE_NONE, 14);
	assert_string_equal(state_of(f, "news", A, 15).mail.name, "news");
	assert_int_equal(state_of(f, "news", A, 15).standing.cause,
	                 NX_CAUSE_MANUAL);
	/* ended, but remembered */
	assert_string_equal(state_of(f, "other", A, 48).mail.name, "");
	assert_int_equal(state_of(f, "other", A, 48).standing.cause,
	                 NX_CAUSE_HARD);
}

static void an_attempt_steps_the_standing_that_decides(void **state)
{
	struct fixture *f = *state;
	suppress(f, "", A, NX_CAUSE_HARD, 0);
	struct nx_subject_state out = attempt(f, "news", A, 1);
	assert_int_equal(out.mail.reach, NX_REACH_ALL);
	assert_int_equal(out.standing.until, T0 + 49 * NX_HOUR);
	assert_int_equal(state_of(f, "", A, 1).standing.until,
	                 T0 + 49 * NX_HOUR);
}

static void a_release_frees_and_forgets(void **state)
{
	struct fixture *f = *state;
	suppress(f, "", A, NX_CAUSE_NONE, 0);
	assert_true(is_suppressed(f, A, 1));
	assert_int_equal(release(f, "", A, NX_CAUSE_NONE, 1), 0);
	assert_true(is_suppressed(f, A, 1));
	assert_int_equal(release(f, "", A, NX_CAUSE_MANUAL, 1), 1);
	assert_false(is_suppressed(f, A, 1));
	assert_int_equal(release(f, "", A, NX_CAUSE_MANUAL, 2), 0);
	assert_int_equal(release(f, "", B, NX_CAUSE_NONE, 2), 0);
	add_one(f, 1, A, NX_CLASS_SOFT, 3);
	assert_int_equal(release(f, "", A, NX_CAUSE_NONE, 3), 0);
	assert_int_equal(standing_of(f, "", A, 3).strikes, 0);
}

/* --- walking -------------------------------------------------------------- */

struct seen {
	char *text;
	int stop_after; /* 0: never */
	int rows;
};

static bool see_state(void *user, const struct nx_subject_state *state)
{
	struct seen *seen = user;
	seen->text = talloc_asprintf_append(
	        seen->text, "%s/%s/%s ",
	        state->mail.reach == NX_REACH_STREAM
	                ? state->mail.name
	                : nx_reach_name(state->mail.reach),
	        state->address, nx_cause_name(state->standing.cause));
	return ++seen->rows != seen->stop_after;
}

static const char *list(struct fixture *f, const char *stream, int64_t now,
                        int stop_after)
{
	const struct nx_question question = nx_question_of(&NO_STREAMS, stream);
	struct seen seen = {.text = talloc_strdup(f, ""),
	                    .stop_after = stop_after};
	need(f, nx_store_list(f->store, *stream ? &question : NULL, now,
	                      see_state, &seen, &f->err));
	return seen.text;
}

static void a_list_is_in_order_of_mail_and_address(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, B, NX_CLASS_COMPLAINT, 0);
	add_one(f, 2, A, NX_CLASS_HARD, 0);
	add_one(f, 3, "c@example.org", NX_CLASS_SOFT, 0);
	suppress(f, "news", B, NX_CAUSE_NONE, 0);
	suppress(f, "ads", A, NX_CAUSE_NONE, 0);
	assert_string_equal(list(f, "", T0, 0), "all/a@example.org/hard "
	                                        "bulk/b@example.org/complaint "
	                                        "ads/a@example.org/manual "
	                                        "news/b@example.org/manual ");
	assert_string_equal(list(f, "news", T0, 0),
	                    "all/a@example.org/hard "
	                    "bulk/b@example.org/complaint "
	                    "news/b@example.org/manual ");
	assert_string_equal(list(f, "news", T0 + 2 * NX_DAY, 0),
	                    "bulk/b@example.org/complaint "
	                    "news/b@example.org/manual ");
	assert_string_equal(list(f, "other", 0, 1), "all/a@example.org/hard ");
}

static bool see_history(void *user, const struct nx_history *history)
{
	struct seen *seen = user;
	seen->text = talloc_asprintf_append(
	        seen->text, "%d:%s:%s ", (int)((history->time - T0) / NX_HOUR),
	        history->what, history->address);
	return ++seen->rows != seen->stop_after;
}

static void a_history_tells_everything_oldest_first(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {.text = talloc_strdup(f, "")};
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	add_one(f, 2, B, NX_CLASS_HARD, 0);
	attempt(f, "news", A, 1);
	attempt(f, "", A, 3);
	suppress(f, "", A, NX_CAUSE_NONE, 5);
	add_one(f, 3, A, NX_CLASS_SOFT, 4);
	release(f, "", A, NX_CAUSE_MANUAL, 6);
	need(f, nx_store_history(f->store, A, see_history, &seen, &f->err));
	assert_string_equal(seen.text,
	                    "0:event:" A " 1:attempt:" A " 3:attempt:" A
	                    " 4:event:" A " 5:suppress:" A " 6:release:" A
	                    " 6:release:" A " ");
	seen = (struct seen){.text = talloc_strdup(f, ""), .stop_after = 2};
	need(f, nx_store_history(f->store, A, see_history, &seen, &f->err));
	assert_string_equal(seen.text, "0:event:" A " 1:attempt:" A " ");
}

static bool check_event(void *user, const struct nx_history *history)
{
	const struct nx_event *want = user, *got = &history->event;
	assert_string_equal(history->what, "event");
	assert_string_equal(history->source, "test");
	assert_string_equal(history->reason, want->verdict.reason);
	assert_string_equal(history->who, "");
	assert_memory_equal(got->id, want->id, sizeof(got->id));
	assert_memory_equal(got->message, want->message, sizeof(got->message));
	assert_int_equal(got->time, want->time);
	assert_string_equal(got->stream, want->stream);
	assert_string_equal(got->sending_domain, want->sending_domain);
	assert_string_equal(got->address, want->address);
	assert_int_equal(got->verdict.class, want->verdict.class);
	assert_string_equal(got->verdict.reason, want->verdict.reason);
	assert_int_equal(got->verdict.fault, want->verdict.fault);
	assert_string_equal(got->verdict.advice, want->verdict.advice);
	assert_string_equal(got->verdict.rule, want->verdict.rule);
	assert_int_equal(got->verdict.basis, want->verdict.basis);
	assert_string_equal(got->verdict.matched, want->verdict.matched);
	assert_int_equal(got->trust, want->trust);
	assert_int_equal(got->kind, want->kind);
	assert_int_equal(got->action, want->action);
	assert_string_equal(got->status, want->status);
	assert_int_equal(got->reply, want->reply);
	assert_string_equal(got->diagnostic, want->diagnostic);
	assert_string_equal(got->remote_mta, want->remote_mta);
	assert_string_equal(got->reporting_mta, want->reporting_mta);
	assert_string_equal(got->message_id, want->message_id);
	assert_string_equal(got->list_id, want->list_id);
	assert_int_equal(got->incidents, want->incidents);
	return true;
}

static void an_event_comes_back_as_it_went_in(void **state)
{
	struct fixture *f = *state;
	struct nx_event event = event_of(7, A, NX_CLASS_COMPLAINT, 0);
	event.trust = NX_TRUST_ECHO;
	event.kind = NX_KIND_FEEDBACK_REPORT;
	event.action = NX_ACTION_NONE;
	event.verdict.basis = NX_BASIS_FEEDBACK;
	event.diagnostic = "'; DROP TABLE event; --";
	event.list_id = "<news.example.com>";
	event.incidents = 12;
	event.stream = "news";
	event.sending_domain = "shop.example.com";
	add_events(f, &event, 1);
	need(f, nx_store_history(f->store, A, check_event, &event, &f->err));
	need(f, nx_store_walk(f->store, 1U << NX_CLASS_COMPLAINT, T0, T0 + 1,
	                      check_event, &event, &f->err));
}

static const char *walk(struct fixture *f, unsigned classes, int64_t since,
                        int64_t until)
{
	struct seen seen = {.text = talloc_strdup(f, "")};
	need(f,
	     nx_store_walk(f->store, classes, T0 + since * NX_HOUR,
	                   T0 + until * NX_HOUR, see_history, &seen, &f->err));
	return seen.text;
}

struct order {
	int64_t last;
	unsigned rows;
};

static bool in_order(void *user, const struct nx_history *history)
{
	struct order *order = user;
	assert_true(history->time >= order->last);
	order->last = history->time;
	order->rows++;
	return true;
}

static void a_walk_of_many_gives_each_once(void **state)
{
	enum { MANY = 2500 };
	struct fixture *f = *state;
	struct order order = {0};
	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 1; i <= MANY; i++)
		add_one(f, i, i % 3 ? A : B, NX_CLASS_SOFT, i % 2);
	need(f, nx_store_commit(f->store, &f->err));
	need(f, nx_store_walk(f->store, 1U << NX_CLASS_SOFT, T0, T0 + NX_DAY,
	                      in_order, &order, &f->err));
	assert_int_equal(order.rows, MANY);
}

static void a_walk_keeps_to_its_span_and_classes(void **state)
{
	struct fixture *f = *state;
	unsigned hard = 1U << NX_CLASS_HARD, soft = 1U << NX_CLASS_SOFT;
	add_one(f, 1, A, NX_CLASS_HARD, 5);
	add_one(f, 2, B, NX_CLASS_SOFT, 3);
	add_one(f, 3, B, NX_CLASS_NONE, 4);
	attempt(f, "", A, 6);
	assert_string_equal(walk(f, hard | soft, 0, 9),
	                    "3:event:" B " 5:event:" A " ");
	assert_string_equal(walk(f, hard | soft, 3, 5), "3:event:" B " ");
	assert_string_equal(walk(f, hard, 0, 9), "5:event:" A " ");
	assert_string_equal(walk(f, 1U << NX_CLASS_NONE, 0, 9),
	                    "4:event:" B " ");
	assert_string_equal(walk(f, 0, 0, 9), "6:attempt:" A " ");
	assert_string_equal(walk(f, 0, 0, 6), "");
}

/* --- health --------------------------------------------------------------- */

static void the_status_counts(void **state)
{
	struct fixture *f = *state;
	struct nx_store_status status;
	add_one(f, 1, A, NX_CLASS_HARD, 2);
	add_one(f, 2, B, NX_CLASS_SOFT, 3);
	attempt(f, "", A, 3);
	need(f,
	     nx_store_status(f, f->store, T0 + 3 * NX_HOUR, &status, &f->err));
	assert_int_equal(status.schema, NX_SCHEMA_LATEST);
	assert_int_equal(status.messages, 2);
	assert_int_equal(status.events, 2);
	assert_int_equal(status.subjects, 2);
	assert_int_equal(status.suppressed, 1);
	assert_int_equal(status.attempts, 1);
	assert_int_equal(status.quarantined, 0);
	assert_int_equal(status.first_event, T0 + 2 * NX_HOUR);
	assert_int_equal(status.last_event, T0 + 3 * NX_HOUR);
	assert_true(status.bytes > 0);
}

static void note_finding(void *user, const char *line)
{
	struct seen *seen = user;
	seen->rows++;
	seen->text = talloc_asprintf_append(seen->text, "%s\n", line);
}

static const char *verify(struct fixture *f, size_t *findings)
{
	struct seen seen = {.text = talloc_strdup(f, "")};
	need(f,
	     nx_store_verify(f->store, note_finding, &seen, findings, &f->err));
	assert_int_equal(seen.rows, *findings);
	return seen.text;
}

static void a_sound_store_has_no_findings(void **state)
{
	struct fixture *f = *state;
	size_t findings;
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	add_one(f, 2, B, NX_CLASS_SOFT, 0);
	add_one(f, 3, B, NX_CLASS_COMPLAINT, 0);
	attempt(f, "", A, 1);
	suppress(f, "news", "c@example.org", NX_CAUSE_NONE, 2);
	assert_string_equal(verify(f, &findings), "");
	reopen(f, NX_STORE_READ);
	assert_string_equal(verify(f, &findings), "");
}

static void what_makes_no_sense_is_found(void **state)
{
	static const struct {
		const char *sql, *words;
	} cases[] = {
	        {"UPDATE standing SET rung = 16", "standing of " A},
	        {"UPDATE standing SET rung = -1", "standing of " A},
	        {"UPDATE standing SET until = since - 1", "makes no sense"},
	        {"UPDATE why SET cause = 'bored'", "makes no sense"},
	        {"UPDATE standing SET strikes = '1 2 x'", "makes no sense"},
	        {"UPDATE standing SET rung = 0; UPDATE recipient SET address "
	         "= 'x@example.org'",
	         "recipient x@example.org: kept under the key of another"},
	        {"DELETE FROM recipient",
	         "event: row 1 refers to no recipient"},
	        {"DELETE FROM recipient", "of no recipient"},
	        {"DELETE FROM message", "event: row 1 refers to no message"},
	        {"UPDATE event SET class = 'bad'", "unknown class \"bad\""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		void *own = NULL;
		size_t findings;
		set_up(&own);
		struct fixture *f = own;
		add_one(f, 1, A, NX_CLASS_HARD, 0);
		meddle(f, cases[i].sql);
		const char *found = verify(f, &findings);
		if (findings == 0 || !strstr(found, cases[i].words))
			fail_msg("%s: %s", cases[i].sql, found);
		tear_down(&own);
	}
	(void)state;
}

static void a_store_without_its_key_is_refused(void **state)
{
	struct fixture *f = *state;
	meddle(f, "DELETE FROM secret");
	refuse(f, NX_ERROR_DAMAGED, "the key of its recipients is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(a_missing_directory_is_told),
	        STORE_TEST(a_store_is_made_for_its_owner_alone),
	        STORE_TEST(a_reader_makes_nothing),
	        STORE_TEST(a_reader_cannot_write),
	        STORE_TEST(a_link_in_place_of_the_database_is_refused),
	        STORE_TEST(a_newer_schema_is_refused),
	        STORE_TEST(a_database_of_others_is_refused),
	        STORE_TEST(what_is_no_database_is_refused),
	        STORE_TEST(an_empty_file_becomes_a_store),
	        STORE_TEST(the_database_is_set_to_keep_what_it_took),
	        STORE_TEST(a_hard_bounce_suppresses_at_once),
	        STORE_TEST(a_message_offered_again_changes_nothing),
	        STORE_TEST(an_event_offered_again_changes_nothing),
	        STORE_TEST(a_message_without_events_is_recorded),
	        STORE_TEST(others_faults_are_recorded_and_never_suppress),
	        STORE_TEST(three_soft_bounces_on_three_days_suppress),
	        STORE_TEST(a_second_day_confirms_what_was_in_doubt),
	        STORE_TEST(a_group_is_all_or_nothing),
	        STORE_TEST(a_failed_verb_fails_its_group),
	        STORE_TEST(a_locked_store_is_temporary),
	        STORE_TEST(a_full_disk_is_temporary_and_loses_nothing),
	        STORE_TEST(attempts_climb_the_ladder),
	        STORE_TEST(an_attempt_without_a_lease_writes_nothing),
	        STORE_TEST(all_mail_or_the_stream_decides_whichever_is_longer),
	        STORE_TEST(an_attempt_steps_the_standing_that_decides),
	        STORE_TEST(a_release_frees_and_forgets),
	        STORE_TEST(a_list_is_in_order_of_mail_and_address),
	        STORE_TEST(a_history_tells_everything_oldest_first),
	        STORE_TEST(an_event_comes_back_as_it_went_in),
	        STORE_TEST(a_walk_keeps_to_its_span_and_classes),
	        STORE_TEST(a_walk_of_many_gives_each_once),
	        STORE_TEST(the_status_counts),
	        STORE_TEST(a_sound_store_has_no_findings),
	        cmocka_unit_test(what_makes_no_sense_is_found),
	        STORE_TEST(a_store_without_its_key_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
