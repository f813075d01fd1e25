/* SPDX-License-Identifier: ISC */
#include "classify/facts.h"

#include "base/text.h"
#include "mail/address.h"

#include <stdio.h>
#include <string.h>

const char *nx_party_name(enum nx_party party)
{
	static const char *const names[] = {
	        [NX_PARTY_NONE] = "",
	        [NX_PARTY_RECIPIENT] = "recipient",
	        [NX_PARTY_SENDER] = "sender",
	        [NX_PARTY_CONNECTION] = "connection",
	        [NX_PARTY_CONTENT] = "content",
	        [NX_PARTY_THEIRS] = "receiving side",
	        [NX_PARTY_OTHER] = "other",
	};

	return names[party];
}

const char *nx_mention_kind_name(enum nx_mention_kind kind)
{
	static const char *const names[] = {
	        [NX_MENTION_WORD] = "word", [NX_MENTION_ADDRESS] = "address",
	        [NX_MENTION_HOST] = "host", [NX_MENTION_IP] = "ip",
	        [NX_MENTION_URL] = "url",
	};

	return names[kind];
}

static struct nx_code code_of(struct nx_status status)
{
	struct nx_code code = {.status = status};

	nx_status_text(status, code.text);
	return code;
}

/* Only AUTH is answered so (RFC 4954 section 6), whatever the words. */
static bool is_of_auth(const struct nx_facts *facts)
{
	const struct nx_status status = facts->told.status;

	return facts->reply == 534 || facts->reply == 535 ||
	       facts->reply == 538 ||
	       (status.subject == 7 && status.detail == 8);
}

/* The code in the reply is first-hand; the report's own comes second. */
static void read_codes(const struct nx_recipient *recipient,
                       struct nx_facts *facts)
{
	const struct nx_reply *reply = &recipient->reply;
	struct nx_status told = reply->status;
	struct nx_status field = recipient->status;

	if (recipient->status_is_translated)
		field = (struct nx_status){0};
	if (nx_status_is_none(told))
		told = field;
	if (nx_status_equal(told, field) && !recipient->status_is_translated)
		field = recipient->status_field;
	facts->told = code_of(told);
	if (!nx_status_equal(told, field))
		facts->field = code_of(field);
	if (reply->code >= 200 && reply->code <= 599) {
		facts->reply = reply->code;
		snprintf(facts->reply_text, sizeof(facts->reply_text), "%d",
		         reply->code);
	}
	facts->phase = reply->phase;
	if (facts->phase == NX_PHASE_NONE && is_of_auth(facts))
		facts->phase = NX_PHASE_AUTH;
	facts->temporary = facts->reply / 100 == 4 ||
	                   facts->told.status.class == 4 ||
	                   facts->field.status.class == 4;
}

/* "Sender verification failed: host mx said: 550 user unknown" */
static bool names_others(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                         const char *front)
{
	size_t count;
	const struct nx_concept_mark *mark =
	        nx_concepts_find(ctx, concepts, front, strlen(front), &count);

	for (size_t i = 0; i < count; i++)
		if (!mark[i].aside && mark[i].concept != NX_CONCEPT_RECIPIENT)
			return true;
	return false;
}

/* What the other side said, together with what the reporter says that names
 * somebody else. A number of the reporter's own system is used only when there
 * is nothing else. */
static const char *said(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                        const struct nx_recipient *recipient)
{
	const struct nx_reply *reply = &recipient->reply;

	if (reply->text == NULL || *reply->text == '\0')
		return recipient->diagnostic;
	if (*reply->front == '\0' || !names_others(ctx, concepts, reply->front))
		return reply->text;
	return talloc_asprintf(ctx, "%s %s", reply->front, reply->text);
}

struct nx_facts nx_facts_read(TALLOC_CTX *ctx,
                              const struct nx_concepts *concepts,
                              const struct nx_report *report, size_t index)
{
	struct nx_facts facts = {
	        .kind = report->kind,
	        .feedback_type = "",
	        .text = "",
	        .mta = report->reporting_mta,
	        .domain = "",
	};

	facts.names = talloc_zero(ctx, struct nx_names_told);
	facts.names->ctx = ctx;
	if (report->feedback != NULL)
		facts.feedback_type = report->feedback->feedback_type;
	if (index >= report->recipients)
		return facts;

	const struct nx_recipient *recipient = &report->recipient[index];

	facts.action = recipient->action;
	facts.ours = recipient->ours;
	facts.text = nx_text_squeeze(ctx, said(ctx, concepts, recipient),
	                             NX_TEXT_ASKED);
	facts.size = strlen(facts.text);
	facts.domain = nx_address_domain(ctx, recipient->address);
	if (*recipient->remote_mta != '\0')
		facts.mta = recipient->remote_mta;
	read_codes(recipient, &facts);
	facts.names->concepts = concepts;
	facts.names->report = report;
	facts.names->recipient = recipient;
	return facts;
}

const struct nx_names_told *nx_facts_names(const struct nx_facts *facts)
{
	struct nx_names_told *names = facts->names;

	if (names->known)
		return names;
	names->known = true;
	if (names->recipient != NULL) {
		nx_mentions_find(facts);
		nx_party_find(facts);
	}
	return names;
}
