/* SPDX-License-Identifier: ISC */
#include "store/changes.h"

#include "store/backup.h"
#include "store/bulk.h"
#include "store/erase.h"
#include "store/hash.h"
#include "store/prune.h"
#include "stores.h"
#include "sys/clock.h"

#include <sqlite3.h>

/* Who follows the changes ends with what the store has. */

enum { MOST = 2000, ADDRESSES = 30 };

/* The same each time, on every system. */
static uint64_t seed;

static unsigned any(unsigned most)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % most;
}

struct follower {
	char *told[MOST]; /* "id mail", and … */
	char *says[MOST]; /* … what holds then; NULL: nothing */
	size_t count;
	char *cursor; /* that was kept when it was killed last */
	size_t limit;
	bool lost;
};

static char *mail_text(TALLOC_CTX *ctx, const struct nx_mail *mail)
{
	return talloc_asprintf(ctx, "%s %s %d", nx_reach_name(mail->reach),
	                       mail->name, mail->by_hand);
}

static char *line_of(TALLOC_CTX *ctx, const char *address,
                     const struct nx_mail *mail,
                     const struct nx_standing *standing)
{
	return talloc_asprintf(ctx, "%s %s %s %s %lld", address,
	                       mail_text(ctx, mail),
	                       nx_cause_name(standing->cause), standing->reason,
	                       (long long)standing->until);
}

static void keep(struct follower *follower, const struct nx_change *change)
{
	const char *key =
	        talloc_asprintf(follower, "%llx %s", (long long)change->id,
	                        mail_text(follower, &change->mail));
	char *says = NULL;
	size_t at = 0;
	if (!change->gone)
		says = line_of(follower,
		               *change->address
		                       ? change->address
		                       : talloc_asprintf(follower,
		                                         "key:%016llx",
		                                         (long long)change->id),
		               &change->mail, &change->standing);
	while (at < follower->count && strcmp(follower->told[at], key) != 0)
		at++;
	if (at == follower->count)
		follower->told[follower->count++] =
		        talloc_strdup(follower, key);
	assert_true(follower->count < MOST);
	follower->says[at] = says;
}

/* Reads a page; killed, it forgets how far it was, but not what it keeps. */
static bool read_page(struct fixture *f, struct follower *follower, bool killed)
{
	struct nx_changes page;
	need(f, nx_changes_read(follower, f->store, follower->cursor,
	                        follower->limit, &page, &f->err));
	follower->lost = page.lost;
	if (page.lost)
		return false;
	assert_true(page.count <= follower->limit);
	for (size_t i = 0; i < page.count; i++)
		keep(follower, &page.change[i]);
	if (!killed)
		follower->cursor = talloc_strdup(follower, page.next);
	return page.more;
}

static struct follower *begin(struct fixture *f, size_t limit)
{
	struct follower *follower = talloc_zero(f, struct follower);
	follower->cursor = talloc_strdup(follower, "");
	follower->limit = limit;
	return follower;
}

static void catch_up(struct fixture *f, struct follower *follower)
{
	while (read_page(f, follower, false))
		;
}

struct lines {
	char *line[MOST];
	size_t count;
};

static bool list_one(void *user, const struct nx_subject_state *state)
{
	struct lines *lines = user;
	assert_true(lines->count < MOST);
	lines->line[lines->count++] =
	        line_of(lines, state->address, &state->mail, &state->standing);
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *sorted(struct lines *lines)
{
	char *text = talloc_strdup(lines, "");
	qsort(lines->line, lines->count, sizeof(*lines->line), compare);
	for (size_t i = 0; i < lines->count; i++)
		text = talloc_asprintf_append(text, "%s\n", lines->line[i]);
	return text;
}

static void has_what_the_store_has(struct fixture *f,
                                   const struct follower *follower)
{
	struct lines *listed = talloc_zero(f, struct lines);
	struct lines *kept = talloc_zero(f, struct lines);
	need(f, nx_store_list(f->store, NULL, 0, list_one, listed, &f->err));
	for (size_t i = 0; i < follower->count; i++)
		if (follower->says[i])
			kept->line[kept->count++] = follower->says[i];
	assert_true(listed->count > 0);
	assert_string_equal(sorted(kept), sorted(listed));
}

/* --- what changes --------------------------------------------------------- */

static void suppress(struct fixture *f, const char *const *address,
                     size_t count, const char *stream)
{
	const struct nx_manual_action act = {
	        .mail = {.reach = *stream ? NX_REACH_STREAM : NX_REACH_ALL,
	                 .name = stream},
	        .who = "",
	        .note = "",
	        .reason = "manual",
	        .now = T0};
	need(f, nx_store_suppress(f->store, f->policy, &act, address, count,
	                          &f->err));
}

static void release(struct fixture *f, const char *address)
{
	struct nx_response released, left;
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "",
	                                     .note = "",
	                                     .reason = "",
	                                     .cause = NX_CAUSE_MANUAL,
	                                     .now = T0 + NX_HOUR};
	need(f, nx_store_release(f, f->store, f->policy, &act, address,
	                         &released, &left, &f->err));
}

