/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_CONFIG_H
#define NX_CONFIG_CONFIG_H

#include "base/error.h"
#include "config/asked.h"
#include "config/sockets.h"
#include "engine.h"
#include "event/stream.h"
#include "policy/policy.h"
#include "report/site.h"

/*
 * nixie.yaml, read strictly: where the store and the rules are. Also loads the
 * rules from there. Options of a command override the file.
 */
struct nx_limits {
	int64_t sessions; /* at a time; more are turned away with 421 */
	int64_t memory; /* bytes of messages being processed; more gets a 452 */
	int64_t size;   /* announced as SIZE; 0: no limit is announced */
	int64_t idle;   /* seconds a client may take for a command */
	int64_t data;   /* seconds a client may take for a message */
	int64_t uneventful; /* messages per day (UTC) that led to no event and
	                       are recorded; 0: all */
};

struct nx_quarantine_limits { /* for reports, and again for ordinary mail */
	int64_t messages;
	int64_t bytes; /* kept */
	int64_t days;
};

struct nx_original_limits { /* none are kept when one is 0 */
	int64_t days;
	int64_t bytes; /* packed */
};

/* Seconds for which what is stored is kept, beyond the time that a suppression
 * needs it; 0: for ever. */
struct nx_retention {
	int64_t events;
	int64_t texts; /* of events: what was said */
	int64_t digests;
	int64_t attempts;
	int64_t leases;  /* that have ended */
	int64_t acts;    /* by hand */
	int64_t counts;  /* of days */
	int64_t sent;    /* that a mail was sent */
	int64_t changes; /* for who follows them */
};

/* What reports that nothing proves may add to the store in a day (UTC). A
 * tenth of it may be from one reporting host, unless that is ours. Beyond it
 * events are recorded without their texts, and beyond ten times the whole no
 * more of them are taken. */
struct nx_budget {
	int64_t rows;  /* of events; 0: any number */
	int64_t bytes; /* the same */
	struct nx_site_names own_hosts;
};

enum { NX_CONFIG_ERRORS = 10 }; /* more of a file are not told */

struct nx_config {
	const char *file;       /* the file that was read, or "" */
	const char *store;      /* directory */
	const char *rules;      /* directory */
	const char *site_rules; /* directory of the administrator's own rules,
	                           or "" */
	const char *profile; /* the profile whose verdicts replace the shipped
	                        ones, or "" */
	const char *policy;  /* as in struct nx_rules_from */
	const char *stream;  /* that all events and questions are of, or "" */
	const struct nx_streams *streams;
	int workers;         /* 0: one per core */
	struct nx_site site; /* without domains serve takes mail for any */
	/* what else serve needs */
	const struct nx_listen *lmtp;
	size_t lmtps;
	const struct nx_listen *ask;
	const struct nx_asked *asked; /* at the same index */
	size_t asks;
	const struct nx_listen *blocked;
	const struct nx_door *door; /* at the same index */
	size_t doors;
	const struct nx_listen *http;
	const struct nx_http *asked_by_http; /* at the same index */
	size_t https;
	const char *status;  /* path of the socket that nixie status asks */
	const char *spool;   /* directory where nixie-pipe leaves messages */
	const char *host;    /* serve's own name; "": the system's */
	bool full_addresses; /* log addresses in full */
	bool hashed;         /* see store/hash.h */
	int64_t attempts_within; /* seconds that attempts may stay unwritten,
	                            where nobody waits; 0: everybody does */
	struct nx_limits limits;
	struct nx_quarantine_limits quarantine;
	struct nx_original_limits originals;
	struct nx_retention retention;
	struct nx_budget budget;
	/* when it could not be read: what is wrong in the file, in its order */
	const char *wrong[NX_CONFIG_ERRORS];
	size_t wrongs;
};

/* Where it is looked for when none is named. */
#define NX_CONFIG_FILE "/etc/nixie/nixie.yaml"

/* Where a service manager listens for questions. */
#define NX_CONFIG_ASK "/run/nixie/ask.sock"

/* If path is NULL: NX_CONFIG_FILE when it exists, else the defaults. */
NX_MUST_USE bool nx_config_load(TALLOC_CTX *ctx, const char *path,
                                struct nx_config *out, struct nx_error *err);

/* Fills what depends on the store and was not given: status and spool. */
void nx_config_complete(TALLOC_CTX *ctx, struct nx_config *config);

/* Where the shipped rules are when nothing is configured: rules/ beside the
 * build tree of the running program, those installed with it, or the installed
 * directory. */
const char *nx_config_default_rules(TALLOC_CTX *ctx);

struct nx_rules_from {
	const char *shipped; /* directory */
	const char *site;    /* directory, or "" */
	const char *profile; /* name, or "" */
	const char *policy;  /* name of one in policies/, a path with a slash in
	                        it, or "": policy.yaml */
};

struct nx_rules {
	const struct nx_engine *engine;
	const struct nx_policy *policy;
	char *image; /* the memory that they stand in, or NULL */
};

/* The terms alone, from policy.yaml or policies/NAME.yaml of the site or else
 * the shipped one. That the reasons that it names are declared is only seen
 * with an engine, which may be NULL. */
NX_MUST_USE bool nx_rules_policy(TALLOC_CTX *ctx,
                                 const struct nx_rules_from *from,
                                 const struct nx_engine *engine,
                                 const struct nx_policy **out,
                                 struct nx_error *err);

/* Loads all *.yaml of the directory and of its folders: the tables by their
 * names, policy.yaml as the policy, the rest as text rules in the order of
 * order.yaml (those of the site in order of path).
 * Those of the site directory, which may be empty, are added: rules as
 * nx_tables_compile describes; its policy.yaml, formats and detectors
 * (automatic.yaml, reports.yaml, unsubscribe.yaml) replace shipped files of the
 * same name.
 * The profile is profiles/NAME.yaml of the site, else the shipped one. *out is
 * changed on success only, so that a set in use stays valid. */
NX_MUST_USE bool nx_rules_load(TALLOC_CTX *ctx,
                               const struct nx_rules_from *from,
                               struct nx_rules *out, struct nx_error *err);

struct nx_rules_cache {
	const char *file; /* "" for none */
	bool write;       /* when there is none that fits */
};

/* The same, the engine from an image, if there is one that fits, which is fifty
 * times faster; else as above, and writes the image when the cache allows it.
 * Failure to read or write an image is no error. The examples were proven when
 * the image was made. */
NX_MUST_USE bool nx_rules_open(TALLOC_CTX *ctx,
                               const struct nx_rules_from *from,
                               const struct nx_rules_cache *cache,
                               struct nx_rules *out, struct nx_error *err);

/* rules is a struct nx_rules: those from an image compile a pattern when it is
 * first matched; this compiles all of them now. */
void nx_rules_prepare(const void *rules);

/* The names of all profiles, or of all policies that policies/ has, in byte
 * order. */
NX_MUST_USE bool nx_rules_profiles(TALLOC_CTX *ctx,
                                   const struct nx_rules_from *from,
                                   const char *const **names, size_t *count,
                                   struct nx_error *err);
NX_MUST_USE bool nx_rules_policies(TALLOC_CTX *ctx,
                                   const struct nx_rules_from *from,
                                   const char *const **names, size_t *count,
                                   struct nx_error *err);

#endif
