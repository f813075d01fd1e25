/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include <string.h>

/* Adds messages with their events, and actions by hand. */

static bool add_recipient(struct nx_store *store,
                          const uint8_t recipient_key[NX_RECIPIENT_KEY_SIZE],
                          const char *address, struct nx_error *err)
{
	NX_ENDS struct nx_query query = {0};
	if (!nx_query_begin(&query, store, NX_SQL_ADD_RECIPIENT, err))
		return false;
	nx_query_put_bytes(&query, recipient_key, NX_RECIPIENT_KEY_SIZE);
	nx_query_put_text(&query, address);
	return nx_query_run(&query, err);
}

/* One step of one standing; *newly: it became suppressed. */
struct change {
	const struct nx_policy *policy;
	enum nx_trigger trigger;
	enum nx_cause cause;
	const char *reason;
	int confirm_days;
	int64_t now;
	bool newly;
	bool held; /* there was a lease before */
};

static bool step(struct nx_store *store, const char *scope,
                 const uint8_t recipient_key[NX_RECIPIENT_KEY_SIZE],
                 struct change *change, struct nx_error *err)
{
	struct nx_standing standing;
	if (!nx_standing_load(store, scope, recipient_key, &standing, err))
		return false;
	change->held = nx_standing_holds(&standing, change->now);
	if (change->confirm_days > 0)
		standing = nx_policy_unconfirmed(change->policy, standing,
		                                 change->confirm_days,
		                                 change->reason, change->now);
	else
		standing = nx_policy_step(change->policy, standing,
		                          change->trigger, change->cause,
		                          change->reason, change->now);
	change->newly =
	        !change->held && nx_standing_holds(&standing, change->now);
	return nx_standing_save(store, scope, recipient_key, &standing, err);
}

/* --- messages ------------------------------------------------------------- */

/* *is_new: the message was recorded and is read again; events that it led to
 * then stay as they are. */
static bool renew_message(struct nx_store *store,
                          const struct nx_delivery *delivery, bool *is_new,
                          struct nx_error *err)
{
	const struct nx_record *record = delivery->record;
	NX_ENDS struct nx_query query = {0};
	if (!nx_query_begin(&query, store, NX_SQL_RENEW_MESSAGE, err))
		return false;
	nx_query_put_text(&query, nx_kind_name(record->kind));
	nx_query_put_text(&query, record->format);
	nx_query_put_text(&query, record->feedback_type);
	nx_query_put_text(&query, nx_json_text(record->json, "cause"));
	nx_query_put_bytes(&query, delivery->digest, NX_DIGEST_SIZE);
	if (!nx_query_run(&query, err))
		return false;
	*is_new = sqlite3_changes(store->db) > 0;
	return true;
}

struct nx_row nx_sqlite_row(const struct nx_delivery *delivery)
{
	const struct nx_record *record = delivery->record;
	struct nx_row row = {.time = delivery->time,
	                     .source = delivery->source,
	                     .kind = nx_kind_name(record->kind),
	                     .format = record->format,
	                     .feedback_type = record->feedback_type,
	                     .sender = record->sender,
	                     .recipient = record->envelope_recipient,
	                     .cause = nx_json_text(record->json, "cause")};
	memcpy(row.digest, delivery->digest, NX_DIGEST_SIZE);
	return row;
}

bool nx_sqlite_add_row(struct nx_store *store, const struct nx_row *row,
                       bool *is_new, struct nx_error *err)
{
	NX_ENDS struct nx_query query = {0};
	if (!nx_query_begin(&query, store, NX_SQL_ADD_MESSAGE, err))
		return false;
	nx_query_put_bytes(&query, row->digest, NX_DIGEST_SIZE);
	nx_query_put_number(&query, row->time);
	nx_query_put_text(&query, row->source);
	nx_query_put_text(&query, row->kind);
	nx_query_put_text(&query, row->format);
	nx_query_put_text(&query, row->feedback_type);
	nx_query_put_text(&query, row->sender);
	nx_query_put_text(&query, row->recipient);
	nx_query_put_text(&query, row->cause);
	if (!nx_query_run(&query, err))
		return false;
	*is_new = sqlite3_changes(store->db) > 0;
	return true;
}

static void put_verdict(struct nx_query *query,
                        const struct nx_verdict *verdict)
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

static bool record_event(struct nx_store *store, const struct nx_event *event,
                         const uint8_t recipient_key[NX_RECIPIENT_KEY_SIZE],
                         bool *is_new, struct nx_error *err)
{
	NX_ENDS struct nx_query query = {0};
	if (!nx_query_begin(&query, store, NX_SQL_ADD_EVENT, err))
		return false;
	nx_query_put_text(&query, event->scope);
	nx_query_put_bytes(&query, recipient_key, NX_RECIPIENT_KEY_SIZE);
	nx_query_put_bytes(&query, event->id, NX_EVENT_ID_SIZE);
	nx_query_put_bytes(&query, event->message, NX_DIGEST_SIZE);
	nx_query_put_number(&query, event->time);
	put_verdict(&query, &event->verdict);
	put_evidence(&query, event);
	if (!nx_query_run(&query, err))
		return false;
	*is_new = sqlite3_changes(store->db) > 0;
	return true;
}

