/* SPDX-License-Identifier: ISC */
#include "store/held.h"
#include "store/sent.h"
#include "stores.h"

/* Too many new hard leases in an hour are held. An hour here takes 200. */

enum { LIMIT = 200 };

/* Number N of the bounces of a domain, refused by that server. */
static struct nx_outcome bounce(struct fixture *f, unsigned number,
                                const char *domain, const char *server,
                                int64_t hour)
{
	const char *address = talloc_asprintf(f, "u%u@%s", number, domain);
	struct nx_event event = event_of(number, address, NX_CLASS_HARD, hour);
	event.remote_mta = server;
	return add_events(f, &event, 1);
}

/* How many of these are held. */
static size_t bounces(struct fixture *f, unsigned from, unsigned count,
                      const char *domain, int64_t hour)
{
	size_t held = 0;
	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = from; i < from + count; i++)
		held += bounce(f, i, domain, "", hour).held;
	need(f, nx_store_commit(f->store, &f->err));
	return held;
}

static const char *user(struct fixture *f, unsigned number, const char *domain)
{
	return talloc_asprintf(f, "u%u@%s", number, domain);
}

static bool keep_hold(void *into, const struct nx_hold *hold)
{
	struct nx_hold **last = into;
	*last = talloc_memdup(NULL, hold, sizeof(*hold));
	(*last)->domain = talloc_strdup(*last, hold->domain);
	return true;
}

/* The last that is listed; NULL: nothing is held. */
static struct nx_hold *hold_of(struct fixture *f, const char *domain,
                               int64_t hour)
{
	struct nx_hold *last = NULL;
	need(f, nx_held_list(f->store, domain, T0 + hour * NX_HOUR, keep_hold,
	                     &last, &f->err));
	return last ? talloc_steal(f, last) : NULL;
}

static int64_t held_count(struct fixture *f, const char *domain, int64_t hour)
{
	const struct nx_hold *hold = hold_of(f, domain, hour);
	return hold ? hold->bounces : 0;
}

static void sent(struct fixture *f, const char *domain, int64_t hour,
                 int64_t mails)
{
	const int64_t from = T0 + hour * NX_HOUR;
	const struct nx_sent_count count = {
	        .domain = domain, .mails = mails, .from = from, .to = from + 1};
	need(f, nx_store_sent_count(f->store, &count, from, &f->err));
}

/* -------------------------------------------------------------------------- */

static void what_goes_beyond_the_limit_is_held(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(bounces(f, 0, LIMIT, "example.net", 0), 0);
	const struct nx_outcome first = bounce(f, LIMIT, "example.net", "", 0);
	assert_int_equal(first.held, 1);
	assert_int_equal(first.added, 1);
	assert_int_equal(first.suppressed, 0);
	assert_string_equal(first.hold.domain, "example.net");
	assert_int_equal(first.hold.leases, LIMIT);
	const struct nx_outcome next =
	        bounce(f, LIMIT + 1, "example.net", "", 0);
	assert_int_equal(next.held, 1);
	assert_string_equal(next.hold.domain, "");
	assert_true(is_suppressed(f, user(f, LIMIT - 1, "example.net"), 0));
	assert_false(is_suppressed(f, user(f, LIMIT, "example.net"), 0));
	const struct nx_hold *hold = hold_of(f, NULL, 0);
	assert_non_null(hold);
	assert_string_equal(hold->domain, "example.net");
	assert_int_equal(hold->bounces, 2);
	assert_int_equal(hold->since, T0);
	assert_int_equal(hold->drops, T0 + 7 * NX_DAY);
}

static void others_are_not_concerned(void **state)
{
	struct fixture *f = *state;
	bounces(f, 0, LIMIT + 10, "example.net", 0);
	assert_int_equal(bounces(f, 1000, 10, "example.com", 0), 0);
	assert_true(is_suppressed(f, "u1009@example.com", 0));
	/* nor are other bounces */
	assert_int_equal(
	        add_one(f, 2000, "c@example.net", NX_CLASS_COMPLAINT, 0).held,
	        0);
	assert_int_equal(
	        add_one(f, 2001, "s@example.net", NX_CLASS_SOFT, 0).held, 0);
	assert_true(is_suppressed(f, "c@example.net", 0));
}

