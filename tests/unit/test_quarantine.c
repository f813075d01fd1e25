/* SPDX-License-Identifier: ISC */
#include "store/verify.h"
#include "stores.h"

#include "sys/file.h"

#include <fcntl.h>

static const struct nx_quarantine_limits limits = {
        .messages = 4, .bytes = 1024, .days = 7};
static const struct nx_envelope nobody = {"", false, "", "", ""};

/* Message number N, which is kept. */
static struct nx_delivery kept(struct fixture *f, uint8_t number,
                               enum nx_quarantine_why why, const char *bytes,
                               size_t size, int64_t now)
{
	struct nx_delivery delivery = {
	        .digest = {number},
	        .time = now,
	        .source = "test",
	        .record = &f->record,
	        .limits = &limits,
	        .keep = {.digest = {number},
	                 .time = now,
	                 .why = why,
	                 .envelope = nobody,
	                 .size = (int64_t)size,
	                 .bytes = bytes,
	                 .kept = size},
	};
	return delivery;
}

static void add(struct fixture *f, const struct nx_delivery *delivery)
{
	struct nx_outcome outcome;
	need(f, nx_store_add(f->store, f->policy, delivery, &outcome, &f->err));
}

static void put(struct fixture *f, uint8_t number, enum nx_quarantine_why why,
                size_t size, int64_t now)
{
	char *bytes = talloc_zero_size(f, size + 1);
	const struct nx_delivery delivery =
	        kept(f, number, why, bytes, size, now);
	add(f, &delivery);
}

static void put_report(struct fixture *f, uint8_t number, size_t size,
                       int64_t now)
{
	put(f, number, NX_QUARANTINE_NO_ADDRESS, size, now);
}

static bool tell(void *user, const struct nx_quarantined *message)
{
	char **list = user;
	*list = talloc_asprintf_append(*list, "%d:%zu ", message->digest[0],
	                               message->kept);
	return true;
}

/* "NUMBER:KEPT " of each, as another process sees them. */
static const char *listed(struct fixture *f)
{
	struct nx_store *other;
	char *list = talloc_strdup(f, "");
	need(f, nx_store_open(f, f->directory, NX_STORE_READ, &other, &f->err));
	need(f, nx_quarantine_list(other, 1000, tell, &list, &f->err));
	nx_store_close(other);
	return list;
}

static void expect_sound(struct fixture *f, int64_t messages)
{
	struct nx_store_status status;
	size_t findings;
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.quarantined, messages);
	need(f, nx_store_verify(f->store, NULL, NULL, &findings, &f->err));
	assert_int_equal(findings, 0);
}

static void a_message_is_kept_as_it_came(void **state)
{
	static const char bytes[] = "From: a\r\n\0\xff\r\n";
	struct fixture *f = *state;
	struct nx_quarantined out;
	struct nx_delivery delivery = kept(f, 0xab, NX_QUARANTINE_TRUNCATED,
	                                   bytes, sizeof(bytes), T0);
	delivery.keep.size = 5000;
	delivery.keep.envelope = (struct nx_envelope){
	        "", true, "b+1@example.org", "a@example.org", "4XYZ"};
	add(f, &delivery);
	need(f, nx_quarantine_find(f, f->store, "AB00", &out, &f->err));
	assert_int_equal(out.digest[0], 0xab);
	assert_int_equal(out.time, T0);
	assert_int_equal(out.why, NX_QUARANTINE_TRUNCATED);
	assert_int_equal(out.size, 5000);
	assert_int_equal(out.kept, sizeof(bytes));
	assert_memory_equal(out.bytes, bytes, sizeof(bytes));
	assert_true(out.envelope.sender_known);
	assert_string_equal(out.envelope.sender, "");
	assert_string_equal(out.envelope.recipient, "b+1@example.org");
	assert_string_equal(out.envelope.original_recipient, "a@example.org");
	assert_string_equal(out.envelope.queue_id, "4XYZ");
	expect_sound(f, 1);
}

static void what_is_not_known_of_the_envelope_stays_unknown(void **state)
{
	struct fixture *f = *state;
	struct nx_quarantined out;
	put_report(f, 1, 0, T0);
	need(f, nx_quarantine_find(f, f->store, "", &out, &f->err));
	assert_false(out.envelope.sender_known);
	assert_string_equal(out.envelope.sender, "");
	assert_int_equal(out.kept, 0);
}

static void the_same_message_is_kept_once(void **state)
{
	struct fixture *f = *state;
	put_report(f, 1, 10, T0);
	put_report(f, 1, 10, T0 + 1);
	assert_string_equal(listed(f), "1:10 ");
	/* and not again when it was dropped and is offered again */
	const uint8_t digest[NX_DIGEST_SIZE] = {1};
	need(f, nx_quarantine_drop(f->store, digest, &f->err));
	put_report(f, 1, 10, T0 + 2);
	assert_string_equal(listed(f), "");
	expect_sound(f, 0);
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
	struct fixture *f = *state;
	for (uint8_t number = 1; number <= 6; number++)
		put_report(f, number, number, T0 + number);
	assert_string_equal(listed(f), "3:3 4:4 5:5 6:6 ");
	expect_sound(f, 4);
}

