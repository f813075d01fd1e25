/* SPDX-License-Identifier: ISC */
#include "serve/metrics.h"

#include <inttypes.h>
#include <string.h>

const double nx_span[NX_SPANS] = {0.00001, 0.00005, 0.0001, 0.0005,
                                  0.001,   0.005,   0.01,   0.05,
                                  0.1,     0.5,     1};

static const char *const sources[NX_INTAKES] = {
        [NX_INTAKE_LMTP] = "lmtp",
        [NX_INTAKE_SPOOL] = "spool",
        [NX_INTAKE_HTTP] = "http",
};
static const char *const vias[NX_VIAS] = {
        [NX_VIA_ACCESS] = "access",       [NX_VIA_POLICY] = "policy",
        [NX_VIA_TRANSPORT] = "transport", [NX_VIA_CHECK] = "check",
        [NX_VIA_DOOR] = "door",           [NX_VIA_HTTP] = "http",
};
static const char *const results[NX_CHECKEDS] = {
        [NX_CHECKED_FREE] = "free",
        [NX_CHECKED_SUPPRESSED] = "suppressed",
        [NX_CHECKED_TROUBLE] = "trouble",
};

enum nx_intake nx_intake_of_name(const char *name)
{
	int at = NX_INTAKES - 1;

	while (at > 0 && strcmp(sources[at], name) != 0)
		at--;
	return (enum nx_intake)at;
}

/* --- the format ----------------------------------------------------------- */

struct out {
	char *text;
	const char *name; /* of the family */
};

#define PUT(out, ...)                                                          \
	((out)->text = talloc_asprintf_append_buffer((out)->text, __VA_ARGS__))

