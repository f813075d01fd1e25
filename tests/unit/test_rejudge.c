/* SPDX-License-Identifier: ISC */
#include "store/bulk.h"
#include "store/verify.h"
#include "stores.h"

/* Histories that are judged again: without some events, with other verdicts,
 * and back. */

#define A     "a@example.org"
#define OFTEN NX_CLASS_NONE /* of an event: none */

enum what { NOTHING = 0, GOOD, BAD, ATTEMPT, RELEASE, DELIVERED };

struct past {
	enum what what; /* GOOD and BAD are the rules of events */
	enum nx_class class;
	int64_t hour;
};

struct history {
	const char *name;
	struct past past[6];
	int64_t hour;        /* when it is judged again */
	enum nx_cause cause; /* release: that is named */
	enum nx_class again; /* replay: of what was BAD */
	const char *fates;   /* a letter a row */
	bool suppressed;     /* and after that */
};

#define HARD      NX_CLASS_HARD
#define SOFT      NX_CLASS_SOFT
#define COMPLAINT NX_CLASS_COMPLAINT

static void live(struct fixture *f, const struct past *past, unsigned number)
{
	struct nx_event event = event_of(number, A, past->class, past->hour);
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "ann",
	                                     .note = "",
	                                     .reason = "",
	                                     .now = T0 + past->hour * NX_HOUR};
	struct nx_response released, left;
	bool changed;

	event.verdict.rule = past->what == GOOD ? "good" : "bad";
	switch (past->what) {
	case NOTHING:
		return;
	case GOOD:
	case BAD:
		add_events(f, &event, 1);
		return;
	case ATTEMPT:
		attempt(f, "", A, past->hour);
		return;
	case RELEASE:
		need(f, nx_store_release(f, f->store, f->policy, &act, A,
		                         &released, &left, &f->err));
		return;
	case DELIVERED:
		need(f, nx_store_delivered(f->store, f->policy, A, act.now,
		                           &changed, &f->err));
	}
}

static struct fixture *lived(void **state, const struct history *history)
{
	set_up(state);
	struct fixture *f = *state;
	for (unsigned i = 0; i < 6; i++)
		live(f, &history->past[i], i + 1);
	return f;
}

/* All that is remembered, as text. */
static const char *remembered(struct fixture *f, int64_t hour)
{
	char *text = talloc_strdup(f, "");
	const struct nx_response answer = answer_of(f, "", A, hour);
	for (size_t i = 0; i < answer.states; i++) {
		const struct nx_standing *of = &answer.state[i].standing;
		text = talloc_asprintf_append(
		        text, "%s %s %s %ld-%ld %d %d;",
		        nx_reach_name(answer.state[i].mail.reach),
		        nx_cause_name(of->cause), of->reason, (long)of->since,
		        (long)of->until, of->rung, of->strikes);
	}
	return text;
}

static struct nx_bulk bulk_of(const struct fixture *f,
                              const struct history *history)
{
	return (struct nx_bulk){.policy = f->policy,
	                        .streams = &NO_STREAMS,
	                        .who = "ann",
	                        .note = "",
	                        .now = T0 + history->hour * NX_HOUR};
}

static bool note(void *user, const struct nx_bulk_row *row)
{
	char **fates = user;
	*fates = talloc_asprintf_append(*fates, "%c", "FSCLhowpx-"[row->fate]);
	return true;
}

static void expect_sound(struct fixture *f)
{
	size_t findings;
	need(f, nx_store_verify(f->store, NULL, NULL, &findings, &f->err));
	assert_int_equal(findings, 0);
}

/* What was done is as told; and an undo leaves things as they were. */
static void expect(struct fixture *f, const struct history *history,
                   const char *before, const char *fates, int64_t act)
{
	const struct nx_bulk bulk = bulk_of(f, history);
	struct nx_undone undone;
	char *since = talloc_strdup(f, "");

	if (strcmp(fates, history->fates) != 0 ||
	    is_suppressed(f, A, history->hour) != history->suppressed)
		fail_msg("%s: %s, %s, was %s", history->name, fates,
		         remembered(f, history->hour), before);
	expect_sound(f);
	assert_int_equal(act != 0, strpbrk(fates, "FSCL") != NULL ||
	                                   history->again != OFTEN);
	if (act == 0)
		return;
	need(f, nx_bulk_undo(f->store, &bulk, act, note, &since, &undone,
	                     &f->err));
	assert_string_equal(since, "");
	assert_string_equal(remembered(f, history->hour), before);
	expect_sound(f);
}

/* --- release -------------------------------------------------------------- */