static void the_oldest_go_when_there_are_too_many_bytes(void **state)
{
	struct fixture *f = *state;
	put_report(f, 1, 300, T0);
	put_report(f, 2, 300, T0);
	put_report(f, 3, 400, T0);
	assert_string_equal(listed(f), "1:300 2:300 3:400 ");
	put_report(f, 4, 500, T0);
	assert_string_equal(listed(f), "3:400 4:500 ");
	expect_sound(f, 2);
}

static void what_is_too_old_goes(void **state)
{
	struct fixture *f = *state;
	put_report(f, 1, 1, T0);
	put_report(f, 2, 1, T0 + 1);
	put_report(f, 3, 1, T0 + limits.days * NX_DAY);
	assert_string_equal(listed(f), "1:1 2:1 3:1 ");
	put_report(f, 4, 1, T0 + limits.days * NX_DAY + 1);
	assert_string_equal(listed(f), "2:1 3:1 4:1 ");
}

static void of_a_message_above_the_limit_the_beginning_is_kept(void **state)
{
	struct fixture *f = *state;
	struct nx_quarantined out;
	put_report(f, 1, 1, T0);
	put_report(f, 2, 5000, T0);
	assert_string_equal(listed(f), "2:1000 ");
	need(f, nx_quarantine_find(f, f->store, "02", &out, &f->err));
	assert_int_equal(out.kept, 1024);
	assert_int_equal(out.size, 5000);
	expect_sound(f, 1);
}

static void ordinary_mail_displaces_no_report(void **state)
{
	struct fixture *f = *state;
	put_report(f, 1, 100, T0);
	put(f, 2, NX_QUARANTINE_UNPARSED, 100, T0);
	for (uint8_t number = 10; number < 20; number++)
		put(f, number, NX_QUARANTINE_ORDINARY, 500, T0 + number);
	assert_string_equal(listed(f), "1:100 2:100 18:500 19:500 ");
	for (uint8_t number = 20; number < 24; number++)
		put_report(f, number, 100, T0 + number);
	assert_string_equal(listed(f),
	                    "18:500 19:500 20:100 21:100 22:100 23:100 ");
	expect_sound(f, 6);
}

static void what_is_understood_now_leaves(void **state)
{
	struct fixture *f = *state;
	put(f, 1, NX_QUARANTINE_ORDINARY, 10, T0);
	struct nx_event event = event_of(1, "a@example.org", NX_CLASS_HARD, 1);
	struct nx_delivery again = delivery_of(f, &event, 1);
	again.again = true;
	add(f, &again);
	assert_string_equal(listed(f), "");
	assert_true(is_suppressed(f, "a@example.org", 1));
	expect_sound(f, 0);
}

static void a_group_keeps_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	put_report(f, 1, 10, T0);
	put_report(f, 2, 10, T0);
	assert_string_equal(listed(f), "");
	nx_store_rollback(f->store);
	assert_string_equal(listed(f), "");
	need(f, nx_store_begin(f->store, &f->err));
	put_report(f, 1, 10, T0);
	put_report(f, 3, 10, T0);
	need(f, nx_store_commit(f->store, &f->err));
	assert_string_equal(listed(f), "1:10 3:10 ");
	expect_sound(f, 2);
}

