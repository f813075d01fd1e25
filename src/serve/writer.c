/* SPDX-License-Identifier: ISC */
#include "serve/writer.h"

#include "event/event.h"
#include "serve/transaction.h"
#include "store/store.h"
#include "sys/clock.h"

#include <string.h>

/* One message for one recipient, as the store takes it. */
struct nx_item {
	const struct nx_envelope *envelope;
	struct nx_record record;
	struct nx_delivery delivery;
	struct nx_outcome outcome;
	/* what the log tells of the first event */
	struct nx_verdict verdict;
	const char *address; /* or "" */
	bool shares;         /* the record of an earlier one, with its events */
	bool quarantined;
};

/* Bytes that are read again, at most, for the recipients behind the first. */
enum { READ_AGAIN = 16 * 1024 * 1024 };

/* --- one message ---------------------------------------------------------- */

/* A worker that makes no sense of a message is like one that dies of it. */
static void read_record(TALLOC_CTX *ctx, const char *line, size_t size,
                        struct nx_record *out)
{
	struct nx_error err;
	if (nx_record_read(ctx, line, size, out, &err))
		return;
	line = nx_record_unparsed(ctx, "worker made no sense");
	(void)!nx_record_read(ctx, line, strlen(line), out, &err);
}

/* What the envelope says is known first hand. */
static void take_envelope(struct nx_item *item)
{
	struct nx_record *record = &item->record;
	const struct nx_envelope *envelope = item->envelope;
	if (envelope->sender_known)
		record->sender = envelope->sender;
	if (*envelope->recipient != '\0')
		record->recipient = envelope->recipient;
}

static bool keep_aside(struct nx_group *group, struct nx_item *item,
                       const struct nx_offer *offer)
{
	item->quarantined = nx_quarantine_wants(&item->record) && !item->shares;
	return !item->quarantined ||
	       nx_quarantine_add(group->quarantine, item->delivery.digest,
	                         item->envelope, offer->bytes, offer->size,
	                         item->delivery.time, &group->err);
}

static void give_record(struct nx_item *item, const struct nx_record *record)
{
	item->record = *record;
	take_envelope(item);
}

static void make_items(TALLOC_CTX *ctx, struct nx_parcel *parcel,
                       const struct nx_record *record)
{
	const struct nx_offer *offer = parcel->offer;
	parcel->item =
	        talloc_zero_array(ctx, struct nx_item, offer->recipients);
	for (size_t i = 0; i < offer->recipients; i++) {
		struct nx_item *item = &parcel->item[i];
		item->envelope = &offer->envelope[i];
		give_record(item, record);
		item->shares = i > 0;
		item->delivery.source = offer->source;
		item->delivery.record = &item->record;
		nx_event_digest(item->record.recipient, offer->bytes,
		                offer->size, item->delivery.digest);
	}
}

/* A report that says whom it is about says so to everybody. Else it may be our
 * address that tells: a wish to unsubscribe, and who has it. */
static bool depends_on_envelope(const struct nx_record *record)
{
	switch (record->kind) {
	case NX_KIND_UNPARSED:
		return false;
	case NX_KIND_DELIVERY_REPORT:
	case NX_KIND_FEEDBACK_REPORT:
		return nx_event_is_missing(record);
	case NX_KIND_OTHER:
	case NX_KIND_UNSUBSCRIBE:
	case NX_KIND_AUTO_REPLY:
		break;
	}
	return true;
}

static bool has_same_envelope(const struct nx_item *item,
                              const struct nx_item *other)
{
	return strcmp(item->envelope->recipient, other->envelope->recipient) ==
	               0 &&
	       strcmp(item->envelope->original_recipient,
	              other->envelope->original_recipient) == 0;
}

/* The earlier one that was told the same, or NULL. */
static const struct nx_item *twin_of(const struct nx_parcel *parcel,
                                     size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (has_same_envelope(&parcel->item[i], &parcel->item[index]))
			return &parcel->item[i];
	return NULL;
}

/* What is not read with its own envelope, because that would be too much, is
 * as good as cut off. */
static size_t next_reading(struct nx_parcel *parcel, size_t index)
{
	const struct nx_offer *offer = parcel->offer;
	const size_t read = parcel->readings * offer->size;
	if (!depends_on_envelope(&parcel->item[0].record))
		return offer->recipients;
	for (; index < offer->recipients; index++) {
		struct nx_item *item = &parcel->item[index];
		const struct nx_item *twin = twin_of(parcel, index);
		if (twin == NULL && read <= READ_AGAIN)
			return index;
		if (twin != NULL)
			give_record(item, &twin->record);
		item->record.truncated |= twin == NULL;
		item->shares = twin != NULL;
	}
	return index;
}

