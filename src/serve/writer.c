/* SPDX-License-Identifier: ISC */
#include "serve/writer.h"

#include "event/event.h"
#include "serve/transaction.h"
#include "store/store.h"
#include "sys/clock.h"

#include <string.h>

/* One message for one recipient, in the form in which the store takes it. */
struct nx_writer_delivery {
	const struct nx_envelope *envelope;
	struct nx_record record;
	struct nx_delivery entry;
	struct nx_outcome outcome;
	/* what the log says of the first event */
	struct nx_verdict verdict;
	const char *address; /* or "" */
	bool shares; /* uses the record of an earlier one, with its events */
	bool quarantined;
};

/* Bytes that are read again, at most, for the recipients after the first. */
enum { READ_AGAIN = 16 * 1024 * 1024 };

/* --- one message ---------------------------------------------------------- */

/* A worker whose record is invalid is treated like one that died. */
static void read_record(TALLOC_CTX *ctx, const char *line, size_t size,
                        struct nx_record *out)
{
	struct nx_error err;
	if (nx_record_read(ctx, line, size, out, &err))
		return;
	line = nx_record_unparsed(ctx, "worker made no sense");
	(void)!nx_record_read(ctx, line, strlen(line), out, &err);
}

/* What the envelope says is known first-hand. */
static void take_envelope(struct nx_writer_delivery *delivery)
{
	struct nx_record *record = &delivery->record;
	const struct nx_envelope *envelope = delivery->envelope;
	if (envelope->sender_known)
		record->sender = envelope->sender;
	if (*envelope->recipient != '\0')
		record->envelope_recipient = envelope->recipient;
}

static bool keep_aside(struct nx_writer_batch *batch,
                       struct nx_writer_delivery *delivery,
                       const struct nx_submission *submission)
{
	delivery->quarantined =
	        nx_quarantine_wants(&delivery->record) && !delivery->shares;
	return !delivery->quarantined ||
	       nx_quarantine_add(batch->quarantine, delivery->entry.digest,
	                         delivery->envelope, submission->bytes,
	                         submission->size, delivery->entry.time,
	                         &batch->err);
}

static void give_record(struct nx_writer_delivery *delivery,
                        const struct nx_record *record)
{
	delivery->record = *record;
	take_envelope(delivery);
}

static void make_deliveries(TALLOC_CTX *ctx, struct nx_writer_message *message,
                            const struct nx_record *record)
{
	const struct nx_submission *submission = message->submission;
	message->delivery = talloc_zero_array(ctx, struct nx_writer_delivery,
	                                      submission->recipients);
	for (size_t i = 0; i < submission->recipients; i++) {
		struct nx_writer_delivery *delivery = &message->delivery[i];
		delivery->envelope = &submission->envelope[i];
		give_record(delivery, record);
		delivery->shares = i > 0;
		delivery->entry.source = submission->source;
		delivery->entry.record = &delivery->record;
		nx_event_digest(delivery->record.envelope_recipient,
		                submission->bytes, submission->size,
		                delivery->entry.digest);
	}
}

/* A report that names its recipient says the same for all. Otherwise our
 * address may matter: an unsubscribe request, and who makes it. */
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

static bool has_same_envelope(const struct nx_writer_delivery *delivery,
                              const struct nx_writer_delivery *other)
{
	return strcmp(delivery->envelope->recipient,
	              other->envelope->recipient) == 0 &&
	       strcmp(delivery->envelope->original_recipient,
	              other->envelope->original_recipient) == 0;
}

/* The earlier delivery with the same content, or NULL. */
static const struct nx_writer_delivery *twin_of(
        const struct nx_writer_message *message, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (has_same_envelope(&message->delivery[i],
		                      &message->delivery[index]))
			return &message->delivery[i];
	return NULL;
}

/* What is not read with its own envelope, because that would be too much,
 * counts as cut off. */
static size_t next_reading(struct nx_writer_message *message, size_t index)
{
	const struct nx_submission *submission = message->submission;
	const size_t read = message->readings * submission->size;
	if (!depends_on_envelope(&message->delivery[0].record))
		return submission->recipients;
	for (; index < submission->recipients; index++) {
		struct nx_writer_delivery *delivery = &message->delivery[index];
		const struct nx_writer_delivery *twin = twin_of(message, index);
		if (twin == NULL && read <= READ_AGAIN)
			return index;
		if (twin != NULL)
			give_record(delivery, &twin->record);
		delivery->record.truncated |= twin == NULL;
		delivery->shares = twin != NULL;
	}
	return index;
}

