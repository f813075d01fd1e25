/* SPDX-License-Identifier: ISC */
#include "serve/counters.h"

#include "base/digest.h"
#include "serve/last_minute.h"

#include <string.h>
#include <uv.h>

enum {
	ROWS = 4096, /* a power of two: places for names */
	MOST = 3072, /* names; all others are counted as one */
	RULES = 6    /* octets of their digest */
};

struct names {
	struct nx_counted row[ROWS]; /* name NULL: free */
	size_t count;
	int64_t others;
};

struct nx_counters {
	uv_mutex_t lock;
	char rules[2 * RULES + 1];
	struct nx_metrics now; /* but for its arrays */
	struct names verdict, rule;
	struct nx_last_minute messages;               /* of seconds */
	struct nx_last_minute deferred, store_errors; /* of minutes */
	int64_t copied;                               /* minute() */
};

/* --- names ---------------------------------------------------------------- */

/* FNV-1a */
static uint64_t hash(uint64_t before, const char *text)
{
	uint64_t sum = before;

	for (const char *at = text; *at; at++)
		sum = (sum ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	return sum;
}

static struct nx_counted *find(struct names *names, const char *name,
                               const char *more)
{
	uint64_t at = hash(hash(UINT64_C(0xcbf29ce484222325), name), more);

	for (;; at++) {
		struct nx_counted *row = &names->row[at % ROWS];

		if (!row->name || (strcmp(row->name, name) == 0 &&
		                   strcmp(row->more, more) == 0))
			return row;
	}
}

/* What a worker says is no name before the rules have it. */
static void count(struct names *names, const char *name, const char *more,
                  bool (*is_declared)(const struct nx_tables *tables,
                                      const char *name, const char *more),
                  const struct nx_tables *tables)
{
	struct nx_counted *row = find(names, name, more);

	if (!row->name) {
		if (names->count >= MOST || !tables ||
		    !is_declared(tables, name, more)) {
			names->others++;
			return;
		}
		row->name = talloc_strdup(NULL, name);
		row->more = talloc_strdup(row->name, more);
		names->count++;
	}
	row->count++;
}

static bool is_rule(const struct nx_tables *tables, const char *name,
                    const char *more)
{
	struct nx_rule_info info;

	(void)more;
	return nx_tables_find(tables, name, &info);
}

static bool is_reason(const struct nx_tables *tables, const char *name,
                      const char *more)
{
	(void)name; /* of a class: there are few */
	return *more == '\0' || nx_tables_reason(tables, more);
}

static void forget(struct names *names)
{
	for (size_t i = 0; i < ROWS; i++)
		talloc_free((char *)names->row[i].name);
}

/* --- all ------------------------------------------------------------------ */

static int64_t second(void)
{
	return (int64_t)(uv_hrtime() / UINT64_C(1000000000)) + 1;
}

static int64_t minute(void)
{
	return second() / 60 + 1;
}

struct nx_counters *nx_counters_new(TALLOC_CTX *ctx)
{
	struct nx_counters *counters = talloc_zero(ctx, struct nx_counters);

	uv_mutex_init(&counters->lock);
	return counters;
}

void nx_counters_close(struct nx_counters *counters)
{
	if (!counters)
		return;
	forget(&counters->verdict);
	forget(&counters->rule);
	uv_mutex_destroy(&counters->lock);
	talloc_free(counters);
}

static void add_text(struct nx_digest_state *state, const char *text)
{
	nx_digest_add(state, text, strlen(text) + 1);
}

/* Two daemons with the same rules judge alike: what decides is in it. */
void nx_counters_rules(struct nx_counters *counters,
                       const struct nx_tables *tables)
{
	struct nx_digest_state state;
	uint8_t digest[NX_DIGEST_SIZE];

	nx_digest_init(&state);
	for (size_t i = 0; i < nx_tables_count(tables); i++) {
		const struct nx_rule_info info = nx_tables_info(tables, i);

		add_text(&state, info.id);
		add_text(&state, info.reason);
		add_text(&state, nx_class_name(info.class));
		add_text(&state, info.pattern);
	}
	nx_digest_end(&state, digest);
	uv_mutex_lock(&counters->lock);
	nx_digest_hex(digest, RULES, counters->rules);
	uv_mutex_unlock(&counters->lock);
}

static void count_verdict(struct nx_counters *counters,
                          const struct nx_verdict *verdict,
                          const struct nx_tables *tables)
{
	count(&counters->verdict, nx_class_name(verdict->class),
	      verdict->reason, is_reason, tables);
	if (*verdict->rule != '\0')
		count(&counters->rule, verdict->rule, "", is_rule, tables);
}

/* Of a message that was known, or read once for several recipients, the
 * verdicts count once. */
static void count_verdicts(struct nx_counters *counters,
                           const struct nx_reading *reading,
                           const struct nx_tables *tables)
{
	const struct nx_record *record = &reading->record;

	if (reading->outcome.known || reading->shares)
		return;
	for (size_t i = 0; i < record->recipients; i++)
		count_verdict(counters, &record->recipient[i].verdict, tables);
	if (record->recipients == 0 && record->kind != NX_KIND_UNPARSED)
		count_verdict(counters, &record->verdict, tables);
}

void nx_counters_message(struct nx_counters *counters, const char *source,
                         const struct nx_reading *reading,
                         const struct nx_tables *tables)
{
	if (!counters)
		return;
	uv_mutex_lock(&counters->lock);
	struct nx_metrics *now = &counters->now;
	now->message[nx_intake_of_name(source)][reading->record.kind]++;
	now->quarantined[reading->why]++;
	count_verdicts(counters, reading, tables);
	uv_mutex_unlock(&counters->lock);
}

void nx_counters_store_error(struct nx_counters *counters)
{
	if (!counters)
		return;
	uv_mutex_lock(&counters->lock);
	counters->now.store_errors++;
	nx_last_minute_add(&counters->store_errors, minute(), 1);
	uv_mutex_unlock(&counters->lock);
}

void nx_counters_tally(struct nx_counters *counters,
                       const struct nx_pipeline_tally *tally)
{
	if (!counters)
		return;
	uv_mutex_lock(&counters->lock);
	nx_last_minute_add(&counters->messages, second(),
	                   tally->messages - counters->now.tally.messages);
	nx_last_minute_add(&counters->deferred, minute(),
	                   tally->deferred - counters->now.tally.deferred);
	counters->now.tally = *tally;
	uv_mutex_unlock(&counters->lock);
}

static int span_of(int64_t nanoseconds)
{
	int at = 0;

	while (at < NX_SPANS && (double)nanoseconds > nx_span[at] * 1e9)
		at++;
	return at;
}

void nx_counters_checks(struct nx_counters *counters, enum nx_via via,
                        const int64_t result[NX_CHECKEDS], int64_t nanoseconds)
{
	const int span = span_of(nanoseconds);

	if (!counters)
		return;
	uv_mutex_lock(&counters->lock);
	struct nx_checks *checks = &counters->now.check[via];
	for (int i = 0; i < NX_CHECKEDS; i++) {
		checks->result[i] += result[i];
		checks->bucket[span] += result[i];
		checks->nanoseconds += result[i] * nanoseconds;
	}
	uv_mutex_unlock(&counters->lock);
}

void nx_counters_set_levels(struct nx_counters *counters,
                            const struct nx_levels *levels)
{
	uv_mutex_lock(&counters->lock);
	counters->now.level = *levels;
	uv_mutex_unlock(&counters->lock);
}

void nx_counters_set_gauges(struct nx_counters *counters,
                            const struct nx_gauges *gauges)
{
	uv_mutex_lock(&counters->lock);
	counters->now.gauge = *gauges;
	uv_mutex_unlock(&counters->lock);
}

/* --- looking -------------------------------------------------------------- */

static const struct nx_counted *copy_names(TALLOC_CTX *ctx,
                                           const struct names *names,
                                           const char *other, size_t *count)
{
	struct nx_counted *out =
	        talloc_array(ctx, struct nx_counted, names->count + 1);

	*count = 0;
	for (size_t i = 0; i < ROWS; i++)
		if (names->row[i].name)
			out[(*count)++] = (struct nx_counted){
			        talloc_strdup(out, names->row[i].name),
			        talloc_strdup(out, names->row[i].more),
			        names->row[i].count};
	if (names->others > 0)
		out[(*count)++] =
		        (struct nx_counted){"other", other, names->others};
	return out;
}

struct nx_metrics *nx_counters_copy(TALLOC_CTX *ctx,
                                    struct nx_counters *counters)
{
	struct nx_metrics *out = talloc(ctx, struct nx_metrics);

	uv_mutex_lock(&counters->lock);
	*out = counters->now;
	counters->copied = minute();
	out->rules = talloc_strdup(out, counters->rules);
	out->verdict =
	        copy_names(out, &counters->verdict, "other", &out->verdicts);
	out->rule = copy_names(out, &counters->rule, "", &out->rules_hit);
	uv_mutex_unlock(&counters->lock);
	return out;
}

bool nx_counters_are_watched(struct nx_counters *counters)
{
	uv_mutex_lock(&counters->lock);
	const bool are = counters->copied > 0 &&
	                 minute() - counters->copied < NX_LAST_MINUTE_SECONDS;
	uv_mutex_unlock(&counters->lock);
	return are;
}

struct nx_lately nx_counters_lately(struct nx_counters *counters)
{
	uv_mutex_lock(&counters->lock);
	const struct nx_lately lately = {
	        nx_last_minute_sum(&counters->messages, second()),
	        nx_last_minute_sum(&counters->deferred, minute()),
	        nx_last_minute_sum(&counters->store_errors, minute())};
	uv_mutex_unlock(&counters->lock);
	return lately;
}

struct nx_gauges nx_counters_gauges(struct nx_counters *counters)
{
	uv_mutex_lock(&counters->lock);
	const struct nx_gauges gauges = counters->now.gauge;
	uv_mutex_unlock(&counters->lock);
	return gauges;
}
