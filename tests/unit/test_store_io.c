/* SPDX-License-Identifier: ISC */
#include "stores.h"

#include "failing_files.h"
#include "store/bulk.h"
#include "store/erase.h"
#include "store/prune.h"
#include "store/schema.h"
#include "store/verify.h"

/*
 * The store over a file system that fails: every read, write, sync, truncate,
 * lock and shared page that a story needs fails, once, from then on, or twice
 * with some that succeed in between.
 */
#define A "a@example.org"
#define B "b@example.org"
#define C "c@example.org"

#ifndef STEP
#define STEP 1 /* each call; or, where all are slow, one of so many */
#endif
enum { GAPS = 5, ENOUGH = 2000 };

/* What may fail. It is done once with the fault, and when it was not said to be
 * done it is done again without. */
struct story {
	int least; /* so many calls can fail */
	void (*prepare)(struct fixture *f);
	bool (*act)(struct fixture *f); /* whether it is said to be done */
	void (*expect)(struct fixture *f);
	/* NULL, or what holds when it was not said to be done */
	void (*expect_half)(struct fixture *f);
	int schema; /* to migrate from */
};

static const struct story *told; /* the story that is under way */

static void expect_sound(struct fixture *f)
{
	size_t findings;
	need(f, nx_store_verify(f->store, NULL, NULL, &findings, &f->err));
	assert_int_equal(findings, 0);
}

/* --- a group of messages -------------------------------------------------- */

/* Of two there is room for one. */
static void keep_original(struct nx_delivery *delivery)
{
	static const struct nx_original_limits limits = {.days = 7,
	                                                 .bytes = 4000};
	static char bytes[3000];
	uint32_t state = 1;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (char)(state >> 24);
	}
	delivery->originals = &limits;
	delivery->original = (struct nx_kept_original){
	        .time = T0,
	        .envelope = {"", true, "b@example.org", "", ""},
	        .size = sizeof(bytes),
	        .bytes = bytes,
	        .kept = sizeof(bytes)};
	memcpy(delivery->original.digest, delivery->digest, NX_DIGEST_SIZE);
}

static bool offer(struct fixture *f, unsigned number, const char *address,
                  struct nx_outcome *out)
{
	const struct nx_event event =
	        event_of(number, address, NX_CLASS_HARD, 0);
	struct nx_delivery delivery = delivery_of(f, &event, *address != '\0');
	static const struct nx_quarantine_limits limits = {10, 100000, 7};
	static const char letter[6000];
	delivery.limits = &limits;
	keep_original(&delivery);
	if (delivery.events == 0)
		delivery.keep = (struct nx_quarantined){
		        .time = T0,
		        .why = NX_QUARANTINE_ORDINARY,
		        .envelope = {"", true, "b@example.org", "", ""},
		        .size = sizeof(letter),
		        .bytes = letter,
		        .kept = sizeof(letter)};
	memcpy(delivery.keep.digest, delivery.digest, NX_DIGEST_SIZE);
	return nx_store_add(f->store, f->policy, &delivery, out, &f->err);
}

/* As the daemon's writer does it; returns whether the answer is 250. */
static bool offer_all(struct fixture *f)
{
	struct nx_outcome out;
	if (!nx_store_begin(f->store, &f->err))
		return false;
	if (offer(f, 1, A, &out) && offer(f, 2, "", &out) &&
	    offer(f, 3, B, &out))
		return nx_store_commit(f->store, &f->err);
	nx_store_rollback(f->store);
	return false;
}

/* Each by itself, after the group has failed. */
static void offer_each(struct fixture *f)
{
	struct nx_outcome out;
	need(f, offer(f, 1, A, &out));
	need(f, offer(f, 2, "", &out));
	need(f, offer(f, 3, B, &out));
}

static bool expect_original(void *user, const struct nx_kept_original *original)
{
	int *originals = user;
	assert_int_equal(original->digest[0], 3);
	++*originals;
	return true;
}

static void expect_all(struct fixture *f)
{
	int originals = 0;
	struct nx_store_status status;
	assert_true(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 1));
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.events, 2);
	assert_int_equal(status.messages, 3);
	assert_int_equal(status.quarantined, 1);
	need(f,
	     nx_original_walk(f->store, expect_original, &originals, &f->err));
	assert_int_equal(originals, 1);
}

