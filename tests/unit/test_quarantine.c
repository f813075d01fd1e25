/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "store/quarantine.h"
#include "stores.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sys/wait.h>

static const struct nx_quarantine_limits limits = {
        .messages = 100, .bytes = 1024 * 1024, .days = 7};

struct place {
	char *directory;
	struct nx_quarantine *quarantine;
	struct nx_error err;
};

static int make_place(void **state)
{
	struct place *place = talloc_zero(NULL, struct place);
	place->directory = make_directory(place);
	assert_true(nx_quarantine_open(place, place->directory, &limits,
	                               &place->quarantine, &place->err));
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	remove_tree(place->directory);
	talloc_free(place);
	return 0;
}

/* Opens it as another process would. */
static void open_again(struct place *place)
{
	nx_quarantine_close(place->quarantine);
	assert_true(nx_quarantine_open(place, place->directory, &limits,
	                               &place->quarantine, &place->err));
}

static const struct nx_envelope nobody = {"", false, "", "", ""};

static void put(struct place *place, uint8_t number, const char *bytes,
                size_t size, int64_t now)
{
	uint8_t digest[32] = {number};
	if (!nx_quarantine_add(place->quarantine, digest, &nobody, bytes, size,
	                       now, &place->err))
		fail_msg("%s", place->err.text);
}

static char **names_in(struct place *place, const char *folder, size_t *count)
{
	char **names;
	const char *path = talloc_asprintf(place, "%s/quarantine/%s",
	                                   place->directory, folder);
	if (!nx_file_names(place, path, "", &names, count, &place->err))
		fail_msg("%s", place->err.text);
	return names;
}

/* The first byte of the digest of each message that is kept, in order. */
static const char *kept(struct place *place)
{
	size_t count;
	char **names = names_in(place, "new", &count);
	char *list = talloc_strdup(place, "");
	for (size_t i = 0; i < count; i++)
		list = talloc_asprintf_append(list, "%.2s ", names[i]);
	return list;
}

static void a_message_is_kept_as_it_came(void **state)
{
	static const char bytes[] = "From: a\r\n\0\xff\r\n";
	struct place *place = *state;
	size_t count, size;
	char *read;
	struct stat about;
	put(place, 0xab, bytes, sizeof(bytes), T0);
	char **names = names_in(place, "new", &count);
	assert_int_equal(count, 1);
	assert_int_equal(strlen(names[0]), 64);
	const char *path = talloc_asprintf(place, "%s/quarantine/new/%s",
	                                   place->directory, names[0]);
	assert_true(nx_file_read(place, path, 0, &read, &size, &place->err));
	assert_int_equal(size, sizeof(bytes));
	assert_memory_equal(read, bytes, size);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(about.st_mtime, T0);
	names_in(place, "tmp", &count);
	assert_int_equal(count, 0);
}

static void the_same_message_is_kept_once(void **state)
{
	struct place *place = *state;
	put(place, 1, "x", 1, T0);
	put(place, 1, "x", 1, T0 + NX_DAY);
	assert_string_equal(kept(place), "01 ");
}

static void the_oldest_go_when_there_are_too_many_bytes(void **state)
{
	const size_t SIZE = (size_t)limits.bytes / 4;
	struct place *place = *state;
	char *bytes = talloc_zero_size(place, 2 * SIZE);
	put(place, 9, bytes, SIZE, T0);
	put(place, 3, bytes, SIZE, T0 + 2);
	put(place, 5, bytes, SIZE, T0 + 1);
	put(place, 7, bytes, SIZE, T0 + 3);
	assert_string_equal(kept(place), "03 05 07 09 ");
	put(place, 1, bytes, 1, T0 + 4);
	assert_string_equal(kept(place), "01 03 05 07 ");
	put(place, 2, bytes, 2 * SIZE, T0 + 5);
	assert_string_equal(kept(place), "01 02 07 ");
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
	struct place *place = *state;
	size_t count;
	put(place, 1, "x", 1, T0);
	for (int i = 0; i < limits.messages; i++) {
		const char *path = talloc_asprintf(
		        place, "%s/quarantine/cur/%d", place->directory, i);
		const struct timespec times[2] = {{.tv_sec = T0 + 1},
		                                  {.tv_sec = T0 + 1}};
		int descriptor = open(path, O_WRONLY | O_CREAT, 0600);
		assert_int_equal(futimens(descriptor, times), 0);
		close(descriptor);
	}
	open_again(place);
	put(place, 2, "x", 1, T0 + 2);
	assert_string_equal(kept(place), "02 ");
	names_in(place, "cur", &count);
	assert_int_equal(count, limits.messages - 1);
}

