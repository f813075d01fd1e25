/* SPDX-License-Identifier: ISC */
#include "policy/scenario.h"

#include "base/date.h"
#include "base/text.h"

#include <string.h>

enum { WORDS = 10 };

static const int64_t LATEST = INT64_C(253402300800); /* the year 10000 */
static const char DEAD[] = "unknown-user"; /* what a dead mailbox says */

static const struct event {
	const char *name;
	const char *kind; /* the second word, or "" */
	enum nx_trigger trigger;
	enum nx_cause cause;
	bool has_reason;
} events[] = {
        {"bounce", "hard", NX_TRIGGER_BOUNCE, NX_CAUSE_HARD, true},
        {"bounce", "soft", NX_TRIGGER_BOUNCE, NX_CAUSE_SOFT, true},
        {"attempt", "", NX_TRIGGER_ATTEMPT, NX_CAUSE_NONE, false},
        {"delivered", "", NX_TRIGGER_DELIVERED, NX_CAUSE_NONE, false},
        {"complaint", "", NX_TRIGGER_COMPLAINT, NX_CAUSE_NONE, false},
        {"unsubscribe", "", NX_TRIGGER_UNSUBSCRIBE, NX_CAUSE_NONE, false},
        {"suppress", "", NX_TRIGGER_MANUAL, NX_CAUSE_NONE, true},
        {"release", "", NX_TRIGGER_RELEASE, NX_CAUSE_NONE, false},
};

enum { EVENTS = sizeof(events) / sizeof(events[0]) };

/* --- reading a line ------------------------------------------------------- */

struct line_words {
	const char *item[WORDS];
	int count; /* WORDS + 1: there are more */
};

static struct line_words split(TALLOC_CTX *ctx, const char *text)
{
	struct line_words words = {.count = 0};
	char *at = nx_text_squeeze(ctx, text, strlen(text));
	for (char *next; at && *at; at = next) {
		next = strchr(at, ' ');
		if (next)
			*next++ = '\0';
		if (words.count == WORDS) {
			words.count++;
			break;
		}
		words.item[words.count++] = at;
	}
	return words;
}

/* Seconds and the Z may be left out. */
static bool read_date(TALLOC_CTX *ctx, const char *word, int64_t *out)
{
	static const char *const ends[] = {"", "Z", ":00Z"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (nx_date_parse(talloc_asprintf(ctx, "%s%s", word, ends[i]),
		                  out))
			return true;
	return false;
}

static bool read_time(TALLOC_CTX *ctx, const char *word, int64_t before,
                      int64_t *out, struct nx_error *err)
{
	int64_t span;
	bool is_later = *word == '+';
	if (is_later ? !nx_span_parse(word + 1, &span)
	             : !read_date(ctx, word, out))
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: neither a time nor + and a span",
		                    word);
	if (is_later && before == 0)
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: nothing has happened before", word);
	if (is_later)
		*out = span < LATEST ? before + span : LATEST;
	if (*out <= 0 || *out >= LATEST)
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: not from 1970 to 9999", word);
	if (*out < before)
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: before what happened last", word);
	return true;
}

static bool read_reason(const char *word, const struct nx_tables *tables,
                        struct nx_scenario_line *out, struct nx_error *err)
{
	if (strlen(word) >= NX_POLICY_REASON ||
	    (tables && !nx_tables_reason(tables, word)))
		return nx_error_set(err, NX_ERROR_DATA, "%s: undeclared reason",
		                    word);
	out->reason = word;
	return true;
}

static const struct event *find_event(const struct line_words *words)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (strcmp(words->item[1], events[i].name) == 0 &&
		    (!*events[i].kind ||
		     (words->count > 2 &&
		      strcmp(words->item[2], events[i].kind) == 0)))
			return &events[i];
	return NULL;
}

static bool read_event(const struct line_words *words,
                       const struct nx_tables *tables,
                       struct nx_scenario_line *out, struct nx_error *err)
{
	const struct event *event = find_event(words);
	if (!event)
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: not bounce hard, bounce soft, "
		                    "attempt, delivered, complaint, "
		                    "unsubscribe, suppress, release, daily or "
		                    "weekly",
		                    words->item[1]);
	int rest = *event->kind ? 3 : 2;
	out->trigger = event->trigger;
	out->cause = event->cause;
	if (words->count > rest + event->has_reason)
		return nx_error_set(err, NX_ERROR_DATA, "%s: one word too many",
		                    words->item[rest + event->has_reason]);
	return words->count <= rest ||
	       read_reason(words->item[rest], tables, out, err);
}

static bool read_number(const char *word, int *out)
{
	int value = 0;
	for (; nx_text_is_digit(*word) && value <= NX_SCENARIO_MAILS; word++)
		value = 10 * value + (*word - '0');
	*out = value;
	return !*word && value > 0 && value <= NX_SCENARIO_MAILS;
}

