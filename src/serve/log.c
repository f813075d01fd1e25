/* SPDX-License-Identifier: ISC */
#include "serve/log.h"

#include "base/date.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 1024 };

void nx_log_init(TALLOC_CTX *ctx, struct nx_log *log, bool full_addresses)
{
	*log = (struct nx_log){.ctx = ctx, .full_addresses = full_addresses};
}

static void put(struct nx_log *log, const char *bytes, size_t size)
{
	if (log->size + size > log->room) {
		log->room = 2 * (log->size + size) + FIRST_ROOM;
		log->text =
		        talloc_realloc(log->ctx, log->text, char, log->room);
	}
	memcpy(log->text + log->size, bytes, size);
	log->size += size;
}

static void put_text(struct nx_log *log, const char *text)
{
	put(log, text, strlen(text));
}

/* Needs neither quotes nor escapes. */
static bool is_plain(const char *value)
{
	const char *at = value;
	for (; *at > ' ' && *at < 0x7f; at++)
		if (*at == '"' || *at == '\\' || *at == '=')
			return false;
	return *at == '\0' && at > value && at - value < 200;
}

static void put_quoted(struct nx_log *log, const char *value)
{
	const size_t size = strlen(value);
	char *plain = nx_text_repair(log->ctx, value, size, size);
	const char *shown = nx_text_escape(plain, plain, true);
	put(log, "\"", 1);
	for (; *shown != '\0'; shown++) {
		if (*shown == '"')
			put(log, "\\", 1);
		put(log, shown, 1);
	}
	put(log, "\"", 1);
	talloc_free(plain);
}

void nx_log_text(struct nx_log *log, const char *key, const char *value)
{
	put(log, " ", 1);
	put_text(log, key);
	put(log, "=", 1);
	if (is_plain(value))
		put_text(log, value);
	else
		put_quoted(log, value);
}

void nx_log_number(struct nx_log *log, const char *key, int64_t value)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%" PRId64, value);
	nx_log_text(log, key, digits);
}

/* Writes the first character of the local part, and the domain. */
void nx_log_address(struct nx_log *log, const char *key, const char *address)
{
	const char *at = strrchr(address, '@');
	if (log->full_addresses || *address == '\0') {
		nx_log_text(log, key, *address != '\0' ? address : "<>");
		return;
	}
	uint32_t code;
	const size_t first =
	        at == address ? 0
	                      : nx_text_decode(address, strlen(address), &code);
	char *cut = talloc_asprintf(log->ctx, "%.*s***%s", (int)first, address,
	                            at != NULL ? at : "");
	nx_log_text(log, key, cut);
	talloc_free(cut);
}

void nx_log_begin(struct nx_log *log, const char *event)
{
	char now[NX_DATE_SIZE];
	put_text(log, "time=");
	put_text(log, nx_date_text(nx_clock_now(), now));
	nx_log_text(log, "event", event);
}

void nx_log_end(struct nx_log *log)
{
	put(log, "\n", 1);
}

/* A log that cannot be written does not stop mail. */
void nx_log_flush(struct nx_log *log)
{
	struct nx_error ignored;
	if (log->size > 0)
		(void)!nx_file_write_all(STDERR_FILENO, log->text, log->size,
		                         &ignored);
	log->size = 0;
}

void nx_log_event(const char *event, ...)
{
	va_list pairs;
	struct nx_log log;
	TALLOC_CTX *ctx = talloc_new(NULL);
	nx_log_init(ctx, &log, true);
	nx_log_begin(&log, event);
	va_start(pairs, event);
	for (const char *key; (key = va_arg(pairs, const char *)) != NULL;)
		nx_log_text(&log, key, va_arg(pairs, const char *));
	va_end(pairs);
	nx_log_end(&log);
	nx_log_flush(&log);
	talloc_free(ctx);
}