static void what_is_too_old_goes(void **state)
{
	struct place *place = *state;
	put(place, 1, "x", 1, T0);
	put(place, 2, "x", 1, T0 + 1);
	put(place, 3, "x", 1, T0 + limits.days * NX_DAY);
	assert_string_equal(kept(place), "01 02 03 ");
	put(place, 4, "x", 1, T0 + limits.days * NX_DAY + 1);
	assert_string_equal(kept(place), "02 03 04 ");
}

static void what_a_dead_writer_left_goes(void **state)
{
	struct place *place = *state;
	size_t count;
	put(place, 1, "x", 1, T0);
	const char *path = talloc_asprintf(place, "%s/quarantine/tmp/left.1",
	                                   place->directory);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	put(place, 2, "x", 1, T0);
	names_in(place, "tmp", &count);
	assert_int_equal(count, 1);
	open_again(place);
	struct stat about;
	assert_int_equal(stat(path, &about), 0);
	put(place, 3, "x", 1, about.st_mtime + NX_DAY + 1);
	names_in(place, "tmp", &count);
	assert_int_equal(count, 0);
}

static void where_nothing_can_be_written_is_told(void **state)
{
	struct place *place = *state;
	struct nx_quarantine *quarantine;
	uint8_t digest[32] = {1};
	const char *path = talloc_asprintf(place, "%s/none", place->directory);
	assert_true(nx_quarantine_open(place, path, &limits, &quarantine,
	                               &place->err));
	assert_false(nx_quarantine_add(quarantine, digest, &nobody, "x", 1, T0,
	                               &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_TEMPORARY);
	assert_non_null(strstr(place->err.text, "/none/quarantine: No such"));
}

static void the_envelope_stands_in_front(void **state)
{
	static const char whole[] = "Return-Path: <>\r\n"
	                            "Delivered-To: <b+1@example.org>\r\n"
	                            "X-Original-To: <a  b@example.org>\r\n"
	                            "From: a\r\n";
	static const struct nx_envelope envelope = {"", true, "b+1@example.org",
	                                            "a\r\nb@example.org", ""};
	struct place *place = *state;
	const uint8_t digest[32] = {1};
	uint8_t read_digest[32];
	size_t count, size;
	int64_t bytes;
	char *read;
	assert_true(nx_quarantine_add(place->quarantine, digest, &envelope,
	                              "From: a\r\n", 9, T0, &place->err));
	const struct nx_quarantine_entry *kept_one =
	        nx_quarantine_list(place->quarantine, &count, &bytes);
	assert_int_equal(count, 1);
	assert_int_equal(bytes, sizeof(whole) - 1);
	assert_int_equal(kept_one->size, bytes);
	assert_true(nx_quarantine_digest(kept_one, read_digest));
	assert_memory_equal(read_digest, digest, sizeof(digest));
	assert_true(nx_file_read(place, kept_one->path, 0, &read, &size,
	                         &place->err));
	assert_string_equal(read, whole);
}

static void what_is_kept_is_listed_and_found_and_removed(void **state)
{
	struct place *place = *state;
	size_t count;
	int64_t bytes;
	put(place, 0xab, "xx", 2, T0 + 5);
	put(place, 0xac, "x", 1, T0 + 3);
	put(place, 0xbb, "xxx", 3, T0 + 4);
	open_again(place);
	const struct nx_quarantine *quarantine = place->quarantine;
	const struct nx_quarantine_entry *list =
	        nx_quarantine_list(quarantine, &count, &bytes);
	assert_int_equal(count, 3);
	assert_int_equal(bytes, 6);
	assert_int_equal(list[0].time, T0 + 3);
	assert_int_equal(list[2].time, T0 + 5);
	assert_null(nx_quarantine_find(quarantine, "a", &place->err));
	assert_non_null(strstr(place->err.text, "several"));
	assert_null(nx_quarantine_find(quarantine, "c", &place->err));
	const struct nx_quarantine_entry *found =
	        nx_quarantine_find(quarantine, "b", &place->err);
	assert_ptr_equal(found, &list[1]);
	assert_true(
	        nx_quarantine_remove(place->quarantine, found, &place->err));
	assert_string_equal(kept(place), "ab ac ");
	list = nx_quarantine_list(quarantine, &count, &bytes);
	assert_int_equal(count, 2);
	assert_int_equal(bytes, 3);
	assert_int_equal(list[0].time, T0 + 3);
	assert_int_equal(list[1].time, T0 + 5);
}

static void what_others_did_is_learnt(void **state)
{
	struct place *place = *state;
	const struct nx_quarantine_limits wide = {2000, 2000, 7};
	struct nx_quarantine *other;
	size_t count;
	int64_t bytes;
	uint8_t digest[32] = {0};
	assert_true(nx_quarantine_open(place, place->directory, &wide, &other,
	                               &place->err));
	put(place, 1, "x", 1, T0);
	for (int i = 0; i < 1001; i++) {
		memcpy(digest + 1, &i, sizeof(i));
		assert_true(nx_quarantine_add(other, digest, &nobody, "x", 1,
		                              T0, &place->err));
	}
	nx_quarantine_list(other, &count, &bytes);
	assert_int_equal(count, 1002);
}

static void settle(struct place *place)
{
	bool more = true;
	while (more)
		assert_true(nx_quarantine_settle(place->quarantine, &more,
		                                 &place->err));
	assert_true(nx_quarantine_is_settled(place->quarantine));
}

static void put_group(struct place *place, uint8_t from, uint8_t to,
                      int64_t now)
{
	nx_quarantine_begin(place->quarantine);
	for (int number = from; number <= to; number++)
		put(place, (uint8_t)number, "x\n", 2, now + number);
	assert_true(nx_quarantine_commit(place->quarantine, &place->err));
}

static void several_are_kept_together_or_not_at_all(void **state)
{
	struct place *place = *state;
	size_t count;
	int64_t bytes;
	nx_quarantine_begin(place->quarantine);
	put(place, 1, "x", 1, T0);
	put(place, 2, "xx", 2, T0);
	put(place, 2, "xx", 2, T0);
	assert_string_equal(kept(place), "");
	nx_quarantine_abandon(place->quarantine);
	assert_string_equal(kept(place), "");
	names_in(place, "tmp", &count);
	assert_int_equal(count, 0);

	nx_quarantine_begin(place->quarantine);
	put(place, 1, "x", 1, T0);
	put(place, 2, "xx", 2, T0);
	put(place, 2, "xx", 2, T0);
	assert_true(nx_quarantine_commit(place->quarantine, &place->err));
	assert_false(nx_quarantine_is_settled(place->quarantine));
	settle(place);
	assert_string_equal(kept(place), "01 02 ");
	nx_quarantine_list(place->quarantine, &count, &bytes);
	assert_int_equal(count, 2);
	assert_int_equal(bytes, 3);
	names_in(place, "tmp", &count);
	assert_int_equal(count, 0);
	put(place, 3, "x", 1, T0);
	assert_string_equal(kept(place), "01 02 03 ");
}

static void a_group_that_cannot_be_written_leaves_nothing(void **state)
{
	struct place *place = *state;
	nx_quarantine_begin(place->quarantine);
	put(place, 1, "x", 1, T0);
	remove_tree(
	        talloc_asprintf(place, "%s/quarantine/wait", place->directory));
	assert_false(nx_quarantine_commit(place->quarantine, &place->err));
	put(place, 2, "x", 1, T0);
	assert_string_equal(kept(place), "02 ");
}

/* A daemon that was killed, or one that is still running. */
static void what_waits_is_settled_by_the_next_who_opens(void **state)
{
	struct place *place = *state;
	struct nx_quarantine *other;
	put_group(place, 1, 2, T0);
	assert_true(nx_quarantine_open(place, place->directory, &limits, &other,
	                               &place->err));
	assert_string_equal(kept(place), "01 02 ");
	put_group(place, 3, 3, T0);
	settle(place);
	assert_string_equal(kept(place), "01 02 03 ");
	nx_quarantine_close(other);
}

static void what_waits_counts_as_what_is_kept(void **state)
{
	struct place *place = *state;
	const struct nx_quarantine_limits four = {4, 1000, 30};
	nx_quarantine_limit(place->quarantine, &four);
	put(place, 1, "x", 1, T0);
	for (uint8_t number = 2; number <= 7; number++)
		put_group(place, number, number, T0);
	settle(place);
	assert_string_equal(kept(place), "04 05 06 07 ");
}

/* As after a power cut, or after changes by hand. */
static void what_was_not_written_to_its_end_is_left_out(void **state)
{
	struct place *place = *state;
	size_t count;
	put_group(place, 1, 2, T0);
	char **names = names_in(place, "wait", &count);
	assert_int_equal(count, 1);
	FILE *file = fopen(talloc_asprintf(place, "%s/quarantine/wait/%s",
	                                   place->directory, names[0]),
	                   "a");
	fputs("0300 12 5000\nonly so much", file);
	fclose(file);
	open_again(place);
	assert_string_equal(kept(place), "01 02 ");
	names_in(place, "wait", &count);
	assert_int_equal(count, 0);
}

/* What another process settles while we wait for the lock is listed as well. */
static void what_others_settle_meanwhile_is_listed(void **state)
{
	enum {
		LONG_ENOUGH = 200000
	}; /* in microseconds, for the child to reach the lock */
	struct place *place = *state;
	const uint8_t digest[32] = {2};
	int status;
	put(place, 1, "x", 1, T0);
	nx_quarantine_begin(place->quarantine);
	assert_true(nx_quarantine_add(place->quarantine, digest, &nobody, "x",
	                              1, T0, &place->err));
	const pid_t child = fork();
	if (child == 0) {
		struct nx_quarantine *other;
		size_t count = 0;
		int64_t bytes;
		if (nx_quarantine_open(NULL, place->directory, &limits, &other,
		                       &place->err))
			nx_quarantine_list(other, &count, &bytes);
		_exit((int)count);
	}
	usleep(LONG_ENOUGH);
	FILE *file = fopen(talloc_asprintf(place, "%s/quarantine/new/0300",
	                                   place->directory),
	                   "w");
	fclose(file);
	nx_quarantine_abandon(place->quarantine);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 2 << 8);
}

#define PLACE_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        PLACE_TEST(a_message_is_kept_as_it_came),
	        PLACE_TEST(the_same_message_is_kept_once),
	        PLACE_TEST(the_oldest_go_when_there_are_too_many_bytes),
	        PLACE_TEST(the_oldest_go_when_there_are_too_many),
	        PLACE_TEST(what_is_too_old_goes),
	        PLACE_TEST(what_a_dead_writer_left_goes),
	        PLACE_TEST(the_envelope_stands_in_front),
	        PLACE_TEST(what_is_kept_is_listed_and_found_and_removed),
	        PLACE_TEST(what_others_did_is_learnt),
	        PLACE_TEST(several_are_kept_together_or_not_at_all),
	        PLACE_TEST(a_group_that_cannot_be_written_leaves_nothing),
	        PLACE_TEST(where_nothing_can_be_written_is_told),
	        PLACE_TEST(what_waits_is_settled_by_the_next_who_opens),
	        PLACE_TEST(what_waits_counts_as_what_is_kept),
	        PLACE_TEST(what_others_settle_meanwhile_is_listed),
	        PLACE_TEST(what_was_not_written_to_its_end_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