/* "for 52 times against a dead mailbox", and "asking" or "peeking". */
static bool read_mails(const struct line_words *words,
                       struct nx_scenario_line *out, struct nx_error *err)
{
	static const char *const want[] = {
	        "", "", "for", "", "times", "against", "a", "dead", "mailbox"};
	enum { LEAST = sizeof(want) / sizeof(*want), MANNER = LEAST };
	bool good = words->count >= LEAST && words->count <= MANNER + 1 &&
	            read_number(words->item[3], &out->mails);
	for (int i = 2; good && i < LEAST; i++)
		good = !*want[i] || strcmp(words->item[i], want[i]) == 0;
	if (good && words->count > MANNER) {
		out->asks = strcmp(words->item[MANNER], "asking") == 0;
		good = out->asks || strcmp(words->item[MANNER], "peeking") == 0;
	}
	return good || nx_error_set(err, NX_ERROR_DATA,
	                            "must be \"%s for N times against a dead "
	                            "mailbox\", and asking or peeking; N from "
	                            "1 to %d",
	                            words->item[1], NX_SCENARIO_MAILS);
}

bool nx_scenario_parse(TALLOC_CTX *ctx, const char *text, int64_t before,
                       const struct nx_tables *tables,
                       struct nx_scenario_line *out, struct nx_error *err)
{
	struct line_words words = split(ctx, text);
	*out = (struct nx_scenario_line){.reason = ""};
	if (words.count > WORDS)
		return nx_error_set(err, NX_ERROR_DATA, "too many words");
	if (words.count < 2)
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: a time and what happens are wanted",
		                    text);
	if (!read_time(ctx, words.item[0], before, &out->time, err))
		return false;
	bool is_weekly = strcmp(words.item[1], "weekly") == 0;
	if (!is_weekly && strcmp(words.item[1], "daily") != 0)
		return read_event(&words, tables, out, err);
	out->every = is_weekly ? 7 * NX_DAY : NX_DAY;
	return read_mails(&words, out, err);
}

/* --- what it leads to ----------------------------------------------------- */

struct run {
	const struct nx_policy *policy;
	struct nx_standing *standing;
	void (*show)(void *user, const struct nx_scenario_state *state);
	void *user;
};

static void show(const struct run *run, int64_t time, const char *event,
                 const char *reason, enum nx_mailing mail)
{
	const struct nx_standing *standing = run->standing;
	const struct nx_scenario_state state = {
	        .time = time,
	        .event = event,
	        .reason = reason,
	        .mail = mail,
	        .standing = *standing,
	        .terms = nx_policy_terms(run->policy, standing->cause,
	                                 standing->reason)};
	run->show(run->user, &state);
}

static void bounce(const struct run *run, enum nx_cause cause,
                   const char *reason, int64_t now)
{
	bool is_hard = cause == NX_CAUSE_HARD;
	const struct nx_verdict verdict = {.class = is_hard ? NX_CLASS_HARD
	                                                    : NX_CLASS_SOFT,
	                                   .fault = NX_FAULT_RECIPIENT,
	                                   .reason = reason};
	*run->standing =
	        nx_policy_judge(run->policy, *run->standing, &verdict, now);
	show(run, now, is_hard ? "bounce hard" : "bounce soft", reason,
	     NX_MAILING_NONE);
}

/* Whether a mail may go out; an attempt also steps the standing. */
static bool ask(const struct run *run, bool is_attempt, int64_t now)
{
	bool held = nx_standing_holds(run->standing, now);
	if (is_attempt)
		*run->standing = nx_policy_step(run->policy, *run->standing,
		                                NX_TRIGGER_ATTEMPT,
		                                NX_CAUSE_NONE, "", now);
	show(run, now, is_attempt ? "attempt" : "check", "",
	     held ? NX_MAILING_REFUSED : NX_MAILING_SENT);
	return !held;
}

static const char *event_name(enum nx_trigger trigger)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (events[i].trigger == trigger)
			return events[i].name;
	return "";
}

static void run_event(const struct run *run,
                      const struct nx_scenario_line *line)
{
	if (line->trigger == NX_TRIGGER_BOUNCE) {
		bounce(run, line->cause, line->reason, line->time);
		return;
	}
	if (line->trigger == NX_TRIGGER_ATTEMPT) {
		ask(run, true, line->time);
		return;
	}
	*run->standing =
	        nx_policy_step(run->policy, *run->standing, line->trigger,
	                       line->cause, line->reason, line->time);
	show(run, line->time, event_name(line->trigger), line->reason,
	     NX_MAILING_NONE);
}

static int64_t run_mails(const struct run *run,
                         const struct nx_scenario_line *line)
{
	int64_t last = line->time;
	for (int i = 0; i < line->mails; i++) {
		last = line->time + i * line->every;
		if (!ask(run, line->asks, last))
			continue;
		last += 60;
		bounce(run, NX_CAUSE_HARD, DEAD, last);
	}
	return last;
}

int64_t nx_scenario_run(
        const struct nx_policy *policy, const struct nx_scenario_line *line,
        struct nx_standing *standing,
        void (*show_state)(void *user, const struct nx_scenario_state *state),
        void *user)
{
	const struct run run = {policy, standing, show_state, user};
	if (line->mails > 0)
		return run_mails(&run, line);
	run_event(&run, line);
	return line->time;
}
