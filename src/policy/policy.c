/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include "base/date.h"
#include "base/text.h"

#include <string.h>

/* Reads policy.yaml into terms. */

enum { CAUSES = NX_CAUSE_MANUAL + 1 };

struct override { /* terms for one reason of a cause */
	const char *reason;
	struct nx_terms terms;
};

struct cause_terms {
	struct nx_terms terms;
	struct override *override;
	size_t overrides;
};

struct nx_policy {
	struct cause_terms of[CAUSES]; /* for NX_CAUSE_NONE all zero */
	struct nx_mass_terms mass;
	const struct nx_tables *tables; /* or NULL */
};

static const char *const CAUSE_NAMES[] = {
        [NX_CAUSE_NONE] = "",
        [NX_CAUSE_SOFT] = "soft",
        [NX_CAUSE_HARD] = "hard",
        [NX_CAUSE_COMPLAINT] = "complaint",
        [NX_CAUSE_UNSUBSCRIBE] = "unsubscribe",
        [NX_CAUSE_MANUAL] = "manual",
};

const char *nx_cause_name(enum nx_cause cause)
{
	return CAUSE_NAMES[cause];
}

bool nx_cause_of_name(const char *name, enum nx_cause *out)
{
	size_t at = nx_text_index(name, CAUSE_NAMES, CAUSES);
	if (at == NX_CAUSE_NONE || at == CAUSES)
		return false;
	*out = (enum nx_cause)at;
	return true;
}

/* --- one member ----------------------------------------------------------- */

static bool read_span(const struct nx_yaml *node, int64_t *out,
                      struct nx_error *err)
{
	if (node->kind != NX_YAML_TEXT || !nx_span_parse(node->text, out))
		return nx_yaml_error(err, node,
		                     "must be a span such as 30m, 24h, 7d, "
		                     "1y, 0 or forever");
	return true;
}

static bool read_member_span(const struct nx_yaml *map, const char *key,
                             int64_t *out, struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);
	return !node || read_span(node, out, err);
}

static bool read_count(const struct nx_yaml *map, const char *key, int least,
                       int *out, struct nx_error *err)
{
	int64_t value = *out;
	if (!nx_yaml_number(map, key, least, NX_POLICY_STRIKES, &value, err))
		return false;
	*out = (int)value;
	return true;
}

static bool read_rung(const struct nx_yaml *node, struct nx_terms *terms,
                      struct nx_error *err)
{
	int64_t span = 0;
	if (terms->rungs == NX_POLICY_RUNGS)
		return nx_yaml_error(err, node, "more than %d rungs",
		                     NX_POLICY_RUNGS);
	if (!read_span(node, &span, err))
		return false;
	if (span <= 0)
		return nx_yaml_error(err, node, "a rung lasts longer than 0");
	if (terms->rungs > 0 && span < terms->ladder[terms->rungs - 1])
		return nx_yaml_error(err, node, "the ladder falls");
	terms->ladder[terms->rungs++] = span;
	return true;
}

static bool read_ladder(const struct nx_yaml *map, struct nx_terms *terms,
                        struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(map, "ladder");
	if (!list && terms->rungs > 0)
		return true; /* the cause's own terms */
	if (!list)
		return nx_yaml_error(err, map, "missing key \"ladder\"");
	if (list->kind != NX_YAML_LIST || !list->first)
		return nx_yaml_error(err, list,
		                     "ladder: must be a list of spans");
	memset(terms->ladder, 0, sizeof(terms->ladder));
	terms->rungs = 0;
	for (const struct nx_yaml *node = list->first; node; node = node->next)
		if (!read_rung(node, terms, err))
			return false;
	return true;
}

static bool read_climb(const struct nx_yaml *node, struct nx_terms *terms,
                       struct nx_error *err)
{
	bool *flag = NULL;
	if (strcmp(node->text, "attempt") == 0)
		flag = &terms->climb_on_attempt;
	else if (strcmp(node->text, "bounce") == 0)
		flag = &terms->climb_on_bounce;
	if (!flag)
		return nx_yaml_error(err, node, "must be attempt or bounce");
	if (*flag)
		return nx_yaml_error(err, node, "%s: twice", node->text);
	*flag = true;
	return true;
}

