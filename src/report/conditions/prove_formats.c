/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/prove.h"
#include "report/conditions/prove_vary.h"
#include "report/conditions/samples.h"

#include <stdlib.h>
#include <string.h>

/*
 * Every format is proven: its samples are read by all formats together, and
 * must be read by this one, with the recipients it expects.
 */
static bool check_text(const struct nx_yaml *expected, const char *key,
                       const char *is, bool whole, struct nx_error *err)
{
	const char *wanted = nx_yaml_text(expected, key, NULL);

	if (!wanted ||
	    (whole ? strcmp(is, wanted) == 0 : !!nx_text_find(is, wanted)))
		return true;
	return nx_yaml_error(err, nx_yaml_get(expected, key),
	                     "%s is \"%.200s\"", key, is);
}

static bool check_recipient(const struct nx_yaml *expected,
                            const struct nx_recipient *is, struct nx_error *err)
{
	static const char *const keys[] = {"action", "address", "diagnostic",
	                                   "reply",  "status",  NULL};
	char status[NX_STATUS_SIZE];
	char reply[16] = "";

	if (is->reply.code)
		(void)snprintf(reply, sizeof reply, "%d", is->reply.code);
	return nx_yaml_check_keys(expected, keys, err) &&
	       check_text(expected, "address", is->address, true, err) &&
	       check_text(expected, "action", nx_action_name(is->action), true,
	                  err) &&
	       check_text(expected, "status",
	                  nx_status_text(is->status, status), true, err) &&
	       check_text(expected, "reply", reply, true, err) &&
	       check_text(expected, "diagnostic", is->diagnostic, false, err);
}

static bool check_report(const struct nx_format *format,
                         const struct nx_yaml *sample,
                         const struct nx_report *report, struct nx_error *err)
{
	const struct nx_yaml *expected = nx_yaml_get(sample, "expect");
	const struct nx_yaml *node = expected ? expected->first : NULL;

	if (strcmp(report->format, format->name) != 0)
		return nx_yaml_error(err, sample, "sample is read as \"%s\"",
		                     report->format);
	if (report->recipients != (expected ? expected->count : 0))
		return nx_yaml_error(
		        err, sample, "sample yields %zu recipients, not %zu",
		        report->recipients, expected ? expected->count : 0);
	for (size_t i = 0; node; node = node->next, i++)
		if (!check_recipient(node, &report->recipient[i], err))
			return false;
	return true;
}

struct proven_format {
	struct nx_proven all;
	const struct nx_format *format;
};

/* The recipients that the sample names are taken whole, and no other
 * addresses. */
static bool prove_sample(const struct nx_sample *sample, const void *of,
                         struct nx_error *err)
{
	const struct proven_format *proven = of;
	const struct nx_report *report =
	        nx_prove_vary_read(sample->ctx, &proven->all, sample->message);

	if (!check_report(proven->format, sample->node, report, err))
		return false;
	for (size_t i = 0; i < report->recipients; i++)
		if (!nx_prove_vary_address(&proven->all, sample,
		                           report->recipient[i].address,
		                           proven->format->prose, err))
			return false;
	return nx_prove_vary_others(&proven->all, sample, err);
}

/* The addresses of senders or of contacts: a list of words around "@". */
static bool prove_others(const struct nx_formats *formats, const char *key,
                         bool wanted, struct nx_error *err)
{
	const struct nx_yaml *list =
	        formats->source_of_others
	                ? nx_yaml_get(formats->source_of_others, key)
	                : NULL;
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool right = true;

	for (const struct nx_yaml *node = list ? list->first : NULL;
	     node && right; node = node->next) {
		const char *at = node->text + strcspn(node->text, "@");
		enum nx_other other =
		        nx_formats_other(ctx, formats, node->text, at, at + 1);

		right = (other != NX_OTHER_NONE) == wanted;
		if (!right)
			nx_yaml_error(err, node, "others: \"%.200s\" is %s",
			              node->text,
			              wanted ? "taken for a recipient"
			                     : "not taken for one");
	}
	talloc_free(ctx);
	return right;
}

bool nx_formats_prove(const struct nx_formats *formats,
                      const struct nx_detectors *detectors, size_t *samples,
                      struct nx_error *err)
{
	static const char *const keys[] = {
	        "body", "expect", "from", "header", "subject", "type", NULL};

	*samples = 0;
	if (!prove_others(formats, "examples", true, err) ||
	    !prove_others(formats, "counterexamples", false, err))
		return false;
	for (size_t i = 0; i < formats->count; i++) {
		const struct nx_format *format = formats->item[i];
		const struct proven_format proven = {{formats, detectors},
		                                     format};
		const struct nx_yaml *list =
		        nx_yaml_get(format->source, "samples");

		if (!list || list->count < 2)
			return nx_yaml_error(err, format->source,
			                     "%s: needs two samples",
			                     format->name);
		if (!nx_samples_prove(format->source, "samples", keys,
		                      prove_sample, &proven, samples, err))
			return false;
	}
	return true;
}