static void the_next_hour_begins_anew(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(bounces(f, 0, LIMIT + 5, "example.net", 0), 5);
	assert_int_equal(bounces(f, 1000, LIMIT + 7, "example.net", 1), 7);
	assert_int_equal(held_count(f, "example.net", 1), 12);
}

static void what_is_suppressed_already_is_not_counted(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 2 * LIMIT; i++)
		add_one(f, i, "a@example.net", NX_CLASS_HARD, 0);
	assert_int_equal(bounces(f, 1000, LIMIT - 1, "example.net", 0), 0);
}

static void domains_of_one_provider_are_held_together(void **state)
{
	struct fixture *f = *state;
	size_t held = 0;
	for (unsigned i = 0; i < LIMIT + 30; i++) {
		const char *domain = talloc_asprintf(f, "d%u.example", i % 50);
		held += bounce(f, i, domain,
		               i % 2 ? "MX1.Mail.Example.COM"
		                     : "mx2.mail.example.com",
		               0)
		                .held;
	}
	assert_int_equal(held, 30);
	const struct nx_hold *hold = hold_of(f, NULL, 0);
	assert_string_equal(hold->domain, "example.com");
	assert_int_equal(hold->bounces, 30);
	assert_int_equal(hold->domains, 30);
	assert_int_equal(held_count(f, "d1.example", 0), 1);
	/* whatever servers the reports name, the domain is counted too */
	held = 0;
	for (unsigned i = 1000; i < 1000 + LIMIT + 3; i++) {
		const char *server = talloc_asprintf(f, "mx.x%u.example", i);
		held += bounce(f, i, "example.net", server, 0).held;
	}
	assert_int_equal(held, 3);
	assert_int_equal(held_count(f, "example.net", 0), 3);
}

/* Half of the hours of four weeks had 60 and more. */
static void the_usual_is_no_mass(void **state)
{
	struct fixture *f = *state;
	const int64_t hours = 28 * 24;
	for (int64_t hour = 0; hour < hours / 2; hour++)
		bounces(f, (unsigned)hour * 100, 60, "example.net", hour);
	assert_int_equal(bounces(f, 1000000, 301, "example.net", hours / 2), 1);
	/* another's usual is not its own */
	assert_int_equal(bounces(f, 3000000, 201, "example.com", hours / 2), 1);
	assert_int_equal(bounces(f, 1000301, 9, "example.net", hours / 2), 9);
	/* two of them are older than four weeks now */
	assert_int_equal(bounces(f, 2000000, 201, "example.net", hours + 2), 1);
}

static void a_share_of_what_was_sent_is_the_limit(void **state)
{
	struct fixture *f = *state;
	sent(f, "example.net", 0, 10000);
	sent(f, "example.net", 1, 5000);
	sent(f, "example.net", 1, 5000);
	assert_int_equal(bounces(f, 0, 300, "example.net", 0), 0);
	assert_int_equal(bounces(f, 1000, 310, "example.net", 1), 10);
	/* the day's share is used up, but a few are none */
	assert_int_equal(bounces(f, 2000, 30, "example.net", 2), 10);
	/* a day later nothing is known */
	assert_int_equal(bounces(f, 3000, 201, "example.net", 26), 1);
}

static void old_mail_is_exempt(void **state)
{
	struct fixture *f = *state;
	size_t held = 0;
	for (unsigned i = 0; i < LIMIT + 10; i++) {
		struct nx_outcome out;
		struct nx_event event = event_of(i, user(f, i, "example.net"),
		                                 NX_CLASS_HARD, 0);
		struct nx_delivery delivery = delivery_of(f, &event, 1);
		delivery.time = T0 + NX_DAY + 1;
		need(f, nx_store_add(f->store, f->policy, &delivery, &out,
		                     &f->err));
		held += out.held;
	}
	assert_int_equal(held, 0);
}

/* -------------------------------------------------------------------------- */

