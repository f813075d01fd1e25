/* SPDX-License-Identifier: ISC */
#include "deliver/commit.h"

#include "deliver/told.h"

#include <string.h>

enum nx_quarantine_why nx_commit_why(const struct nx_record *record)
{
	if (record->kind == NX_KIND_UNPARSED)
		return NX_QUARANTINE_UNPARSED;
	if (nx_event_is_missing(record))
		return NX_QUARANTINE_NO_ADDRESS;
	if (record->kind == NX_KIND_OTHER)
		return NX_QUARANTINE_ORDINARY;
	return record->truncated ? NX_QUARANTINE_TRUNCATED : NX_QUARANTINE_NOT;
}

/* The events that it adds to those of the recipients before it. */
static void make_events(TALLOC_CTX *ctx, const struct nx_commit *to,
                        const struct nx_envelope *envelope,
                        struct nx_reading *reading, struct nx_told *told,
                        struct nx_delivery *delivery)
{
	struct nx_event_source source = {.to = &to->attribution,
	                                 .time = delivery->time};
	bool cut = false;
	delivery->told = reading->shares && told->events > 0;
	if (reading->shares)
		return;
	if (to->by_own_date)
		source.time =
		        nx_event_own_time(&reading->record, delivery->time);
	memcpy(source.message, reading->digest, NX_DIGEST_SIZE);
	memcpy(source.content, told->submission->content, NX_DIGEST_SIZE);
	struct nx_event *event = nx_event_of_record(ctx, &reading->record,
	                                            &source, &delivery->events);
	const size_t all = delivery->events;
	delivery->events = nx_told_take(told, envelope, event, all, &cut);
	delivery->event = event;
	delivery->told = all > 0 && delivery->events == 0;
	reading->record.truncated |= cut;
}

static void note_first(TALLOC_CTX *ctx, struct nx_reading *reading,
                       const struct nx_delivery *delivery)
{
	reading->verdict = reading->record.verdict;
	if (delivery->events == 0)
		return;
	reading->verdict = delivery->event->verdict;
	reading->address = talloc_strdup(ctx, delivery->event->address);
}

static void keep_aside(struct nx_reading *reading, struct nx_delivery *delivery)
{
	const struct nx_kept_original *original = &delivery->original;
	reading->why = reading->shares ? NX_QUARANTINE_NOT
	                               : nx_commit_why(&reading->record);
	delivery->keep = (struct nx_quarantined){
	        .time = original->time,
	        .why = reading->why,
	        .envelope = original->envelope,
	        .size = original->size,
	        .bytes = original->bytes,
	        .kept = original->kept,
	};
	memcpy(delivery->keep.digest, delivery->digest, NX_DIGEST_SIZE);
}

/* Of what is large, the beginning: all that is read of it. */
static void note_original(const struct nx_submission *submission,
                          const struct nx_envelope *envelope,
                          struct nx_delivery *delivery)
{
	const size_t size = submission->size;
	delivery->original = (struct nx_kept_original){
	        .time = delivery->time,
	        .envelope = *envelope,
	        .size = (int64_t)submission->whole,
	        .bytes = submission->bytes,
	        .kept = size < NX_PRESCAN_BYTES ? size : NX_PRESCAN_BYTES,
	        .packed = submission->packed,
	};
	memcpy(delivery->original.digest, delivery->digest, NX_DIGEST_SIZE);
}

/* A store that an older nixie began names messages another way: what it has
 * recorded under that name is not new. */
static void name_as_before(const struct nx_commit *to,
                           const struct nx_submission *submission,
                           const struct nx_reading *reading,
                           struct nx_delivery *delivery)
{
	for (int kind = 0; kind < NX_OLDER_DIGESTS; kind++) {
		if (submission->digest != NULL ||
		    !nx_store_has_older_digests(to->store, kind))
			continue;
		nx_event_older_digest(kind, reading->record.envelope_recipient,
		                      submission->bytes, submission->size,
		                      delivery->older[delivery->olders++]);
	}
}

/* The message is in the store already, by its first recipient. */
static bool is_recorded(const struct nx_submission *submission, size_t index)
{
	const struct nx_reading *reading = &submission->reading[index];
	return index > 0 && reading->shares &&
	       memcmp(reading->digest, submission->reading->digest,
	              NX_DIGEST_SIZE) == 0;
}

static void answer_as_first(const struct nx_submission *submission,
                            struct nx_reading *reading)
{
	const struct nx_outcome *first = &submission->reading->outcome;
	reading->verdict = reading->record.verdict;
	reading->outcome = (struct nx_outcome){.known = first->known,
	                                       .left_out = first->left_out};
}

/* The events are freed once they are in the store: a group may have very
 * many. */
static bool add(TALLOC_CTX *ctx, const struct nx_commit *to,
                const struct nx_submission *submission, size_t index,
                struct nx_told *told, int64_t now, struct nx_error *err)
{
	const struct nx_envelope *envelope = &submission->envelope[index];
	struct nx_reading *reading = &submission->reading[index];
	TALLOC_CTX *events = talloc_new(ctx);
	struct nx_delivery delivery = {.time = now,
	                               .source = submission->source,
	                               .record = &reading->record,
	                               .uneventful = to->uneventful,
	                               .limits = &to->quarantine,
	                               .originals = &to->originals,
	                               .budget = to->budget,
	                               .again = submission->digest != NULL};
	memcpy(delivery.digest, reading->digest, NX_DIGEST_SIZE);
	name_as_before(to, submission, reading, &delivery);
	make_events(events, to, envelope, reading, told, &delivery);
	note_first(ctx, reading, &delivery);
	note_original(submission, envelope, &delivery);
	keep_aside(reading, &delivery);
	const bool done = nx_store_add(to->store, to->policy, &delivery,
	                               &reading->outcome, err);
	if (reading->outcome.known)
		reading->why = NX_QUARANTINE_NOT;
	talloc_free(events);
	return done;
}

bool nx_commit_add(TALLOC_CTX *ctx, const struct nx_commit *to,
                   struct nx_submission *submission, int64_t now,
                   struct nx_error *err)
{
	struct nx_told *told = nx_told_new(ctx, submission);
	bool done = true;
	submission->refused = false;
	for (size_t i = 0;
	     i < submission->recipients && done && !submission->refused; i++) {
		if (is_recorded(submission, i))
			answer_as_first(submission, &submission->reading[i]);
		else
			done = add(ctx, to, submission, i, told, now, err);
		submission->refused = submission->reading[i].outcome.refused;
	}
	talloc_free(told);
	return done;
}
