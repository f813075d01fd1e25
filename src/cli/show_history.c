/* SPDX-License-Identifier: ISC */
#include "cli/show.h"

#include "base/date.h"
#include "base/room.h"
#include "export/history_json.h"

#include <string.h>

/* What happened to an address, for people. */

enum {
	SHORT = 10, /* rows that are never folded */
	MOST = 40   /* that are shown of a long history */
};

const char *nx_show_class(TALLOC_CTX *ctx, const char *name, const char *reason)
{
	const size_t size = strlen(name);

	if (*reason == '\0')
		return name;
	if (strncmp(reason, name, size) == 0 &&
	    (size == 0 || reason[size] == '\0' || reason[size] == '-'))
		return nx_cli_escape(ctx, reason);
	return talloc_asprintf(ctx, "%s %s", name, nx_cli_escape(ctx, reason));
}

static bool is_attempt(const struct nx_history *history)
{
	return strcmp(history->what, "attempt") == 0;
}

/* --- one row -------------------------------------------------------------- */

void nx_show_member(TALLOC_CTX *ctx, const char *name, const char *value)
{
	if (*value)
		printf("    %-14s %s\n", name, nx_cli_escape(ctx, value));
}

static void print_time(TALLOC_CTX *ctx, const char *name, int64_t time)
{
	char date[NX_DATE_SIZE];
	if (time != 0)
		nx_show_member(ctx, name, nx_date_text(time, date));
}

static void print_report(TALLOC_CTX *ctx, const struct nx_history *history)
{
	const struct nx_event *event = &history->event;
	nx_show_member(ctx, "reporting mta", event->reporting_mta);
	nx_show_member(ctx, "report from", history->reporter);
	nx_show_member(ctx, "queue id", history->queue_id);
	if (history->came != history->time)
		print_time(ctx, "reported", history->came);
	print_time(ctx, "dated", history->written);
	if (history->cut)
		nx_show_member(ctx, "texts", "not kept: too many reports came");
}

static void print_event(TALLOC_CTX *ctx, const struct nx_history *history)
{
	const struct nx_event *event = &history->event;
	nx_show_member(ctx, "status", event->status);
	if (event->reply)
		printf("    %-14s %d\n", "reply", event->reply);
	nx_show_member(ctx, "diagnostic", event->diagnostic);
	nx_show_member(ctx, "remote mta", event->remote_mta);
	print_report(ctx, history);
	nx_show_member(ctx, "message-id", event->message_id);
	nx_show_member(ctx, "list-id", event->list_id);
	nx_show_member(ctx, "rule", event->verdict.rule);
	nx_show_member(ctx, "matched", event->verdict.matched);
	nx_show_member(ctx, "advice", event->verdict.advice);
	nx_show_member(ctx, "evidence", nx_show_evidence(event->trust));
	nx_show_member(ctx, "stream", event->stream);
	nx_show_member(ctx, "sent from", event->sending_domain);
}

static void print_attempt(TALLOC_CTX *ctx, const struct nx_history *history)
{
	if (strcmp(history->source, "check") != 0)
		nx_show_member(ctx, "refused by", history->source);
	nx_show_member(ctx, "sender", history->reporter);
	nx_show_member(ctx, "queue id", history->queue_id);
	nx_show_member(ctx, "stream", history->asked);
}

static void print_row(TALLOC_CTX *ctx, const struct nx_history *history)
{
	char date[NX_DATE_SIZE];
	printf("  %s  %s  %s\n", nx_date_text(history->time, date),
	       nx_cli_escape(ctx, history->what),
	       nx_show_class(ctx, nx_history_class(history), history->reason));
	if (nx_history_is_event(history))
		print_event(ctx, history);
	else if (history->mail.reach != NX_REACH_ALL)
		nx_show_member(ctx, "for",
		               nx_cli_mail_text(ctx, &history->mail));
	if (is_attempt(history))
		print_attempt(ctx, history);
	nx_show_member(ctx, "by", history->who);
	nx_show_member(ctx, "note", history->note);
}

