/* SPDX-License-Identifier: ISC */
#include "store/hash.h"
#include "store/past.h"
#include "store/sqlite_blocks.h"
#include "store/sqlite_budget.h"

#include "base/date.h"

#include <string.h>

/* Adds messages with their events. */

/* Old mail that is read now tells nothing of what fails now. */
static bool is_guarded(const struct nx_event *event,
                       const struct nx_standing *before,
                       const struct nx_standing *after, int64_t now)
{
	return now - event->time <= NX_DAY &&
	       nx_policy_is_new_hard_lease(before, after, now);
}

/* Judges one event. */
static bool step(struct nx_store *store, const struct nx_policy *policy,
                 const struct nx_event *event, const struct nx_terms *terms,
                 const struct nx_subject *subject, int64_t now,
                 struct nx_outcome *out, struct nx_error *err)
{
	struct nx_standing_row row;
	struct nx_failure failure = {
	        .subject = subject, .event = event, .now = now};
	bool held = false, hidden;
	const struct nx_mail mail = nx_policy_mail(terms, event);

	if (!nx_mail_add(store, &mail, &failure.mail, err) ||
	    !nx_tombstone_look(store, subject->r, failure.mail, &event->verdict,
	                       event->time, &hidden, err) ||
	    !nx_standing_load(store, subject->r, failure.mail, &row, err))
		return false;
	const struct nx_standing before = row.standing;
	if (hidden || !nx_standing_judge(policy, &event->verdict, event->time,
	                                 event->trust, &row))
		return true;
	if (is_guarded(event, &before, &row.standing, now) &&
	    !nx_sqlite_count_failure(store, policy, &failure, &held, out, err))
		return false;
	if (held)
		return true;
	out->suppressed += !nx_standing_holds(&before, now) &&
	                   nx_standing_holds(&row.standing, now);
	return nx_standing_save(store, &row, err);
}

/* --- messages ------------------------------------------------------------- */

/* *is_new: the message was recorded and is read again; events that it led to
 * then stay as they are. */
static bool renew_message(struct nx_store *store,
                          const struct nx_delivery *delivery, bool *is_new,
                          struct nx_error *err)
{
	const struct nx_record *record = delivery->record;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_RENEW_MESSAGE);
	nx_query_put_text(&query, nx_kind_name(record->kind));
	nx_query_put_text(&query, record->format);
	nx_query_put_text(&query, record->feedback_type);
	nx_query_put_text(&query, record->cause);
	nx_query_put_bytes(&query, delivery->digest, NX_DIGEST_SIZE);
	if (!nx_query_run(&query, err))
		return false;
	*is_new = sqlite3_changes(store->db) > 0;
	return true;
}

static bool insert_message(struct nx_store *store,
                           const struct nx_delivery *delivery, bool *is_new,
                           struct nx_error *err)
{
	const struct nx_record *record = delivery->record;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_MESSAGE);
	nx_query_put_bytes(&query, delivery->digest, NX_DIGEST_SIZE);
	nx_query_put_number(&query, delivery->time);
	nx_query_put_text(&query, delivery->source);
	nx_query_put_text(&query, nx_kind_name(record->kind));
	nx_query_put_text(&query, record->format);
	nx_query_put_text(&query, record->feedback_type);
	nx_query_put_text(&query, record->sender);
	nx_query_put_text(&query, record->envelope_recipient);
	nx_query_put_text(&query, record->cause);
	nx_query_put_text(&query, record->queue_id);
	nx_query_put_number(&query, record->date);
	if (!nx_query_run(&query, err))
		return false;
	*is_new = sqlite3_changes(store->db) > 0;
	return true;
}

void nx_verdict_put(struct nx_query *query, const struct nx_verdict *verdict)
{
	nx_query_put_text(query, nx_class_name(verdict->class));
	nx_query_put_text(query, verdict->reason);
	nx_query_put_text(query, nx_fault_name(verdict->fault));
	nx_query_put_text(query, verdict->advice);
	nx_query_put_text(query, verdict->rule);
	nx_query_put_text(query, nx_verdict_basis_name(verdict->basis));
	nx_query_put_text(query, verdict->matched);
}