static const struct story group = {.least = 20,
                                   .act = offer_all,
                                   .expect = expect_all,
                                   .expect_half = offer_each};

/* --- attempts and what is done by hand ------------------------------------ */

static void suppress_a(struct fixture *f)
{
	add_one(f, 1, A, NX_CLASS_HARD, 0);
}

static bool attempt_a(struct fixture *f)
{
	struct nx_response out;
	const struct nx_question question = nx_question_of(&NO_STREAMS, "");
	const struct nx_attempt asked = {.question = &question,
	                                 .address = A,
	                                 .source = "door",
	                                 .sender = "s@example.com",
	                                 .queue_id = "4F2A"};
	return nx_store_attempt(f, f->store, f->policy, &asked,
	                        T0 + 23 * NX_HOUR, &out, &f->err);
}

static void expect_attempt(struct fixture *f)
{
	assert_int_equal(standing_of(f, "", A, 23).rung, 1);
	assert_true(is_suppressed(f, A, 23 + 47));
}

/* All of it or nothing. */
static void expect_attempt_or_not(struct fixture *f)
{
	const bool stepped = standing_of(f, "", A, 23).rung == 1;
	assert_int_equal(is_suppressed(f, A, 23 + 47), stepped);
	assert_true(is_suppressed(f, A, 23));
}

static const struct story attempted = {.least = 15,
                                       .prepare = suppress_a,
                                       .act = attempt_a,
                                       .expect = expect_attempt,
                                       .expect_half = expect_attempt_or_not};

static bool suppress_b(struct fixture *f)
{
	static const char *const address[] = {B};
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "ann",
	                                     .note = "asked",
	                                     .reason = "manual",
	                                     .now = T0};
	return nx_store_suppress(f->store, f->policy, &act, address, 1,
	                         &f->err);
}

static void expect_both(struct fixture *f)
{
	assert_true(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 10000));
}

static void expect_a(struct fixture *f)
{
	assert_true(is_suppressed(f, A, 1));
}

static const struct story by_hand = {.least = 15,
                                     .prepare = suppress_a,
                                     .act = suppress_b,
                                     .expect = expect_both,
                                     .expect_half = expect_a};

/* --- acts on many --------------------------------------------------------- */

static const struct nx_bulk BULK = {
        .streams = &NO_STREAMS, .who = "ann", .note = "", .now = T0 + NX_HOUR};

static bool no_row(void *user, const struct nx_bulk_row *row)
{
	(void)user;
	(void)row;
	return true;
}

/* A and B bounced; C and B are suppressed by hand, which is act 1. */
static void suppress_many(struct fixture *f)
{
	static const char *const address[] = {B, C};
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "ann",
	                                     .note = "",
	                                     .reason = "manual",
	                                     .now = T0};
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	add_one(f, 2, B, NX_CLASS_HARD, 0);
	need(f,
	     nx_store_suppress(f->store, f->policy, &act, address, 2, &f->err));
}

static bool release_where(struct fixture *f)
{
	const struct nx_where where = {.rule = "status/5.1.1",
	                               .reporter = "",
	                               .domain = "",
	                               .since = 0,
	                               .until = T0 + NX_HOUR,
	                               .text = ""};
	struct nx_bulk bulk = BULK;
	int64_t act;
	bulk.policy = f->policy;
	return nx_bulk_release(f->store, &bulk, &where, no_row, NULL, &act,
	                       &f->err);
}

static bool is_bounced(struct fixture *f, const char *address)
{
	const struct nx_response answer = answer_of(f, "", address, 1);
	for (size_t i = 0; i < answer.blocking; i++)
		if (answer.state[i].standing.cause == NX_CAUSE_HARD)
			return true;
	return false;
}

static void expect_released(struct fixture *f)
{
	assert_false(is_suppressed(f, A, 1));
	assert_false(is_bounced(f, B));
	assert_true(is_suppressed(f, B, 1));
}

static void expect_both_or_none(struct fixture *f)
{
	assert_int_equal(is_bounced(f, A), is_bounced(f, B));
}

static const struct story released = {.least = 15,
                                      .prepare = suppress_many,
                                      .act = release_where,
                                      .expect = expect_released,
                                      .expect_half = expect_both_or_none};

