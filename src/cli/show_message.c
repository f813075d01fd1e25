/* SPDX-License-Identifier: ISC */
#include "cli/show.h"

#include "base/date.h"
#include "base/text.h"
#include "store/original.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What was reported, as it came. */

struct messages {
	const struct nx_show *show;
	size_t kept; /* so far, newest first */
	bool all;
	bool escapes; /* a terminal does what control characters say */
};

/* --- printing ------------------------------------------------------------- */

void nx_show_lines(const char *bytes, size_t size)
{
	char *text = nx_text_repair(NULL, bytes, size, size);
	for (char *line = text; *line && !ferror(stdout);) {
		char *end = line + strcspn(line, "\n");
		const bool is_last = *end == '\0';
		*end = '\0';
		char *shown = nx_text_escape(text, line, false);
		puts(shown);
		talloc_free(shown);
		line = is_last ? end : end + 1;
	}
	talloc_free(text);
}

/* mboxrd: a line that begins as the next message would gets a > in front. */
static void write_quoted(const char *bytes, size_t size)
{
	const char *end = bytes + size;
	while (bytes < end) {
		const char *line = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *next = line ? line + 1 : end;
		const size_t marks = strspn(bytes, ">");
		if (strncmp(bytes + marks, "From ", 5) == 0)
			putchar('>');
		fwrite(bytes, 1, (size_t)(next - bytes), stdout);
		bytes = next;
	}
	if (size > 0 && end[-1] != '\n')
		putchar('\n');
	putchar('\n');
}

static void print_from(const struct nx_kept_original *original)
{
	struct tm tm;
	char date[64];
	const time_t time = (time_t)original->time;
	const bool known =
	        gmtime_r(&time, &tm) &&
	        strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &tm) > 0;
	printf("From MAILER-DAEMON %s\n",
	       known ? date : "Thu Jan  1 00:00:00 1970");
}

static void print(const struct messages *run,
                  const struct nx_kept_original *original)
{
	if (run->all)
		print_from(original);
	if (run->escapes)
		nx_show_lines(original->bytes, original->kept);
	else if (run->all)
		write_quoted(original->bytes, original->kept);
	else
		fwrite(original->bytes, 1, original->kept, stdout);
	if (run->escapes && run->all)
		puts("");
}

static void say_which(const struct messages *run,
                      const struct nx_kept_original *original)
{
	char date[NX_DATE_SIZE];
	const struct nx_cli *cli = run->show->cli;
	const char *queue_id = original->envelope.queue_id;
	if (!run->all)
		nx_cli_say(cli, "came %s%s%s",
		           nx_date_text(original->time, date),
		           *queue_id ? ", queue id " : "", queue_id);
	if ((int64_t)original->kept < original->size)
		nx_cli_say(cli,
		           "the first %zu of %" PRId64 " bytes, which is all "
		           "that is kept",
		           original->kept, original->size);
}

/* --- finding -------------------------------------------------------------- */

/* A newer event is of the same message: all of one message have one time. */
static bool is_told(const struct nx_show *show, size_t index)
{
	const struct nx_history *history = &show->history[index];
	for (size_t i = index + 1; i < show->rows; i++) {
		const struct nx_history *newer = &show->history[i];
		if (newer->time != history->time)
			return false;
		if (nx_history_is_event(newer) &&
		    memcmp(newer->event.message, history->event.message,
		           NX_DIGEST_SIZE) == 0)
			return true;
	}
	return false;
}

static bool take(struct messages *run, const struct nx_history *history,
                 struct nx_error *err)
{
	bool found;
	struct nx_kept_original original;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool done = nx_original_find(ctx, run->show->cli->store,
	                                   history->event.message, &original,
	                                   &found, err);
	if (done && found && (run->all || run->kept == 0)) {
		say_which(run, &original);
		print(run, &original);
	}
	run->kept += done && found;
	talloc_free(ctx);
	return done;
}

/* --- why there is none ---------------------------------------------------- */

static const struct nx_history *newest_event(const struct nx_show *show)
{
	const struct nx_history *history = show->history + show->rows;
	while (history > show->history)
		if (nx_history_is_event(--history))
			return history;
	return NULL;
}

static const char *why_none(const struct nx_show *show)
{
	const struct nx_cli *cli = show->cli;
	const struct nx_original_limits *limits = &cli->config.originals;
	const struct nx_history *event = newest_event(show);
	if (!event)
		return "nothing was ever reported about it";
	if (!nx_original_is_kept(limits))
		return "originals are off in nixie.yaml";
	if (event->cut)
		return "too many reports came that day, so this one was not "
		       "kept";
	if (cli->now - event->came > limits->days * NX_DAY)
		return talloc_asprintf(show->cli,
		                       "the last report came more than %" PRId64
		                       " days ago, as long as they are kept",
		                       limits->days);
	return "newer reports took its room, it was dropped, or an older "
	       "nixie took it";
}

bool nx_show_message(const struct nx_show *show, struct nx_error *err)
{
	struct nx_cli *cli = show->cli;
	struct messages run = {.show = show,
	                       .all = nx_cli_has(cli, NX_OPTION_ALL),
	                       .escapes = isatty(STDOUT_FILENO)};
	for (size_t i = show->rows; i > 0 && !ferror(stdout); i--)
		if (nx_history_is_event(&show->history[i - 1]) &&
		    !is_told(show, i - 1) &&
		    !take(&run, &show->history[i - 1], err))
			return false;
	if (run.kept == 0) {
		nx_cli_say(cli, "%s: no original is kept: %s", show->address,
		           why_none(show));
		cli->status = NX_EXIT_NO;
	} else if (run.kept > 1 && !run.all) {
		nx_cli_say(cli, "%zu more are kept: --all prints them too",
		           run.kept - 1);
	}
	return true;
}
