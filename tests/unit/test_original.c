/* SPDX-License-Identifier: ISC */
#include "store/history.h"
#include "store/original.h"
#include "store/sqlite.h"
#include "store/verify.h"
#include "stores.h"

/* What led to an event is kept as it came. */

static const struct nx_original_limits limits = {.days = 30, .bytes = 10000};

/* Message number N, which no packing makes smaller. */
static const char *noise(struct fixture *f, unsigned number, size_t size)
{
	uint64_t state = number + 1;
	char *bytes = talloc_size(f, size + 1);
	for (size_t i = 0; i < size; i++) {
		state = state * UINT64_C(6364136223846793005) + 1;
		bytes[i] = (char)(state >> 56);
	}
	return bytes;
}

static struct nx_delivery report(struct fixture *f,
                                 const struct nx_event *event,
                                 const char *bytes, size_t size)
{
	struct nx_delivery delivery = delivery_of(f, event, 1);
	delivery.originals = &limits;
	delivery.original = (struct nx_kept_original){
	        .time = event->time,
	        .envelope = {"", true, "b+1@example.com", "b@example.com",
	                     "4XYZ"},
	        .size = (int64_t)size,
	        .bytes = bytes,
	        .kept = size};
	memcpy(delivery.original.digest, delivery.digest, NX_DIGEST_SIZE);
	return delivery;
}

/* Report number N of some hour, about an address of its own. */
static void put(struct fixture *f, unsigned number, size_t size, int64_t hour)
{
	const char *address = talloc_asprintf(f, "gone%u@example.org", number);
	const struct nx_event event =
	        event_of(number, address, NX_CLASS_HARD, hour);
	const struct nx_delivery delivery =
	        report(f, &event, noise(f, number, size), size);
	add_delivery(f, &delivery);
}

static bool tell(void *user, const struct nx_kept_original *original)
{
	char **list = user;
	*list = talloc_asprintf_append(*list, "%d:%zu ", original->digest[0],
	                               original->kept);
	return true;
}

/* "NUMBER:KEPT " of each, as another process sees them. */
static const char *listed(struct fixture *f)
{
	struct nx_store *other;
	char *list = talloc_strdup(f, "");
	need(f, nx_store_open(f, f->directory, NX_STORE_READ, &other, &f->err));
	need(f, nx_original_walk(other, tell, &list, &f->err));
	nx_store_close(other);
	return list;
}

static void on_finding(void *user, const char *line)
{
	char **lines = user;
	*lines = talloc_asprintf_append(*lines, "%s\n", line);
}

static const char *findings_of(struct fixture *f)
{
	size_t findings;
	char *lines = talloc_strdup(f, "");
	need(f,
	     nx_store_verify(f->store, on_finding, &lines, &findings, &f->err));
	return lines;
}

static bool find(struct fixture *f, unsigned number,
                 struct nx_kept_original *out)
{
	bool found;
	uint8_t digest[NX_DIGEST_SIZE] = {0};
	memcpy(digest, &number, sizeof(number));
	need(f, nx_original_find(f, f->store, digest, out, &found, &f->err));
	return found;
}

static void a_report_is_kept_as_it_came(void **state)
{
	static const char bytes[] = "From: a\r\n\0\xff\r\n";
	struct fixture *f = *state;
	struct nx_kept_original out;
	const struct nx_event event =
	        event_of(0xab, "a@example.org", NX_CLASS_HARD, 0);
	struct nx_delivery delivery = report(f, &event, bytes, sizeof(bytes));
	delivery.original.size = 5000000;
	add_delivery(f, &delivery);
	assert_true(find(f, 0xab, &out));
	assert_int_equal(out.digest[0], 0xab);
	assert_int_equal(out.time, T0);
	assert_int_equal(out.size, 5000000);
	assert_int_equal(out.kept, sizeof(bytes));
	assert_memory_equal(out.bytes, bytes, sizeof(bytes));
	assert_true(out.envelope.sender_known);
	assert_string_equal(out.envelope.sender, "");
	assert_string_equal(out.envelope.recipient, "b+1@example.com");
	assert_string_equal(out.envelope.original_recipient, "b@example.com");
	assert_string_equal(out.envelope.queue_id, "4XYZ");
	assert_false(find(f, 0xac, &out));
	assert_string_equal(findings_of(f), "");
}

