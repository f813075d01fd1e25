/* SPDX-License-Identifier: ISC */
#include "stores.h"

#include "deliver/commit.h"

/* One report counts once, however it comes: many short stories of reports that
 * come again, by other ways, in other words and in any order, and what the
 * store then holds, which is what a set of them would hold. As an argument, the
 * number of stories. */

enum { STORIES = 10000, OFFERS = 12, REPORTS = 4, WAYS = 8 };

static unsigned stories = STORIES;
static uint64_t dice;

static unsigned roll(unsigned sides)
{
	dice = dice * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(dice >> 33) % sides;
}

struct report {
	unsigned mail; /* that it is about; 0: it does not say */
	unsigned address;
	enum nx_class class;
	unsigned number;   /* its own */
	unsigned mutation; /* of its text */
};

struct story {
	struct fixture *f;
	unsigned number;
	struct report report[REPORTS];
	/* the set */
	struct report offered[OFFERS], counted[OFFERS];
	size_t messages, events;
	struct nx_standing standing[2]; /* of each address */
};

/* --- reports as they come ------------------------------------------------- */

static const char *address_of(TALLOC_CTX *ctx, const struct story *story,
                              unsigned address)
{
	return talloc_asprintf(ctx, "user%u.%u@example.com", story->number,
	                       address);
}

static const char *with_crlf(TALLOC_CTX *ctx, const char *text)
{
	char *out = talloc_size(ctx, 2 * strlen(text) + 1);
	char *to = out;
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			*to++ = '\r';
		*to++ = *text;
	}
	*to = '\0';
	return out;
}

static const char *bytes_of(TALLOC_CTX *ctx, const struct story *story,
                            const struct report *report)
{
	static const char *const before[WAYS] = {
	        "",
	        "Return-Path: <>\n",
	        "From MAILER-DAEMON Thu Jan  1 00:00:00 2026\n",
	        "Received: by b.example.org;\n\tThu, 1 Jan 2026 00:00:00 +0\n",
	        "Delivered-To: b@example.org\nX-Original-To: c@example.org\n",
	        "Return-Path: <>\nReceived: by c.example.org; today\n"
	        "Received: by b.example.org; today\n",
	        "Envelope-to: b@example.org\nDelivery-date: today\n",
	        "X-Delivered-to: b@example.org\nStatus: RO\n"};
	static const char *const after[] = {"", "\n", "\n\n"};
	const char *text = talloc_asprintf(
	        ctx,
	        "%sFrom: MAILER-DAEMON@example.net\n"
	        "Message-ID: <%u.%u@example.net>\n\n"
	        "Text %u of the report.\n%sFrom us.%s",
	        before[roll(WAYS)], story->number, report->number,
	        report->mutation, roll(2) == 0 ? ">" : "", after[roll(3)]);
	return roll(2) == 0 ? text : with_crlf(ctx, text);
}

static const char *line_of(TALLOC_CTX *ctx, const struct story *story,
                           const struct report *report)
{
	const char *mail = report->mail == 0
	                           ? ""
	                           : talloc_asprintf(ctx, "<%u@example.org>",
	                                             report->mail);
	return talloc_asprintf(
	        ctx,
	        "{\"kind\":\"%s\",\"recipients\":[{\"address\":\"%s\","
	        "\"class\":\"%s\",\"reason\":\"unknown-user\","
	        "\"fault\":\"recipient\"}],\"original\":{\"message_id\":\"%s\"}}",
	        report->class == NX_CLASS_COMPLAINT ? "feedback-report"
	                                            : "delivery-report",
	        address_of(ctx, story, report->address),
	        nx_class_name(report->class), mail);
}

/* --- as a set has them ---------------------------------------------------- */

static bool is_message(const struct report *a, const struct report *b)
{
	return a->number == b->number && a->mutation == b->mutation;
}

static bool is_event(const struct report *a, const struct report *b)
{
	if (a->mail == 0 || b->mail == 0)
		return is_message(a, b);
	return a->mail == b->mail && a->address == b->address &&
	       a->class == b->class;
}

static bool take(struct report *set, size_t *count, const struct report *report,
                 bool (*is)(const struct report *, const struct report *))
{
	for (size_t i = 0; i < *count; i++)
		if (is(&set[i], report))
			return false;
	set[(*count)++] = *report;
	return true;
}