static void put_evidence(struct nx_query *query, const struct nx_event *event)
{
	nx_query_put_text(query, nx_trust_name(event->trust));
	nx_query_put_text(query, nx_kind_name(event->kind));
	nx_query_put_text(query, nx_action_name(event->action));
	nx_query_put_text(query, event->status);
	nx_query_put_number(query, event->reply);
	nx_query_put_text(query, event->diagnostic);
	nx_query_put_text(query, event->remote_mta);
	nx_query_put_text(query, event->reporting_mta);
	nx_query_put_text(query, event->message_id);
	nx_query_put_text(query, event->list_id);
	nx_query_put_number(query, event->incidents);
}

static bool insert_event(struct nx_store *store, const struct nx_event *event,
                         const struct nx_subject *subject, bool *is_new,
                         struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADD_EVENT);
	nx_query_put_number(&query, subject->r);
	nx_query_put_bytes(&query, event->id, NX_EVENT_ID_SIZE);
	nx_query_put_text(&query, event->stream);
	nx_query_put_text(&query, event->sending_domain);
	nx_query_put_bytes(&query, event->message, NX_DIGEST_SIZE);
	nx_query_put_number(&query, event->time);
	nx_verdict_put(&query, &event->verdict);
	put_evidence(&query, event);
	for (size_t i = 0; i < NX_EVENT_TWINS; i++)
		nx_query_put_bytes(&query, event->twin[i], NX_EVENT_ID_SIZE);
	if (!nx_query_run(&query, err))
		return false;
	*is_new = sqlite3_changes(store->db) > 0;
	return true;
}

static bool record_event(struct nx_store *store, const struct nx_event *event,
                         const struct nx_subject *subject,
                         struct nx_sqlite_budget *budget, bool *is_new,
                         struct nx_error *err)
{
	struct nx_event kept = *event;
	TALLOC_CTX *ctx = talloc_new(NULL);
	nx_sqlite_budget_cut_event(budget, &kept);
	if (store->hashed)
		nx_sqlite_redact_event(ctx, &kept);
	const bool done = insert_event(store, &kept, subject, is_new, err);
	if (done && *is_new)
		nx_sqlite_budget_event(budget, &kept);
	talloc_free(ctx);
	return done;
}

static bool add_event(struct nx_store *store, const struct nx_policy *policy,
                      const struct nx_event *event, int64_t now,
                      struct nx_sqlite_budget *budget, struct nx_outcome *out,
                      struct nx_error *err)
{
	bool is_new;
	enum nx_trigger trigger;
	enum nx_cause cause;
	const struct nx_subject subject = nx_subject_of(store, event->address);
	if (!nx_subject_add(store, &subject, err) ||
	    !record_event(store, event, &subject, budget, &is_new, err))
		return false;
	out->twins += !is_new;
	if (!is_new)
		return true;
	out->added++;
	const struct nx_reported reported = {
	        .event = event,
	        .serial = sqlite3_last_insert_rowid(store->db),
	        .now = now,
	        .counts_only = budget->cut};
	if (!nx_sqlite_blocks_note(store, policy, &reported, err))
		return false;
	return !nx_policy_trigger(&event->verdict, &trigger, &cause) ||
	       step(store, policy, event,
	            nx_policy_terms(policy, cause, event->verdict.reason),
	            &subject, now, out, err);
}

/* --- messages that led to no event ---------------------------------------- */

static bool count_day(struct nx_store *store, int64_t day, bool left_out,
                      struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_COUNT_UNEVENTFUL);
	nx_query_put_number(&query, day);
	nx_query_put_number(&query, !left_out);
	nx_query_put_number(&query, left_out);
	return nx_query_run(&query, err);
}

static bool is_day_full(struct nx_store *store, int64_t day, int64_t most,
                        bool *is_full, struct nx_error *err)
{
	*is_full = false;
	if (most == 0)
		return true;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_UNEVENTFUL);
	nx_query_put_number(&query, day);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*is_full = nx_query_int(&query) >= most;
	return true;
}

/* Anybody can send any number of these, so only a limited number per day is
 * recorded, and the others are only counted. */
static bool add_uneventful(struct nx_store *store,
                           const struct nx_delivery *delivery, bool *is_new,
                           bool *left_out, struct nx_error *err)
{
	const int64_t day = nx_date_day(delivery->time);
	if (!is_day_full(store, day, delivery->uneventful, left_out, err) ||
	    (!*left_out && !insert_message(store, delivery, is_new, err)))
		return false;
	return (!*left_out && !*is_new) ||
	       count_day(store, day, *left_out, err);
}

