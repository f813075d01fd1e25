/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/detectors_rules.h"
#include "report/notice.h"
#include "report/readers/readers.h"

#include <string.h>

/*
 * Every detector is proven: of all detectors it must be the first to match its
 * samples, and must not match its counterexamples. The same for the words of an
 * unsubscribe.
 */

enum { FIELDS = 3 };

static const char *const sample_keys[] = {
        "body",   "expect",  "from", "header", "report-type",
        "sender", "subject", "to",   "type",   NULL,
};

static struct nx_fields sample_headers(TALLOC_CTX *ctx,
                                       const struct nx_yaml *sample)
{
	static const char *const names[FIELDS] = {"From", "To", "Subject"};
	static const char *const keys[FIELDS] = {"from", "to", "subject"};
	const struct nx_yaml *more = nx_yaml_get(sample, "header");
	size_t count = more != NULL ? more->count : 0;
	struct nx_field *field =
	        talloc_array(ctx, struct nx_field, count + FIELDS);
	size_t used = 0;
	for (; used < FIELDS; used++)
		field[used] = (struct nx_field){
		        names[used], nx_yaml_text(sample, keys[used], "")};
	const struct nx_yaml *node = more != NULL ? more->first : NULL;
	for (; node != NULL; node = node->next)
		field[used++] = (struct nx_field){node->key, node->text};
	return (struct nx_fields){field, used};
}

static struct nx_report *sample_report(TALLOC_CTX *ctx,
                                       const struct nx_detectors *detectors,
                                       const struct nx_yaml *sample,
                                       const char *subject)
{
	struct nx_report *report = talloc_zero(ctx, struct nx_report);
	struct nx_message *message = talloc_zero(ctx, struct nx_message);
	struct nx_part *part = talloc_zero(ctx, struct nx_part);
	struct nx_field *field;
	part->type = nx_yaml_text(sample, "type", "text/plain");
	part->disposition = part->file_name = part->description = "";
	part->text = nx_yaml_text(sample, "body", "");
	message->envelope = (struct nx_envelope){
	        .sender = "",
	        .sender_known = nx_yaml_get(sample, "sender") != NULL,
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	message->headers = sample_headers(ctx, sample);
	if (subject != NULL) {
		field = talloc_zero(ctx, struct nx_field);
		*field = (struct nx_field){"Subject", subject};
		message->headers = (struct nx_fields){field, 1};
	}
	message->report_type = nx_yaml_text(sample, "report-type", "");
	message->part = part;
	message->parts = 1;
	report->kind = NX_KIND_OTHER;
	report->format = report->list = "";
	report->original = (struct nx_original){
	        .message_id = "",
	        .return_path = "",
	        .from = "",
	        .to = "",
	        .subject = "",
	        .date = "",
	        .list_id = "",
	        .list_unsubscribe = "",
	        .feedback_id = "",
	};
	report->explanation = part->text;
	report->notice = nx_notice_new(report, NULL, part->text);
	report->message = message;
	report->view = nx_message_view_new(report, detectors, report);
	return report;
}

static const char *name_of(const struct nx_detector *detector)
{
	return detector != NULL ? detector->id : "none";
}

static bool check_detector(const struct nx_report *report,
                           const struct nx_detector *detector, bool wanted,
                           const struct nx_yaml *node, struct nx_error *err)
{
	const struct nx_detector *seen =
	        nx_detectors_find(report->view, detector->stage);
	if ((seen == detector) == wanted)
		return true;
	return nx_yaml_error(err, node, "%s shows the sign %s, %s %s",
	                     wanted ? "sample" : "counterexample",
	                     name_of(seen), wanted ? "not" : "as for",
	                     detector->id);
}

static bool prove_list(const struct nx_detectors *detectors,
                       const struct nx_detector *detector, const char *key,
                       bool wanted, size_t *samples, struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(detector->source, key);
	const struct nx_yaml *node = list != NULL ? list->first : NULL;
	bool right = true;
	for (; right && node != NULL; node = node->next, ++*samples) {
		if (!nx_yaml_check_keys(node, sample_keys, err))
			return false;
		TALLOC_CTX *ctx = talloc_new(NULL);
		const struct nx_report *report =
		        sample_report(ctx, detectors, node, NULL);
		right = check_detector(report, detector, wanted, node, err);
		talloc_free(ctx);
	}
	return right;
}

/* Each phrase that is sufficient by itself is a sample. */
static bool prove_fronts(const struct nx_detectors *detectors,
                         const struct nx_detector *detector,
                         const struct nx_detector_group *group, size_t *samples,
                         struct nx_error *err)
{
	const struct nx_detector_condition *condition = group->first;
	if (group->conditions > 1 || detector->with != NULL ||
	    condition->kind != NX_DETECTOR_CONDITION_FRONT)
		return true;
	bool right = true;
	for (size_t i = 0; right && i < condition->phrases.count;
	     i++, ++*samples) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *subject = talloc_asprintf(
		        ctx, "Re: [%s] News", condition->phrases.item[i].text);
		const struct nx_report *report =
		        sample_report(ctx, detectors, NULL, subject);
		const struct nx_detector *seen =
		        nx_detectors_find(report->view, detector->stage);
		right = seen == detector ||
		        nx_yaml_error(err, detector->source,
		                      "subject \"%.100s\" shows the sign %s",
		                      subject, name_of(seen));
		talloc_free(ctx);
	}
	return right;
}