static void what_is_alike_takes_little_room(void **state)
{
	struct fixture *f = *state;
	const char *bytes = talloc_zero_size(f, 1024 * 1024);
	const struct nx_event event =
	        event_of(1, "a@example.org", NX_CLASS_HARD, 0);
	const struct nx_delivery delivery =
	        report(f, &event, bytes, 1024 * 1024);
	add_delivery(f, &delivery);
	assert_string_equal(listed(f), "1:1048576 ");
}

static void the_oldest_go_when_there_is_no_room(void **state)
{
	struct fixture *f = *state;
	put(f, 1, 3000, 0);
	put(f, 2, 3000, 0);
	put(f, 3, 3000, 0);
	assert_string_equal(listed(f), "1:3000 2:3000 3:3000 ");
	put(f, 4, 5000, 0);
	assert_string_equal(listed(f), "3:3000 4:5000 ");
	put(f, 5, 20000, 0); /* more than all the room there is */
	assert_string_equal(listed(f), "3:3000 4:5000 ");
	assert_string_equal(findings_of(f), "");
}

static void what_is_too_old_goes(void **state)
{
	struct fixture *f = *state;
	put(f, 1, 10, 0);
	put(f, 2, 10, 1);
	put(f, 3, 10, limits.days * 24);
	assert_string_equal(listed(f), "1:10 2:10 3:10 ");
	put(f, 4, 10, limits.days * 24 + 1);
	assert_string_equal(listed(f), "2:10 3:10 4:10 ");
	assert_string_equal(findings_of(f), "");
}

/* A hundred that are too old do not all go in one transaction. */
static void one_message_removes_little_more_than_it_brings(void **state)
{
	struct fixture *f = *state;
	for (unsigned number = 1; number <= 9; number++)
		put(f, number, 1000, 0);
	put(f, 10, 1000, limits.days * 24 + 1);
	assert_string_equal(listed(f), "4:1000 5:1000 6:1000 7:1000 8:1000 "
	                               "9:1000 10:1000 ");
	put(f, 11, 1000, limits.days * 24 + 1);
	assert_string_equal(listed(f), "7:1000 8:1000 9:1000 10:1000 11:1000 ");
}

static void what_tells_nothing_new_is_not_kept(void **state)
{
	struct fixture *f = *state;
	const struct nx_event event =
	        event_of(1, "a@example.org", NX_CLASS_HARD, 0);
	struct nx_delivery delivery = report(f, &event, "one", 3);
	add_delivery(f, &delivery);
	delivery.original.bytes = "two";
	assert_true(add_delivery(f, &delivery).known);
	delivery.digest[0] = delivery.original.digest[0] = 2;
	assert_int_equal(add_delivery(f, &delivery).twins, 1);
	delivery.digest[0] = delivery.original.digest[0] = 3;
	delivery.events = 0;
	add_delivery(f, &delivery);
	assert_string_equal(listed(f), "1:3 ");
}

static void where_it_is_off_nothing_is_kept(void **state)
{
	struct fixture *f = *state;
	static const struct nx_original_limits off[] = {{.days = 30},
	                                                {.bytes = 10000}};
	for (unsigned i = 0; i < 2; i++) {
		const struct nx_event event = event_of(
		        i + 1, "a@example.org", NX_CLASS_HARD, 24 * 30 * i);
		struct nx_delivery delivery = report(f, &event, "one", 3);
		delivery.originals = &off[i];
		assert_int_equal(add_delivery(f, &delivery).added, 1);
	}
	assert_string_equal(listed(f), "");
}

/* From the quarantine, when better rules read it. */
static void what_is_understood_later_is_kept_then(void **state)
{
	struct fixture *f = *state;
	const struct nx_event event =
	        event_of(1, "a@example.org", NX_CLASS_HARD, 0);
	struct nx_delivery delivery = report(f, &event, "one", 3);
	delivery.events = 0;
	add_delivery(f, &delivery);
	delivery.events = 1;
	delivery.again = true;
	assert_int_equal(add_delivery(f, &delivery).added, 1);
	assert_string_equal(listed(f), "1:3 ");
}

