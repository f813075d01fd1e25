/* SPDX-License-Identifier: ISC */

/*
 * The text of a refusal, read and judged with the shipped words and rules: its
 * mentions and words are inside it and in order, its clauses cover it, the
 * explanation of the verdict can be written, and what it says of us is bounded.
 */
#include "../unit/refusal.h"
#include "base/text.h"
#include "classify/explain.h"
#include "classify/party.h"
#include "fuzz.h"
#include "fuzz_rules.h"
#include "policy/block.h"

#include <string.h>

enum { TEXT = 64 * 1024, MARK = 3 /* bytes that separate two clauses */ };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	load_rules();
	return 0;
}

static bool is_inside_character(const struct nx_facts *facts, size_t at)
{
	return ((unsigned char)facts->text[at] & 0xC0) == 0x80;
}

static void check_mentions(const struct nx_facts *facts)
{
	size_t before = 0;
	for (size_t i = 0; i < nx_facts_names(facts)->mentions; i++) {
		const struct nx_mention *mention =
		        &nx_facts_names(facts)->mention[i];
		need(mention->start < mention->end);
		need(mention->end <= facts->size);
		need(mention->start >= before);
		need(!is_inside_character(facts, mention->start));
		need(!is_inside_character(facts, mention->end));
		(void)nx_party_of(
		        facts, (struct nx_match){mention->start, mention->end});
		before = mention->start;
	}
}

/* The words of the concepts, by where they start. */
static void check_marks(const struct nx_facts *facts)
{
	const struct nx_spoken *spoken = nx_facts_spoken(facts);
	size_t before = 0;
	for (size_t i = 0; i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];
		need(mark->start < mark->end);
		need(mark->end <= facts->size);
		need(mark->start >= before);
		need(!is_inside_character(facts, mark->start));
		need(!is_inside_character(facts, mark->end));
		need((mark->concepts & ~spoken->some) == 0);
		need(nx_concept_mark_languages(mark, mark->concepts) != 0);
		before = mark->start;
	}
}

/* Each byte lies in a clause, or in the mark that ends one. */
static void check_clauses(const struct nx_facts *facts)
{
	struct nx_match before = {0, 0};
	for (size_t at = 0; at < facts->size; at++) {
		struct nx_match clause =
		        nx_party_clause(facts, (struct nx_match){at, at + 1});
		need(clause.start <= at && clause.end > at);
		need(clause.end <= facts->size);
		need(clause.start >= before.start && clause.end >= before.end);
		need(clause.start <= before.end + MARK);
		before = clause;
	}
	need(before.end + MARK >= facts->size);
}

/* Whatever the verdict is. */
static void check_block(TALLOC_CTX *ctx, const char *diagnostic)
{
	struct nx_block_said said;
	const struct nx_event event = {.address = "anna@kunde.example",
	                               .sending_domain = "send.example",
	                               .verdict = {.class = NX_CLASS_SOFT,
	                                           .reason = "blocklisted",
	                                           .fault = NX_FAULT_SENDER,
	                                           .advice = "delist"},
	                               .diagnostic = diagnostic,
	                               .remote_mta = "mx.kunde.example"};
	need(nx_block_read(ctx, nx_engine_tables(rules.engine), &event, &said));
	need(strlen(said.ours) <= 253 && strlen(said.list) <= 253);
	need(strlen(said.url) <= NX_BLOCK_URL);
	need(strpbrk(said.ours, " @/\t\n") == NULL);
	need(strpbrk(said.list, " @/\t\n") == NULL);
	need(strpbrk(said.url, " @\t\n") == NULL);
}

static void check(TALLOC_CTX *ctx, const struct nx_report *report)
{
	struct nx_trace trace = {0};
	const struct nx_verdict verdict = nx_classify(
	        ctx, nx_engine_tables(rules.engine), report, 0, &trace);
	need(*verdict.rule != '\0');
	need(trace.facts != NULL);
	need(strlen(trace.facts->text) == trace.facts->size);
	check_mentions(trace.facts);
	check_marks(trace.facts);
	check_clauses(trace.facts);
	struct nx_json_out *out = nx_json_out_new(ctx);
	nx_explain_write(out, &trace);
	nx_json_out_end(out);
	need(out->text[out->size - 1] == '}');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_recipient recipient;
	struct nx_report report = refusal_of(
	        ctx, nx_text_repair(ctx, (const char *)data, size, TEXT),
	        &recipient);

	recipient.remote_mta = "mx.kunde.example";
	check(ctx, &report);
	check_block(ctx, recipient.diagnostic);
	talloc_free(ctx);
	return 0;
}