static void what_is_applied_counts_from_its_own_time(void **state)
{
	struct fixture *f = *state;
	struct nx_held_done done;
	const char *last = user(f, LIMIT, "example.net");
	bounces(f, 0, LIMIT + 1, "example.net", 0);
	need(f, nx_held_apply(f->store, f->policy, "example.com", T0, &done,
	                      &f->err));
	assert_int_equal(done.bounces, 0);
	need(f, nx_held_apply(f->store, f->policy, "example.net",
	                      T0 + 5 * NX_HOUR, &done, &f->err));
	assert_int_equal(done.bounces, 1);
	assert_int_equal(done.suppressed, 1);
	const struct nx_standing standing = standing_of(f, "", last, 5);
	assert_int_equal(standing.since, T0);
	assert_int_equal(standing.until, T0 + NX_DAY);
	assert_string_equal(standing.reason, "unknown-user");
	assert_null(hold_of(f, NULL, 5));
}

static void what_is_dropped_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct nx_held_done done;
	bounces(f, 0, LIMIT + 9, "example.net", 0);
	bounces(f, 1000, LIMIT + 4, "example.com", 0);
	need(f, nx_held_drop(f->store, "example.net", T0, &done, &f->err));
	assert_int_equal(done.bounces, 9);
	assert_int_equal(held_count(f, NULL, 0), 4);
	need(f, nx_held_apply(f->store, f->policy, NULL, T0, &done, &f->err));
	assert_int_equal(done.bounces, 4);
	assert_false(is_suppressed(f, user(f, LIMIT, "example.net"), 0));
	assert_true(is_suppressed(f, user(f, 1000 + LIMIT, "example.com"), 0));
}

static void a_week_later_it_is_dropped_by_itself(void **state)
{
	struct fixture *f = *state;
	struct nx_hold hold;
	struct nx_held_done done;
	const char *last = user(f, LIMIT, "example.net");
	bounces(f, 0, LIMIT + 1, "example.net", 0);
	need(f, nx_held_of(f, f->store, last, T0 + 7 * NX_DAY - 1, &hold,
	                   &f->err));
	assert_string_equal(hold.domain, "example.net");
	need(f, nx_held_of(f, f->store, last, T0 + 7 * NX_DAY, &hold, &f->err));
	assert_null(hold.domain);
	assert_null(hold_of(f, NULL, 7 * 24));
	need(f, nx_held_apply(f->store, f->policy, NULL, T0 + 7 * NX_DAY, &done,
	                      &f->err));
	assert_int_equal(done.bounces, 0);
	/* and is gone with the next bounce */
	bounces(f, 5000, 1, "example.com", 7 * 24);
	assert_null(hold_of(f, NULL, 0));
}

static void a_delivery_or_a_release_drops_what_is_held(void **state)
{
	struct fixture *f = *state;
	bool changed;
	struct nx_response released, left;
	const struct nx_manual_action act = {
	        .mail = {.name = ""}, .who = "", .note = "", .now = T0};
	bounces(f, 0, LIMIT + 3, "example.net", 0);
	need(f, nx_store_delivered(f->store, f->policy,
	                           user(f, LIMIT, "example.net"), T0, &changed,
	                           &f->err));
	assert_true(changed);
	assert_int_equal(held_count(f, NULL, 0), 2);
	need(f, nx_store_release(f, f->store, f->policy, &act,
	                         user(f, LIMIT + 1, "example.net"), &released,
	                         &left, &f->err));
	assert_int_equal(held_count(f, NULL, 0), 1);
}

static void what_is_rolled_back_was_not_counted(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 0; i < LIMIT + 3; i++)
		bounce(f, i, "example.net", "", 0);
	nx_store_rollback(f->store);
	assert_null(hold_of(f, NULL, 0));
	assert_int_equal(bounces(f, 0, LIMIT, "example.net", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(what_goes_beyond_the_limit_is_held),
	        STORE_TEST(others_are_not_concerned),
	        STORE_TEST(the_next_hour_begins_anew),
	        STORE_TEST(what_is_suppressed_already_is_not_counted),
	        STORE_TEST(domains_of_one_provider_are_held_together),
	        STORE_TEST(the_usual_is_no_mass),
	        STORE_TEST(a_share_of_what_was_sent_is_the_limit),
	        STORE_TEST(old_mail_is_exempt),
	        STORE_TEST(what_is_applied_counts_from_its_own_time),
	        STORE_TEST(what_is_dropped_is_forgotten),
	        STORE_TEST(a_week_later_it_is_dropped_by_itself),
	        STORE_TEST(a_delivery_or_a_release_drops_what_is_held),
	        STORE_TEST(what_is_rolled_back_was_not_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
