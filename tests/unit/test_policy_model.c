/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "policies.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * The policy once more, from nixie-rules(5) and in other terms: it keeps all
 * that has happened and asks it anew each time. A lease is the stretches of
 * time that have been granted; its end is the latest end of one.
 */

enum { POLICIES = 400, SCHEDULES = 25, EVENTS = 40, MOST = EVENTS + 1 };

#define T0 INT64_C(1767225600) /* 2026-01-01T00:00:00Z */

/* --- dice ----------------------------------------------------------------- */

static uint64_t dice;

static int roll(int sides)
{
	dice = dice * 6364136223846793005U + 1442695040888963407U;
	return (int)((dice >> 33) % (unsigned)sides);
}

static int64_t pick(const int64_t *list, int count)
{
	return list[roll(count)];
}

#define PICK(...)                                                              \
	pick((const int64_t[]){__VA_ARGS__},                                   \
	     (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

#define EVER NX_FOREVER

/* --- terms of any kind ---------------------------------------------------- */

struct rules { /* of a cause; times in seconds */
	int bounces, days, confirm;
	int64_t window;
	int64_t length[5];
	int lengths;
	bool by_attempt, by_bounce;
	int64_t pause, memory, longest, hold;
};

static struct rules make_rules(enum nx_cause cause)
{
	struct rules r = {.bounces = 1, .days = 1};
	if (cause == NX_CAUSE_SOFT) {
		r.days = 1 + roll(3);
		r.bounces = roll(8) ? r.days + roll(3) : 0;
		r.window = PICK(NX_DAY, 3 * NX_DAY, 14 * NX_DAY);
	}
	if (cause == NX_CAUSE_HARD)
		r.confirm = roll(3) ? 0 : 2 + roll(2);
	r.lengths = 1 + roll(5);
	for (int i = 0; i < r.lengths; i++) {
		int64_t before = i > 0 ? r.length[i - 1] : 0;
		r.length[i] =
		        before == EVER || roll(12) == 0
		                ? EVER
		                : before + PICK(0, 1, 6, 24, 72) * NX_HOUR;
		if (r.length[i] == 0)
			r.length[i] = NX_HOUR;
	}
	r.by_attempt = roll(3) > 0;
	r.by_bounce = roll(2) > 0;
	r.pause = PICK(0, NX_HOUR, NX_DAY);
	r.memory = PICK(0, NX_DAY, 30 * NX_DAY, EVER);
	r.longest = PICK(2 * NX_HOUR, 2 * NX_DAY, 4 * NX_DAY, EVER);
	r.hold = PICK(0, NX_DAY, 5 * NX_DAY, EVER);
	return r;
}

static const char *span(int64_t seconds)
{
	static char buffer[4][NX_DATE_SIZE];
	static int next;
	next = (next + 1) % 4;
	return nx_span_text(seconds, buffer[next]);
}

static char *write_rules(char *text, enum nx_cause cause, const struct rules *r)
{
	text = talloc_asprintf_append(text, "%s:\n  ladder: [",
	                              nx_cause_name(cause));
	for (int i = 0; i < r->lengths; i++)
		text = talloc_asprintf_append(text, "%s%s", i ? ", " : "",
		                              span(r->length[i]));
	text = talloc_asprintf_append(
	        text,
	        "]\n  climb_on: [%s%s%s]\n  forget_after: %s\n"
	        "  attempt_longest: %s\n  attempts_hold: %s\n"
	        "  climb_at_most: %s%s\n",
	        r->by_attempt ? "attempt" : "",
	        r->by_attempt && r->by_bounce ? ", " : "",
	        r->by_bounce ? "bounce" : "", span(r->memory), span(r->longest),
	        span(r->hold), r->pause ? "1 per " : "", span(r->pause));
	if (cause == NX_CAUSE_SOFT)
		text = talloc_asprintf_append(
		        text, "  strikes: %d\n  on_days: %d\n  within: %s\n",
		        r->bounces, r->days, span(r->window));
	if (cause == NX_CAUSE_HARD && r->confirm)
		text = talloc_asprintf_append(text, "  confirm: %d days\n",
		                              r->confirm);
	return text;
}

/* --- the model ------------------------------------------------------------ */

struct moments {
	int64_t at[MOST];
	int count;
};

struct model {
	const struct rules *of; /* by cause */
	enum nx_cause cause;    /* of the lease, or of the last one */
	int step;               /* from 1 */
	int64_t began;
	struct moments granted;   /* ends, whoever gave them */
	struct moments by_others; /* ends that no attempt gave */
	struct moments climbs;
	struct moments bounces; /* that have led to nothing yet */
	struct moments doubts;
};

static int64_t plus(int64_t time, int64_t seconds)
{
	return seconds == EVER || time == EVER ? EVER : time + seconds;
}

static void add(struct moments *moments, int64_t time)
{
	moments->at[moments->count++] = time;
}

static int64_t latest(const struct moments *moments)
{
	int64_t found = 0;
	for (int i = 0; i < moments->count; i++)
		if (moments->at[i] > found)
			found = moments->at[i];
	return found;
}

static int days_among(const struct moments *moments)
{
	int days = 0;
	for (int i = 0; i < moments->count; i++) {
		bool seen = false;
		for (int k = 0; k < i; k++)
			seen |= nx_date_day(moments->at[k]) ==
			        nx_date_day(moments->at[i]);
		days += !seen;
	}
	return days;
}

static struct moments within(const struct moments *moments, int64_t window,
                             int64_t now)
{
	struct moments kept = {.count = 0};
	for (int i = 0; i < moments->count; i++)
		if (now - moments->at[i] < window)
			add(&kept, moments->at[i]);
	return kept;
}

static bool lasts(const struct model *m, int64_t now)
{
	return latest(&m->granted) > now;
}

static bool may_climb(const struct model *m, const struct rules *r, int64_t now)
{
	return latest(&m->granted) != EVER &&
	       (r->pause == 0 || m->climbs.count == 0 ||
	        now - latest(&m->climbs) >= r->pause);
}

static void grant(struct model *m, const struct rules *r, int64_t now)
{
	int64_t end = plus(now, r->length[m->step - 1]);
	add(&m->granted, end);
	add(&m->by_others, end);
}

static int up(int step, int highest)
{
	return step < highest ? step + 1 : highest;
}

static void while_it_lasts(struct model *m, enum nx_cause cause,
                           const struct rules *r, int64_t now)
{
	bool for_ever = r->bounces == 1 && r->length[0] == EVER;
	bool is_stronger = cause > m->cause;
	if (is_stronger || (for_ever && latest(&m->granted) != EVER)) {
		m->cause = cause;
		m->step = 1;
		m->climbs.count = 0;
		grant(m, r, now);
	} else if (cause == m->cause && r->by_bounce && may_climb(m, r, now)) {
		m->step = up(m->step, r->lengths);
		grant(m, r, now);
		add(&m->climbs, now);
	}
}

static void news(struct model *m, enum nx_cause cause, int64_t now)
{
	const struct rules *r = &m->of[cause];
	if (r->bounces == 0)
		return;
	if (lasts(m, now)) {
		while_it_lasts(m, cause, r, now);
		return;
	}
	if (r->bounces > 1) {
		add(&m->bounces, now);
		m->bounces = within(&m->bounces, r->window, now);
		if (m->bounces.count < r->bounces ||
		    days_among(&m->bounces) < r->days)
			return;
	}
	bool remembers =
	        m->cause == cause && now < plus(latest(&m->granted), r->memory);
	m->step = remembers ? up(m->step, r->lengths) : 1;
	m->cause = cause;
	m->began = now;
	m->granted.count = m->by_others.count = m->climbs.count = 0;
	m->bounces.count = 0;
	grant(m, r, now);
}

static void hard(struct model *m, int64_t now)
{
	int days = m->of[NX_CAUSE_HARD].confirm;
	if (days == 0) {
		news(m, NX_CAUSE_HARD, now);
		return;
	}
	if (lasts(m, now) && m->cause >= NX_CAUSE_HARD)
		return;
	add(&m->doubts, now);
	m->doubts = within(&m->doubts, m->of[NX_CAUSE_SOFT].window, now);
	bool is_sure = days_among(&m->doubts) >= days;
	if (is_sure)
		m->doubts.count = 0;
	news(m, is_sure ? NX_CAUSE_HARD : NX_CAUSE_SOFT, now);
}

static void attempt(struct model *m, int64_t now)
{
	const struct rules *r = &m->of[m->cause];
	int highest = 0;
	for (int i = 0; i < r->lengths; i++)
		if (r->length[i] <= r->longest)
			highest = i + 1;
	if (!lasts(m, now) || !r->by_attempt || highest == 0 ||
	    !may_climb(m, r, now))
		return;
	int step = up(m->step, highest);
	int64_t end = plus(now, r->length[step - 1]);
	int64_t bound = plus(latest(&m->by_others), r->hold);
	add(&m->granted, end < bound ? end : bound);
	add(&m->climbs, now);
	m->step = step > m->step ? step : m->step;
}

static void forget(struct model *m)
{
	*m = (struct model){.of = m->of};
}

static void arrives(struct model *m)
{
	m->bounces.count = m->doubts.count = 0;
	if (m->cause <= NX_CAUSE_HARD)
		forget(m);
}

/* --- both ----------------------------------------------------------------- */

struct happening {
	enum nx_trigger trigger;
	enum nx_cause cause;
	int64_t now;
};

static struct happening make_happening(int64_t before)
{
	static const struct {
		enum nx_trigger trigger;
		enum nx_cause cause;
		int weight;
	} kinds[] = {
	        {NX_TRIGGER_BOUNCE, NX_CAUSE_HARD, 25},
	        {NX_TRIGGER_BOUNCE, NX_CAUSE_SOFT, 30},
	        {NX_TRIGGER_ATTEMPT, NX_CAUSE_NONE, 35},
	        {NX_TRIGGER_COMPLAINT, NX_CAUSE_COMPLAINT, 3},
	        {NX_TRIGGER_UNSUBSCRIBE, NX_CAUSE_UNSUBSCRIBE, 2},
	        {NX_TRIGGER_MANUAL, NX_CAUSE_MANUAL, 2},
	        {NX_TRIGGER_DELIVERED, NX_CAUSE_NONE, 2},
	        {NX_TRIGGER_RELEASE, NX_CAUSE_NONE, 1},
	};
	int at = 0;
	for (int left = roll(100); left >= kinds[at].weight; at++)
		left -= kinds[at].weight;
	int64_t later = PICK(60, NX_HOUR, 7 * NX_HOUR, NX_DAY, 4 * NX_DAY) *
	                (1 + roll(3));
	/* the clock may go back */
	return (struct happening){kinds[at].trigger, kinds[at].cause,
	                          before + (roll(12) ? later : -later)};
}

static void tell_model(struct model *m, const struct happening *h)
{
	switch (h->trigger) {
	case NX_TRIGGER_BOUNCE:
		if (h->cause == NX_CAUSE_HARD)
			hard(m, h->now);
		else
			news(m, h->cause, h->now);
		return;
	case NX_TRIGGER_COMPLAINT:
	case NX_TRIGGER_UNSUBSCRIBE:
	case NX_TRIGGER_MANUAL:
		news(m, h->cause, h->now);
		return;
	case NX_TRIGGER_ATTEMPT:
		attempt(m, h->now);
		return;
	case NX_TRIGGER_DELIVERED:
		arrives(m);
		return;
	case NX_TRIGGER_RELEASE:
		forget(m);
	}
}

static struct nx_standing tell_step(const struct nx_policy *policy,
                                    struct nx_standing standing,
                                    const struct happening *h)
{
	bool is_hard = h->cause == NX_CAUSE_HARD;
	const struct nx_verdict verdict = {.class = is_hard ? NX_CLASS_HARD
	                                                    : NX_CLASS_SOFT,
	                                   .fault = NX_FAULT_RECIPIENT,
	                                   .reason = "unknown-user"};
	if (h->trigger == NX_TRIGGER_BOUNCE)
		return nx_policy_judge(policy, standing, &verdict, h->now);
	return nx_policy_step(policy, standing, h->trigger, NX_CAUSE_NONE, "",
	                      h->now);
}

static bool agree(const struct model *m, const struct nx_standing *s,
                  int64_t now)
{
	return s->cause == m->cause &&
	       nx_standing_holds(s, now) == lasts(m, now) &&
	       s->until == latest(&m->granted) &&
	       s->bounced_until == latest(&m->by_others) &&
	       s->since == m->began &&
	       (m->cause == NX_CAUSE_NONE || s->rung == m->step - 1);
}

/* No step but a release, or a delivery after a bounce, shortens a lease. */
static bool is_no_shorter(const struct nx_standing *before,
                          const struct nx_standing *after,
                          const struct happening *h)
{
	if (h->trigger == NX_TRIGGER_RELEASE ||
	    (h->trigger == NX_TRIGGER_DELIVERED &&
	     before->cause <= NX_CAUSE_HARD))
		return after->cause == NX_CAUSE_NONE;
	return after->until >= before->until &&
	       (!nx_standing_holds(before, h->now) ||
	        nx_standing_holds(after, h->now));
}

static void run_schedule(const struct nx_policy *policy,
                         const struct rules *rules, const char *text)
{
	struct model model = {.of = rules};
	struct nx_standing standing = {0};
	int64_t now = T0 + roll(24) * NX_HOUR;
	for (int i = 0; i < EVENTS; i++) {
		struct happening h = make_happening(now);
		struct nx_standing before = standing;
		now = h.now;
		tell_model(&model, &h);
		standing = tell_step(policy, standing, &h);
		if (!agree(&model, &standing, now))
			fail_msg("event %d, trigger %d cause %d at %" PRId64
			         ": until %" PRId64 " not %" PRId64
			         ", rung %d not %d\n%s",
			         i, h.trigger, h.cause, now, standing.until,
			         latest(&model.granted), standing.rung,
			         model.step - 1, text);
		if (!is_no_shorter(&before, &standing, &h))
			fail_msg("event %d, trigger %d: %" PRId64
			         " after %" PRId64 "\n%s",
			         i, h.trigger, standing.until, before.until,
			         text);
	}
}

static void ten_thousand_schedules_agree_with_the_model(void **state)
{
	(void)state;
	dice = 14;
	for (int i = 0; i < POLICIES; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct rules rules[NX_CAUSE_MANUAL + 1] = {{0}};
		char *text = talloc_strdup(ctx, "");
		for (int c = NX_CAUSE_SOFT; c <= NX_CAUSE_MANUAL; c++) {
			rules[c] = make_rules((enum nx_cause)c);
			text = write_rules(text, (enum nx_cause)c, &rules[c]);
		}
		struct nx_error err = {0};
		const struct nx_policy *policy;
		if (!compile_policy(ctx, text, &policy, &err))
			fail_msg("%s\n%s", err.text, text);
		for (int k = 0; k < SCHEDULES; k++)
			run_schedule(policy, rules, text);
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ten_thousand_schedules_agree_with_the_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