static void family(struct out *out, const char *name, const char *type,
                   const char *help)
{
	out->name = name;
	PUT(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_number(struct out *out, int64_t number)
{
	PUT(out, "%s %" PRId64 "\n", out->name, number);
}

static void put_value(struct out *out, const char *value)
{
	for (size_t run; *value; value += run) {
		run = strcspn(value, "\\\"\n");
		PUT(out, "%.*s", (int)run, value);
		if (value[run] == '\0')
			return;
		PUT(out, "\\%c", value[run] == '\n' ? 'n' : value[run]);
		run++;
	}
}

static void put_label(struct out *out, const char *name, const char *value)
{
	PUT(out, "%s=\"", name);
	put_value(out, value);
	PUT(out, "\"");
}

/* One with a label, or with two: then more is no NULL. */
static void put(struct out *out, const char *name, const char *value,
                const char *more, const char *value_of_more, int64_t number)
{
	PUT(out, "%s{", out->name);
	put_label(out, name, value);
	if (more) {
		PUT(out, ",");
		put_label(out, more, value_of_more);
	}
	PUT(out, "} %" PRId64 "\n", number);
}

static void put_one(struct out *out, const char *label, const char *value,
                    int64_t number)
{
	put(out, label, value, NULL, NULL, number);
}

static void counter(struct out *out, const char *name, int64_t number,
                    const char *help)
{
	family(out, name, "counter", help);
	put_number(out, number);
}

static void gauge(struct out *out, const char *name, int64_t number,
                  const char *help)
{
	family(out, name, "gauge", help);
	put_number(out, number);
}

/* --- messages ------------------------------------------------------------- */

static void tell_messages(struct out *out, const struct nx_metrics *metrics)
{
	family(out, "nixie_messages_total", "counter",
	       "Messages recorded, one a recipient.");
	for (int i = 0; i < NX_INTAKES; i++)
		for (int kind = 0; kind < NX_KINDS; kind++)
			put(out, "source", sources[i], "kind",
			    nx_kind_name((enum nx_kind)kind),
			    metrics->message[i][kind]);
	family(out, "nixie_quarantined_total", "counter",
	       "Messages that were put into quarantine.");
	for (int why = NX_QUARANTINE_NOT + 1; why < NX_QUARANTINE_WHYS; why++)
		put_one(out, "why",
		        nx_quarantine_why_name((enum nx_quarantine_why)why),
		        metrics->quarantined[why]);
}

static void tell_verdicts(struct out *out, const struct nx_metrics *metrics)
{
	family(out, "nixie_verdicts_total", "counter",
	       "Verdicts about recipients, of messages that were new.");
	for (size_t i = 0; i < metrics->verdicts; i++)
		put(out, "class", metrics->verdict[i].name, "reason",
		    metrics->verdict[i].more, metrics->verdict[i].count);
	family(out, "nixie_rule_hits_total", "counter",
	       "Verdicts by the rule that decided; of rules that have.");
	for (size_t i = 0; i < metrics->rules_hit; i++)
		put_one(out, "rule", metrics->rule[i].name,
		        metrics->rule[i].count);
}

static void tell_tally(struct out *out, const struct nx_pipeline_tally *tally)
{
	counter(out, "nixie_message_bytes_total", tally->bytes,
	        "Size of the messages recorded, each as it came.");
	counter(out, "nixie_duplicates_total", tally->known,
	        "Messages that were recorded before.");
	counter(out, "nixie_truncated_total", tally->truncated,
	        "Messages of which not all was read.");
	counter(out, "nixie_left_out_total", tally->left_out,
	        "Messages that were only counted.");
	counter(out, "nixie_events_total", tally->events, "Events recorded.");
	counter(out, "nixie_events_cut_total", tally->cut,
	        "Events recorded without their texts.");
	counter(out, "nixie_suppressed_total", tally->suppressed,
	        "Addresses that became suppressed.");
	counter(out, "nixie_held_total", tally->held,
	        "Bounces that the mass guard held back.");
	counter(out, "nixie_deferred_total", tally->deferred,
	        "Recipients answered with 451 or 452: to be sent again.");
	counter(out, "nixie_commits_total", tally->batches,
	        "Groups of messages and attempts, each made durable at once.");
	counter(out, "nixie_attempts_total", tally->attempts,
	        "Attempts to send to suppressed addresses, recorded.");
}

/* --- checks --------------------------------------------------------------- */

static void tell_histogram(struct out *out, const char *via,
                           const struct nx_checks *checks)
{
	const char *name = out->name;
	int64_t sum = 0;

	for (int i = 0; i < NX_SPANS; i++) {
		sum += checks->bucket[i];
		PUT(out, "%s_bucket{via=\"%s\",le=\"%g\"} %" PRId64 "\n", name,
		    via, nx_span[i], sum);
	}
	sum += checks->bucket[NX_SPANS];
	PUT(out, "%s_bucket{via=\"%s\",le=\"+Inf\"} %" PRId64 "\n", name, via,
	    sum);
	PUT(out, "%s_sum{via=\"%s\"} %.9f\n", name, via,
	    (double)checks->nanoseconds / 1e9);
	PUT(out, "%s_count{via=\"%s\"} %" PRId64 "\n", name, via, sum);
}

static void tell_checks(struct out *out, const struct nx_metrics *metrics)
{
	family(out, "nixie_checks_total", "counter",
	       "Addresses that somebody asked about before sending.");
	for (int via = 0; via < NX_VIAS; via++)
		for (int i = 0; i < NX_CHECKEDS; i++)
			put(out, "via", vias[via], "result", results[i],
			    metrics->check[via].result[i]);
	family(out, "nixie_check_duration_seconds", "histogram",
	       "From the arrival of a question to its answer; of questions "
	       "that came together, to the answer of the last.");
	for (int via = 0; via < NX_VIAS; via++)
		tell_histogram(out, vias[via], &metrics->check[via]);
}

/* --- how things stand ----------------------------------------------------- */

static void tell_kept(struct out *out, const struct nx_store_gauges *store)
{
	family(out, "nixie_quarantine_messages", "gauge",
	       "Messages in quarantine.");
	put_one(out, "group", "reports", store->reports.messages);
	put_one(out, "group", "ordinary", store->ordinary.messages);
	family(out, "nixie_quarantine_bytes", "gauge", "What of them is kept.");
	put_one(out, "group", "reports", store->reports.bytes);
	put_one(out, "group", "ordinary", store->ordinary.bytes);
	gauge(out, "nixie_held_leases", store->held,
	      "Bounces that the mass guard holds until somebody decides.");
	gauge(out, "nixie_mass_guard_domains", store->holds,
	      "Domains and providers of which it holds bounces.");
	gauge(out, "nixie_block_events_open", store->blocks,
	      "Providers and blocklists that refuse an address or domain of "
	      "ours.");
}

static void tell_suppressions(struct out *out, const struct nx_gauges *gauges)
{
	family(out, "nixie_suppressions", "gauge",
	       "Suppressions that hold, counted once a minute at most.");
	for (int i = NX_CAUSE_NONE + 1; i < NX_GAUGES_CAUSES; i++)
		put_one(out, "class", nx_cause_name((enum nx_cause)i),
		        gauges->suppressions[i]);
}

static void put_volume(struct out *out, const char *name,
                       const struct nx_gauges *gauges, bool free)
{
	family(out, name, "gauge",
	       free ? "Room on the file system of the store, of the spool."
	            : "Its size.");
	const struct nx_volume *store = &gauges->store_volume;
	const struct nx_volume *spool = &gauges->spool_volume;
	if (store->size > 0)
		put_one(out, "of", "store", free ? store->free : store->size);
	if (spool->size > 0)
		put_one(out, "of", "spool", free ? spool->free : spool->size);
}

static void tell_gauges(struct out *out, const struct nx_gauges *gauges)
{
	family(out, "nixie_store_readable", "gauge",
	       "1 when the store could be read a moment ago.");
	if (gauges->is_known)
		put_number(out, gauges->is_read);
	if (gauges->is_read)
		tell_kept(out, &gauges->store);
	if (gauges->is_counted)
		tell_suppressions(out, gauges);
	put_volume(out, "nixie_disk_free_bytes", gauges, true);
	put_volume(out, "nixie_disk_size_bytes", gauges, false);
}

static void tell_clients(struct out *out, const struct nx_levels *level)
{
	family(out, "nixie_sessions", "gauge", "Clients that are connected.");
	put_one(out, "service", "lmtp", level->lmtp_sessions);
	put_one(out, "service", "blocked", level->door_sessions);
	put_one(out, "service", "ask", level->ask_sessions);
	put_one(out, "service", "http", level->http_sessions);
	family(out, "nixie_refused_sessions_total", "counter",
	       "Clients that were turned away, since there were too many.");
	put_one(out, "service", "lmtp", level->lmtp_refused);
	put_one(out, "service", "blocked", level->door_refused);
	put_one(out, "service", "ask", level->ask_refused);
	put_one(out, "service", "http", level->http_refused);
	counter(out, "nixie_http_requests_total", level->http_requests,
	        "Requests that came by HTTP.");
}

static void tell_levels(struct out *out, const struct nx_levels *level)
{
	tell_clients(out, level);
	gauge(out, "nixie_workers", level->workers, "Worker processes.");
	family(out, "nixie_pending_messages", "gauge",
	       "Messages that wait for their answer.");
	put_one(out, "stage", "unread", level->unread);
	put_one(out, "stage", "unwritten", level->unwritten);
	gauge(out, "nixie_pending_attempts", level->attempts_waiting,
	      "Attempts that are not yet recorded.");
	counter(out, "nixie_attempts_lost_total", level->attempts_lost,
	        "Attempts that could not be recorded.");
	gauge(out, "nixie_spool_messages", level->spooled,
	      "Messages that nixie-pipe left, and that wait to be taken.");
	gauge(out, "nixie_known_subjects", level->known,
	      "Addresses and domains of which it is known in memory that "
	      "something is remembered.");
	gauge(out, "nixie_stopping", level->is_stopping,
	      "1 while the daemon is ending.");
	gauge(out, "nixie_last_reload_success", !level->reload_failed,
	      "0 when the last reload of the configuration failed.");
	gauge(out, "nixie_loaded_time_seconds", level->loaded,
	      "When configuration and rules were loaded.");
	gauge(out, "process_start_time_seconds", level->started,
	      "When the daemon started.");
}

static void tell_build(struct out *out, const struct nx_metrics *metrics)
{
	family(out, "nixie_build_info", "gauge",
	       "1; the version, and a digest of the rules that are loaded.");
	put(out, "version", NIXIE_VERSION, "rules", metrics->rules, 1);
}

char *nx_metrics_text(TALLOC_CTX *ctx, const struct nx_metrics *metrics)
{
	struct out out = {.text = talloc_strdup(ctx, "")};

	tell_build(&out, metrics);
	tell_messages(&out, metrics);
	tell_verdicts(&out, metrics);
	tell_tally(&out, &metrics->tally);
	tell_checks(&out, metrics);
	tell_levels(&out, &metrics->level);
	tell_gauges(&out, &metrics->gauge);
	counter(&out, "nixie_store_errors_total", metrics->store_errors,
	        "Times that the store could not be written or read.");
	gauge(&out, "nixie_clock_step_seconds", metrics->tally.clock_step,
	      "What the wall clock stands off; see nixie db clock.");
	return out.text;
}