static const struct history RELEASES[] = {
        {"nothing else supports it", {{BAD, HARD, 0}}, 1, .fates = "F"},
        {"another bounce does",
         {{BAD, HARD, 0}, {GOOD, HARD, 1}},
         2,
         .fates = "o",
         .suppressed = true},
        {"another one did, and its time is over",
         {{GOOD, HARD, 0}, {BAD, HARD, 30}},
         31,
         .fates = "F"},
        {"it was the last strike",
         {{GOOD, SOFT, 0}, {GOOD, SOFT, 24}, {BAD, SOFT, 48}},
         49,
         .fates = "F"},
        {"there were strikes enough without it",
         {{GOOD, SOFT, 0}, {BAD, SOFT, 20}, {GOOD, SOFT, 24}, {GOOD, SOFT, 48}},
         49,
         .fates = "",
         .suppressed = true},
        {"it was a strike that has led to nothing",
         {{BAD, SOFT, 0}},
         1,
         .fates = "L"},
        {"a complaint is of a class of its own",
         {{BAD, COMPLAINT, 0}},
         1,
         .fates = "w",
         .suppressed = true},
        {"… which may be named",
         {{BAD, COMPLAINT, 0}},
         1,
         .cause = NX_CAUSE_COMPLAINT,
         .fates = "F"},
        {"attempts support nothing",
         {{BAD, HARD, 0}, {ATTEMPT, OFTEN, 23}},
         40,
         .fates = "F"},
        {"it was released",
         {{BAD, HARD, 0}, {RELEASE, OFTEN, 1}},
         2,
         .fates = ""},
        {"what was released before supports nothing",
         {{GOOD, HARD, 0}, {RELEASE, OFTEN, 1}, {BAD, HARD, 2}},
         3,
         .fates = "F"},
        {"mail was delivered since",
         {{BAD, HARD, 0}, {DELIVERED, OFTEN, 1}, {GOOD, HARD, 2}},
         3,
         .fates = "",
         .suppressed = true},
};

static void release(const struct history *history, bool dry_run)
{
	void *state;
	struct fixture *f = lived(&state, history);
	const char *before = remembered(f, history->hour);
	const struct nx_where where = {.rule = "bad",
	                               .reporter = "",
	                               .domain = "",
	                               .since = INT64_MIN,
	                               .until = INT64_MAX,
	                               .cause = history->cause,
	                               .text = "rule=bad"};
	struct nx_bulk bulk = bulk_of(f, history);
	char *fates = talloc_strdup(f, "");
	int64_t act;

	bulk.dry_run = dry_run;
	need(f, nx_bulk_release(f->store, &bulk, &where, note, &fates, &act,
	                        &f->err));
	if (!dry_run) {
		expect(f, history, before, fates, act);
	} else {
		assert_string_equal(fates, history->fates);
		assert_int_equal(act, 0);
		assert_string_equal(remembered(f, history->hour), before);
	}
	tear_down(&state);
}

static void a_release_frees_what_nothing_else_supports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(RELEASES) / sizeof(*RELEASES); i++)
		for (int dry_run = 0; dry_run < 2; dry_run++)
			release(&RELEASES[i], dry_run);
}

/* --- replay --------------------------------------------------------------- */

static const struct history REPLAYS[] = {
        {"the verdict was hasty",
         {{BAD, HARD, 0}},
         1,
         .again = SOFT,
         .fates = "F"},
        {"another bounce holds, from its own time",
         {{BAD, HARD, 0}, {GOOD, HARD, 1}},
         2,
         .again = SOFT,
         .fates = "C",
         .suppressed = true},
        {"what was soft is hard",
         {{BAD, SOFT, 0}},
         1,
         .again = HARD,
         .fates = "S",
         .suppressed = true},
        {"the same, and mail was delivered since",
         {{BAD, SOFT, 0}, {DELIVERED, OFTEN, 1}},
         2,
         .again = HARD,
         .fates = ""},
        {"nobody complained",
         {{BAD, COMPLAINT, 0}},
         1,
         .again = SOFT,
         .fates = "LF"},
        {"a complaint is no matter of a bounce",
         {{GOOD, COMPLAINT, 0}, {BAD, HARD, 1}},
         2,
         .again = SOFT,
         .fates = "F",
         .suppressed = true},
        {"a delivery freed it, whatever the bounce was",
         {{BAD, HARD, 0}, {DELIVERED, OFTEN, 1}},
         2,
         .again = HARD,
         .fates = ""},
};

static bool judge(void *user, TALLOC_CTX *ctx,
                  const struct nx_past_event *event, struct nx_verdict *out)
{
	(void)ctx;
	const struct history *history = user;
	if (strcmp(event->event.verdict.rule, "bad") != 0)
		return false;
	*out = event->event.verdict;
	out->class = history->again;
	out->reason = history->again == SOFT ? "mailbox-full" : "unknown-user";
	out->rule = "better";
	return true;
}

static void replay(const struct history *history)
{
	void *state;
	struct fixture *f = lived(&state, history);
	const char *before = remembered(f, history->hour);
	const struct nx_bulk bulk = bulk_of(f, history);
	const struct nx_replay with = {.since = INT64_MIN,
	                               .policy = f->policy,
	                               .judge = judge,
	                               .user = (void *)history};
	char *fates = talloc_strdup(f, "");
	struct nx_replayed done;

	need(f, nx_bulk_replay(f->store, &bulk, &with, note, &fates, &done,
	                       &f->err));
	assert_int_equal(done.changed, 1);
	expect(f, history, before, fates, done.act);
	tear_down(&state);
}

static void a_replay_changes_what_the_verdicts_explain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REPLAYS) / sizeof(*REPLAYS); i++)
		replay(&REPLAYS[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_release_frees_what_nothing_else_supports),
	        cmocka_unit_test(a_replay_changes_what_the_verdicts_explain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
