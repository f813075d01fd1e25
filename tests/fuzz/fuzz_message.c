/* SPDX-License-Identifier: ISC */

/*
 * Whole mail, as a worker reads it. A record that we write can be read back,
 * and can be sent over the channel.
 */
#include "fuzz.h"
#include "fuzz_rules.h"
#include "mail/prescan.h"
#include "pool/frame.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	load_rules();
	nx_message_start();
	nx_message_start_charsets();
	return 0;
}

static void check_record(TALLOC_CTX *ctx, const char *line)
{
	struct nx_record record = {0};
	struct nx_error err = {0};
	const size_t size = strlen(line);
	if (size > NX_RECORD_SIZE || !nx_answer_is_record(line, size))
		abort();
	if (!nx_record_read(ctx, line, size, &record, &err)) {
		fprintf(stderr, "%s\n%s\n", err.text, line);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_prescan prescan = {0};
	nx_prescan_message(ctx, (const char *)data, size, &prescan);
	if (prescan.size > NX_FRAME_BYTES)
		abort();
	const struct nx_input input = {
	        .prescan = prescan,
	        .envelope = {.sender = "",
	                     .recipient = "bounces@example.net",
	                     .original_recipient = "",
	                     .queue_id = ""},
	};
	check_record(ctx, nx_record_write(ctx, nx_engine_read(ctx, rules.engine,
	                                                      &input)));
	talloc_free(ctx);
	return 0;
}