size_t nx_writer_read(TALLOC_CTX *ctx, struct nx_writer_message *message,
                      size_t index, const char *line, size_t size)
{
	struct nx_record record;
	message->lost |= size == 0;
	if (message->lost)
		return message->submission->recipients;
	read_record(ctx, line, size, &record);
	message->readings++;
	if (index == 0)
		make_deliveries(ctx, message, &record);
	else
		give_record(&message->delivery[index], &record);
	message->delivery[index].shares = false;
	return next_reading(message, index + 1);
}

static void note_event(TALLOC_CTX *ctx, struct nx_writer_delivery *delivery)
{
	const struct nx_delivery *entry = &delivery->entry;
	delivery->verdict = delivery->record.verdict;
	delivery->address = "";
	if (entry->events > 0) {
		delivery->verdict = entry->event->verdict;
		delivery->address = talloc_strdup(ctx, entry->event->address);
	}
}

/* The events that it adds to those of the recipients before it. */
static void make_events(TALLOC_CTX *ctx, const struct nx_writer_batch *batch,
                        struct nx_writer_delivery *delivery,
                        struct nx_transaction *transaction)
{
	struct nx_delivery *entry = &delivery->entry;
	bool cut = false;
	entry->event = NULL;
	entry->events = 0;
	entry->told = delivery->shares && transaction->events > 0;
	if (delivery->shares)
		return;
	struct nx_event *event =
	        nx_event_of_record(ctx, &delivery->record, entry->digest,
	                           batch->scope, entry->time, &entry->events);
	const size_t all = entry->events;
	entry->events = nx_transaction_take(transaction, delivery->envelope,
	                                    event, all, &cut);
	entry->event = event;
	entry->told = all > 0 && entry->events == 0;
	delivery->record.truncated |= cut;
}

/* Its events are freed once they are in the store: a group may have very
 * many. */
static bool record_delivery(TALLOC_CTX *ctx, struct nx_writer_batch *batch,
                            struct nx_writer_delivery *delivery,
                            struct nx_transaction *transaction)
{
	const struct nx_submission *submission = transaction->submission;
	struct nx_delivery *entry = &delivery->entry;
	TALLOC_CTX *events = talloc_new(ctx);
	entry->time = nx_clock_now();
	entry->uneventful = batch->uneventful;
	make_events(events, batch, delivery, transaction);
	note_event(ctx, delivery);
	entry->kept =
	        batch->more_pending && delivery->record.kind == NX_KIND_OTHER;
	const bool done = keep_aside(batch, delivery, submission) &&
	                  nx_store_add(batch->store, batch->policy, entry,
	                               &delivery->outcome, &batch->err);
	talloc_free(events);
	entry->event = NULL;
	entry->events = 0;
	return done;
}

/* --- telling -------------------------------------------------------------- */

