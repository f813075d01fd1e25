/* SPDX-License-Identifier: ISC */
#include "stores.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>

struct place {
	char *directory;
	struct nx_error err;
};

static int make_place(void **state)
{
	struct place *place = talloc_zero(NULL, struct place);
	place->directory = make_directory(place);
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

static const char *write_file(struct place *place, const char *name,
                              const char *bytes, size_t size)
{
	const char *path =
	        talloc_asprintf(place, "%s/%s", place->directory, name);
	NX_CLOSES int descriptor = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(nx_file_write_all(descriptor, bytes, size, &place->err));
	return path;
}

static void a_file_is_read_whole(void **state)
{
	enum { SIZE = 3 * 1024 * 1024 + 1 };
	struct place *place = *state;
	char *bytes = talloc_size(place, SIZE), *read;
	size_t size;
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7);
	const char *path = write_file(place, "big", bytes, SIZE);
	assert_true(nx_file_read(place, path, 0, &read, &size, &place->err));
	assert_int_equal(size, SIZE);
	assert_memory_equal(read, bytes, SIZE);
	assert_int_equal(read[SIZE], 0);
	assert_true(nx_file_read(place, path, SIZE, &read, &size, &place->err));
	assert_int_equal(size, SIZE);
	path = write_file(place, "empty", "", 0);
	assert_true(nx_file_read(place, path, 1, &read, &size, &place->err));
	assert_int_equal(size, 0);
	assert_int_equal(read[0], 0);
}

static void what_is_no_file_of_that_size_is_refused(void **state)
{
	struct place *place = *state;
	char *read;
	size_t size;
	const char *path = write_file(place, "ten", "0123456789", 10);
	assert_false(nx_file_read(place, path, 9, &read, &size, &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_DATA);
	assert_non_null(strstr(place->err.text, "larger than 9 bytes"));
	assert_false(nx_file_read(place, place->directory, 0, &read, &size,
	                          &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_DATA);
	path = talloc_asprintf(place, "%s/fifo", place->directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(nx_file_read(place, path, 0, &read, &size, &place->err));
	assert_non_null(strstr(place->err.text, "not a regular file"));
	path = talloc_asprintf(place, "%s/none", place->directory);
	assert_false(nx_file_read(place, path, 0, &read, &size, &place->err));
	assert_non_null(strstr(place->err.text, "No such file"));
}

static void a_descriptor_is_read_to_its_end(void **state)
{
	enum { SIZE = 200 * 1000 };
	struct place *place = *state;
	char *bytes = talloc_zero_size(place, SIZE), *read;
	size_t size;
	const char *path = write_file(place, "some", bytes, SIZE);
	NX_CLOSES int descriptor = open(path, O_RDONLY);
	assert_true(
	        nx_file_read_all(place, descriptor, &read, &size, &place->err));
	assert_int_equal(size, SIZE);
	assert_true(
	        nx_file_read_all(place, descriptor, &read, &size, &place->err));
	assert_int_equal(size, 0);
	assert_string_equal(read, "");
	assert_false(nx_file_read_all(place, -1, &read, &size, &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_TEMPORARY);
}

static void a_full_device_is_told(void **state)
{
	struct place *place = *state;
	NX_CLOSES int descriptor = open("/dev/full", O_WRONLY);
	assert_false(nx_file_write_all(descriptor, "x", 1, &place->err));
	assert_int_equal(place->err.kind, NX_ERROR_FULL);
	assert_non_null(strstr(place->err.text, "No space left"));
}

static void names_come_in_byte_order(void **state)
{
	struct place *place = *state;
	char **names;
	size_t count;
	for (int i = 0; i < 40; i++)
		write_file(place, talloc_asprintf(place, "%02d.yaml", 39 - i),
		           "", 0);
	write_file(place, "Z", "", 0);
	write_file(place, ".a", "", 0);
	assert_true(nx_file_names(place, place->directory, ".yaml", &names,
	                          &count, &place->err));
	assert_int_equal(count, 40);
	assert_string_equal(names[0], "00.yaml");
	assert_string_equal(names[39], "39.yaml");
	assert_true(nx_file_names(place, place->directory, "", &names, &count,
	                          &place->err));
	assert_int_equal(count, 42);
	assert_string_equal(names[0], ".a");
	assert_string_equal(names[41], "Z");
	assert_false(nx_file_names(place, "/none/at/all", "", &names, &count,
	                           &place->err));
}

static void a_directory_can_be_made_durable(void **state)
{
	struct place *place = *state;
	assert_true(nx_file_sync_directory(place->directory, &place->err));
	assert_false(nx_file_sync_directory("/none", &place->err));
}

static void a_clock_that_was_set_stands(void **state)
{
	(void)state;
	assert_true(nx_clock_now() > T0 - 10 * 365 * NX_DAY);
	nx_clock_set(T0);
	assert_int_equal(nx_clock_now(), T0);
	assert_int_equal(nx_clock_now(), T0);
}

#define PLACE_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        PLACE_TEST(a_file_is_read_whole),
	        PLACE_TEST(what_is_no_file_of_that_size_is_refused),
	        PLACE_TEST(a_descriptor_is_read_to_its_end),
	        PLACE_TEST(a_full_device_is_told),
	        PLACE_TEST(names_come_in_byte_order),
	        PLACE_TEST(a_directory_can_be_made_durable),
	        cmocka_unit_test(a_clock_that_was_set_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