/* Done once it says that it was done already. */
static bool undo_suppress(struct fixture *f)
{
	struct nx_undone undone;
	return nx_bulk_undo(f->store, &BULK, 1, no_row, NULL, &undone,
	                    &f->err) ||
	       f->err.kind == NX_ERROR_USAGE;
}

static void expect_undone(struct fixture *f)
{
	assert_false(is_suppressed(f, C, 1));
	assert_false(is_suppressed(f, B, 25));
	assert_true(is_bounced(f, B));
}

static void expect_undone_or_not(struct fixture *f)
{
	assert_int_equal(is_suppressed(f, C, 25), is_suppressed(f, B, 25));
}

static const struct story undone = {.least = 15,
                                    .prepare = suppress_many,
                                    .act = undo_suppress,
                                    .expect = expect_undone,
                                    .expect_half = expect_undone_or_not};

static bool judge_softly(void *user, TALLOC_CTX *ctx,
                         const struct nx_past_event *event,
                         struct nx_verdict *out)
{
	(void)ctx;
	(void)user;
	*out = event->event.verdict;
	out->class = NX_CLASS_SOFT;
	out->rule = "better";
	return true;
}

static bool replay_all(struct fixture *f)
{
	const struct nx_replay with = {.policy = f->policy,
	                               .judge = judge_softly};
	struct nx_bulk bulk = BULK;
	struct nx_replayed done;
	bulk.policy = f->policy;
	return nx_bulk_replay(f->store, &bulk, &with, no_row, NULL, &done,
	                      &f->err);
}

static const struct story replayed = {.least = 15,
                                      .prepare = suppress_many,
                                      .act = replay_all,
                                      .expect = expect_released,
                                      .expect_half = expect_both_or_none};

/* --- a person asks to be forgotten -----------------------------------------
 */

/* A's bounce, and one of B that names A. */
static void add_both(struct fixture *f)
{
	static const struct nx_original_limits limits = {30, 100000};
	struct nx_event event = event_of(2, B, NX_CLASS_HARD, 0);
	struct nx_delivery delivery = delivery_of(f, &event, 1);
	struct nx_outcome out;

	add_one(f, 1, A, NX_CLASS_HARD, 0);
	event.diagnostic = "550 forwarded to " A;
	delivery.originals = &limits;
	delivery.original = (struct nx_kept_original){
	        .time = T0,
	        .envelope = {"", true, "bounces+a=example.org@example.com", "",
	                     ""},
	        .size = 4,
	        .bytes = "gone",
	        .kept = 4};
	memcpy(delivery.original.digest, delivery.digest, NX_DIGEST_SIZE);
	need(f, nx_store_add(f->store, f->policy, &delivery, &out, &f->err));
}

static bool erase_a(struct fixture *f)
{
	struct nx_erased out;

	return nx_store_erase(f->store, A, false, T0 + NX_HOUR, &out,
	                      &f->err) &&
	       nx_quarantine_erase(f->store, &f->err);
}

/* Whether it is erased wholly, partly or not at all. */
static void expect_both_suppressed(struct fixture *f)
{
	assert_true(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 1));
}

static void expect_no_trace(struct fixture *f, const char *suffix)
{
	static char bytes[1024 * 1024];
	FILE *file =
	        fopen(talloc_asprintf(f, "%s/nixie.db%s", f->directory, suffix),
	              "rb");
	assert_non_null(file);
	const size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_null(memmem(bytes, size, A, strlen(A)));
	assert_null(memmem(bytes, size, "a=example.org", 13));
}

static void expect_erased(struct fixture *f)
{
	struct nx_store_status status;

	expect_both_suppressed(f);
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.events, 1);
	assert_int_equal(status.messages, 2);
	expect_no_trace(f, "");
	expect_no_trace(f, "-wal");
}

static const struct story erased = {.least = 15,
                                    .prepare = add_both,
                                    .act = erase_a,
                                    .expect = expect_erased,
                                    .expect_half = expect_both_suppressed};

/* --- what is old -----------------------------------------------------------
 */

enum { DAYS = 100 };

/* A complaint suppresses for ever, A's bounce did for a day. */
static void add_old(struct fixture *f)
{
	add_both(f);
	add_one(f, 3, "c@example.org", NX_CLASS_COMPLAINT, 0);
}

