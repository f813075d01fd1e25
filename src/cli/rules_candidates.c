/* SPDX-License-Identifier: ISC */
#include "cli/rules_commands.h"

#include "base/date.h"
#include "base/text.h"
#include "classify/unknown_words.h"
#include "cli/candidate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Diagnostics that only codes decided, printed as rules for the administrator
 * to complete. */

enum { MOST = 100 }; /* candidates that are printed */

struct candidate_entry { /* of one event */
	struct nx_candidate candidate;
	const char *reason;
	const char *rule;
	int64_t time;
};

struct candidate_group {
	const struct candidate_entry *first;
	int64_t events;
	int64_t last;
};

struct candidates {
	const struct nx_tables *tables;
	struct candidate_entry *entry;
	size_t count, room;
	int64_t wordless;
};

static bool is_wanted(const struct nx_event *event)
{
	const struct nx_verdict *verdict = &event->verdict;
	bool bounced = verdict->class == NX_CLASS_HARD ||
	               verdict->class == NX_CLASS_SOFT;
	bool by_code = verdict->basis == NX_BASIS_STATUS ||
	               verdict->basis == NX_BASIS_REPLY ||
	               verdict->basis == NX_BASIS_ACTION;
	return bounced && by_code && *event->diagnostic;
}

/* The rule that was used then may not exist any more. */
static const char *reason_of(const struct candidates *run, const char *id)
{
	const struct nx_reason *reason = nx_tables_reason(run->tables, id);
	return reason ? reason->id : "undefined";
}

static bool on_event(void *user, const struct nx_history *history)
{
	struct candidates *run = user;
	const struct nx_event *event = &history->event;
	if (!is_wanted(event))
		return true;
	if (run->count == run->room) {
		run->room = run->room ? 2 * run->room : 64;
		run->entry = talloc_realloc(run, run->entry,
		                            struct candidate_entry, run->room);
	}
	struct candidate_entry *entry = &run->entry[run->count];
	if (!nx_candidate_read(run, event->diagnostic, &entry->candidate)) {
		run->wordless++;
		return true;
	}
	entry->reason = reason_of(run, event->verdict.reason);
	entry->rule = talloc_strdup(run, event->verdict.rule);
	entry->time = event->time;
	run->count++;
	return true;
}

static int by_words(const void *a, const void *b)
{
	const struct candidate_entry *left = a;
	const struct candidate_entry *right = b;
	int order = strcmp(left->candidate.words, right->candidate.words);
	if (order != 0)
		return order;
	return (left->time > right->time) - (left->time < right->time);
}

static int by_events(const void *a, const void *b)
{
	const struct candidate_group *left = a;
	const struct candidate_group *right = b;
	if (left->events != right->events)
		return left->events > right->events ? -1 : 1;
	return strcmp(left->first->candidate.words,
	              right->first->candidate.words);
}

static struct candidate_group *make_groups(struct candidates *run,
                                           size_t *count)
{
	struct candidate_group *groups =
	        talloc_array(run, struct candidate_group, run->count + 1);
	*count = 0;
	if (run->count > 0)
		qsort(run->entry, run->count, sizeof(*run->entry), by_words);
	for (size_t i = 0; i < run->count; i++) {
		const struct candidate_entry *entry = &run->entry[i];
		if (i == 0 || strcmp(entry->candidate.words,
		                     entry[-1].candidate.words) != 0)
			groups[(*count)++] =
			        (struct candidate_group){.first = entry};
		groups[*count - 1].events++;
		groups[*count - 1].last = entry->time;
	}
	if (*count > 0)
		qsort(groups, *count, sizeof(*groups), by_events);
	return groups;
}

/* In single quotes, as in YAML. */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'')
			putchar('\'');
		putchar(*text);
	}
	puts("'");
}