static void a_flood_keeps_only_what_it_may(void **state)
{
	struct fixture *f = *state;
	static const struct nx_budget budget = {.bytes = 30000};
	struct nx_outcome outcome = {0};
	for (unsigned i = 1; i <= 4; i++) {
		const char *address =
		        talloc_asprintf(f, "gone%u@example.org", i);
		const struct nx_event event =
		        event_of(i, address, NX_CLASS_HARD, 0);
		struct nx_delivery delivery =
		        report(f, &event, noise(f, i, 2000), 2000);
		delivery.budget = &budget;
		outcome = add_delivery(f, &delivery);
	}
	/* a host's tenth was spent by the second, of which most is bytes */
	assert_int_equal(outcome.cut, 1);
	assert_string_equal(listed(f), "1:2000 2:2000 ");
}

static void it_can_be_dropped(void **state)
{
	struct fixture *f = *state;
	const uint8_t digest[NX_DIGEST_SIZE] = {1};
	put(f, 1, 10, 0);
	put(f, 2, 10, 0);
	for (int i = 0; i < 2; i++)
		need(f, nx_original_drop(f->store, digest, &f->err));
	assert_string_equal(listed(f), "2:10 ");
	assert_string_equal(findings_of(f), "");
}

static void a_group_keeps_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	put(f, 1, 10, 0);
	nx_store_rollback(f->store);
	assert_string_equal(listed(f), "");
	need(f, nx_store_begin(f->store, &f->err));
	put(f, 1, 10, 0);
	put(f, 2, 10, 0);
	need(f, nx_store_commit(f->store, &f->err));
	assert_string_equal(listed(f), "1:10 2:10 ");
}

static void meddle(const struct fixture *f, const char *sql)
{
	assert_int_equal(sqlite3_exec(f->store->db, sql, NULL, NULL, NULL),
	                 SQLITE_OK);
}

static void damage_is_told(void **state)
{
	static const char *const damage[] = {
	        "bytes = zeroblob(20)", "bytes = substr(bytes, 1, 50)",
	        "size = 99", "size = -1", "size = 9223372036854775807"};
	struct fixture *f = *state;
	struct nx_kept_original out;
	const uint8_t digest[NX_DIGEST_SIZE] = {1};
	bool found;
	put(f, 1, 100, 0);
	meddle(f, "UPDATE original_total SET bytes = 1");
	assert_string_equal(findings_of(f),
	                    "originals: their total is wrong\n");
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		meddle(f, "DROP TABLE IF EXISTS whole;"
		          "CREATE TABLE whole AS SELECT * FROM original");
		meddle(f,
		       talloc_asprintf(f, "UPDATE original SET %s", damage[i]));
		assert_false(nx_original_find(f, f->store, digest, &out, &found,
		                              &f->err));
		assert_int_equal(f->err.kind, NX_ERROR_CONFIG);
		assert_non_null(strstr(f->err.text, "is damaged"));
		assert_non_null(strstr(findings_of(f), ": damaged"));
		meddle(f, "DELETE FROM original;"
		          "INSERT INTO original SELECT * FROM whole");
		assert_true(find(f, 1, &out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(a_report_is_kept_as_it_came),
	        STORE_TEST(what_is_alike_takes_little_room),
	        STORE_TEST(the_oldest_go_when_there_is_no_room),
	        STORE_TEST(what_is_too_old_goes),
	        STORE_TEST(one_message_removes_little_more_than_it_brings),
	        STORE_TEST(what_tells_nothing_new_is_not_kept),
	        STORE_TEST(where_it_is_off_nothing_is_kept),
	        STORE_TEST(what_is_understood_later_is_kept_then),
	        STORE_TEST(a_flood_keeps_only_what_it_may),
	        STORE_TEST(it_can_be_dropped),
	        STORE_TEST(a_group_keeps_all_or_nothing),
	        STORE_TEST(damage_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
