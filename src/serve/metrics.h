/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_METRICS_H
#define NX_SERVE_METRICS_H

#include "serve/pipeline.h"
#include "store/gauges.h"
#include "sys/file.h"

/*
 * The numbers of a daemon at one time, and how Prometheus is told them. No
 * label has an address, and of no label is there an unbounded number of values.
 */
enum nx_intake { /* where messages come from */
	         NX_INTAKE_LMTP = 0,
	         NX_INTAKE_SPOOL,
	         NX_INTAKE_HTTP,
	         NX_INTAKES
};

enum nx_via { /* how somebody asked whether an address may be mailed */
	      NX_VIA_ACCESS = 0,
	      NX_VIA_POLICY,
	      NX_VIA_TRANSPORT,
	      NX_VIA_CHECK,
	      NX_VIA_DOOR,
	      NX_VIA_HTTP,
	      NX_VIAS
};

enum nx_checked { /* and what was answered */
	          NX_CHECKED_FREE = 0,
	          NX_CHECKED_SUPPRESSED,
	          NX_CHECKED_TROUBLE,
	          NX_CHECKEDS
};

enum {
	NX_KINDS = NX_KIND_AUTO_REPLY + 1,
	NX_QUARANTINE_WHYS = NX_QUARANTINE_ORDINARY + 1,
	NX_SPANS = 11
};

/* Seconds: a check that took no longer is in that bucket. */
extern const double nx_span[NX_SPANS];

struct nx_checks { /* of one face */
	int64_t result[NX_CHECKEDS];
	int64_t bucket[NX_SPANS + 1]; /* the last: what took longer */
	int64_t nanoseconds;          /* of all */
};

struct nx_counted { /* something that has a name, or two */
	const char *name, *more;
	int64_t count;
};

struct nx_levels { /* what the loop knows */
	int64_t started, loaded;
	bool is_stopping;
	bool reload_failed; /* the last one */
	int64_t lmtp_sessions, door_sessions, ask_sessions, http_sessions;
	int64_t lmtp_refused, door_refused, ask_refused, http_refused;
	int64_t http_requests;
	int64_t workers, unread, unwritten, spooled, known;
	int64_t attempts_waiting, attempts_lost;
};

struct nx_gauges {     /* what is looked at beside the loop */
	bool is_known; /* somebody has looked */
	bool is_read;  /* the store could be read */
	struct nx_store_gauges store;
	bool is_counted;
	int64_t suppressions[NX_GAUGES_CAUSES];
	struct nx_volume store_volume, spool_volume;
};

struct nx_metrics {
	const char *rules; /* digest of those that are loaded, in hex */
	struct nx_pipeline_tally tally;
	int64_t message[NX_INTAKES][NX_KINDS];
	int64_t quarantined[NX_QUARANTINE_WHYS];
	struct nx_checks check[NX_VIAS];
	int64_t store_errors;
	struct nx_levels level;
	struct nx_gauges gauge;
	const struct nx_counted *verdict; /* class and reason */
	size_t verdicts;
	const struct nx_counted *rule;
	size_t rules_hit;
};

/* Where messages with that source come from, as in struct nx_submission. */
enum nx_intake nx_intake_of_name(const char *name);

/* Text format 0.0.4 of Prometheus. */
char *nx_metrics_text(TALLOC_CTX *ctx, const struct nx_metrics *metrics);
#define NX_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

#endif
