/* SPDX-License-Identifier: ISC */
#include "deliver/submission.h"

#include <string.h>

/* Bytes that are read again, at most, for the recipients after the first. */
enum { READ_AGAIN = 16 * 1024 * 1024 };

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
static void give_record(struct nx_submission *submission, size_t index,
                        const struct nx_record *record)
{
	const struct nx_envelope *envelope = &submission->envelope[index];
	struct nx_record *own = &submission->reading[index].record;
	*own = *record;
	if (envelope->sender_known)
		own->sender = envelope->sender;
	if (*envelope->recipient != '\0')
		own->envelope_recipient = envelope->recipient;
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

/* The same report is the same message, whichever of our addresses it came to.
 */
static void name_reading(const struct nx_submission *submission,
                         bool is_of_envelope, struct nx_reading *reading)
{
	if (submission->digest != NULL)
		memcpy(reading->digest, submission->digest, NX_DIGEST_SIZE);
	else if (is_of_envelope)
		nx_event_digest(reading->record.envelope_recipient,
		                submission->content, reading->digest);
	else
		memcpy(reading->digest, submission->content, NX_DIGEST_SIZE);
}

/* The content is digested once, however many recipients there are. */
static void make_readings(TALLOC_CTX *ctx, struct nx_submission *submission,
                          const struct nx_record *record)
{
	const bool is_of_envelope = depends_on_envelope(record);
	submission->reading = talloc_zero_array(ctx, struct nx_reading,
	                                        submission->recipients);
	nx_event_content(submission->bytes, submission->size,
	                 submission->content);
	for (size_t i = 0; i < submission->recipients; i++) {
		struct nx_reading *reading = &submission->reading[i];
		give_record(submission, i, record);
		reading->shares = i > 0;
		reading->address = "";
		name_reading(submission, is_of_envelope, reading);
	}
}

static bool is_same_envelope(const struct nx_envelope *one,
                             const struct nx_envelope *other)
{
	return strcmp(one->recipient, other->recipient) == 0 &&
	       strcmp(one->original_recipient, other->original_recipient) == 0;
}

/* The reading of an earlier recipient with the same envelope, or NULL. */
static const struct nx_reading *twin_of(const struct nx_submission *submission,
                                        size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_same_envelope(&submission->envelope[i],
		                     &submission->envelope[index]))
			return &submission->reading[i];
	return NULL;
}

/* What is not read with its own envelope, because that would be too much,
 * counts as cut off. */
static size_t next_reading(struct nx_submission *submission, size_t index)
{
	const size_t read = submission->readings * submission->size;
	if (index >= submission->recipients ||
	    !depends_on_envelope(&submission->reading[0].record))
		return submission->recipients;
	for (; index < submission->recipients; index++) {
		struct nx_reading *reading = &submission->reading[index];
		const struct nx_reading *twin = twin_of(submission, index);
		if (twin == NULL && read <= READ_AGAIN)
			return index;
		if (twin != NULL)
			give_record(submission, index, &twin->record);
		reading->record.truncated |= twin == NULL;
		reading->shares = twin != NULL;
	}
	return index;
}

size_t nx_submission_read(TALLOC_CTX *ctx, struct nx_submission *submission,
                          size_t index, const char *line, size_t size)
{
	struct nx_record record;
	read_record(ctx, line, size, &record);
	submission->readings++;
	if (index == 0)
		make_readings(ctx, submission, &record);
	else
		give_record(submission, index, &record);
	submission->reading[index].shares = false;
	return next_reading(submission, index + 1);
}
