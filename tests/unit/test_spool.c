/* SPDX-License-Identifier: ISC */
#include "serve/spool.h"

#include "base/digest.h"
#include "stores.h"
#include "sys/file.h"

#include <fcntl.h>

/* --- the envelope --------------------------------------------------------- */

static void the_envelope_is_read(void **state)
{
	static const char bytes[] = "nixie-spool 1\n"
	                            "queue-id 4ABC\n"
	                            "sender \n"
	                            "recipient a@example.org\n"
	                            "original o@example.org\n"
	                            "recipient b\xff@example.org\n"
	                            "\n"
	                            "\nrecipient c\n";
	TALLOC_CTX *ctx = talloc_new(NULL);
	size_t count, start;
	(void)state;
	const struct nx_envelope *envelope = nx_spool_envelope(
	        ctx, bytes, sizeof(bytes) - 1, &count, &start);
	assert_int_equal(count, 2);
	assert_string_equal(bytes + start, "\nrecipient c\n");
	assert_true(envelope[0].sender_known);
	assert_string_equal(envelope[0].sender, "");
	assert_string_equal(envelope[0].recipient, "a@example.org");
	assert_string_equal(envelope[0].original_recipient, "o@example.org");
	assert_string_equal(envelope[0].queue_id, "4ABC");
	assert_string_equal(envelope[1].recipient, "b\xef\xbf\xbd@example.org");
	assert_string_equal(envelope[1].original_recipient, "");
	assert_string_equal(envelope[1].queue_id, "4ABC");
	talloc_free(ctx);
}

static void anything_else_is_a_message_without_envelope(void **state)
{
	static const char *const cases[] = {
	        "",
	        "\n",
	        "nixie-spool 1",
	        "nixie-spool 1\n",
	        "nixie-spool 1\n\n",
	        "nixie-spool 2\nsender a\nrecipient b\n\n",
	        "nixie-spool 1\nrecipient b\n\n",
	        "nixie-spool 1\nsender a\n\n",
	        "nixie-spool 1\nsender a\nrecipient b\n",
	        "nixie-spool 1\nsender a\nrecipient b",
	        "nixie-spool 1\nsender a\nrecipient b\nmore\n\n",
	        "From: a\n\nx\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		size_t count, start, size = strlen(cases[i]);
		char *bytes = talloc_memdup(ctx, cases[i], size);
		const struct nx_envelope *envelope =
		        nx_spool_envelope(ctx, bytes, size, &count, &start);
		assert_int_equal(count, 1);
		assert_int_equal(start, 0);
		assert_false(envelope->sender_known);
		assert_string_equal(envelope->recipient, "");
		talloc_free(ctx);
	}
}

/* --- the directory -------------------------------------------------------- */

struct taker { /* takes what the spool offers */
	char *directory;
	uv_loop_t loop;
	struct nx_spool *spool;
	size_t room;    /* how many it takes */
	size_t refused; /* how many it reports as not committed */
	bool at_once;   /* done from within take */
	struct nx_spooled *taken[64];
	size_t takes;
	char *log;
	size_t troubles;
	struct nx_error err;
};

static bool on_take(void *user, struct nx_spooled *message)
{
	struct taker *taker = user;
	taker->log = talloc_asprintf_append(
	        taker->log, "%s:%.*s ",
	        message->submission.envelope[0].recipient,
	        (int)message->submission.size, message->submission.bytes);
	taker->takes++;
	if (taker->at_once) {
		bool good = taker->refused == 0;
		taker->refused -= !good;
		nx_spool_done(message, good);
		return true;
	}
	taker->room--;
	for (size_t i = 0; i < 64; i++) {
		if (taker->taken[i])
			continue;
		taker->taken[i] = message;
		return true;
	}
	return false;
}

static bool has_room(void *user)
{
	const struct taker *taker = user;
	return taker->room > 0;
}

static void on_trouble(void *user, const char *text)
{
	struct taker *taker = user;
	(void)text;
	taker->troubles++;
}

static int open_desk(void **state)
{
	struct taker *taker = talloc_zero(NULL, struct taker);
	taker->directory = make_directory(taker);
	taker->log = talloc_strdup(taker, "");
	taker->room = 64;
	taker->at_once = true;
	uv_loop_init(&taker->loop);
	*state = taker;
	return 0;
}

static int close_desk(void **state)
{
	struct taker *taker = *state;
	nx_spool_close(taker->spool);
	uv_run(&taker->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&taker->loop), 0);
	remove_tree(taker->directory);
	talloc_free(taker);
	return 0;
}