/* The words that are missing in words/, in lower case as they stand there. */
static bool find_words(TALLOC_CTX *ctx, const struct candidates *run,
                       const struct candidate_entry *entry,
                       struct nx_unknown_words *out)
{
	if (!nx_unknown_words_find(ctx, run->tables, entry->candidate.example,
	                           NX_CANDIDATE_ADDRESS, entry->reason, out))
		return false;
	out->words = nx_text_lower(ctx, out->words);
	return true;
}

/* # or a word for {missing} or {invalid} in words/: "not on our books" */
static void print_words(TALLOC_CTX *ctx, const struct candidates *run,
                        const struct candidate_entry *entry)
{
	struct nx_unknown_words unknown;
	if (!find_words(ctx, run, entry, &unknown))
		return;
	fputs("  # or a word for ", stdout);
	for (size_t i = 0; i < unknown.count; i++)
		printf("%s{%s}",
		       i == 0                   ? ""
		       : i + 1 == unknown.count ? " or "
		                                : ", ",
		       unknown.concepts[i]);
	printf(" in words/: \"%s\"\n", unknown.words);
}

static void print_yaml(const struct candidates *run,
                       const struct candidate_group *group, size_t number)
{
	char date[NX_DATE_SIZE];
	const struct candidate_entry *entry = group->first;
	TALLOC_CTX *ctx = talloc_new(NULL);
	printf("\n  # %" PRId64 " event%s, the last on %s, decided by %s\n",
	       group->events, group->events == 1 ? "" : "s",
	       nx_date_text(group->last, date),
	       nx_cli_escape(ctx, entry->rule));
	print_words(ctx, run, entry);
	printf("  - id: site/candidate-%zu\n    when:\n      text: ", number);
	print_quoted(entry->candidate.pattern);
	printf("    reason: %s\n    examples:\n      - ", entry->reason);
	print_quoted(entry->candidate.example);
	talloc_free(ctx);
}

static void print_json(const struct candidates *run,
                       const struct candidate_group *group)
{
	const struct candidate_entry *entry = group->first;
	struct nx_json_out *object = nx_json_out_new(NULL);
	struct nx_unknown_words unknown = {.words = ""};
	nx_json_out_number(object, "events", group->events);
	nx_json_time(object, "last", group->last);
	nx_json_out_whole(object, "rule", entry->rule);
	nx_json_out_whole(object, "reason", entry->reason);
	nx_json_out_whole(object, "pattern", entry->candidate.pattern);
	nx_json_out_whole(object, "example", entry->candidate.example);
	(void)find_words(object, run, entry, &unknown);
	nx_json_out_whole(object, "words", unknown.words);
	nx_json_out_array(object, "concepts");
	for (size_t i = 0; i < unknown.count; i++)
		nx_json_out_whole(object, NULL, unknown.concepts[i]);
	nx_json_out_end(object);
	nx_cli_print_json(object);
}

static void print_groups(struct candidates *run, bool json)
{
	size_t count;
	struct candidate_group *groups = make_groups(run, &count);
	if (!json)
		printf("# What only codes decided, the most frequent first. "
		       "Give those that say something\n# the reason that they "
		       "name, and keep them in a file of your site rules.\n"
		       "# Not shown: %" PRId64 " events without words, %zu "
		       "candidates.\n\nrules:%s\n",
		       run->wordless, count > MOST ? count - MOST : 0,
		       count > 0 ? "" : " []");
	for (size_t i = 0; i < count && i < MOST; i++) {
		if (json)
			print_json(run, &groups[i]);
		else
			print_yaml(run, &groups[i], i + 1);
	}
}

bool nx_rules_command_candidates(struct nx_cli *cli, struct nx_error *err)
{
	struct candidates *run = talloc_zero(cli, struct candidates);
	run->tables = nx_engine_tables(cli->rules.engine);
	if (!nx_rules_command_events(cli, on_event, run, err))
		return false;
	print_groups(run, nx_cli_has(cli, NX_OPTION_JSON));
	return true;
}
