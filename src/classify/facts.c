/* SPDX-License-Identifier: ISC */
#include "classify/facts.h"

#include "base/text.h"
#include "concepts/clause.h"
#include "mail/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	const struct nx_concept_mark *mark = nx_concepts_mark(
	        ctx, concepts, concepts->parties, front, strlen(front), &count);

	for (size_t i = 0; i < count; i++) {
		const struct nx_concept *concept =
		        nx_concept_of_mark(concepts, &mark[i]);

		if (!concept->aside && concept->party != NX_PARTY_RECIPIENT)
			return true;
	}
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
	facts.names->asked = UINT64_MAX;
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
		names->words = nx_concepts_find(names->ctx, names->concepts,
		                                facts->text, facts->size);
		nx_mentions_find(facts);
		nx_party_find(facts);
	}
	return names;
}

/* --- what is said --------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct nx_concept_mark *left = a;
	const struct nx_concept_mark *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return (left->end > right->end) - (left->end < right->end);
}

/* The concept that stands for the party itself. */
static uint64_t bit_of_party(const struct nx_concepts *concepts,
                             const struct nx_mention *mention)
{
	for (size_t i = 0; i < concepts->count; i++) {
		const struct nx_concept *concept = &concepts->concept[i];

		if (concept->party == mention->party &&
		    concept->aside == mention->aside &&
		    concept->behind == (mention->behind && !mention->aside))
			return NX_CONCEPT_BIT(i);
	}
	return 0;
}

static size_t add_parties(const struct nx_facts *facts,
                          struct nx_concept_mark *mark)
{
	const struct nx_names_told *names = nx_facts_names(facts);
	size_t count = 0;

	for (size_t i = 0; i < names->mentions; i++) {
		const struct nx_mention *mention = &names->mention[i];
		const uint64_t bit =
		        mention->party != NX_PARTY_NONE
		                ? bit_of_party(names->concepts, mention)
		                : 0;

		if (bit != 0)
			mark[count++] = (struct nx_concept_mark){
			        mention->start, mention->end, bit, NULL, 0};
	}
	return count;
}

/* A word inside an address, a host or a URL is part of a name; and the word in
 * front of an IP address says what that is. */
static bool is_of_name(const struct nx_names_told *names,
                       const struct nx_concept_mark *word)
{
	enum { BLANK = 2 };

	for (size_t i = 0; i < names->mentions; i++) {
		const struct nx_mention *name = &names->mention[i];

		if (name->kind != NX_MENTION_WORD && word->start < name->end &&
		    word->end > name->start)
			return true;
		if (name->kind == NX_MENTION_IP && word->end <= name->start &&
		    name->start - word->end <= BLANK)
			return true;
	}
	return false;
}

static void find_spoken(const struct nx_facts *facts, struct nx_spoken *spoken)
{
	struct nx_names_told *names = facts->names;
	const struct nx_concepts *concepts = names->concepts;
	size_t words;
	const struct nx_concept_mark *word = nx_concepts_marks_of(
	        names->ctx, nx_facts_names(facts)->words,
	        (names->asked | concepts->things) & ~concepts->parties, &words);
	struct nx_concept_mark *mark =
	        talloc_array(names->ctx, struct nx_concept_mark,
	                     words + names->mentions + 1);
	size_t count = add_parties(facts, mark);

	for (size_t i = 0; i < words; i++)
		if (!is_of_name(names, &word[i]))
			mark[count++] = word[i];
	qsort(mark, count, sizeof(*mark), by_place);
	*spoken = (struct nx_spoken){.concepts = concepts,
	                             .text = facts->text,
	                             .mark = mark,
	                             .marks = count,
	                             .some = nx_concept_marks_all(mark, count),
	                             .clause = names->clause,
	                             .clauses = names->clauses};
}

const struct nx_spoken *nx_facts_spoken(const struct nx_facts *facts)
{
	struct nx_names_told *names = facts->names;

	if (!names->spoken_known && names->recipient != NULL)
		find_spoken(facts, &names->spoken);
	names->spoken_known = true;
	return &names->spoken;
}