size_t nx_writer_read(TALLOC_CTX *ctx, struct nx_parcel *parcel, size_t index,
                      const char *line, size_t size)
{
	struct nx_record record;
	parcel->lost |= size == 0;
	if (parcel->lost)
		return parcel->offer->recipients;
	read_record(ctx, line, size, &record);
	parcel->readings++;
	if (index == 0)
		make_items(ctx, parcel, &record);
	else
		give_record(&parcel->item[index], &record);
	parcel->item[index].shares = false;
	return next_reading(parcel, index + 1);
}

static void note_event(TALLOC_CTX *ctx, struct nx_item *item)
{
	const struct nx_delivery *delivery = &item->delivery;
	item->verdict = item->record.verdict;
	item->address = "";
	if (delivery->events > 0) {
		item->verdict = delivery->event->verdict;
		item->address = talloc_strdup(ctx, delivery->event->address);
	}
}

/* The events that it adds to those of the recipients before it. */
static void make_events(TALLOC_CTX *ctx, const struct nx_group *group,
                        struct nx_item *item,
                        struct nx_transaction *transaction)
{
	struct nx_delivery *delivery = &item->delivery;
	bool cut = false;
	delivery->event = NULL;
	delivery->events = 0;
	delivery->told = item->shares && transaction->events > 0;
	if (item->shares)
		return;
	struct nx_event *event = nx_event_of_record(
	        ctx, &item->record, delivery->digest, group->scope,
	        delivery->time, &delivery->events);
	const size_t all = delivery->events;
	delivery->events = nx_transaction_take(transaction, item->envelope,
	                                       event, all, &cut);
	delivery->event = event;
	delivery->told = all > 0 && delivery->events == 0;
	item->record.truncated |= cut;
}

/* Its events go when they are in the store: a group may have very many. */
static bool record_item(TALLOC_CTX *ctx, struct nx_group *group,
                        struct nx_item *item,
                        struct nx_transaction *transaction)
{
	const struct nx_offer *offer = transaction->offer;
	struct nx_delivery *delivery = &item->delivery;
	TALLOC_CTX *events = talloc_new(ctx);
	delivery->time = nx_clock_now();
	delivery->eventless = group->eventless;
	make_events(events, group, item, transaction);
	note_event(ctx, item);
	delivery->kept = group->hurries && item->record.kind == NX_KIND_OTHER;
	const bool done = keep_aside(group, item, offer) &&
	                  nx_store_add(group->store, group->policy, delivery,
	                               &item->outcome, &group->err);
	talloc_free(events);
	delivery->event = NULL;
	delivery->events = 0;
	return done;
}

/* --- telling -------------------------------------------------------------- */

static void log_what(struct nx_log *log, const struct nx_item *item)
{
	const struct nx_record *record = &item->record;
	const struct nx_verdict *verdict = &item->verdict;
	nx_log_text(log, "kind", nx_kind_name(record->kind));
	if (*record->format != '\0')
		nx_log_text(log, "format", record->format);
	nx_log_text(log, "class", nx_class_name(verdict->klass));
	if (*verdict->reason != '\0')
		nx_log_text(log, "reason", verdict->reason);
	if (*item->address != '\0')
		nx_log_address(log, "address", item->address);
	nx_log_number(log, "events", (int64_t)item->outcome.added);
	nx_log_number(log, "suppressed", (int64_t)item->outcome.suppressed);
	if (record->truncated)
		nx_log_text(log, "truncated", "yes");
	if (item->quarantined)
		nx_log_text(log, "quarantine", "yes");
	if (item->outcome.left_out)
		nx_log_text(log, "recorded", "no");
}

static const char *answer_name(enum nx_lmtp_answer answer)
{
	static const char *const names[] = {
	        [NX_LMTP_TAKEN] = "taken",
	        [NX_LMTP_KNOWN] = "known",
	        [NX_LMTP_TROUBLE] = "trouble",
	        [NX_LMTP_FULL] = "full",
	};
	return names[answer];
}

static void log_message(struct nx_group *group, const struct nx_offer *offer,
                        size_t index, enum nx_lmtp_answer answer,
                        const struct nx_item *item)
{
	struct nx_log *log = &group->log;
	const struct nx_envelope *envelope = &offer->envelope[index];
	nx_log_begin(log, "message");
	nx_log_text(log, "source", offer->source);
	if (*envelope->queue_id != '\0')
		nx_log_text(log, "queue_id", envelope->queue_id);
	nx_log_address(log, "from", envelope->sender);
	nx_log_address(log, "to", envelope->recipient);
	nx_log_number(log, "bytes", (int64_t)offer->size);
	nx_log_text(log, "answer", answer_name(answer));
	if (item != NULL) {
		char digest[2 * NX_DIGEST_SIZE + 1];
		nx_digest_hex(item->delivery.digest, 8, digest);
		nx_log_text(log, "digest", digest);
		log_what(log, item);
	} else {
		nx_log_text(log, "error", group->err.text);
	}
	nx_log_end(log);
}