static void log_what(struct nx_log *log,
                     const struct nx_writer_delivery *delivery)
{
	const struct nx_record *record = &delivery->record;
	const struct nx_verdict *verdict = &delivery->verdict;
	nx_log_text(log, "kind", nx_kind_name(record->kind));
	if (*record->format != '\0')
		nx_log_text(log, "format", record->format);
	nx_log_text(log, "class", nx_class_name(verdict->class));
	if (*verdict->reason != '\0')
		nx_log_text(log, "reason", verdict->reason);
	if (*delivery->address != '\0')
		nx_log_address(log, "address", delivery->address);
	nx_log_number(log, "events", (int64_t)delivery->outcome.added);
	nx_log_number(log, "suppressed", (int64_t)delivery->outcome.suppressed);
	if (record->truncated)
		nx_log_text(log, "truncated", "yes");
	if (delivery->quarantined)
		nx_log_text(log, "quarantine", "yes");
	if (delivery->outcome.left_out)
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

static void log_message(struct nx_writer_batch *batch,
                        const struct nx_submission *submission, size_t index,
                        enum nx_lmtp_answer answer,
                        const struct nx_writer_delivery *delivery)
{
	struct nx_log *log = &batch->log;
	const struct nx_envelope *envelope = &submission->envelope[index];
	nx_log_begin(log, "message");
	nx_log_text(log, "source", submission->source);
	if (*envelope->queue_id != '\0')
		nx_log_text(log, "queue_id", envelope->queue_id);
	nx_log_address(log, "from", envelope->sender);
	nx_log_address(log, "to", envelope->recipient);
	nx_log_number(log, "bytes", (int64_t)submission->size);
	nx_log_text(log, "answer", answer_name(answer));
	if (delivery != NULL) {
		char digest[2 * NX_DIGEST_SIZE + 1];
		nx_digest_hex(delivery->entry.digest, 8, digest);
		nx_log_text(log, "digest", digest);
		log_what(log, delivery);
	} else {
		nx_log_text(log, "error", batch->err.text);
	}
	nx_log_end(log);
}

static void count_delivery(struct nx_pipeline_tally *tally,
                           const struct nx_writer_delivery *delivery,
                           const struct nx_submission *submission)
{
	tally->messages++;
	tally->bytes += (int64_t)submission->size;
	tally->events += (int64_t)delivery->outcome.added;
	tally->suppressed += (int64_t)delivery->outcome.suppressed;
	tally->known += delivery->outcome.known;
	tally->quarantined += delivery->quarantined;
	tally->truncated += delivery->record.truncated;
	tally->left_out += delivery->outcome.left_out;
	tally->unparsed += delivery->record.kind == NX_KIND_UNPARSED;
}

/* --- a group -------------------------------------------------------------- */

struct recording { /* messages that are one transaction */
	TALLOC_CTX *ctx;
	struct nx_writer_message **message;
	size_t messages;
	bool added; /* all of them: if it fails then, the commit has failed */
};

static bool record_message(struct recording *recording,
                           struct nx_writer_batch *batch,
                           const struct nx_writer_message *message)
{
	struct nx_transaction *transaction =
	        nx_transaction_new(recording->ctx, message->submission);
	bool done = true;
	for (size_t i = 0; i < message->submission->recipients && done; i++)
		done = record_delivery(recording->ctx, batch,
		                       &message->delivery[i], transaction);
	talloc_free(transaction);
	return done;
}

static bool record_batch(struct recording *recording,
                         struct nx_writer_batch *batch)
{
	if (!nx_store_begin(batch->store, &batch->err))
		return false;
	nx_quarantine_begin(batch->quarantine);
	for (size_t i = 0; i < recording->messages; i++) {
		if (recording->message[i]->lost ||
		    record_message(recording, batch, recording->message[i]))
			continue;
		nx_quarantine_abandon(batch->quarantine);
		nx_store_rollback(batch->store);
		return false;
	}
	if (nx_quarantine_commit(batch->quarantine, &batch->err)) {
		recording->added = true;
		return nx_store_commit(batch->store, &batch->err);
	}
	nx_store_rollback(batch->store);
	return false;
}

static void tell_taken(const struct recording *recording,
                       struct nx_writer_batch *batch, size_t index)
{
	const struct nx_writer_message *message = recording->message[index];
	for (size_t i = 0; i < message->submission->recipients; i++) {
		const struct nx_writer_delivery *delivery =
		        &message->delivery[i];
		message->answer[i] =
		        delivery->outcome.known ? NX_LMTP_KNOWN : NX_LMTP_TAKEN;
		count_delivery(&batch->tally, delivery, message->submission);
		log_message(batch, message->submission, i, message->answer[i],
		            delivery);
	}
}

static void tell_deferred(const struct recording *recording,
                          struct nx_writer_batch *batch, size_t index)
{
	const struct nx_writer_message *message = recording->message[index];
	const enum nx_lmtp_answer answer = batch->err.kind == NX_ERROR_FULL
	                                           ? NX_LMTP_FULL
	                                           : NX_LMTP_TROUBLE;
	for (size_t i = 0; i < message->submission->recipients; i++) {
		message->answer[i] = answer;
		batch->tally.deferred++;
		log_message(batch, message->submission, i, answer, NULL);
	}
}

static void tell(const struct recording *recording,
                 struct nx_writer_batch *batch, bool done)
{
	for (size_t i = 0; i < recording->messages; i++) {
		if (done && !recording->message[i]->lost) {
			tell_taken(recording, batch, i);
			continue;
		}
		if (done)
			nx_error_set(&batch->err, NX_ERROR_TEMPORARY,
			             "no worker process can be had");
		tell_deferred(recording, batch, i);
	}
}

/* When one message cannot be added, the others are tried without it: nothing
 * that one client sends may hold up what others send. */
static void record_messages(struct nx_writer_batch *batch,
                            struct nx_writer_message **message, size_t messages)
{
	struct recording recording = {.ctx = talloc_new(NULL),
	                              .message = message,
	                              .messages = messages};
	const bool done = record_batch(&recording, batch);
	batch->tally.batches++;
	if (done || messages == 1 || recording.added) {
		tell(&recording, batch, done);
		talloc_free(recording.ctx);
		return;
	}
	talloc_free(recording.ctx);
	for (size_t i = 0; i < messages; i++)
		record_messages(batch, &message[i], 1);
}

void nx_writer_record(struct nx_writer_batch *batch)
{
	batch->tally = (struct nx_pipeline_tally){0};
	batch->err = (struct nx_error){.kind = NX_ERROR_NONE};
	record_messages(batch, batch->message, batch->messages);
	nx_log_flush(&batch->log);
}
