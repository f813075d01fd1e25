/* SPDX-License-Identifier: ISC */

/* What a compromised worker may answer: read, and made into events, as the
 * daemon does it. */
#include "event/attribute.h"
#include "fuzz.h"
#include "pool/frame.h"

#include <string.h>

enum { T0 = 1767225600 }; /* 2026-01-01T00:00:00Z */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static void check_verdict(const struct nx_verdict *verdict)
{
	need(verdict->class >= NX_CLASS_NONE &&
	     verdict->class <= NX_CLASS_UNSUBSCRIBE);
	need(verdict->confirm_days >= 0);
	need(strlen(verdict->reason) < NX_RECORD_SIZE);
}

static void check_events(TALLOC_CTX *ctx, const struct nx_record *record)
{
	static const char *const none[] = {NULL};
	static const char *const domain[] = {"example.com", NULL};
	static const struct nx_stream stream = {
	        "news", NX_STREAM_BULK, none, none, none, domain, none};
	static const struct nx_streams streams = {&stream, 1, ""};
	static const struct nx_attribution to = {&streams, ""};
	const struct nx_event_source source = {
	        .to = &to, .time = nx_event_own_time(record, T0)};
	size_t count;
	need(source.time > 0 && source.time <= T0);
	const struct nx_event *event =
	        nx_event_of_record(ctx, record, &source, &count);
	need(count <= record->recipients + 1);
	for (size_t i = 0; i < count; i++) {
		need(strchr(event[i].address, '@') != NULL);
		check_verdict(&event[i].verdict);
		for (size_t k = 0; k < i; k++)
			need(strcmp(event[i].address, event[k].address) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *line = talloc_strndup(ctx, (const char *)data, size);
	struct nx_record record;
	struct nx_error err = {0};
	(void)nx_answer_is_record(line, strlen(line));
	if (nx_record_read(ctx, line, strlen(line), &record, &err)) {
		need(record.recipients <= NX_REPORT_RECIPIENTS);
		need(record.incidents >= 1);
		check_events(ctx, &record);
	} else {
		need(err.text[0] != '\0');
	}
	talloc_free(ctx);
	return 0;
}
