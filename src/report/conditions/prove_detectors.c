/* SPDX-License-Identifier: ISC */
#include "report/conditions/prove.h"
#include "report/conditions/samples.h"
#include "report/readers/readers.h"

#include <string.h>

/*
 * Every detector is proven: of all detectors it must be the first to match its
 * samples, and must not match its counterexamples. The same for the words of an
 * unsubscribe.
 */

static const char *const keys[] = {
        "body",   "expect",  "from", "header", "report-type",
        "sender", "subject", "to",   "type",   NULL,
};

struct proven_detector {
	const struct nx_detectors *detectors;
	const struct nx_detector *detector;
};

static const struct nx_detector *found(const struct proven_detector *proven,
                                       TALLOC_CTX *ctx,
                                       const struct nx_message *message)
{
	struct nx_report *report =
	        nx_report_new(ctx, NULL, proven->detectors, NULL, message);

	return nx_detectors_find(proven->detectors, report->view,
	                         proven->detector->stage);
}

static const char *name_of(const struct nx_detector *detector)
{
	return detector ? detector->id : "none";
}

static bool prove_sample(const struct nx_sample *sample, const void *of,
                         struct nx_error *err)
{
	const struct proven_detector *proven = of;
	const struct nx_detector *seen =
	        found(proven, sample->ctx, sample->message);

	if ((seen == proven->detector) != sample->counter)
		return true;
	return nx_yaml_error(err, sample->node, "%s shows the sign %s, %s %s",
	                     sample->counter ? "counterexample" : "sample",
	                     name_of(seen), sample->counter ? "as for" : "not",
	                     proven->detector->id);
}

/* Each phrase that is sufficient by itself is a sample. */
static bool prove_fronts(const struct proven_detector *proven,
                         const struct nx_condition_group *group,
                         size_t *samples, struct nx_error *err)
{
	const struct nx_condition *condition = group->first;
	bool right = true;

	if (group->conditions > 1 || proven->detector->with ||
	    condition->kind != NX_CONDITION_FRONT)
		return true;
	for (size_t i = 0; right && i < condition->phrases.count;
	     i++, ++*samples) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *subject = talloc_asprintf(
		        ctx, "Re: [%s] News", condition->phrases.item[i].text);
		const struct nx_detector *seen = found(
		        proven, ctx, nx_samples_message(ctx, NULL, subject));

		right = seen == proven->detector ||
		        nx_yaml_error(err, proven->detector->source,
		                      "subject \"%.100s\" shows the sign %s",
		                      subject, name_of(seen));
		talloc_free(ctx);
	}
	return right;
}

static bool prove_detector(const struct proven_detector *proven,
                           size_t *samples, struct nx_error *err)
{
	const struct nx_yaml *source = proven->detector->source;
	const struct nx_condition_group *group = proven->detector->when;

	for (; group; group = group->next)
		if (!prove_fronts(proven, group, samples, err))
			return false;
	return nx_samples_prove(source, "samples", keys, prove_sample, proven,
	                        samples, err) &&
	       nx_samples_prove(source, "counterexamples", keys, prove_sample,
	                        proven, samples, err);
}

/* --- unsubscribes --------------------------------------------------------- */

static bool check_unsubscribe(const struct nx_report *report,
                              const struct nx_yaml *node, struct nx_error *err)
{
	static const char *const expected[] = {"address", "list", NULL};
	const struct nx_yaml *expect = nx_yaml_get(node, "expect");
	if (report->kind != NX_KIND_UNSUBSCRIBE)
		return nx_yaml_error(err, node, "sample is no unsubscribe");
	if (!expect)
		return true;
	if (!nx_yaml_check_keys(expect, expected, err))
		return false;
	const char *address =
	        nx_yaml_text(expect, "address", report->recipient->address);
	const char *list = nx_yaml_text(expect, "list", report->list);
	if (strcmp(address, report->recipient->address) != 0)
		return nx_yaml_error(err, expect, "address is \"%.200s\"",
		                     report->recipient->address);
	if (strcmp(list, report->list) != 0)
		return nx_yaml_error(err, expect, "list is \"%.200s\"",
		                     report->list);
	return true;
}

static bool prove_unsubscribe(const struct nx_sample *sample, const void *of,
                              struct nx_error *err)
{
	struct nx_report *report =
	        nx_report_new(sample->ctx, NULL, of, NULL, sample->message);
	bool is_one = nx_reader_unsubscribe(report, report);

	if (!sample->counter)
		return check_unsubscribe(report, sample->node, err);
	return !is_one || nx_yaml_error(err, sample->node,
	                                "counterexample is an unsubscribe");
}

bool nx_detectors_prove(const struct nx_detectors *detectors, size_t *samples,
                        struct nx_error *err)
{
	const struct nx_yaml *source = detectors->unsubscribe.source;

	*samples = 0;
	for (size_t i = 0; i < detectors->count; i++)
		if (!prove_detector(
		            &(struct proven_detector){detectors,
		                                      detectors->item[i]},
		            samples, err))
			return false;
	return nx_samples_prove(source, "samples", keys, prove_unsubscribe,
	                        detectors, samples, err) &&
	       nx_samples_prove(source, "counterexamples", keys,
	                        prove_unsubscribe, detectors, samples, err);
}