/* --- folding -------------------------------------------------------------- */

struct fold { /* rows that are alike */
	const struct nx_history *newest, *oldest;
	size_t more; /* than the newest */
	const struct nx_history *second;
};

struct folds {
	TALLOC_CTX *ctx;
	struct fold *fold;
	size_t folds;
	size_t first;    /* of those since the last release */
	size_t left_out; /* rows beyond MOST folds */
};

static bool is_release(const struct nx_history *history)
{
	return strcmp(history->what, "release") == 0;
}

static bool is_alike(const struct nx_history *one,
                     const struct nx_history *other)
{
	if (strcmp(one->what, other->what) != 0 ||
	    strcmp(one->reason, other->reason) != 0 ||
	    strcmp(nx_history_class(one), nx_history_class(other)) != 0 ||
	    strcmp(nx_history_stream(one), nx_history_stream(other)) != 0)
		return false;
	if (!nx_history_is_event(one))
		return strcmp(one->who, other->who) == 0 &&
		       strcmp(one->source, other->source) == 0 &&
		       strcmp(one->reporter, other->reporter) == 0 &&
		       strcmp(one->note, other->note) == 0 &&
		       nx_mail_is_same(&one->mail, &other->mail);
	return one->cut == other->cut &&
	       strcmp(one->event.verdict.rule, other->event.verdict.rule) ==
	               0 &&
	       strcmp(nx_show_reporter(one), nx_show_reporter(other)) == 0;
}

static bool add_to_fold(struct folds *folds, const struct nx_history *history)
{
	for (size_t i = folds->first; i < folds->folds; i++) {
		struct fold *fold = &folds->fold[i];
		if (!is_alike(fold->newest, history))
			continue;
		if (fold->more++ == 0)
			fold->second = history;
		fold->oldest = history;
		return true;
	}
	return false;
}

/* Newest first. What was done before a release counts for nothing, so it is
 * folded apart. */
static void add_row(struct folds *folds, const struct nx_history *history)
{
	if (is_release(history))
		folds->first = folds->folds;
	if (add_to_fold(folds, history))
		return;
	if (folds->folds == MOST) {
		folds->left_out++;
		return;
	}
	folds->fold =
	        NX_ROOM(folds->ctx, folds->fold, struct fold, folds->folds);
	folds->fold[folds->folds++] =
	        (struct fold){.newest = history, .oldest = history};
}

static void print_fold(TALLOC_CTX *ctx, const struct fold *fold)
{
	char from[NX_DATE_SIZE], to[NX_DATE_SIZE];
	print_row(ctx, fold->newest);
	if (fold->more == 1)
		printf("    and 1 more like this, of %s\n",
		       nx_date_text(fold->oldest->time, from));
	else if (fold->more > 1)
		printf("    and %zu more like this, from %s to %s\n",
		       fold->more, nx_date_text(fold->oldest->time, from),
		       nx_date_text(fold->second->time, to));
}

static void print_folded(const struct nx_show *show)
{
	struct folds folds = {.ctx = talloc_new(NULL)};
	for (size_t i = show->rows; i > 0; i--)
		add_row(&folds, &show->history[i - 1]);
	for (size_t i = 0; i < folds.folds; i++)
		print_fold(folds.ctx, &folds.fold[i]);
	if (folds.left_out > 0)
		printf("  and %zu more\n", folds.left_out);
	puts("  --all shows each by itself");
	talloc_free(folds.ctx);
}

static void print_all(const struct nx_show *show)
{
	for (size_t i = show->rows; i > 0 && !ferror(stdout); i--) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		print_row(ctx, &show->history[i - 1]);
		talloc_free(ctx);
	}
}

void nx_show_history(const struct nx_show *show)
{
	if (show->rows > 0)
		puts("history, newest first:");
	if (show->rows > SHORT && !nx_cli_has(show->cli, NX_OPTION_ALL))
		print_folded(show);
	else
		print_all(show);
}
