/* SPDX-License-Identifier: ISC */
#include "cli/policy_commands.h"

#include "base/date.h"

#include <inttypes.h>

/* The terms as JSON, or as a policy.yaml that says the same with every key. */

static const char *indent(const char *reason)
{
	return *reason ? "      " : "  ";
}

static void print_span(const char *reason, const char *key, int64_t span)
{
	char buffer[NX_DATE_SIZE];
	printf("%s%s: %s\n", indent(reason), key, nx_span_text(span, buffer));
}

static void print_ladder(const char *reason, const struct nx_terms *terms)
{
	char buffer[NX_DATE_SIZE];
	printf("%sladder: [", indent(reason));
	for (int i = 0; i < terms->rungs; i++)
		printf("%s%s", i > 0 ? ", " : "",
		       nx_span_text(terms->ladder[i], buffer));
	puts("]");
}

static void print_climbs(const char *reason, const struct nx_terms *terms)
{
	char buffer[NX_DATE_SIZE];
	bool both = terms->climb_on_attempt && terms->climb_on_bounce;
	printf("%sclimb_on: [%s%s%s]\n", indent(reason),
	       terms->climb_on_attempt ? "attempt" : "", both ? ", " : "",
	       terms->climb_on_bounce ? "bounce" : "");
	printf("%sclimb_at_most: %s%s\n", indent(reason),
	       terms->climb_at_most > 0 ? "1 per " : "",
	       nx_span_text(terms->climb_at_most, buffer));
}

static void print_terms(enum nx_cause cause, const char *reason,
                        const struct nx_terms *terms)
{
	const char *left = indent(reason);
	if (cause != NX_CAUSE_MANUAL) {
		printf("%sstrikes: %d\n%son_days: %d\n", left, terms->strikes,
		       left, terms->on_days);
		print_span(reason, "within", terms->within);
	}
	print_ladder(reason, terms);
	print_climbs(reason, terms);
	print_span(reason, "forget_after", terms->forget_after);
	print_span(reason, "attempt_longest", terms->attempt_longest);
	print_span(reason, "attempts_hold", terms->attempts_hold);
	if (cause == NX_CAUSE_HARD)
		printf("%sconfirm: %d%s\n", left, terms->confirm,
		       terms->confirm > 0 ? " days" : "");
	printf("%sstream: %s\n", left, nx_reach_name(terms->stream));
}

static void print_cause(const struct nx_policy *policy, enum nx_cause cause)
{
	const char *reason;
	printf("%s:\n", nx_cause_name(cause));
	print_terms(cause, "", nx_policy_terms(policy, cause, ""));
	for (size_t i = 0; (reason = nx_policy_reason(policy, cause, i)); i++) {
		if (i == 0)
			puts("  reasons:");
		printf("    %s:\n", reason);
		print_terms(cause, reason,
		            nx_policy_terms(policy, cause, reason));
	}
}

static void print_mass(const struct nx_mass_terms *mass)
{
	if (mass->off) {
		puts("mass_failure: off");
		return;
	}
	printf("mass_failure:\n  share: %" PRId64 "%%\n  at_least: %" PRId64
	       "\n  times_median: %" PRId64 "\n",
	       mass->share, mass->at_least, mass->times_median);
	print_span("", "drop_after", mass->drop_after);
}

/* --- JSON ----------------------------------------------------------------- */

/* Seconds; null for ever. */
static void add_span(struct nx_json_out *object, const char *name, int64_t span)
{
	if (span == NX_FOREVER)
		nx_json_out_null(object, name);
	else
		nx_json_out_number(object, name, span);
}

static void add_lists(struct nx_json_out *object, const struct nx_terms *terms)
{
	nx_json_out_array(object, "ladder");
	for (int i = 0; i < terms->rungs; i++)
		add_span(object, NULL, terms->ladder[i]);
	nx_json_out_end(object);
	nx_json_out_array(object, "climb_on");
	if (terms->climb_on_attempt)
		nx_json_out_whole(object, NULL, "attempt");
	if (terms->climb_on_bounce)
		nx_json_out_whole(object, NULL, "bounce");
	nx_json_out_end(object);
}

static void print_json(const char *policy, enum nx_cause cause,
                       const char *reason, const struct nx_terms *terms)
{
	struct nx_json_out *object = nx_json_out_new(NULL);
	nx_json_out_whole(object, "policy", policy);
	nx_json_out_whole(object, "class", nx_cause_name(cause));
	nx_json_out_whole(object, "reason", reason);
	nx_json_out_number(object, "strikes", terms->strikes);
	nx_json_out_number(object, "on_days", terms->on_days);
	add_span(object, "within", terms->within);
	add_lists(object, terms);
	add_span(object, "climb_at_most", terms->climb_at_most);
	add_span(object, "forget_after", terms->forget_after);
	add_span(object, "attempt_longest", terms->attempt_longest);
	add_span(object, "attempts_hold", terms->attempts_hold);
	nx_json_out_number(object, "confirm", terms->confirm);
	nx_json_out_whole(object, "stream", nx_reach_name(terms->stream));
	nx_cli_print_json(object);
}

static void print_cause_json(const char *name, const struct nx_policy *policy,
                             enum nx_cause cause)
{
	const char *reason;
	print_json(name, cause, "", nx_policy_terms(policy, cause, ""));
	for (size_t i = 0; (reason = nx_policy_reason(policy, cause, i)); i++)
		print_json(name, cause, reason,
		           nx_policy_terms(policy, cause, reason));
}

static void print_mass_json(const char *policy,
                            const struct nx_mass_terms *mass)
{
	struct nx_json_out *object = nx_json_out_new(NULL);
	nx_json_out_whole(object, "policy", policy);
	nx_json_out_bool(object, "mass_failure", !mass->off);
	if (!mass->off) {
		nx_json_out_number(object, "share", mass->share);
		nx_json_out_number(object, "at_least", mass->at_least);
		nx_json_out_number(object, "times_median", mass->times_median);
		add_span(object, "drop_after", mass->drop_after);
	}
	nx_cli_print_json(object);
}

bool nx_policy_command_show(struct nx_cli *cli, struct nx_error *err)
{
	static const enum nx_cause order[] = {
	        NX_CAUSE_HARD, NX_CAUSE_SOFT, NX_CAUSE_COMPLAINT,
	        NX_CAUSE_UNSUBSCRIBE, NX_CAUSE_MANUAL};
	const struct nx_policy *policy = cli->rules.policy;
	const char *name =
	        *cli->config.policy ? cli->config.policy : "policy.yaml";
	bool json = nx_cli_has(cli, NX_OPTION_JSON);
	(void)err;
	if (!json)
		printf("# %s\n", nx_cli_escape(cli, name));
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (json)
			print_cause_json(name, policy, order[i]);
		else
			print_cause(policy, order[i]);
	if (json)
		print_mass_json(name, nx_policy_mass(policy));
	else
		print_mass(nx_policy_mass(policy));
	return true;
}