static void start(struct taker *taker)
{
	const struct nx_spool_options options = {.loop = &taker->loop,
	                                         .directory = taker->directory,
	                                         .has_room = has_room,
	                                         .take = on_take,
	                                         .trouble = on_trouble,
	                                         .user = taker};
	if (!nx_spool_open(taker, &options, &taker->spool, &taker->err))
		fail_msg("%s", taker->err.text);
}

static const char *in_folder(struct taker *taker, const char *folder,
                             const char *name)
{
	return talloc_asprintf(taker, "%s/%s/%s", taker->directory, folder,
	                       name);
}

/* As nixie-pipe writes it. */
static void put(struct taker *taker, const char *name, const char *text)
{
	const char *draft = in_folder(taker, "tmp", name);
	FILE *file = fopen(draft, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(rename(draft, in_folder(taker, "new", name)), 0);
}

static void put_message(struct taker *taker, const char *name,
                        const char *recipient)
{
	put(taker, name,
	    talloc_asprintf(taker, "nixie-spool 1\nsender \nrecipient %s\n\nx",
	                    recipient));
}

static size_t left(struct taker *taker)
{
	char **names;
	size_t count;
	assert_true(nx_file_names(taker, in_folder(taker, "new", ""), "",
	                          &names, &count, &taker->err));
	return count;
}

/* Runs until so many were offered; fails when the loop takes too long. */
static void run_until(struct taker *taker, size_t takes)
{
	uint64_t end = uv_hrtime() + UINT64_C(20000000000);
	while (taker->takes < takes && uv_hrtime() < end)
		uv_run(&taker->loop, UV_RUN_ONCE);
	assert_int_equal(taker->takes, takes);
}

static void what_was_there_and_what_comes_is_taken_and_goes(void **state)
{
	struct taker *taker = *state;
	start(taker);
	put_message(taker, "2", "b");
	put_message(taker, "1", "a");
	put(taker, "3", "From: c\n");
	run_until(taker, 3);
	assert_string_equal(taker->log, "a:x b:x :From: c\n ");
	assert_int_equal(left(taker), 0);
	put_message(taker, "4", "d");
	run_until(taker, 4);
	assert_int_equal(left(taker), 0);
	assert_int_equal(nx_spool_waiting(taker->spool), 0);
	assert_int_equal(taker->troubles, 0);
}

static void a_file_stays_until_it_is_committed(void **state)
{
	struct taker *taker = *state;
	taker->at_once = false;
	start(taker);
	put_message(taker, "1", "a");
	put_message(taker, "2", "b");
	run_until(taker, 2);
	assert_int_equal(left(taker), 2);
	assert_int_equal(nx_spool_pending(taker->spool), 2);
	assert_int_equal(nx_spool_waiting(taker->spool), 2);
	nx_spool_done(taker->taken[1], true);
	assert_int_equal(left(taker), 1);
	nx_spool_done(taker->taken[0], true);
	assert_int_equal(left(taker), 0);
	assert_int_equal(nx_spool_pending(taker->spool), 0);
	assert_int_equal(taker->takes, 2);
}

static void what_was_not_committed_is_offered_again(void **state)
{
	struct taker *taker = *state;
	taker->refused = 1;
	start(taker);
	put_message(taker, "1", "a");
	run_until(taker, 2);
	assert_string_equal(taker->log, "a:x a:x ");
	assert_int_equal(left(taker), 0);
}

/* An unreadable file would be reported. */
static void where_there_is_no_room_nothing_is_read(void **state)
{
	struct taker *taker = *state;
	taker->room = 0;
	start(taker);
	assert_int_equal(mkfifo(in_folder(taker, "new", "1"), 0600), 0);
	put_message(taker, "2", "a");
	while (nx_spool_waiting(taker->spool) < 2)
		uv_run(&taker->loop, UV_RUN_ONCE);
	assert_int_equal(taker->troubles, 0);
	assert_int_equal(taker->takes, 0);
}

static void there_is_only_room_for_so_many(void **state)
{
	struct taker *taker = *state;
	taker->at_once = false;
	taker->room = 1;
	start(taker);
	put_message(taker, "1", "a");
	put_message(taker, "2", "b");
	put_message(taker, "3", "c");
	run_until(taker, 1);
	assert_int_equal(nx_spool_waiting(taker->spool), 3);
	for (size_t i = 0; i < 3; i++) {
		struct nx_spooled *message = taker->taken[0];
		taker->taken[0] = NULL;
		taker->room = 1;
		nx_spool_done(message, true);
	}
	assert_string_equal(taker->log, "a:x b:x c:x ");
	assert_int_equal(left(taker), 0);
}

static const size_t LIMIT = 1024 * 1024; /* what is read of a message */

static void put_large(struct taker *taker, const char *name, size_t size)
{
	char *text = talloc_size(taker, size + 1);
	memset(text, 'x', size);
	text[size] = '\0';
	put(taker, name,
	    talloc_asprintf(taker, "nixie-spool 1\nsender \nrecipient a\n\n%s",
	                    text));
}

/* Large enough that a part of the rest is not in memory at once. */
static void of_a_large_one_the_digest_stands_for_the_rest(void **state)
{
	struct taker *taker = *state;
	const size_t more = 3 * LIMIT + 5;
	struct nx_digest_state digest;
	uint8_t bytes[NX_DIGEST_SIZE];
	char hex[2 * NX_DIGEST_SIZE + 1];
	taker->at_once = false;
	start(taker);
	put_large(taker, "1", LIMIT);
	put_large(taker, "2", LIMIT + more);
	run_until(taker, 2);
	assert_int_equal(taker->taken[0]->submission.size, LIMIT);
	assert_int_equal(taker->taken[1]->submission.size,
	                 LIMIT + 2 * NX_DIGEST_SIZE);
	assert_memory_equal(taker->taken[0]->submission.bytes,
	                    taker->taken[1]->submission.bytes, LIMIT);
	nx_digest_init(&digest);
	for (size_t i = 0; i < more; i++)
		nx_digest_add(&digest, "x", 1);
	nx_digest_end(&digest, bytes);
	nx_digest_hex(bytes, sizeof(bytes), hex);
	assert_memory_equal(taker->taken[1]->submission.bytes + LIMIT, hex,
	                    strlen(hex));
	nx_spool_done(taker->taken[0], true);
	nx_spool_done(taker->taken[1], true);
}

static void what_cannot_be_read_is_told_once_and_stays(void **state)
{
	struct taker *taker = *state;
	start(taker);
	assert_int_equal(mkdir(in_folder(taker, "new", "1"), 0700), 0);
	assert_int_equal(symlink("/dev/zero", in_folder(taker, "new", "2")), 0);
	assert_int_equal(mkfifo(in_folder(taker, "new", "3"), 0600), 0);
	put_message(taker, "4", "a");
	run_until(taker, 1);
	put_message(taker, "5", "b");
	run_until(taker, 2);
	assert_int_equal(taker->troubles, 3);
	assert_int_equal(left(taker), 3);
}

static void a_stopped_spool_offers_nothing(void **state)
{
	struct taker *taker = *state;
	taker->at_once = false;
	start(taker);
	put_message(taker, "1", "a");
	run_until(taker, 1);
	nx_spool_stop(taker->spool);
	put_message(taker, "2", "b");
	uv_run(&taker->loop, UV_RUN_NOWAIT);
	nx_spool_done(taker->taken[0], true);
	uv_run(&taker->loop, UV_RUN_NOWAIT);
	assert_int_equal(taker->takes, 1);
	assert_int_equal(left(taker), 1);
}

static void the_folders_are_made_for_the_owner(void **state)
{
	struct taker *taker = *state;
	struct stat about;
	assert_int_equal(rmdir(taker->directory), 0);
	start(taker);
	assert_int_equal(stat(taker->directory, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	assert_int_equal(stat(in_folder(taker, "new", ""), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
}

static void a_place_that_cannot_be_is_told(void **state)
{
	struct taker *taker = *state;
	const char *place = taker->directory;
	taker->directory = talloc_asprintf(taker, "%s/a/b", place);
	const struct nx_spool_options options = {.loop = &taker->loop,
	                                         .directory = taker->directory};
	assert_false(
	        nx_spool_open(taker, &options, &taker->spool, &taker->err));
	assert_non_null(strstr(taker->err.text, "/a/b: No such file"));
	taker->directory = (char *)place;
}

#define DESK_TEST(name)                                                        \
	cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_envelope_is_read),
	        cmocka_unit_test(anything_else_is_a_message_without_envelope),
	        DESK_TEST(what_was_there_and_what_comes_is_taken_and_goes),
	        DESK_TEST(a_file_stays_until_it_is_committed),
	        DESK_TEST(what_was_not_committed_is_offered_again),
	        DESK_TEST(where_there_is_no_room_nothing_is_read),
	        DESK_TEST(there_is_only_room_for_so_many),
	        DESK_TEST(of_a_large_one_the_digest_stands_for_the_rest),
	        DESK_TEST(what_cannot_be_read_is_told_once_and_stays),
	        DESK_TEST(a_stopped_spool_offers_nothing),
	        DESK_TEST(the_folders_are_made_for_the_owner),
	        DESK_TEST(a_place_that_cannot_be_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
