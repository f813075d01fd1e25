/* SPDX-License-Identifier: ISC */

/*
 * The line machine: a line of From, a line of Subject, and a text for people,
 * read by all formats. Every recipient that is named has an address that a
 * store can hold, and no diagnostic grows without bound.
 */
#include "base/text.h"
#include "fuzz.h"
#include "fuzz_rules.h"
#include "mail/address.h"
#include "report/conditions/detectors.h"
#include "report/conditions/formats.h"
#include "report/read.h"

#include <string.h>

enum { TEXT = 64 * 1024, DIAGNOSTIC = 8 * 1024 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	load_rules();
	return 0;
}

static const char *take_line(TALLOC_CTX *ctx, const char **text)
{
	size_t size = strcspn(*text, "\n");
	const char *line = talloc_strndup(ctx, *text, size);
	*text += size + ((*text)[size] == '\n');
	return line;
}

static void check(TALLOC_CTX *ctx, const struct nx_report *report)
{
	for (size_t i = 0; i < report->recipients; i++) {
		const struct nx_recipient *recipient = &report->recipient[i];
		/* "" when nobody outside can have it: its domain has no dot */
		const char *address = *recipient->address != '\0'
		                              ? recipient->address
		                              : recipient->final_recipient;
		need(*address == '\0' ||
		     *nx_address_normal(ctx, address) != '\0');
		need(strlen(recipient->diagnostic) <= DIAGNOSTIC);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *text = nx_text_repair(ctx, (const char *)data, size, TEXT);
	struct nx_field field[2] = {{.name = "From"}, {.name = "Subject"}};
	for (size_t i = 0; i < 2; i++)
		field[i].value = take_line(ctx, &text);
	struct nx_part part = {.type = "text/plain",
	                       .disposition = "",
	                       .file_name = "",
	                       .description = "",
	                       .text = text,
	                       .raw = ""};
	const struct nx_message message = {
	        .envelope = {.sender = "",
	                     .sender_known = true,
	                     .recipient = "bounces@example.net",
	                     .original_recipient = "",
	                     .queue_id = ""},
	        .headers = {field, 2},
	        .report_type = "",
	        .part = &part,
	        .parts = 1,
	};
	check(ctx, nx_report_read(ctx, nx_engine_formats(rules.engine),
	                          nx_engine_detectors(rules.engine), NULL,
	                          &message));
	talloc_free(ctx);
	return 0;
}