static void a_prefix_must_say_which(void **state)
{
	struct fixture *f = *state;
	struct nx_quarantined out;
	put_report(f, 0xab, 1, T0);
	put_report(f, 0xac, 1, T0);
	assert_false(nx_quarantine_find(f, f->store, "a", &out, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_USAGE);
	assert_non_null(strstr(f->err.text, "several"));
	assert_false(nx_quarantine_find(f, f->store, "b", &out, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_USAGE);
	assert_false(nx_quarantine_find(f, f->store, "%", &out, &f->err));
	need(f, nx_quarantine_find(f, f->store, "ac", &out, &f->err));
	assert_int_equal(out.digest[0], 0xac);
	const char *id = talloc_asprintf(f, "AB%062d", 0);
	need(f, nx_quarantine_find(f, f->store, id, &out, &f->err));
	assert_int_equal(out.digest[0], 0xab);
	id = talloc_asprintf(f, "%s0", id);
	assert_false(nx_quarantine_find(f, f->store, id, &out, &f->err));
	assert_false(nx_quarantine_find(f, f->store, "ab1", &out, &f->err));
}

static void the_reasons_have_names(void **state)
{
	(void)state;
	for (int why = NX_QUARANTINE_NOT; why <= NX_QUARANTINE_ORDINARY; why++)
		assert_int_equal(
		        nx_quarantine_why_of_name(nx_quarantine_why_name(
		                (enum nx_quarantine_why)why)),
		        why);
	assert_int_equal(nx_quarantine_why_of_name("x"), NX_QUARANTINE_NOT);
}

/* --- the folder of an older nixie ----------------------------------------- */

static void write_old(struct fixture *f, const char *folder, const char *name,
                      const char *bytes, size_t size)
{
	const char *parts[] = {"", folder};
	const char *path = f->directory;
	for (size_t i = 0; i < 2; i++) {
		path = talloc_asprintf(f, "%s/quarantine/%s", f->directory,
		                       parts[i]);
		(void)mkdir(path, 0700);
	}
	const char *file = talloc_asprintf(f, "%s/%s", path, name);
	NX_CLOSES int descriptor = open(file, O_WRONLY | O_CREAT, 0600);
	need(f, nx_file_write_all(descriptor, bytes, size, &f->err));
}

static const char *hex(struct fixture *f, uint8_t number)
{
	return talloc_asprintf(f, "%02x%062x", number, 0);
}

static bool folder_is_there(struct fixture *f)
{
	return access(talloc_asprintf(f, "%s/quarantine", f->directory),
	              F_OK) == 0;
}

static void an_old_folder_is_taken_over_and_removed(void **state)
{
	struct fixture *f = *state;
	struct nx_quarantined out;
	write_old(f, "new", hex(f, 1), "Delivered-To: <b@x>\n\nx", 22);
	write_old(f, "cur", hex(f, 2), "two", 3);
	write_old(f, "cur", "by-hand", "three", 5);
	write_old(f, "tmp", "half", "ha", 2);
	const char *two = talloc_asprintf(f, "%s 1767225601 4\nfour%s 12 5\nfi",
	                                  hex(f, 4), hex(f, 5));
	write_old(f, "wait", "0000000001", two, strlen(two));
	reopen(f, NX_STORE_WRITE);
	assert_false(folder_is_there(f));
	expect_sound(f, 4);
	need(f, nx_quarantine_find(f, f->store, hex(f, 1), &out, &f->err));
	assert_int_equal(out.why, NX_QUARANTINE_ORDINARY);
	assert_int_equal(out.kept, 22);
	need(f, nx_quarantine_find(f, f->store, hex(f, 4), &out, &f->err));
	assert_int_equal(out.time, T0 + 1);
	assert_int_equal(out.kept, 4);
	assert_memory_equal(out.bytes, "four", 4);
}

static void a_folder_that_cannot_be_read_stays(void **state)
{
	struct fixture *f = *state;
	write_old(f, "new", hex(f, 1), "one", 3);
	/* a directory in place of its lock */
	const char *path =
	        talloc_asprintf(f, "%s/quarantine/wait.lock", f->directory);
	assert_int_equal(mkdir(path, 0700), 0);
	nx_store_close(f->store);
	f->store = NULL;
	assert_false(nx_store_open(f, f->directory, NX_STORE_WRITE, &f->store,
	                           &f->err));
	assert_non_null(strstr(f->err.text, "quarantine/wait.lock"));
	assert_true(folder_is_there(f));
	need(f,
	     nx_store_open(f, f->directory, NX_STORE_READ, &f->store, &f->err));
	assert_string_equal(listed(f), "");
	assert_int_equal(rmdir(path), 0);
	reopen(f, NX_STORE_WRITE);
	assert_string_equal(listed(f), "1:3 ");
}

static void a_message_recorded_under_an_older_digest_is_known(void **state)
{
	struct fixture *f = *state;
	struct nx_outcome outcome;
	struct nx_event event = event_of(1, "a@example.org", NX_CLASS_HARD, 0);
	add_events(f, &event, 1);
	event = event_of(2, "a@example.org", NX_CLASS_HARD, 99);
	struct nx_delivery same = delivery_of(f, &event, 1);
	same.older[1][0] = 1;
	same.olders = 2;
	need(f, nx_store_add(f->store, f->policy, &same, &outcome, &f->err));
	assert_true(outcome.known);
	assert_int_equal(outcome.added, 0);
	same.older[1][0] = 3;
	need(f, nx_store_add(f->store, f->policy, &same, &outcome, &f->err));
	assert_int_equal(outcome.added, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(a_message_is_kept_as_it_came),
	        STORE_TEST(what_is_not_known_of_the_envelope_stays_unknown),
	        STORE_TEST(the_same_message_is_kept_once),
	        STORE_TEST(the_oldest_go_when_there_are_too_many),
	        STORE_TEST(the_oldest_go_when_there_are_too_many_bytes),
	        STORE_TEST(what_is_too_old_goes),
	        STORE_TEST(of_a_message_above_the_limit_the_beginning_is_kept),
	        STORE_TEST(ordinary_mail_displaces_no_report),
	        STORE_TEST(what_is_understood_now_leaves),
	        STORE_TEST(a_group_keeps_all_or_nothing),
	        STORE_TEST(a_prefix_must_say_which),
	        STORE_TEST(the_reasons_have_names),
	        STORE_TEST(an_old_folder_is_taken_over_and_removed),
	        STORE_TEST(a_folder_that_cannot_be_read_stays),
	        STORE_TEST(a_message_recorded_under_an_older_digest_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
