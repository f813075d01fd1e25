/* SPDX-License-Identifier: ISC */
#include "export/csv_report.h"

#include "base/csv.h"
#include "base/date.h"
#include "store/history.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { COLUMNS = 16 };

struct printing {
	FILE *out;
	TALLOC_CTX *ctx; /* for one row */
	bool failed;
};

/* A row under construction. */
struct csv_row {
	const char *field[COLUMNS];
	size_t count;
};

static void add(struct csv_row *row, const char *text)
{
	if (row->count < COLUMNS)
		row->field[row->count++] = text;
}

static void add_time(struct csv_row *row, TALLOC_CTX *ctx, int64_t time)
{
	char buffer[NX_DATE_SIZE];
	if (time == NX_FOREVER)
		add(row, "never");
	else
		add(row,
		    time ? talloc_strdup(ctx, nx_date_text(time, buffer)) : "");
}

static void add_number(struct csv_row *row, TALLOC_CTX *ctx, int64_t number)
{
	add(row, talloc_asprintf(ctx, "%" PRId64, number));
}

/* False once output has failed. */
static bool print(struct printing *printing, const struct csv_row *row)
{
	const char *line = nx_csv_row(printing->ctx, row->field, row->count);
	printing->failed = fputs(line, printing->out) == EOF;
	talloc_free_children(printing->ctx);
	return !printing->failed;
}

/* --- rows ----------------------------------------------------------------- */

static bool print_bounce(void *user, const struct nx_history *history)
{
	struct printing *printing = user;
	const struct nx_event *event = &history->event;
	struct csv_row row = {.count = 0};
	char id[2 * NX_EVENT_ID_SIZE + 1];
	add_time(&row, printing->ctx, history->time);
	add(&row, history->address);
	add(&row, nx_class_name(event->verdict.class));
	add(&row, event->verdict.reason);
	add(&row, nx_fault_name(event->verdict.fault));
	add(&row, event->status);
	add(&row, event->reply
	                  ? talloc_asprintf(printing->ctx, "%d", event->reply)
	                  : "");
	add(&row, event->diagnostic);
	add(&row, event->remote_mta);
	add(&row, event->reporting_mta);
	add(&row, event->verdict.rule);
	add(&row, nx_trust_name(event->trust));
	add(&row, event->stream);
	add(&row, event->message_id);
	add(&row, nx_digest_hex(event->id, sizeof(event->id), id));
	return print(printing, &row);
}

static void add_request(struct csv_row *row, struct printing *printing,
                        const struct nx_history *history)
{
	add_time(row, printing->ctx, history->time);
	add(row, history->address);
	add(row, history->event.verdict.reason);
}

static void add_origin(struct csv_row *row, struct printing *printing,
                       const struct nx_history *history)
{
	const struct nx_event *event = &history->event;
	char id[2 * NX_EVENT_ID_SIZE + 1];
	add(row, event->list_id);
	add(row, event->reporting_mta);
	add(row, nx_trust_name(event->trust));
	add(row, event->stream);
	add(row, event->message_id);
	nx_digest_hex(event->id, sizeof(event->id), id);
	add(row, talloc_strdup(printing->ctx, id));
}

static bool print_complaint(void *user, const struct nx_history *history)
{
	struct printing *printing = user;
	struct csv_row row = {.count = 0};
	add_request(&row, printing, history);
	add(&row, history->feedback_type);
	add_number(&row, printing->ctx, history->event.incidents);
	add_origin(&row, printing, history);
	return print(printing, &row);
}

static bool print_unsubscribe(void *user, const struct nx_history *history)
{
	struct printing *printing = user;
	struct csv_row row = {.count = 0};
	add_request(&row, printing, history);
	add_origin(&row, printing, history);
	return print(printing, &row);
}

static bool print_blocked(void *user, const struct nx_history *history)
{
	struct printing *printing = user;
	const struct nx_standing *standing = &history->standing;
	struct csv_row row = {.count = 0};
	add_time(&row, printing->ctx, history->time);
	add(&row, history->address);
	add(&row, history->asked);
	add(&row, nx_cause_name(standing->cause));
	add(&row, history->reason);
	add_time(&row, printing->ctx, standing->since);
	add_time(&row, printing->ctx, standing->until);
	add(&row, history->reporter);
	add(&row, history->queue_id);
	add(&row, history->source);
	return print(printing, &row);
}