static bool read_climb_on(const struct nx_yaml *map, struct nx_terms *terms,
                          struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(map, "climb_on");
	if (!list)
		return true;
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(err, list,
		                     "climb_on: must be a list of attempt, "
		                     "bounce");
	terms->climb_on_attempt = terms->climb_on_bounce = false;
	for (const struct nx_yaml *node = list->first; node; node = node->next)
		if (!read_climb(node, terms, err))
			return false;
	return true;
}

/* "1 per 24h", or 0: no bound. */
static bool read_climb_at_most(const struct nx_yaml *map,
                               struct nx_terms *terms, struct nx_error *err)
{
	static const char PREFIX[] = "1 per ";
	const struct nx_yaml *node = nx_yaml_get(map, "climb_at_most");
	if (!node)
		return true;
	terms->climb_at_most = 0;
	if (strcmp(node->text, "0") == 0)
		return true;
	if (strncmp(node->text, PREFIX, sizeof(PREFIX) - 1) != 0 ||
	    !nx_span_parse(node->text + sizeof(PREFIX) - 1,
	                   &terms->climb_at_most))
		return nx_yaml_error(err, node,
		                     "climb_at_most: must be \"1 per\" and a "
		                     "span, or 0");
	return true;
}

/* "2 days" to "7 days" as in a rule, or 0: at once. */
static bool read_confirm(const struct nx_yaml *map, struct nx_terms *terms,
                         struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "confirm");
	if (!node)
		return true;
	const char *text = node->text;
	bool is_days = *text >= '2' && *text <= '0' + NX_CONFIRM_DAYS &&
	               strcmp(text + 1, " days") == 0;
	terms->confirm = is_days ? *text - '0' : 0;
	return is_days || strcmp(text, "0") == 0 ||
	       nx_yaml_error(err, node,
	                     "confirm: must be \"2 days\" to \"%d days\", or 0",
	                     NX_CONFIRM_DAYS);
}

static bool read_stream(const struct nx_yaml *map, struct nx_terms *terms,
                        struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "stream");
	return !node || nx_reach_of_name(node->text, &terms->stream) ||
	       nx_yaml_error(err, node,
	                     "stream: must be all, bulk, domain or stream");
}

/* --- terms ---------------------------------------------------------------- */

/* A strike for which a standing has no room would be forgotten. */
static bool check_strikes(const struct nx_yaml *map,
                          const struct nx_terms *terms, struct nx_error *err)
{
	int spare = terms->strikes - terms->on_days;
	if (terms->strikes == 0)
		return true;
	if (spare < 0)
		return nx_yaml_error(err, map, "on_days is more than strikes");
	if (terms->strikes > 1 && terms->within <= 0)
		return nx_yaml_error(err, map,
		                     "more than one strike needs \"within\"");
	if ((terms->on_days - 1) * (spare + 1) > NX_POLICY_STRIKES)
		return nx_yaml_error(err, map,
		                     "strikes %d on_days %d: more than the %d "
		                     "strikes that are remembered",
		                     terms->strikes, terms->on_days,
		                     NX_POLICY_STRIKES);
	return true;
}

static bool read_strikes(const struct nx_yaml *map, struct nx_terms *terms,
                         struct nx_error *err)
{
	return read_count(map, "strikes", 0, &terms->strikes, err) &&
	       read_count(map, "on_days", 1, &terms->on_days, err) &&
	       read_member_span(map, "within", &terms->within, err) &&
	       check_strikes(map, terms, err);
}

static bool read_terms(const struct nx_yaml *map, struct nx_terms *terms,
                       struct nx_error *err)
{
	return read_strikes(map, terms, err) && read_ladder(map, terms, err) &&
	       read_climb_on(map, terms, err) &&
	       read_climb_at_most(map, terms, err) &&
	       read_member_span(map, "forget_after", &terms->forget_after,
	                        err) &&
	       read_member_span(map, "attempt_longest", &terms->attempt_longest,
	                        err) &&
	       read_member_span(map, "attempts_hold", &terms->attempts_hold,
	                        err) &&
	       read_confirm(map, terms, err) && read_stream(map, terms, err);
}

/* --- the file ------------------------------------------------------------- */

#define STRIKE_KEYS "strikes", "on_days", "within"
#define LEASE_KEYS                                                             \
	"ladder", "climb_on", "climb_at_most", "forget_after",                 \
	        "attempt_longest", "attempts_hold", "stream"

/* The keys of a cause; those of a reason of it are all but the first. Only a
 * bounce that is hard can wait for more of its kind, and a suppression by hand
 * needs no strikes. */