/* -------------------------------------------------------------------------- */

static bool has_message(struct nx_store *store,
                        const uint8_t digest[NX_DIGEST_SIZE], bool *has,
                        struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_HAS_MESSAGE);
	nx_query_put_bytes(&query, digest, NX_DIGEST_SIZE);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*has = nx_query_int(&query) != 0;
	return true;
}

static bool is_known_as_before(struct nx_store *store,
                               const struct nx_delivery *delivery, bool *is,
                               struct nx_error *err)
{
	*is = false;
	for (size_t i = 0; i < delivery->olders && !*is; i++)
		if (!has_message(store, delivery->older[i], is, err))
			return false;
	return true;
}

static bool add_message(struct nx_store *store,
                        const struct nx_delivery *delivery, bool *is_new,
                        bool *left_out, struct nx_error *err)
{
	bool is_known;
	if (delivery->again && !renew_message(store, delivery, is_new, err))
		return false;
	if (*is_new)
		return true;
	if (!is_known_as_before(store, delivery, &is_known, err))
		return false;
	if (is_known)
		return true;
	if (delivery->events == 0 && !delivery->told)
		return add_uneventful(store, delivery, is_new, left_out, err);
	return insert_message(store, delivery, is_new, err);
}

/* A message that is known was kept, or not, when it was new. */
static bool keep_aside(struct nx_store *store,
                       const struct nx_delivery *delivery, bool is_known,
                       struct nx_error *err)
{
	if (delivery->keep.why != NX_QUARANTINE_NOT)
		return is_known || nx_sqlite_quarantine(store, &delivery->keep,
		                                        delivery->limits, err);
	return !delivery->again ||
	       nx_sqlite_drop_quarantined(store, delivery->digest, err);
}

/* What a flood limit cuts keeps nothing that only explains. */
static bool keep_original(struct nx_store *store,
                          const struct nx_delivery *delivery,
                          struct nx_sqlite_budget *budget, struct nx_error *err)
{
	const struct nx_original_limits *limits = delivery->originals;
	int64_t bytes;
	if (!limits || !nx_original_is_kept(limits) || budget->cut ||
	    store->hashed)
		return true;
	if (!nx_sqlite_keep_original(store, &delivery->original, limits, &bytes,
	                             err))
		return false;
	budget->bytes += bytes;
	return true;
}

static bool add(struct nx_store *store, const struct nx_policy *policy,
                const struct nx_delivery *delivery,
                struct nx_sqlite_budget *budget, struct nx_outcome *out,
                struct nx_error *err)
{
	bool is_new = false;
	struct nx_record record = *delivery->record;
	struct nx_delivery given = *delivery;
	given.record = &record;
	nx_sqlite_budget_cut_record(budget, &record);
	if (store->hashed)
		nx_sqlite_redact_record(&record);
	if (!add_message(store, &given, &is_new, &out->left_out, err))
		return false;
	if (is_new)
		nx_sqlite_budget_message(budget, &given);
	out->known = !is_new && !out->left_out;
	for (size_t i = 0; is_new && i < delivery->events; i++)
		if (!add_event(store, policy, &delivery->event[i],
		               delivery->time, budget, out, err))
			return false;
	out->cut = (size_t)budget->cuts;
	return (out->added == 0 ||
	        keep_original(store, delivery, budget, err)) &&
	       keep_aside(store, delivery, out->known, err);
}

static bool add_within(struct nx_store *store, const struct nx_policy *policy,
                       const struct nx_delivery *delivery,
                       struct nx_outcome *out, struct nx_error *err)
{
	struct nx_sqlite_budget budget;
	if (!nx_sqlite_budget_begin(store, delivery, &budget, err))
		return false;
	out->refused = budget.refused;
	return (out->refused ||
	        add(store, policy, delivery, &budget, out, err)) &&
	       nx_sqlite_budget_end(store, &budget, err);
}

bool nx_store_add(struct nx_store *store, const struct nx_policy *policy,
                  const struct nx_delivery *delivery, struct nx_outcome *out,
                  struct nx_error *err)
{
	*out = (struct nx_outcome){0};
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store,
	                       add_within(store, policy, delivery, out, err),
	                       err);
}