static void count_item(struct nx_tally *tally, const struct nx_item *item,
                       const struct nx_offer *offer)
{
	tally->messages++;
	tally->bytes += (int64_t)offer->size;
	tally->events += (int64_t)item->outcome.added;
	tally->suppressed += (int64_t)item->outcome.suppressed;
	tally->known += item->outcome.known;
	tally->quarantined += item->quarantined;
	tally->truncated += item->record.truncated;
	tally->left_out += item->outcome.left_out;
	tally->unparsed += item->record.kind == NX_KIND_UNPARSED;
}

/* --- a group -------------------------------------------------------------- */

struct batch { /* parcels that are one transaction */
	TALLOC_CTX *ctx;
	struct nx_parcel **parcel;
	size_t parcels;
	bool added; /* all: what failed then is the commit */
};

static bool record_parcel(struct batch *batch, struct nx_group *group,
                          const struct nx_parcel *parcel)
{
	struct nx_transaction *transaction =
	        nx_transaction_new(batch->ctx, parcel->offer);
	bool done = true;
	for (size_t i = 0; i < parcel->offer->recipients && done; i++)
		done = record_item(batch->ctx, group, &parcel->item[i],
		                   transaction);
	talloc_free(transaction);
	return done;
}

static bool record_batch(struct batch *batch, struct nx_group *group)
{
	if (!nx_store_begin(group->store, &group->err))
		return false;
	nx_quarantine_begin(group->quarantine);
	for (size_t i = 0; i < batch->parcels; i++) {
		if (batch->parcel[i]->lost ||
		    record_parcel(batch, group, batch->parcel[i]))
			continue;
		nx_quarantine_abandon(group->quarantine);
		nx_store_rollback(group->store);
		return false;
	}
	if (nx_quarantine_commit(group->quarantine, &group->err)) {
		batch->added = true;
		return nx_store_commit(group->store, &group->err);
	}
	nx_store_rollback(group->store);
	return false;
}

static void tell_taken(const struct batch *batch, struct nx_group *group,
                       size_t index)
{
	const struct nx_parcel *parcel = batch->parcel[index];
	for (size_t i = 0; i < parcel->offer->recipients; i++) {
		const struct nx_item *item = &parcel->item[i];
		parcel->answer[i] =
		        item->outcome.known ? NX_LMTP_KNOWN : NX_LMTP_TAKEN;
		count_item(&group->tally, item, parcel->offer);
		log_message(group, parcel->offer, i, parcel->answer[i], item);
	}
}

static void tell_deferred(const struct batch *batch, struct nx_group *group,
                          size_t index)
{
	const struct nx_parcel *parcel = batch->parcel[index];
	const enum nx_lmtp_answer answer = group->err.fault == NX_ERROR_FULL
	                                           ? NX_LMTP_FULL
	                                           : NX_LMTP_TROUBLE;
	for (size_t i = 0; i < parcel->offer->recipients; i++) {
		parcel->answer[i] = answer;
		group->tally.deferred++;
		log_message(group, parcel->offer, i, answer, NULL);
	}
}

static void tell(const struct batch *batch, struct nx_group *group, bool done)
{
	for (size_t i = 0; i < batch->parcels; i++) {
		if (done && !batch->parcel[i]->lost) {
			tell_taken(batch, group, i);
			continue;
		}
		if (done)
			nx_error_set(&group->err, NX_ERROR_TEMPORARY,
			             "no worker process can be had");
		tell_deferred(batch, group, i);
	}
}

/* When one message cannot be added, the others are tried without it: nothing
 * that somebody sends may hold up what others send. */
static void record_parcels(struct nx_group *group, struct nx_parcel **parcel,
                           size_t parcels)
{
	struct batch batch = {
	        .ctx = talloc_new(NULL), .parcel = parcel, .parcels = parcels};
	const bool done = record_batch(&batch, group);
	group->tally.groups++;
	if (done || parcels == 1 || batch.added) {
		tell(&batch, group, done);
		talloc_free(batch.ctx);
		return;
	}
	talloc_free(batch.ctx);
	for (size_t i = 0; i < parcels; i++)
		record_parcels(group, &parcel[i], 1);
}

void nx_writer_record(struct nx_group *group)
{
	group->tally = (struct nx_tally){0};
	group->err = (struct nx_error){.fault = NX_ERROR_NONE};
	record_parcels(group, group->parcel, group->parcels);
	nx_log_flush(&group->log);
}