static bool print_suppression(void *user, const struct nx_subject_state *state)
{
	struct printing *printing = user;
	const struct nx_standing *standing = &state->standing;
	struct csv_row row = {.count = 0};
	add(&row, state->address);
	add(&row, nx_reach_name(state->mail.reach));
	add(&row, state->mail.name);
	add(&row, nx_cause_name(standing->cause));
	add(&row, standing->reason);
	add_time(&row, printing->ctx, standing->since);
	add_time(&row, printing->ctx, standing->until);
	add_number(&row, printing->ctx, standing->rung + 1);
	return print(printing, &row);
}

/* --- reports -------------------------------------------------------------- */

struct report {
	const char *name;
	unsigned classes; /* of the events; 0: attempts */
	nx_history_row *row;
	const char *header[COLUMNS];
};

#define BIT(class) (1U << (class))
#define ORIGIN                                                                 \
	"list_id", "reporting_mta", "trust", "stream", "message_id", "event"

static const struct report REPORTS[] = {
        {"bounces",
         BIT(NX_CLASS_HARD) | BIT(NX_CLASS_SOFT),
         print_bounce,
         {"time", "address", "class", "reason", "fault", "status", "reply",
          "diagnostic", "remote_mta", "reporting_mta", "rule", "trust",
          "stream", "message_id", "event"}},
        {"complaints",
         BIT(NX_CLASS_COMPLAINT),
         print_complaint,
         {"time", "address", "reason", "feedback_type", "incidents", ORIGIN}},
        {"unsubscribes",
         BIT(NX_CLASS_UNSUBSCRIBE),
         print_unsubscribe,
         {"time", "address", "reason", ORIGIN}},
        {"suppressions",
         0,
         NULL,
         {"address", "holds_for", "stream", "class", "reason", "since", "until",
          "rung"}},
        {"blocked",
         0,
         print_blocked,
         {"time", "address", "stream", "class", "reason", "since", "until",
          "sender", "queue_id", "source"}},
};

static const struct report *find(const char *name)
{
	for (size_t i = 0; i < sizeof(REPORTS) / sizeof(*REPORTS); i++)
		if (strcmp(REPORTS[i].name, name) == 0)
			return &REPORTS[i];
	return NULL;
}

bool nx_csv_report_is_known(const char *name)
{
	return find(name) != NULL;
}

const char *nx_csv_report_names(void)
{
	return "bounces, complaints, unsubscribes, suppressions, blocked";
}

static bool print_rows(struct nx_store *store, const struct report *report,
                       int64_t since, int64_t until, struct printing *printing,
                       struct nx_error *err)
{
	if (report->row)
		return nx_store_walk(store, report->classes, since, until,
		                     report->row, printing, err);
	return nx_store_list(store, NULL, until, print_suppression, printing,
	                     err);
}

static bool print_report(struct nx_store *store, const struct report *report,
                         int64_t since, int64_t until,
                         struct printing *printing, struct nx_error *err)
{
	struct csv_row header = {.count = 0};
	while (header.count < COLUMNS && report->header[header.count])
		add(&header, report->header[header.count]);
	if (print(printing, &header) &&
	    !print_rows(store, report, since, until, printing, err))
		return false;
	if (printing->failed || fflush(printing->out) == EOF)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "report %s: cannot be written: %s",
		                    report->name, strerror(errno));
	return true;
}

bool nx_csv_report_print(struct nx_store *store, const char *name,
                         int64_t since, int64_t until, FILE *out,
                         struct nx_error *err)
{
	const struct report *report = find(name);
	struct printing printing = {.out = out, .ctx = talloc_new(NULL)};
	bool printed =
	        report ? print_report(store, report, since, until, &printing,
	                              err)
	               : nx_error_set(err, NX_ERROR_USAGE,
	                              "%s: no such report (there are %s)", name,
	                              nx_csv_report_names());
	talloc_free(printing.ctx);
	return printed;
}
