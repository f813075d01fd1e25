/* SPDX-License-Identifier: ISC */
#include "store/history.h"
#include "store/schema.h"
#include "store/verify.h"
#include "stores.h"

#include <inttypes.h>
#include <sqlite3.h>

/* Stores as older versions left them. */

#define A "a@example.org"
#define B "b@example.org"
#define C "c@example.org"

enum { OLD_KEYS = 3 }; /* the last schema with keys of 96 bits */

static const uint8_t KEY[NX_KEY_SIZE] = "a key of the tests";

static void run(sqlite3 *db, const char *sql)
{
	char *words = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
		fail_msg("%s: %s", sql, words);
}

/* The key of an address as it was cut then, as a literal: 12 bytes. */
static const char *old_key(TALLOC_CTX *ctx, const char *address)
{
	struct nx_digest_key key;
	nx_digest_key_init(&key, KEY);
	return talloc_asprintf(ctx, "x'%016" PRIx64 "00000007'",
	                       (uint64_t)nx_digest_recipient(&key, address));
}

static void fill(TALLOC_CTX *ctx, sqlite3 *db)
{
	static const char *const ADDRESSES[] = {A, B, C};
	char hex[2 * NX_KEY_SIZE + 1];
	const char *a = old_key(ctx, A), *b = old_key(ctx, B);
	run(db, talloc_asprintf(
	                ctx, "INSERT INTO secret VALUES ('recipient', x'%s')",
	                nx_digest_hex(KEY, NX_KEY_SIZE, hex)));
	for (size_t i = 0; i < 3; i++)
		run(db, talloc_asprintf(
		                ctx, "INSERT INTO recipient VALUES (%s, '%s')",
		                old_key(ctx, ADDRESSES[i]), ADDRESSES[i]));
	run(db, "INSERT INTO message VALUES (zeroblob(32), 1767225600, 'lmtp',"
	        " 'delivery-report', 'rfc3464', '', '', '', '')");
	run(db, talloc_asprintf(
	                ctx,
	                "INSERT INTO event VALUES (1, 'news', %s, "
	                "zeroblob(16), zeroblob(32), 1767225600, 'hard', "
	                "'unknown-user', 'recipient', '', '', '', '', "
	                "'claimed', 'delivery-report', 'failed', '5.1.1', 550, "
	                "'no such user', '', '', '<1@example.com>', '', 1)",
	                a));
	run(db, talloc_asprintf(ctx,
	                        "INSERT INTO standing VALUES "
	                        "('', %s, 'hard', 'unknown-user', 1767225600, "
	                        "1767312000, 2, 1767225700, ''),"
	                        "('', %s, 'unsubscribe', 'unsubscribe', 1, "
	                        "9223372036854775807, 0, 0, ''),"
	                        "('news', %s, 'manual', 'manual', 1, "
	                        "9223372036854775807, 0, 0, ''),"
	                        "('', %s, '', '', 0, 0, 0, 0, "
	                        "'1767225600 ?1767225500')",
	                        a, b, a, old_key(ctx, C)));
	run(db, talloc_asprintf(ctx,
	                        "INSERT INTO attempt VALUES (1, '', %s, "
	                        "'ads', 1767225700, 'hard', 'unknown-user', "
	                        "1767225600, 1767312000, 2)",
	                        a));
	run(db,
	    talloc_asprintf(ctx,
	                    "INSERT INTO act VALUES (1, 'news', %s, 1, "
	                    "'suppress', 'manual', 'manual', 'anna', "
	                    "'asked by phone'),"
	                    "(2, '', %s, 2, 'suppress', 'manual', 'manual', "
	                    "'ben', ''), (3, '', %s, 3, 'release', '', '', "
	                    "'ben', '')",
	                    a, a, a));
}

/* Of what has 96 bits, the first 64. */
static void key_of(sqlite3_context *call, int count, sqlite3_value **value)
{
	uint64_t key = 0;
	const uint8_t *bytes = sqlite3_value_blob(value[0]);
	for (int i = 0; count == 1 && i < 8; i++)
		key = key << 8 | bytes[i];
	sqlite3_result_int64(call, (int64_t)key);
}