static bool keep_last(void *user, const struct nx_bulk_listed *act)
{
	int64_t *last = user;
	if (*last == 0 && act->undone == 0 && act->undoes == 0)
		*last = act->id;
	return true;
}

static bool no_row(void *user, const struct nx_bulk_row *row)
{
	(void)user;
	(void)row;
	return true;
}

static struct nx_bulk bulk_of(const struct fixture *f)
{
	return (struct nx_bulk){.policy = f->policy,
	                        .streams = &NO_STREAMS,
	                        .who = "",
	                        .note = "",
	                        .now = T0 + NX_DAY};
}

static void release_many(struct fixture *f)
{
	const struct nx_bulk bulk = bulk_of(f);
	const struct nx_where where = {.rule = "status/5.1.1",
	                               .reporter = "",
	                               .domain = "",
	                               .since = T0 + any(3) * NX_DAY,
	                               .until = T0 + 9 * NX_DAY,
	                               .text = ""};
	int64_t act;
	need(f, nx_bulk_release(f->store, &bulk, &where, no_row, NULL, &act,
	                        &f->err));
}

static void undo(struct fixture *f)
{
	const struct nx_bulk bulk = bulk_of(f);
	int64_t last = 0;
	struct nx_undone undone;
	need(f, nx_bulk_list(f->store, 100, keep_last, &last, &f->err));
	if (last != 0)
		need(f, nx_bulk_undo(f->store, &bulk, last, no_row, NULL,
		                     &undone, &f->err));
}

static void prune(struct fixture *f, int64_t now)
{
	const struct nx_prune_terms terms = {
	        .keep = {.leases = 1 * NX_DAY, .changes = 90 * NX_DAY},
	        .rungs = 1 * NX_DAY};
	struct nx_prune *prune = nx_prune_new(f, f->store, &terms, now, false);
	bool more = true;
	while (more)
		need(f, nx_prune_step(prune, &more, &f->err));
}

static void change_something(struct fixture *f, unsigned number)
{
	const char *address[3];
	struct nx_erased erased;
	bool changed;
	for (size_t i = 0; i < 3; i++)
		address[i] =
		        talloc_asprintf(f, "u%u@example.org", any(ADDRESSES));
	switch (any(13)) {
	case 0:
		suppress(f, address, 1, "news");
		break;
	case 1:
		suppress(f, address, 3, "");
		break;
	case 2:
		release(f, address[0]);
		break;
	case 3:
		need(f, nx_store_delivered(f->store, f->policy, address[0],
		                           T0 + NX_DAY, &changed, &f->err));
		break;
	case 4:
		need(f, nx_store_erase(f->store, address[0], any(2) != 0, T0,
		                       &erased, &f->err));
		break;
	case 5:
		undo(f);
		break;
	case 6:
		prune(f, T0 + 9 * NX_DAY);
		break;
	case 7:
		release_many(f);
		break;
	default:
		add_one(f, number, address[0],
		        any(3) ? NX_CLASS_HARD : NX_CLASS_SOFT, any(200));
	}
}

/* -------------------------------------------------------------------------- */

/* Some of what it reads is lost with it, and is told again. */
static void whoever_follows_ends_with_what_the_store_has(void **state)
{
	struct fixture *f = *state;
	struct follower *follower[3];
	seed = 17;
	for (size_t i = 0; i < 3; i++)
		follower[i] = begin(f, i == 0 ? 1 : 4 * i);
	for (unsigned number = 1; number <= 400; number++) {
		change_something(f, number);
		for (size_t i = 0; i < 3; i++)
			if (any(3) == 0)
				read_page(f, follower[i], any(3) == 0);
	}
	for (size_t i = 0; i < 3; i++) {
		catch_up(f, follower[i]);
		assert_false(follower[i]->lost);
		has_what_the_store_has(f, follower[i]);
	}
	follower[0] = begin(f, 3);
	catch_up(f, follower[0]);
	has_what_the_store_has(f, follower[0]);
}

static void a_commit_of_many_is_told_in_pages(void **state)
{
	struct fixture *f = *state;
	const char *address[900];
	struct follower *early = begin(f, 7);
	catch_up(f, early);
	for (size_t i = 0; i < 900; i++)
		address[i] = talloc_asprintf(f, "u%zu@example.org", i);
	suppress(f, address, 900, "");
	struct follower *late = begin(f, 100);
	read_page(f, late, false);
	for (size_t i = 0; i < 900; i += 3)
		release(f, address[i]);
	catch_up(f, early);
	catch_up(f, late);
	has_what_the_store_has(f, early);
	has_what_the_store_has(f, late);
	/* and then there is nothing more to tell */
	const char *cursor = early->cursor;
	assert_false(read_page(f, early, false));
	assert_string_equal(early->cursor, cursor);
}