static void step(struct story *story, const struct report *report, int64_t now)
{
	struct nx_standing *standing = &story->standing[report->address];
	const struct nx_verdict verdict = {.class = report->class,
	                                   .reason = "unknown-user",
	                                   .fault = NX_FAULT_RECIPIENT};
	*standing = nx_policy_judge(story->f->policy, *standing, &verdict, now);
}

/* --- and as the store has them -------------------------------------------- */

static void offer(struct story *story, const struct report *report, int64_t now)
{
	static const struct nx_envelope envelopes[] = {
	        {"", true, "b@example.org", "", ""},
	        {"", true, "c@example.org", "", ""},
	        {"", true, "", "", ""}};
	struct fixture *f = story->f;
	TALLOC_CTX *ctx = talloc_new(f);
	const char *bytes = bytes_of(ctx, story, report);
	const char *line = line_of(ctx, story, report);
	const unsigned first = roll(3);
	struct nx_submission submission = {.bytes = bytes,
	                                   .size = strlen(bytes),
	                                   .whole = strlen(bytes),
	                                   .envelope = &envelopes[first],
	                                   .recipients = 1 + roll(3 - first),
	                                   .source = "test"};
	const struct nx_quarantine_limits limits = {0};
	const struct nx_commit to = {.store = f->store,
	                             .policy = f->policy,
	                             .attribution = {&NO_STREAMS, ""},
	                             .quarantine = limits};
	const size_t next =
	        nx_submission_read(ctx, &submission, 0, line, strlen(line));
	assert_int_equal(next, submission.recipients);
	need(f, nx_commit_add(ctx, &to, &submission, now, &f->err));
	const bool is_new =
	        take(story->offered, &story->messages, report, is_message);
	const bool counts = is_new && take(story->counted, &story->events,
	                                   report, is_event);
	if (counts)
		step(story, report, now);
	const struct nx_outcome *outcome = &submission.reading[0].outcome;
	assert_int_equal(outcome->known, !is_new);
	assert_int_equal(outcome->added, counts);
	assert_int_equal(outcome->twins, is_new && !counts);
	for (size_t i = 1; i < submission.recipients; i++)
		assert_int_equal(submission.reading[i].outcome.added, 0);
	talloc_free(ctx);
}

static void check_standing(struct story *story, unsigned address, int64_t now)
{
	struct fixture *f = story->f;
	TALLOC_CTX *ctx = talloc_new(f);
	const struct nx_standing is = standing_of(
	        f, "", address_of(ctx, story, address), (now - T0) / NX_HOUR);
	const struct nx_standing *wanted = &story->standing[address];
	assert_int_equal(is.cause, wanted->cause);
	assert_int_equal(is.until, wanted->until);
	assert_int_equal(is.rung, wanted->rung);
	talloc_free(ctx);
}

static void tell(struct fixture *f, unsigned number)
{
	static const enum nx_class classes[] = {NX_CLASS_NONE, NX_CLASS_SOFT,
	                                        NX_CLASS_HARD,
	                                        NX_CLASS_COMPLAINT};
	struct story *story = talloc_zero(f, struct story);
	int64_t now = T0;
	story->f = f;
	story->number = number;
	for (unsigned i = 0; i < REPORTS; i++)
		story->report[i] = (struct report){.mail = roll(3),
		                                   .address = roll(2),
		                                   .class = classes[roll(4)],
		                                   .number = i};
	for (int i = 0; i < OFFERS; i++) {
		struct report report = story->report[roll(REPORTS)];
		report.mutation = roll(3);
		now += (int64_t)roll(5) * NX_HOUR;
		offer(story, &report, now);
	}
	check_standing(story, 0, now);
	check_standing(story, 1, now);
	talloc_free(story);
}

static void reports_that_come_again_are_a_set(void **state)
{
	struct fixture *f = *state;
	/* all of them are of one domain, and of a few days */
	const char *text = talloc_asprintf(f, "mass_failure: off\n%s", LADDER);
	need(f, compile_policy(f, text, &f->policy, &f->err));
	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 0; i < stories; i++)
		tell(f, i);
	need(f, nx_store_commit(f->store, &f->err));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(reports_that_come_again_are_a_set),
	};
	if (argc > 1)
		stories = (unsigned)strtoul(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