static bool prune_all(struct fixture *f)
{
	const struct nx_prune_terms terms = {.keep = {.events = 90 * NX_DAY,
	                                              .texts = 30 * NX_DAY,
	                                              .digests = 30 * NX_DAY,
	                                              .leases = 40 * NX_DAY},
	                                     .quarantine = {10, 100000, 7},
	                                     .originals = {30, 100000}};
	struct nx_prune *prune =
	        nx_prune_new(f, f->store, &terms, T0 + DAYS * NX_DAY, false);
	bool more = true, done = true;

	while (more && done)
		done = nx_prune_step(prune, &more, &f->err);
	talloc_free(prune);
	return done;
}

static void expect_old_gone(struct fixture *f)
{
	struct nx_store_status status;

	assert_true(is_suppressed(f, "c@example.org", (int64_t)DAYS * 24));
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.events, 1);
	assert_int_equal(status.subjects, 1);
}

static void expect_needed(struct fixture *f)
{
	assert_true(is_suppressed(f, "c@example.org", (int64_t)DAYS * 24));
}

static const struct story pruned = {.least = 15,
                                    .prepare = add_old,
                                    .act = prune_all,
                                    .expect = expect_old_gone,
                                    .expect_half = expect_needed};

/* --- a store of an older nixie -------------------------------------------- */

/* What schema 1 holds of A; the key of its recipients is all zeros. */
static const char PAST[] =
        "PRAGMA journal_mode=WAL; BEGIN;"
        "INSERT INTO secret VALUES ('recipient', zeroblob(32));"
        "INSERT INTO recipient VALUES "
        "(x'bbf85341b34f687520e56b23', 'a@example.org');"
        "INSERT INTO message VALUES (zeroblob(32), 1767225600, 'deliver', "
        "'delivery-report', 'rfc3464', '', '', '', '');"
        "INSERT INTO event VALUES (1, '', x'bbf85341b34f687520e56b23', "
        "zeroblob(16), zeroblob(32), 1767225600, 'hard', 'unknown-user', "
        "'recipient', 'never', 'status/5.1.1', 'status', '5.1.1', 'claimed', "
        "'delivery-report', 'failed', '5.1.1', 550, '', '', '', '', '', 1);"
        "INSERT INTO standing VALUES ('', x'bbf85341b34f687520e56b23', "
        "'hard', 'unknown-user', 1767225600, 1767312000, 0, 1767225600, '');"
        "COMMIT";

static void run_sql(sqlite3 *db, const char *text)
{
	char *why = NULL;
	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
}

/* Of what has 96 bits, the first 64: what schema 4 asks for. */
static void key_of(sqlite3_context *context, int count, sqlite3_value **value)
{
	uint64_t key = 0;
	const uint8_t *bytes = sqlite3_value_blob(value[0]);
	for (int i = 0; count == 1 && i < 8; i++)
		key = key << 8 | bytes[i];
	sqlite3_result_int64(context, (int64_t)key);
}

static void make_older(struct fixture *f)
{
	sqlite3 *db;
	char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	nx_store_close(f->store);
	f->store = NULL;
	for (int i = 0; i < NX_PLACE_FILES; i++) {
		static const char *const suffix[] = {"", "-wal", "-shm"};
		unlink(talloc_asprintf(f, "%s%s", path, suffix[i]));
	}
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_create_function(db, "key_of", 1, SQLITE_UTF8, NULL, key_of,
	                        NULL, NULL);
	run_sql(db, nx_schema_text[0]);
	run_sql(db, PAST);
	for (int i = 1; i < told->schema; i++)
		run_sql(db, nx_schema_text[i]);
	sqlite3_close(db);
}

static bool open_older(struct fixture *f)
{
	nx_store_close(f->store);
	f->store = NULL;
	return nx_store_open(f, f->directory, NX_STORE_WRITE, &f->store,
	                     &f->err);
}

static void expect_past(struct fixture *f)
{
	struct nx_store_status status;
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.schema, NX_SCHEMA_LATEST);
	assert_int_equal(status.events, 1);
	assert_true(is_suppressed(f, A, 1));
	assert_false(is_suppressed(f, A, 25));
}

/* -------------------------------------------------------------------------- */

static void expect(struct fixture *f)
{
	reopen(f, NX_STORE_WRITE);
	told->expect(f);
	expect_sound(f);
}

static struct fixture *begin(void **state)
{
	set_up(state);
	struct fixture *f = *state;
	if (told->prepare)
		told->prepare(f);
	if (told->schema == 0)
		reopen(f, NX_STORE_WRITE);
	return f;
}