static const char *const *keys_of(enum nx_cause cause)
{
	static const char *const hard[] = {"reasons", STRIKE_KEYS, LEASE_KEYS,
	                                   "confirm", NULL};
	static const char *const manual[] = {"reasons", LEASE_KEYS, NULL};
	static const char *const other[] = {"reasons", STRIKE_KEYS, LEASE_KEYS,
	                                    NULL};
	return cause == NX_CAUSE_HARD     ? hard
	       : cause == NX_CAUSE_MANUAL ? manual
	                                  : other;
}

static bool read_override(const struct nx_yaml *node, enum nx_cause cause,
                          const struct nx_tables *tables,
                          struct cause_terms *into, struct nx_error *err)
{
	bool declared = !tables || nx_tables_reason(tables, node->key);
	if (!declared || strlen(node->key) >= NX_POLICY_REASON)
		return nx_yaml_error(err, node, "%s: undeclared reason",
		                     node->key);
	struct override *entry = &into->override[into->overrides++];
	entry->reason = talloc_strdup(into->override, node->key);
	entry->terms = into->terms;
	return nx_yaml_check_keys(node, keys_of(cause) + 1, err) &&
	       read_terms(node, &entry->terms, err);
}

static bool read_overrides(TALLOC_CTX *ctx, const struct nx_yaml *map,
                           enum nx_cause cause, const struct nx_tables *tables,
                           struct cause_terms *into, struct nx_error *err)
{
	const struct nx_yaml *reasons = nx_yaml_get(map, "reasons");
	if (!reasons)
		return true;
	if (reasons->kind != NX_YAML_MAP)
		return nx_yaml_error(err, reasons,
		                     "reasons: must be a map of reasons");
	into->override =
	        talloc_zero_array(ctx, struct override, reasons->count);
	for (const struct nx_yaml *node = reasons->first; node;
	     node = node->next)
		if (!read_override(node, cause, tables, into, err))
			return false;
	return true;
}

/* What a cause that says nothing else begins with. */
static struct nx_terms default_terms(enum nx_cause cause)
{
	struct nx_terms terms = {.strikes = 1,
	                         .on_days = 1,
	                         .attempt_longest = NX_FOREVER,
	                         .attempts_hold = NX_FOREVER};
	if (cause == NX_CAUSE_COMPLAINT)
		terms.stream = NX_REACH_DOMAIN;
	if (cause == NX_CAUSE_UNSUBSCRIBE)
		terms.stream = NX_REACH_STREAM;
	return terms;
}

static bool read_cause(TALLOC_CTX *ctx, const struct nx_yaml *root,
                       enum nx_cause cause, const struct nx_tables *tables,
                       struct cause_terms *into, struct nx_error *err)
{
	const char *name = nx_cause_name(cause);
	const struct nx_yaml *map = nx_yaml_get(root, name);
	if (!map)
		return nx_yaml_error(err, root, "missing key \"%s\"", name);
	into->terms = default_terms(cause);
	return nx_yaml_check_keys(map, keys_of(cause), err) &&
	       read_terms(map, &into->terms, err) &&
	       read_overrides(ctx, map, cause, tables, into, err);
}

/* A bounce that waits for confirmation waits as long as a soft strike counts.
 */
static bool check_confirm(const struct nx_policy *policy,
                          const struct nx_yaml *hard, struct nx_error *err)
{
	const struct cause_terms *of = &policy->of[NX_CAUSE_HARD];
	for (size_t i = 0; i <= of->overrides; i++) {
		const char *reason =
		        i < of->overrides ? of->override[i].reason : "";
		if (nx_policy_terms(policy, NX_CAUSE_HARD, reason)->confirm >
		            0 &&
		    nx_policy_terms(policy, NX_CAUSE_SOFT, reason)->within <= 0)
			return nx_yaml_error(err, hard,
			                     "confirm needs the \"within\" of "
			                     "soft");
	}
	return true;
}

/* --- mass failure --------------------------------------------------------- */

/* "3%" */
static bool read_share(const struct nx_yaml *map, int64_t *share,
                       struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "share");
	int64_t number = 0;
	if (!node)
		return true;
	const char *at = node->text;
	for (; *at >= '0' && *at <= '9' && number <= 100; at++)
		number = 10 * number + (*at - '0');
	if (at == node->text || strcmp(at, "%") != 0 || number < 1 ||
	    number > 100)
		return nx_yaml_error(err, node,
		                     "share: must be from 1%% to 100%%");
	*share = number;
	return true;
}

