/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/notice.h"
#include "report/readers.h"
#include "report/signs_rules.h"

#include <string.h>

/*
 * Every sign proves itself: its samples must show it before all others, its
 * counterexamples must not. The same for the words of an unsubscribe.
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
                                       const struct nx_signs *signs,
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
	report->human = part->text;
	report->notice = nx_notice_new(report, NULL, part->text);
	report->message = message;
	report->sight = nx_sight_new(report, signs, report);
	return report;
}

static const char *name_of(const struct nx_sign *sign)
{
	return sign != NULL ? sign->id : "none";
}

static bool check_sign(const struct nx_report *report,
                       const struct nx_sign *sign, bool wanted,
                       const struct nx_yaml *node, struct nx_error *err)
{
	const struct nx_sign *seen = nx_signs_find(report->sight, sign->stage);
	if ((seen == sign) == wanted)
		return true;
	return nx_yaml_error(err, node, "%s shows the sign %s, %s %s",
	                     wanted ? "sample" : "counterexample",
	                     name_of(seen), wanted ? "not" : "as for",
	                     sign->id);
}

static bool prove_list(const struct nx_signs *signs, const struct nx_sign *sign,
                       const char *key, bool wanted, size_t *samples,
                       struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(sign->source, key);
	const struct nx_yaml *node = list != NULL ? list->first : NULL;
	bool right = true;
	for (; right && node != NULL; node = node->next, ++*samples) {
		if (!nx_yaml_check_keys(node, sample_keys, err))
			return false;
		TALLOC_CTX *ctx = talloc_new(NULL);
		const struct nx_report *report =
		        sample_report(ctx, signs, node, NULL);
		right = check_sign(report, sign, wanted, node, err);
		talloc_free(ctx);
	}
	return right;
}

/* Each phrase that is enough by itself is a sample. */
static bool prove_fronts(const struct nx_signs *signs,
                         const struct nx_sign *sign,
                         const struct nx_sign_group *group, size_t *samples,
                         struct nx_error *err)
{
	const struct nx_mark *mark = group->first;
	if (group->marks > 1 || sign->with != NULL ||
	    mark->kind != NX_MARK_FRONT)
		return true;
	bool right = true;
	for (size_t i = 0; right && i < mark->phrases.count; i++, ++*samples) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *subject = talloc_asprintf(
		        ctx, "Re: [%s] News", mark->phrases.item[i].text);
		const struct nx_report *report =
		        sample_report(ctx, signs, NULL, subject);
		const struct nx_sign *seen =
		        nx_signs_find(report->sight, sign->stage);
		right = seen == sign ||
		        nx_yaml_error(err, sign->source,
		                      "subject \"%.100s\" shows the sign %s",
		                      subject, name_of(seen));
		talloc_free(ctx);
	}
	return right;
}

static bool prove_sign(const struct nx_signs *signs, const struct nx_sign *sign,
                       size_t *samples, struct nx_error *err)
{
	const struct nx_sign_group *group = sign->when;
	for (; group != NULL; group = group->next) {
		if (!prove_fronts(signs, sign, group, samples, err))
			return false;
	}
	return prove_list(signs, sign, "samples", true, samples, err) &&
	       prove_list(signs, sign, "counterexamples", false, samples, err);
}

/* --- unsubscribes --------------------------------------------------------- */

static bool check_wish(const struct nx_report *report,
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

static bool prove_wishes(const struct nx_signs *signs, const char *key,
                         bool wanted, size_t *samples, struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(signs->wishes.source, key);
	const struct nx_yaml *node = list != NULL ? list->first : NULL;
	bool right = true;
	for (; right && node != NULL; node = node->next, ++*samples) {
		if (!nx_yaml_check_keys(node, sample_keys, err))
			return false;
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_report *report =
		        sample_report(ctx, signs, node, NULL);
		bool is_one = nx_report_unsubscribe(ctx, report);
		if (wanted)
			right = check_wish(report, node, err);
		else
			right = !is_one ||
			        nx_yaml_error(
			                err, node,
			                "counterexample is an unsubscribe");
		talloc_free(ctx);
	}
	return right;
}

bool nx_signs_prove(const struct nx_signs *signs, size_t *samples,
                    struct nx_error *err)
{
	*samples = 0;
	for (size_t i = 0; i < signs->count; i++) {
		if (!prove_sign(signs, signs->item[i], samples, err))
			return false;
	}
	return prove_wishes(signs, "samples", true, samples, err) &&
	       prove_wishes(signs, "counterexamples", false, samples, err);
}