static bool add_event(struct nx_store *store, const struct nx_policy *policy,
                      const struct nx_event *event, struct nx_outcome *out,
                      struct nx_error *err)
{
	bool is_new;
	uint8_t recipient_key[NX_RECIPIENT_KEY_SIZE];
	struct change change = {.policy = policy,
	                        .reason = event->verdict.reason,
	                        .confirm_days = event->verdict.confirm_days,
	                        .now = event->time};
	nx_digest_recipient(store->key, event->address, recipient_key);
	if (!add_recipient(store, recipient_key, event->address, err) ||
	    !record_event(store, event, recipient_key, &is_new, err))
		return false;
	if (!is_new)
		return true;
	out->added++;
	if (!nx_policy_trigger(&event->verdict, &change.trigger, &change.cause))
		return true;
	if (!step(store, event->scope, recipient_key, &change, err))
		return false;
	out->suppressed += change.newly;
	return true;
}

static bool add_message(struct nx_store *store,
                        const struct nx_delivery *delivery, bool *is_new,
                        bool *left_out, struct nx_error *err)
{
	if (delivery->events == 0 && !delivery->told)
		return nx_uneventful_add(store, delivery, is_new, left_out,
		                         err);
	const struct nx_row row = nx_sqlite_row(delivery);
	return nx_sqlite_add_row(store, &row, is_new, err);
}

static bool add(struct nx_store *store, const struct nx_policy *policy,
                const struct nx_delivery *delivery, struct nx_outcome *out,
                struct nx_error *err)
{
	bool is_new = false;
	if (delivery->again && !renew_message(store, delivery, &is_new, err))
		return false;
	if (!is_new &&
	    !add_message(store, delivery, &is_new, &out->left_out, err))
		return false;
	out->known = !is_new && !out->left_out;
	for (size_t i = 0; is_new && i < delivery->events; i++)
		if (!add_event(store, policy, &delivery->event[i], out, err))
			return false;
	return true;
}

bool nx_store_add(struct nx_store *store, const struct nx_policy *policy,
                  const struct nx_delivery *delivery, struct nx_outcome *out,
                  struct nx_error *err)
{
	*out = (struct nx_outcome){0};
	if (nx_uneventful_wait(store, delivery, &out->left_out))
		return true;
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store, add(store, policy, delivery, out, err),
	                       err);
}

/* --- by hand -------------------------------------------------------------- */

static bool add_act(struct nx_store *store, const struct nx_manual_action *act,
                    const uint8_t recipient_key[NX_RECIPIENT_KEY_SIZE],
                    const char *what, enum nx_cause cause, struct nx_error *err)
{
	NX_ENDS struct nx_query query = {0};
	if (!nx_query_begin(&query, store, NX_SQL_ADD_ACT, err))
		return false;
	nx_query_put_text(&query, act->scope);
	nx_query_put_bytes(&query, recipient_key, NX_RECIPIENT_KEY_SIZE);
	nx_query_put_number(&query, act->now);
	nx_query_put_text(&query, what);
	nx_query_put_text(&query, nx_cause_name(cause));
	nx_query_put_text(&query, act->reason);
	nx_query_put_text(&query, act->who);
	nx_query_put_text(&query, act->note);
	return nx_query_run(&query, err);
}

static bool suppress(struct nx_store *store, const struct nx_policy *policy,
                     const struct nx_manual_action *act, struct nx_error *err)
{
	uint8_t recipient_key[NX_RECIPIENT_KEY_SIZE];
	struct change change = {.policy = policy,
	                        .trigger = NX_TRIGGER_MANUAL,
	                        .cause = act->cause == NX_CAUSE_NONE
	                                         ? NX_CAUSE_MANUAL
	                                         : act->cause,
	                        .reason = act->reason,
	                        .now = act->now};
	nx_digest_recipient(store->key, act->address, recipient_key);
	return add_recipient(store, recipient_key, act->address, err) &&
	       add_act(store, act, recipient_key, "suppress", change.cause,
	               err) &&
	       step(store, act->scope, recipient_key, &change, err);
}

bool nx_store_suppress(struct nx_store *store, const struct nx_policy *policy,
                       const struct nx_manual_action *act, struct nx_error *err)
{
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store, suppress(store, policy, act, err), err);
}

static bool release(struct nx_store *store, const struct nx_policy *policy,
                    const struct nx_manual_action *act, bool *was,
                    struct nx_error *err)
{
	uint8_t recipient_key[NX_RECIPIENT_KEY_SIZE];
	struct nx_standing standing;
	nx_digest_recipient(store->key, act->address, recipient_key);
	*was = false;
	if (!nx_standing_load(store, act->scope, recipient_key, &standing, err))
		return false;
	if (standing.cause == NX_CAUSE_NONE && standing.strikes == 0)
		return true;
	*was = nx_standing_holds(&standing, act->now);
	standing = nx_policy_step(policy, standing, NX_TRIGGER_RELEASE,
	                          NX_CAUSE_NONE, "", act->now);
	return add_act(store, act, recipient_key, "release", NX_CAUSE_NONE,
	               err) &&
	       nx_standing_save(store, act->scope, recipient_key, &standing,
	                        err);
}

bool nx_store_release(struct nx_store *store, const struct nx_policy *policy,
                      const struct nx_manual_action *act, bool *was,
                      struct nx_error *err)
{
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store, release(store, policy, act, was, err),
	                       err);
}
