/* SPDX-License-Identifier: ISC */
#include "event/judge_again.h"

#include "base/text.h"
#include "classify/classify.h"
#include "classify/facts.h"

#include <stdio.h>
#include <string.h>

bool nx_event_judge_again_is_same(const struct nx_verdict *one,
                                  const struct nx_verdict *other)
{
	return one->class == other->class && one->fault == other->fault &&
	       strcmp(one->rule, other->rule) == 0 &&
	       strcmp(one->reason, other->reason) == 0;
}

/* --- what is not stored --------------------------------------------------- */

/* What a rule quotes is of the text, or a code. */
static bool is_in_fields(TALLOC_CTX *ctx, const struct nx_event *event)
{
	const char *matched = event->verdict.matched;
	char reply[16];

	snprintf(reply, sizeof(reply), "%d", event->reply);
	return strcmp(matched, event->status) == 0 ||
	       strcmp(matched, reply) == 0 ||
	       strcmp(matched, event->remote_mta) == 0 ||
	       strcmp(matched, event->reporting_mta) == 0 ||
	       strstr(nx_text_squeeze(ctx, event->diagnostic, NX_TEXT_ASKED),
	              matched);
}

static bool is_judged_by_words(const struct nx_verdict *verdict)
{
	return verdict->basis == NX_BASIS_TEXT ||
	       verdict->basis == NX_BASIS_PROVIDER;
}

/* A reply is read from a diagnostic: where that is not, it was cut off. Which
 * of our addresses one is depends on the message. */
static bool is_known(TALLOC_CTX *ctx, const struct nx_event *event)
{
	const struct nx_verdict *verdict = &event->verdict;

	if (event->kind == NX_KIND_UNPARSED ||
	    verdict->basis == NX_BASIS_ADDRESS)
		return false;
	if (*event->diagnostic == '\0' &&
	    (event->reply != 0 || is_judged_by_words(verdict)))
		return false;
	return !is_judged_by_words(verdict) || is_in_fields(ctx, event);
}

/* Everybody at a domain may be its postmaster, but only one is called so. */
static enum nx_ours ours_of(const char *address)
{
	return strncmp(address, "postmaster@", 11) == 0 ||
	                       strncmp(address, "mailer-daemon@", 14) == 0
	               ? NX_OURS_POSTMASTER
	               : NX_OURS_NOT;
}

/* --- the report that it may have been ------------------------------------- */

static void fill_recipient(TALLOC_CTX *ctx, const struct nx_event *event,
                           struct nx_recipient *out)
{
	*out = nx_recipient_empty();
	out->address = event->address;
	out->action = event->action;
	out->diagnostic = event->diagnostic;
	out->remote_mta = event->remote_mta;
	out->ours = ours_of(event->address);
	nx_status_parse(event->status, &out->status);
	out->status_field = out->status;
	/* a number that is no reply was not read as one */
	if (event->reply != 0)
		nx_reply_parse(ctx, event->diagnostic, &out->reply);
}

/* As the status that Sendmail makes up for a reply without one. */
static bool may_be_translated(const struct nx_recipient *recipient)
{
	return nx_status_is_none(recipient->reply.status) &&
	       recipient->reply.code != 0 && recipient->status.class == 5 &&
	       recipient->status.subject == 1;
}

static struct nx_report report_of(TALLOC_CTX *ctx, const struct nx_event *event,
                                  struct nx_recipient *recipient)
{
	struct nx_report report = {
	        .kind = event->kind,
	        .reporting_mta = event->reporting_mta,
	        .recipient = recipient,
	        .recipients = 1,
	        .was_own_refusal =
	                strcmp(event->verdict.reason, "own-refusal") == 0};

	/* for hosts of ours in the text */
	if (*event->sending_domain)
		report.original.from = talloc_asprintf(ctx, "nobody@%s",
		                                       event->sending_domain);
	return report;
}

bool nx_event_judge_again(TALLOC_CTX *ctx, const struct nx_tables *tables,
                          const struct nx_event *event,
                          const char *feedback_type, struct nx_verdict *out)
{
	const struct nx_feedback feedback = {.feedback_type = feedback_type};
	struct nx_recipient recipient;

	if (!is_known(ctx, event))
		return false;
	fill_recipient(ctx, event, &recipient);
	struct nx_report report = report_of(ctx, event, &recipient);
	if (event->kind == NX_KIND_FEEDBACK_REPORT)
		report.feedback = &feedback;
	*out = nx_classify(ctx, tables, &report, 0, NULL);
	if (strcmp(out->rule, event->verdict.rule) == 0 ||
	    !may_be_translated(&recipient))
		return true;
	recipient.status_is_translated = true;
	const struct nx_verdict other =
	        nx_classify(ctx, tables, &report, 0, NULL);
	if (strcmp(other.rule, event->verdict.rule) == 0)
		*out = other;
	return true;
}
