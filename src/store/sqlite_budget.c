/* SPDX-License-Identifier: ISC */
#include "store/sqlite_budget.h"

#include "base/date.h"
#include "config/config.h"
#include "mail/address.h"
#include "store/subject.h"

#include <string.h>

/* Anybody can send reports: what they may add to the store in a day. */

enum {
	HOSTS = 10,   /* one may take such a part of the whole */
	MOST = 10,    /* times the whole: no more are taken */
	ROW = 350,    /* octets of an event without texts, with its indexes, its
	                 recipient and standing */
	MESSAGE = 150 /* of a message */
};

/* --- how much is left ----------------------------------------------------- */

/* Counters as a statement tells them; none is zero. */
struct spent {
	int64_t rows, bytes;
};

static bool read_spent(struct nx_store *store, enum nx_sql which, int64_t day,
                       const int64_t *host, struct spent *out,
                       struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_number(&query, day);
	if (host)
		nx_query_put_number(&query, *host);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	*out = (struct spent){0};
	if (answer == NX_STEP_ROW) {
		out->rows = nx_query_int(&query);
		out->bytes = nx_query_int(&query);
	}
	return answer != NX_STEP_FAILED;
}

static bool is_beyond(const struct spent *spent, int64_t rows, int64_t bytes)
{
	return (rows > 0 && spent->rows >= rows) ||
	       (bytes > 0 && spent->bytes >= bytes);
}

/* At least one, where there is a limit. */
static int64_t share_of(int64_t limit)
{
	return limit > 0 && limit < HOSTS ? 1 : limit / HOSTS;
}

/* A report that names no host counts for one without a name. */
static void find_host(const struct nx_store *store,
                      const struct nx_delivery *delivery,
                      struct nx_sqlite_budget *out)
{
	const char *named = delivery->record->reporting_mta;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *host = nx_address_normal_domain(ctx, named);

	out->has_share = *host == '\0' ||
	                 !nx_site_names_has(&delivery->budget->own_hosts, host);
	if (out->has_share)
		out->host = nx_subject_of(store, *host ? host : named).r;
	talloc_free(ctx);
}

static bool is_bound(const struct nx_delivery *delivery)
{
	if (!delivery->budget || delivery->again)
		return false;
	for (size_t i = 0; i < delivery->events; i++)
		if (delivery->event[i].trust == NX_TRUST_CLAIMED)
			return true;
	return delivery->told;
}

bool nx_sqlite_budget_begin(struct nx_store *store,
                            const struct nx_delivery *delivery,
                            struct nx_sqlite_budget *out, struct nx_error *err)
{
	const struct nx_budget *budget = delivery->budget;
	struct spent all, host = {0};

	*out = (struct nx_sqlite_budget){.counts = is_bound(delivery)};
	if (!out->counts)
		return true;
	out->day = nx_date_day(delivery->time);
	find_host(store, delivery, out);
	if (!read_spent(store, NX_SQL_FLOOD, out->day, NULL, &all, err) ||
	    (out->has_share && !read_spent(store, NX_SQL_FLOOD_HOST, out->day,
	                                   &out->host, &host, err)))
		return false;
	out->refused =
	        is_beyond(&all, MOST * budget->rows, MOST * budget->bytes);
	out->is_first = all.bytes == 0;
	out->is_spent = is_beyond(&all, budget->rows, budget->bytes);
	out->cut = out->is_spent ||
	           (out->has_share && is_beyond(&host, share_of(budget->rows),
	                                        share_of(budget->bytes)));
	return true;
}

/* --- counting ------------------------------------------------------------- */

void nx_sqlite_budget_event(struct nx_sqlite_budget *budget,
                            const struct nx_event *event)
{
	const char *const text[] = {event->address,         event->stream,
	                            event->sending_domain,  event->verdict.rule,
	                            event->verdict.matched, event->status,
	                            event->diagnostic,      event->remote_mta,
	                            event->reporting_mta,   event->message_id,
	                            event->list_id};

	budget->rows++;
	budget->cuts += budget->cut;
	budget->bytes += ROW;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		budget->bytes += (int64_t)strlen(text[i]);
}

/* A message with events is part of their rows. */
void nx_sqlite_budget_message(struct nx_sqlite_budget *budget,
                              const struct nx_delivery *delivery)
{
	const struct nx_record *record = delivery->record;

	budget->rows += delivery->events == 0;
	budget->bytes += MESSAGE + (int64_t)strlen(record->sender) +
	                 (int64_t)strlen(record->envelope_recipient) +
	                 (int64_t)strlen(record->queue_id) +
	                 (int64_t)strlen(record->cause);
}

static bool add_to_host(struct nx_store *store,
                        const struct nx_sqlite_budget *budget,
                        struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_FLOOD_HOST);

	nx_query_put_number(&query, budget->day);
	nx_query_put_number(&query, budget->host);
	nx_query_put_number(&query, budget->rows);
	nx_query_put_number(&query, budget->bytes);
	return nx_query_run(&query, err);
}

static bool add_to_day(struct nx_store *store,
                       const struct nx_sqlite_budget *budget,
                       struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADD_FLOOD);

	nx_query_put_number(&query, budget->day);
	nx_query_put_number(&query, budget->rows);
	nx_query_put_number(&query, budget->bytes);
	nx_query_put_number(&query, budget->cuts);
	nx_query_put_number(&query, budget->refused);
	return nx_query_run(&query, err);
}

/* The first of a day: hosts of earlier days are nobody's any more. */
static bool forget_hosts(struct nx_store *store, int64_t day,
                         struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_FORGET_FLOOD_HOSTS);

	nx_query_put_number(&query, day);
	return nx_query_run(&query, err);
}

/* What is beyond the whole is cut whoever it is from: its host is not
 * remembered, so that there are never more of them than rows. */
bool nx_sqlite_budget_end(struct nx_store *store,
                          const struct nx_sqlite_budget *budget,
                          struct nx_error *err)
{
	if (!budget->counts ||
	    (budget->rows == 0 && budget->bytes == 0 && !budget->refused))
		return true;
	return (!budget->is_first || forget_hosts(store, budget->day, err)) &&
	       (!budget->has_share || budget->is_spent ||
	        add_to_host(store, budget, err)) &&
	       add_to_day(store, budget, err);
}

/* --- cutting -------------------------------------------------------------- */

void nx_sqlite_budget_cut_event(const struct nx_sqlite_budget *budget,
                                struct nx_event *event)
{
	if (!budget->cut)
		return;
	event->verdict.matched = "";
	event->sending_domain = "";
	event->diagnostic = "";
	event->remote_mta = "";
	event->reporting_mta = "";
	event->message_id = "";
	event->list_id = "";
}

void nx_sqlite_budget_cut_record(const struct nx_sqlite_budget *budget,
                                 struct nx_record *record)
{
	if (!budget->cut)
		return;
	record->sender = "";
	record->envelope_recipient = "";
	record->cause = "";
}