/* Returns whether the failure happened. */
static bool try_with(enum fault_kind kind, long first, long gap)
{
	void *state;
	struct fixture *f = begin(&state);
	fault.kind = kind;
	fault.calls = 0;
	fault.first = first;
	fault.gap = gap;
	fault.happened = false;
	const bool done = told->act(f);
	fault.first = 0;
	assert_true(done || kind != FAULT_SHORT);
	assert_true(done || f->err.kind != NX_ERROR_INTERNAL);
	if (!done && told->expect_half)
		told->expect_half(f);
	if (!done) /* and then again, as an MTA would */
		need(f, told->act(f));
	expect(f);
	tear_down(&state);
	return fault.happened;
}

static void try_all(const struct story *story, enum fault_kind kind, long gap)
{
	long first = 1;
	told = story;
	while (first < ENOUGH && try_with(kind, first, gap))
		first += STEP;
	assert_in_range(first - 1, kind == FAULT_SHORT ? 3 : story->least,
	                ENOUGH - 2);
}

static void try_each_way(const struct story *story)
{
	for (int kind = FAULT_EIO; kind <= FAULT_SHORT; kind++) {
		try_all(story, (enum fault_kind)kind, 0);
		try_all(story, (enum fault_kind)kind, -1);
	}
}

static void messages_are_lost_by_no_call_that_fails(void **state)
{
	(void)state;
	try_each_way(&group);
}

static void calls_that_fail_again_lose_nothing(void **state)
{
	(void)state;
	for (long gap = 1; gap <= GAPS; gap++)
		try_all(&group, FAULT_EIO, gap);
}

static void an_attempt_steps_wholly_or_not_at_all(void **state)
{
	(void)state;
	try_each_way(&attempted);
}

static void what_was_done_by_hand_stays(void **state)
{
	(void)state;
	try_each_way(&by_hand);
}

static void an_act_on_many_is_done_wholly_or_not_at_all(void **state)
{
	(void)state;
	try_all(&released, FAULT_EIO, 0);
	try_all(&released, FAULT_ENOSPC, -1);
	try_all(&undone, FAULT_EIO, 0);
	try_all(&undone, FAULT_ENOSPC, -1);
	try_all(&replayed, FAULT_EIO, 0);
	try_all(&replayed, FAULT_ENOSPC, -1);
}

static void an_address_is_erased_and_stays_suppressed(void **state)
{
	(void)state;
	try_all(&erased, FAULT_EIO, 0);
	try_all(&erased, FAULT_EIO, -1);
}

static void what_is_old_goes_and_what_is_needed_stays(void **state)
{
	(void)state;
	try_all(&pruned, FAULT_EIO, 0);
	try_all(&pruned, FAULT_EIO, -1);
}

/* The steps from the oldest are those from all others too, one after another.
 */
static void an_older_store_survives_each_failure(void **state)
{
	static const struct story story = {.least = 20,
	                                   .prepare = make_older,
	                                   .act = open_older,
	                                   .expect = expect_past,
	                                   .schema = 1};

	(void)state;
	try_each_way(&story);
}

static void *made; /* the fixture of the database that others begin as */

static int make_one(void **state)
{
	(void)state;
	if (use_failing_files(state) != 0)
		return -1;
	set_up(&made);
	struct fixture *f = made;
	nx_store_close(f->store);
	f->store = NULL;
	begin_as = talloc_asprintf(f, "%s/nixie.db", f->directory);
	return 0;
}

static int remove_it(void **state)
{
	(void)state;
	begin_as = NULL;
	return tear_down(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(messages_are_lost_by_no_call_that_fails),
	        cmocka_unit_test(calls_that_fail_again_lose_nothing),
	        cmocka_unit_test(an_attempt_steps_wholly_or_not_at_all),
	        cmocka_unit_test(what_was_done_by_hand_stays),
	        cmocka_unit_test(an_act_on_many_is_done_wholly_or_not_at_all),
	        cmocka_unit_test(an_address_is_erased_and_stays_suppressed),
	        cmocka_unit_test(what_is_old_goes_and_what_is_needed_stays),
	        cmocka_unit_test(an_older_store_survives_each_failure),
	};
	return cmocka_run_group_tests(tests, make_one, remove_it);
}
