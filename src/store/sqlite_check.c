/* SPDX-License-Identifier: ISC */
#include "store/subject.h"

#include "base/text.h"
#include "store/packing.h"
#include "store/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* Whether the store is consistent. */

struct audit {
	struct nx_store *store;
	TALLOC_CTX *ctx; /* for one check */
	void (*finding)(void *user, const char *line);
	void *user;
	size_t findings;
	char last[sizeof(((struct nx_error *)0)->text)];
};

static void find(struct audit *audit, const char *format, ...) NX_PRINTF(2, 3);

static void find(struct audit *audit, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	char *line = talloc_vasprintf(audit->ctx, format, values);
	va_end(values);
	audit->findings++;
	audit->finding(audit->user, line);
	talloc_free(line);
}

/* Runs a statement and passes each row to a check. Where it cannot be read any
 * further is a finding, too, told once. */
static bool each(struct audit *audit, enum nx_sql which,
                 void (*judge)(struct audit *audit, struct nx_query *query),
                 struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = nx_query_begin(audit->store, which);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW)
		judge(audit, &query);
	if (answer == NX_STEP_FAILED && err->kind == NX_ERROR_DAMAGED) {
		if (strcmp(err->text, audit->last) != 0)
			find(audit, "%s", err->text);
		snprintf(audit->last, sizeof(audit->last), "%s", err->text);
		return true;
	}
	return answer == NX_STEP_DONE;
}

static void judge_integrity(struct audit *audit, struct nx_query *query)
{
	const char *line = nx_query_text(query);
	if (strcmp(line, "ok") == 0)
		return;
	while (*line) {
		const size_t size = strcspn(line, "\n");
		if (size > 0 && *line != '*') /* its headings */
			find(audit, "database: %.*s", (int)size, line);
		line += size + (line[size] == '\n');
	}
}

static void judge_foreign_key(struct audit *audit, struct nx_query *query)
{
	const char *table = nx_query_text(query);
	int64_t row = nx_query_int(query);
	const char *parent = nx_query_text(query);
	if (audit->store->hashed && strcmp(parent, "recipient") == 0)
		return;
	find(audit, "%s: row %" PRId64 " refers to no %s", table, row, parent);
}

static void judge_standing(struct audit *audit, struct nx_query *query)
{
	const char *address =
	        nx_text_escape(audit->ctx, nx_query_text(query), true);
	const char *reach = nx_query_text(query);
	const char *name =
	        nx_text_escape(audit->ctx, nx_query_text(query), true);
	bool is_unknown = nx_query_int(query) != 0;
	find(audit, "standing of %s for %s mail \"%s\": %s", address, reach,
	     name, is_unknown ? "of no recipient" : "makes no sense");
}

static void judge_event(struct audit *audit, struct nx_query *query)
{
	const char *address =
	        nx_text_escape(audit->ctx, nx_query_text(query), true);
	find(audit, "event of %s: unknown class \"%s\"", address,
	     nx_text_escape(audit->ctx, nx_query_text(query), true));
}

static void judge_total(struct audit *audit, struct nx_query *query)
{
	find(audit, "quarantine: the totals of %s are wrong",
	     nx_query_int(query) != 0 ? "ordinary mail" : "reports");
}

static void judge_blocks(struct audit *audit, struct nx_query *query)
{
	(void)query;
	find(audit, "block events: their totals are wrong");
}

static void judge_recipient(struct audit *audit, struct nx_query *query)
{
	const int64_t kept = nx_query_int(query);
	const char *address = nx_query_text(query);
	if (!nx_sqlite_is_key(address) &&
	    kept != nx_subject_of(audit->store, address).r)
		find(audit, "recipient %s: kept under the key of another",
		     nx_text_escape(audit->ctx, address, true));
}

static void judge_original_total(struct audit *audit, struct nx_query *query)
{
	(void)query;
	find(audit, "originals: their total is wrong");
}

static void judge_original(struct audit *audit, struct nx_query *query)
{
	uint8_t digest[NX_DIGEST_SIZE];
	char hex[2 * NX_DIGEST_SIZE + 1];
	size_t size;
	nx_query_bytes(query, digest, NX_DIGEST_SIZE);
	const int64_t unpacked = nx_query_int(query);
	const char *packed = nx_query_blob(query, &size);
	char *bytes = nx_packing_unpack(audit->ctx, packed, size, unpacked);
	if (!bytes)
		find(audit, "original of message %s: damaged",
		     nx_digest_hex(digest, NX_DIGEST_SIZE, hex));
	talloc_free(bytes);
}

static bool run(struct audit *audit, struct nx_error *err)
{
	return each(audit, NX_SQL_INTEGRITY, judge_integrity, err) &&
	       each(audit, NX_SQL_FOREIGN_KEYS, judge_foreign_key, err) &&
	       each(audit, NX_SQL_BAD_STANDINGS, judge_standing, err) &&
	       each(audit, NX_SQL_BAD_EVENTS, judge_event, err) &&
	       each(audit, NX_SQL_BAD_TOTALS, judge_total, err) &&
	       each(audit, NX_SQL_BAD_BLOCKS, judge_blocks, err) &&
	       each(audit, NX_SQL_BAD_ORIGINAL_TOTAL, judge_original_total,
	            err) &&
	       each(audit, NX_SQL_PACKED, judge_original, err) &&
	       each(audit, NX_SQL_RECIPIENTS, judge_recipient, err);
}

bool nx_store_verify(struct nx_store *store,
                     void (*finding)(void *user, const char *line), void *user,
                     size_t *findings, struct nx_error *err)
{
	struct audit audit = {.store = store,
	                      .ctx = talloc_new(NULL),
	                      .finding = finding,
	                      .user = user};
	bool done = run(&audit, err);
	talloc_free(audit.ctx);
	*findings = audit.findings;
	return done;
}
