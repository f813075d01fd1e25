/* SPDX-License-Identifier: ISC */
#include "pool/frame.h"

#include <string.h>

enum { FLAG_EXPLAIN = 1, FLAG_SENDER_KNOWN = 2, FLAG_CAPPED = 4 };

static uint32_t text_size(const char *text)
{
	return (uint32_t)strnlen(text, NX_FRAME_TEXT - 1) + 1;
}

static char *put_text(char *at, const char *text, uint32_t size)
{
	memcpy(at, text, size - 1);
	at[size - 1] = '\0';
	return at + size;
}

static size_t envelope_size(const struct nx_frame_head *head)
{
	return (size_t)head->sender + head->recipient +
	       head->original_recipient + head->queue_id;
}

char *nx_frame_write(TALLOC_CTX *ctx, const struct nx_input *input,
                     size_t *size)
{
	const struct nx_envelope *envelope = &input->envelope;
	const struct nx_frame_head head = {
	        .size = (uint32_t)input->prescan.size,
	        .whole = (uint32_t)input->prescan.whole,
	        .sender = text_size(envelope->sender),
	        .recipient = text_size(envelope->recipient),
	        .original_recipient = text_size(envelope->original_recipient),
	        .queue_id = text_size(envelope->queue_id),
	        .flags = (input->explain ? FLAG_EXPLAIN : 0) |
	                 (envelope->sender_known ? FLAG_SENDER_KNOWN : 0) |
	                 (input->prescan.capped ? FLAG_CAPPED : 0),
	};
	*size = sizeof(head) + envelope_size(&head);
	char *bytes = talloc_size(ctx, *size);
	memcpy(bytes, &head, sizeof(head));
	char *at = bytes + sizeof(head);
	at = put_text(at, envelope->sender, head.sender);
	at = put_text(at, envelope->recipient, head.recipient);
	at = put_text(at, envelope->original_recipient,
	              head.original_recipient);
	put_text(at, envelope->queue_id, head.queue_id);
	return bytes;
}

static bool head_is_sound(const struct nx_frame_head *head)
{
	const uint32_t text[] = {head->sender, head->recipient,
	                         head->original_recipient, head->queue_id};
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		if (text[i] == 0 || text[i] > NX_FRAME_TEXT)
			return false;
	}
	return head->size <= NX_FRAME_BYTES && head->whole <= head->size;
}

static const char *get_text(const char **at, uint32_t size)
{
	const char *text = *at;
	*at += size;
	return text;
}

enum nx_frame_state nx_frame_read(const char *bytes, size_t size,
                                  struct nx_input *out, size_t *taken)
{
	struct nx_frame_head head;
	if (size < sizeof(head))
		return NX_FRAME_PART;
	memcpy(&head, bytes, sizeof(head));
	if (!head_is_sound(&head))
		return NX_FRAME_BAD;
	*taken = sizeof(head) + envelope_size(&head) + head.size;
	if (size < *taken)
		return NX_FRAME_PART;
	const char *at = bytes + sizeof(head);
	out->envelope.sender = get_text(&at, head.sender);
	out->envelope.recipient = get_text(&at, head.recipient);
	out->envelope.original_recipient =
	        get_text(&at, head.original_recipient);
	out->envelope.queue_id = get_text(&at, head.queue_id);
	out->envelope.sender_known = (head.flags & FLAG_SENDER_KNOWN) != 0;
	out->explain = (head.flags & FLAG_EXPLAIN) != 0;
	out->prescan = (struct nx_prescan){
	        .bytes = at,
	        .size = head.size,
	        .capped = (head.flags & FLAG_CAPPED) != 0,
	        .whole = head.whole,
	};
	return NX_FRAME_WHOLE;
}

size_t nx_answer_write(char *out, const char *record, size_t size)
{
	const uint32_t length = (uint32_t)size;
	memcpy(out, &length, sizeof(length));
	memcpy(out + sizeof(length), record, size);
	out[sizeof(length) + size] = '\0';
	return sizeof(length) + size + 1;
}

enum nx_frame_state nx_answer_read(const char *bytes, size_t size,
                                   const char **record, size_t *record_size)
{
	uint32_t length;
	if (size < sizeof(length))
		return NX_FRAME_PART;
	memcpy(&length, bytes, sizeof(length));
	if (length > NX_RECORD_SIZE)
		return NX_FRAME_BAD;
	if (size < sizeof(length) + length + 1)
		return NX_FRAME_PART;
	*record = bytes + sizeof(length);
	*record_size = length;
	return (*record)[length] == '\0' ? NX_FRAME_WHOLE : NX_FRAME_BAD;
}

bool nx_answer_is_record(const char *record, size_t size)
{
	if (size < 2 || record[0] != '{' || record[size - 1] != '}')
		return false;
	unsigned char foreign = 0; /* no early exit: compilers vectorise it */
	for (size_t i = 0; i < size; i++)
		foreign |= (unsigned char)(record[i] - ' ') > '~' - ' ';
	return foreign == 0;
}
