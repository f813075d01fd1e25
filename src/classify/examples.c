/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "classify/decide.h"
#include "report/report.h"

#include <string.h>

/* Every rule is proven: its examples are run through all tables. */

static const char *const keys[] = {
        "text", "status", "reply", "mta", "domain", "phase", NULL,
};

static bool read_status(const struct nx_yaml *map,
                        struct nx_recipient *recipient, struct nx_error *err)
{
	const char *text = nx_yaml_text(map, "status", "");

	if (nx_yaml_get(map, "status") == NULL)
		return true;
	if (nx_status_parse(text, &recipient->status) == strlen(text) &&
	    *text != '\0')
		return true;
	return nx_yaml_error(err, nx_yaml_get(map, "status"),
	                     "status \"%s\" must be x.y.z, where x is 2, 4 "
	                     "or 5",
	                     text);
}

static bool read_map(TALLOC_CTX *ctx, const struct nx_yaml *map,
                     struct nx_recipient *recipient, struct nx_error *err)
{
	int64_t code = recipient->reply.code;

	if (!read_status(map, recipient, err) ||
	    !nx_yaml_number(map, "reply", 200, 599, &code, err) ||
	    !nx_load_phase(map, &recipient->reply.phase, err))
		return false;
	recipient->reply.code = (int)code;
	recipient->remote_mta = nx_yaml_text(map, "mta", "");
	recipient->address = talloc_asprintf(ctx, "someone@%s",
	                                     nx_yaml_text(map, "domain", ""));
	return true;
}

/* What a reader would make of a report with this diagnostic. */
static bool read_case(TALLOC_CTX *ctx, const struct nx_yaml *node,
                      struct nx_recipient *recipient, struct nx_error *err)
{
	bool map = node->kind == NX_YAML_MAP;

	if (map && !nx_yaml_check_keys(node, keys, err))
		return false;
	recipient->diagnostic =
	        map ? nx_yaml_text(node, "text", "") : node->text;
	if (!map && *recipient->diagnostic == '\0')
		return nx_yaml_error(err, node,
		                     "an example is a diagnostic, or a map of "
		                     "text, status, reply, mta, domain, phase");
	recipient->action = NX_ACTION_FAILED;
	recipient->address = "";
	recipient->remote_mta = "";
	nx_reply_parse(ctx, recipient->diagnostic, &recipient->reply);
	recipient->status = recipient->reply.status;
	return !map || read_map(ctx, node, recipient, err);
}

struct nx_facts *nx_case_facts(TALLOC_CTX *ctx,
                               const struct nx_concepts *concepts,
                               const struct nx_yaml *node,
                               const struct nx_provider *provider,
                               struct nx_error *err)
{
	struct nx_recipient *recipient = talloc_zero(ctx, struct nx_recipient);
	struct nx_report *report = talloc_zero(ctx, struct nx_report);
	struct nx_facts *facts = talloc(ctx, struct nx_facts);

	if (!read_case(ctx, node, recipient, err))
		return NULL;
	report->kind = NX_KIND_DELIVERY_REPORT;
	report->reporting_mta = "";
	report->recipient = recipient;
	report->recipients = 1;
	*facts = nx_facts_read(ctx, concepts, report, 0);
	facts->plain = true;
	if (*facts->mta == '\0' && *facts->domain == '\0')
		facts->provider = provider;
	return facts;
}

static bool judge(struct nx_loader *loader, const struct nx_case *one,
                  const struct nx_rule *by)
{
	const struct nx_rule *rule = one->rule;

	if (one->counter != (by == rule))
		return true;
	if (one->counter)
		return nx_yaml_error(loader->err, one->node,
		                     "rule \"%s\" decides its own "
		                     "counterexample; narrow its pattern or "
		                     "add \"not\"",
		                     rule->id);
	if (by != NULL && by->site && !rule->site)
		return true; /* site rules are meant to do that */
	if (by == NULL)
		return nx_yaml_error(loader->err, one->node,
		                     "no rule decides this example of \"%s\"; "
		                     "its conditions do not hold",
		                     rule->id);
	return nx_yaml_error(loader->err, one->node,
	                     "this example of \"%s\" is decided by \"%s\" "
	                     "(%s:%d); mend a pattern, or the order",
	                     rule->id, by->id, by->file, by->line);
}

static bool run_case(struct nx_loader *loader, TALLOC_CTX *ctx,
                     const struct nx_case *one)
{
	struct nx_facts *facts =
	        nx_case_facts(ctx, loader->tables->concepts, one->node,
	                      one->rule->provider, loader->err);

	if (facts == NULL)
		return false;
	facts->by_ours = one->rule->when.by_ours;
	return judge(loader, one,
	             nx_decide(ctx, loader->tables, facts, NULL).rule);
}

bool nx_load_examples(struct nx_loader *loader)
{
	bool good = true;

	for (size_t i = 0; i < loader->count && good; i++) {
		TALLOC_CTX *ctx = talloc_new(loader->scratch);

		if (!loader->cases[i].rule->dropped)
			good = run_case(loader, ctx, &loader->cases[i]);
		talloc_free(ctx);
	}
	return good;
}