static bool read_drop_after(const struct nx_yaml *map, int64_t *drop_after,
                            struct nx_error *err)
{
	if (!read_member_span(map, "drop_after", drop_after, err))
		return false;
	return *drop_after > 0 ||
	       nx_yaml_error(err, nx_yaml_get(map, "drop_after"),
	                     "drop_after: must be longer than 0");
}

static bool read_mass(const struct nx_yaml *root, struct nx_mass_terms *mass,
                      struct nx_error *err)
{
	static const char *const keys[] = {"share", "at_least", "times_median",
	                                   "drop_after", NULL};
	const int64_t most = 1000000000;
	const struct nx_yaml *map = nx_yaml_get(root, "mass_failure");
	*mass = nx_mass_default;
	if (!map)
		return true;
	mass->off = map->kind == NX_YAML_TEXT && strcmp(map->text, "off") == 0;
	if (mass->off)
		return true;
	return nx_yaml_check_keys(map, keys, err) &&
	       read_share(map, &mass->share, err) &&
	       nx_yaml_number(map, "at_least", 0, most, &mass->at_least, err) &&
	       nx_yaml_number(map, "times_median", 0, most, &mass->times_median,
	                      err) &&
	       read_drop_after(map, &mass->drop_after, err);
}

const struct nx_mass_terms *nx_policy_mass(const struct nx_policy *policy)
{
	return &policy->mass;
}

const struct nx_tables *nx_policy_tables(const struct nx_policy *policy)
{
	return policy->tables;
}

static bool read_policy(struct nx_policy *policy, const struct nx_yaml *root,
                        const struct nx_tables *tables, struct nx_error *err)
{
	if (!nx_yaml_check_keys(root,
	                        (const char *const[]){"hard", "soft",
	                                              "complaint",
	                                              "unsubscribe", "manual",
	                                              "mass_failure", NULL},
	                        err))
		return false;
	for (int i = NX_CAUSE_NONE + 1; i < CAUSES; i++)
		if (!read_cause(policy, root, (enum nx_cause)i, tables,
		                &policy->of[i], err))
			return false;
	if (!read_mass(root, &policy->mass, err))
		return false;
	return check_confirm(policy, nx_yaml_get(root, "hard"), err);
}

bool nx_policy_compile(TALLOC_CTX *ctx, const struct nx_source *source,
                       const struct nx_tables *tables,
                       const struct nx_policy **out, struct nx_error *err)
{
	struct nx_policy *policy = talloc_zero(ctx, struct nx_policy);
	TALLOC_CTX *tree = talloc_new(NULL);
	const struct nx_yaml *root = NULL;
	policy->tables = tables;
	bool compiled = nx_yaml_parse(tree, source->name, source->text,
	                              source->size, &root, err) &&
	                read_policy(policy, root, tables, err);
	talloc_free(tree);
	if (!compiled) {
		talloc_free(policy);
		return false;
	}
	*out = policy;
	return true;
}

const char *nx_policy_reason(const struct nx_policy *policy,
                             enum nx_cause cause, size_t index)
{
	const struct cause_terms *of = &policy->of[cause];
	return index < of->overrides ? of->override[index].reason : NULL;
}

const struct nx_terms *nx_policy_terms(const struct nx_policy *policy,
                                       enum nx_cause cause, const char *reason)
{
	const struct cause_terms *of = &policy->of[cause];
	for (size_t i = 0; i < of->overrides; i++)
		if (strcmp(of->override[i].reason, reason) == 0)
			return &of->override[i].terms;
	return &of->terms;
}

struct nx_mail nx_policy_mail(const struct nx_terms *terms,
                              const struct nx_event *event)
{
	const bool is_own = event->stream_kind != NX_STREAM_TRANSACTIONAL;

	if (terms->stream == NX_REACH_ALL)
		return (struct nx_mail){.reach = NX_REACH_ALL, .name = ""};
	if (terms->stream == NX_REACH_STREAM && is_own && *event->stream)
		return (struct nx_mail){.reach = NX_REACH_STREAM,
		                        .name = event->stream};
	if (terms->stream == NX_REACH_DOMAIN && *event->sending_domain &&
	    !event->is_sent_elsewhere)
		return (struct nx_mail){.reach = NX_REACH_DOMAIN,
		                        .name = event->sending_domain};
	return (struct nx_mail){.reach = NX_REACH_BULK, .name = ""};
}
