/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/format_rules.h"
#include "report/readers/readers.h"

#include <stdlib.h>
#include <string.h>

/*
 * Every format is proven: its samples are read by all formats together, and
 * must be read by this one, with the recipients it expects.
 */
static struct nx_message *sample_message(TALLOC_CTX *ctx,
                                         const struct nx_yaml *sample)
{
	struct nx_message *message = talloc_zero(ctx, struct nx_message);
	const struct nx_yaml *more = nx_yaml_get(sample, "header");
	size_t count = more ? more->count : 0;
	struct nx_field *field =
	        talloc_zero_array(message, struct nx_field, count + 2);
	struct nx_part *part = talloc_zero(message, struct nx_part);

	field[0] = (struct nx_field){"From", nx_yaml_text(sample, "from", "")};
	field[1] = (struct nx_field){"Subject",
	                             nx_yaml_text(sample, "subject", "")};
	size_t used = 2;

	for (const struct nx_yaml *node = more ? more->first : NULL; node;
	     node = node->next)
		field[used++] = (struct nx_field){node->key, node->text};
	part->type = nx_yaml_text(sample, "type", "text/plain");
	part->disposition = part->file_name = part->description = "";
	part->text = nx_yaml_text(sample, "body", "");
	message->headers = (struct nx_fields){field, used};
	message->report_type = "";
	message->envelope = (struct nx_envelope){
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	message->part = part;
	message->parts = 1;
	return message;
}

static bool check_text(const struct nx_yaml *expected, const char *key,
                       const char *is, bool whole, struct nx_error *err)
{
	const char *wanted = nx_yaml_text(expected, key, NULL);

	if (!wanted || (whole ? strcmp(is, wanted) == 0
	                      : nx_text_find(is, wanted) != NULL))
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

const struct nx_report *nx_format_read_sample(TALLOC_CTX *ctx,
                                              const struct nx_formats *formats,
                                              const struct nx_message *sample)
{
	struct nx_report *report =
	        nx_report_new(ctx, formats, NULL, NULL, sample);

	nx_report_format(report, formats, sample, report);
	return report;
}

/* The recipients that the sample names are taken whole, and no other
 * addresses. */
static bool prove_addresses(const struct nx_formats *formats,
                            const struct nx_format *format,
                            const struct nx_yaml *sample,
                            const struct nx_message *message,
                            const struct nx_report *report,
                            struct nx_error *err)
{
	for (size_t i = 0; i < report->recipients; i++)
		if (!nx_format_prove_whole(formats, sample, message,
		                           report->recipient[i].address,
		                           format->prose, err))
			return false;
	return nx_format_prove_others(formats, sample, message, err);
}

static bool prove_sample(const struct nx_formats *formats,
                         const struct nx_format *format,
                         const struct nx_yaml *sample, struct nx_error *err)
{
	static const char *const keys[] = {
	        "body", "expect", "from", "header", "subject", "type", NULL};

	if (!nx_yaml_check_keys(sample, keys, err))
		return false;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_message *message = sample_message(ctx, sample);
	const struct nx_report *report =
	        nx_format_read_sample(ctx, formats, message);
	bool right =
	        check_report(format, sample, report, err) &&
	        prove_addresses(formats, format, sample, message, report, err);

	talloc_free(ctx);
	return right;
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

bool nx_formats_prove(const struct nx_formats *formats, size_t *samples,
                      struct nx_error *err)
{
	*samples = 0;
	if (!prove_others(formats, "examples", true, err) ||
	    !prove_others(formats, "counterexamples", false, err))
		return false;
	for (size_t i = 0; i < formats->count; i++) {
		const struct nx_format *format = formats->item[i];
		const struct nx_yaml *list =
		        nx_yaml_get(format->source, "samples");

		if (!list || list->count < 2)
			return nx_yaml_error(err, format->source,
			                     "%s: needs two samples",
			                     format->name);
		for (const struct nx_yaml *sample = list->first; sample;
		     sample = sample->next, ++*samples)
			if (!prove_sample(formats, format, sample, err))
				return false;
	}
	return true;
}