/* So that one who has the name may drop it. */
static void an_address_that_is_erased_is_told_by_its_key(void **state)
{
	struct fixture *f = *state;
	const char *address[] = {"a@example.org", "b@example.org"};
	struct nx_erased erased;
	struct nx_changes page;
	struct follower *follower = begin(f, 10);
	suppress(f, address, 2, "");
	catch_up(f, follower);
	need(f,
	     nx_store_erase(f->store, address[0], false, T0, &erased, &f->err));
	need(f,
	     nx_store_erase(f->store, address[1], true, T0, &erased, &f->err));
	need(f, nx_changes_read(f, f->store, follower->cursor, 10, &page,
	                        &f->err));
	assert_int_equal(page.count, 2);
	assert_string_equal(page.change[0].address, "");
	assert_false(page.change[0].gone);
	assert_string_equal(page.change[1].address, "");
	assert_true(page.change[1].gone);
}

static void expect_lost(struct fixture *f, struct follower *follower)
{
	assert_false(read_page(f, follower, false));
	assert_true(follower->lost);
}

/* One that begins has missed nothing, however old what it reads is. */
static void a_cursor_that_is_too_old_is_lost(void **state)
{
	struct fixture *f = *state;
	const int64_t later = nx_clock_now() + 91 * NX_DAY;
	const char *address[] = {"a@example.org", "b@example.org",
	                         "c@example.org"};
	struct follower *old = begin(f, 1), *begun = begin(f, 1);
	catch_up(f, old);
	suppress(f, address, 3, "");
	read_page(f, begun, false);
	prune(f, later);
	expect_lost(f, old);
	catch_up(f, begun);
	assert_false(begun->lost);
	release(f, address[0]);
	catch_up(f, begun);
	has_what_the_store_has(f, begun);
}

/* A nixie that knows only older schemas had the store open, and wrote. */
static void a_commit_that_says_not_what_it_changed_is_told_as_lost(void **state)
{
	struct fixture *f = *state;
	const char *address[] = {"a@example.org", "b@example.org"};
	const char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	struct follower *follower = begin(f, 5);
	sqlite3 *db;
	suppress(f, address, 1, "");
	catch_up(f, follower);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
	                              "UPDATE writer SET number = number + 1",
	                              NULL, NULL, NULL),
	                 SQLITE_OK);
	sqlite3_close(db);
	suppress(f, address + 1, 1, "");
	expect_lost(f, follower);
	follower = begin(f, 5);
	catch_up(f, follower);
	has_what_the_store_has(f, follower);
}

static void a_cursor_of_another_store_is_lost(void **state)
{
	struct fixture *f = *state;
	const char *address = "a@example.org", *kept;
	const char *copy = talloc_asprintf(f, "%s/copy", f->directory);
	struct follower *follower = begin(f, 5);
	int64_t bytes;
	suppress(f, &address, 1, "");
	catch_up(f, follower);
	need(f, nx_store_backup(f, f->directory, copy, false, &bytes, &f->err));
	nx_store_close(f->store);
	need(f, nx_store_restore(f, f->directory, copy, false, &kept, &f->err));
	need(f, nx_store_open(f, f->directory, NX_STORE_WRITE, &f->store,
	                      &f->err));
	expect_lost(f, follower);
	follower = begin(f, 5);
	catch_up(f, follower);
	has_what_the_store_has(f, follower);
	need(f, nx_store_hash(f->store, &f->err));
	expect_lost(f, follower);
	follower = begin(f, 5);
	catch_up(f, follower);
	has_what_the_store_has(f, follower);
}

static void what_is_no_cursor_is_refused(void **state)
{
	struct fixture *f = *state;
	struct nx_changes page;
	struct follower *follower = begin(f, 5);
	catch_up(f, follower);
	for (size_t i = 0; i <= strlen(follower->cursor); i++) {
		char *wrong = talloc_strdup(f, follower->cursor);
		if (i < strlen(wrong))
			wrong[i] = '~';
		else
			wrong = talloc_asprintf(f, "%s0", wrong);
		assert_false(
		        nx_changes_read(f, f->store, wrong, 5, &page, &f->err));
		assert_int_equal(f->err.kind, NX_ERROR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(whoever_follows_ends_with_what_the_store_has),
	        STORE_TEST(a_commit_of_many_is_told_in_pages),
	        STORE_TEST(an_address_that_is_erased_is_told_by_its_key),
	        STORE_TEST(a_cursor_that_is_too_old_is_lost),
	        STORE_TEST(
	                a_commit_that_says_not_what_it_changed_is_told_as_lost),
	        STORE_TEST(a_cursor_of_another_store_is_lost),
	        STORE_TEST(what_is_no_cursor_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