static bool prove_detector(const struct nx_detectors *detectors,
                           const struct nx_detector *detector, size_t *samples,
                           struct nx_error *err)
{
	const struct nx_detector_group *group = detector->when;
	for (; group != NULL; group = group->next) {
		if (!prove_fronts(detectors, detector, group, samples, err))
			return false;
	}
	return prove_list(detectors, detector, "samples", true, samples, err) &&
	       prove_list(detectors, detector, "counterexamples", false,
	                  samples, err);
}

/* --- unsubscribes --------------------------------------------------------- */

static bool check_unsubscribe(const struct nx_report *report,
                              const struct nx_yaml *node, struct nx_error *err)
{
	static const char *const keys[] = {"address", "list", NULL};
	const struct nx_yaml *expect = nx_yaml_get(node, "expect");
	if (report->kind != NX_KIND_UNSUBSCRIBE)
		return nx_yaml_error(err, node, "sample is no unsubscribe");
	if (expect == NULL)
		return true;
	if (!nx_yaml_check_keys(expect, keys, err))
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

static bool prove_unsubscribe(const struct nx_detectors *detectors,
                              const char *key, bool wanted, size_t *samples,
                              struct nx_error *err)
{
	const struct nx_yaml *list =
	        nx_yaml_get(detectors->unsubscribe_phrases.source, key);
	const struct nx_yaml *node = list != NULL ? list->first : NULL;
	bool right = true;
	for (; right && node != NULL; node = node->next, ++*samples) {
		if (!nx_yaml_check_keys(node, sample_keys, err))
			return false;
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_report *report =
		        sample_report(ctx, detectors, node, NULL);
		bool is_one = nx_reader_unsubscribe(ctx, report);
		if (wanted)
			right = check_unsubscribe(report, node, err);
		else
			right = !is_one ||
			        nx_yaml_error(
			                err, node,
			                "counterexample is an unsubscribe");
		talloc_free(ctx);
	}
	return right;
}

bool nx_detectors_prove(const struct nx_detectors *detectors, size_t *samples,
                        struct nx_error *err)
{
	*samples = 0;
	for (size_t i = 0; i < detectors->count; i++) {
		if (!prove_detector(detectors, detectors->item[i], samples,
		                    err))
			return false;
	}
	return prove_unsubscribe(detectors, "samples", true, samples, err) &&
	       prove_unsubscribe(detectors, "counterexamples", false, samples,
	                         err);
}