static void leave_by(struct fixture *f, int schema)
{
	sqlite3 *db;
	const char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	nx_store_close(f->store);
	f->store = NULL;
	unlink(path);
	unlink(talloc_asprintf(f, "%s-wal", path));
	unlink(talloc_asprintf(f, "%s-shm", path));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_create_function(db, "key_of", 1, SQLITE_UTF8, NULL, key_of,
	                        NULL, NULL);
	for (int i = 0; i < schema && i < OLD_KEYS; i++)
		run(db, nx_schema_text[i]);
	fill(f, db);
	for (int i = OLD_KEYS; i < schema; i++)
		run(db, nx_schema_text[i]);
	sqlite3_close(db);
}

static bool note(void *user, const struct nx_history *history)
{
	char **text = user;
	*text = talloc_asprintf_append(
	        *text, "%s %s %s %s;", history->what, history->who,
	        nx_reach_name(history->mail.reach), history->mail.name);
	return true;
}

static void no_finding(void *user, const char *line)
{
	(void)user;
	fail_msg("%s", line);
}

static void what_was_remembered_is_remembered(struct fixture *f)
{
	struct nx_response answer = answer_of(f, "", A, 1);
	const char *who, *words;
	size_t findings;
	char *text = talloc_strdup(f, "");
	assert_int_equal(answer.blocking, 1);
	assert_int_equal(answer.holding, 2);
	assert_int_equal(answer.state[0].mail.reach, NX_REACH_ALL);
	assert_int_equal(answer.state[0].standing.rung, 2);
	assert_int_equal(answer.state[0].standing.bounced_until, 1767312000);
	/* by hand it was made and ended, before the bounce */
	assert_int_equal(answer.state[0].act, 0);
	assert_string_equal(answer.state[1].mail.name, "news");
	need(f, nx_store_act(f, f->store, answer.state[1].act, &who, &words,
	                     &f->err));
	assert_string_equal(who, "anna");
	assert_string_equal(words, "asked by phone");
	/* what had no scope held for all mail: too much for a wish */
	answer = answer_of(f, "", B, 1);
	assert_int_equal(answer.state[0].mail.reach, NX_REACH_BULK);
	assert_true(answer.state[0].blocks);
	answer = answer_of(f, "", C, 1);
	assert_int_equal(answer.states, 1);
	assert_int_equal(answer.state[0].standing.strikes, 1);
	assert_int_equal(answer.state[0].standing.unconfirmed_count, 1);
	need(f, nx_store_history(f->store, A, note, &text, &f->err));
	assert_string_equal(text, "suppress anna stream news;suppress ben all ;"
	                          "release ben all ;event  all ;"
	                          "attempt  all ;");
	need(f,
	     nx_store_verify(f->store, no_finding, NULL, &findings, &f->err));
}

static void a_store_of_every_older_schema_is_brought_up(void **state)
{
	(void)state;
	for (int schema = 1; schema < NX_SCHEMA_LATEST; schema++) {
		void *own = NULL;
		struct nx_store_status status;
		set_up(&own);
		struct fixture *f = own;
		leave_by(f, schema);
		assert_false(nx_store_open(f, f->directory, NX_STORE_READ,
		                           &f->store, &f->err));
		assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
		need(f, nx_store_open(f, f->directory, NX_STORE_WRITE,
		                      &f->store, &f->err));
		need(f, nx_store_status(f, f->store, T0, &status, &f->err));
		assert_int_equal(status.schema, NX_SCHEMA_LATEST);
		assert_int_equal(status.events, 1);
		assert_true(
		        nx_store_has_older_digests(f->store, NX_OLDER_SECOND));
		assert_int_equal(
		        nx_store_has_older_digests(f->store, NX_OLDER_FIRST),
		        schema < 3);
		what_was_remembered_is_remembered(f);
		tear_down(&own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_store_of_every_older_schema_is_brought_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
