/* SPDX-License-Identifier: ISC */
#include "classify/decide.h"

#include "base/text.h"
#include "classify/party.h"

#include <string.h>

enum {
	MATCHED_SIZE = 200, /* of the words that a verdict quotes */
	LOSERS = 5          /* text rules in a trace beside the winner */
};

/* The walk. */

struct deciding {
	TALLOC_CTX *ctx;
	const struct nx_tables *tables;
	const struct nx_facts *facts;
	struct nx_trace *trace;
	struct nx_answer answer;
};

static void note_step(struct deciding *walk, struct nx_step step,
                      const struct nx_rule *rule)
{
	struct nx_trace *trace = walk->trace;

	step.rule = rule != NULL ? rule->id : "";
	step.file = rule != NULL ? rule->file : "";
	step.line = rule != NULL ? rule->line : 0;
	trace->step = talloc_realloc(walk->ctx, trace->step, struct nx_step,
	                             trace->count + 1);
	trace->step[trace->count++] = step;
}

/* Records whether a table has an answer: the first answer decides. */
static void hear(struct deciding *walk, struct nx_step step,
                 const struct nx_rule *rule)
{
	bool decides = rule != NULL && walk->answer.rule == NULL;

	if (decides) {
		walk->answer.rule = rule;
		walk->answer.matched = step.matched;
	}
	if (walk->trace == NULL)
		return;
	step.note = talloc_asprintf(walk->ctx, "%s%s",
	                            decides        ? "decides"
	                            : rule == NULL ? "silent"
	                                           : "overruled",
	                            step.note);
	note_step(walk, step, rule);
}

static bool over(const struct deciding *walk)
{
	return walk->answer.rule != NULL && walk->trace == NULL;
}

/* The words that the pattern matched, without half a character at the end. */
static const char *quote(TALLOC_CTX *ctx, const struct nx_facts *facts,
                         struct nx_match match)
{
	if (match.end <= match.start)
		return "";

	size_t size = match.end - match.start;

	if (size > MATCHED_SIZE) {
		size = MATCHED_SIZE;
		while ((facts->text[match.start + size] & 0xC0) == 0x80)
			size--;
	}
	return talloc_strndup(ctx, facts->text + match.start, size);
}

/* What a rule without a text condition rests on. */
static const char *other_ground(const struct nx_rule *rule,
                                const struct nx_facts *facts)
{
	if (rule->when.status.pattern != NULL)
		return facts->told.text;
	if (rule->when.reply.pattern != NULL)
		return facts->reply_text;
	if (rule->when.phase != NX_PHASE_NONE)
		return nx_phase_name(facts->phase);
	return rule->when.mta.pattern != NULL ? facts->mta : facts->domain;
}

static const char *ground(TALLOC_CTX *ctx, const struct nx_rule *rule,
                          const struct nx_facts *facts, struct nx_match match)
{
	if (rule->when.text.pattern != NULL)
		return quote(ctx, facts, match);
	return talloc_strdup(ctx, other_ground(rule, facts));
}

/* Text rules after the one that matched. */
static void note_losers(struct deciding *walk, const struct nx_rule *rule)
{
	const struct nx_facts *facts = walk->facts;

	for (int i = 0; i < LOSERS; i++) {
		struct nx_match match = {0};

		rule = nx_match_text_behind(walk->tables, facts, rule, &match);
		if (rule == NULL)
			return;
		note_step(
		        walk,
		        (struct nx_step){.table = nx_table_basis(rule->table),
		                         .asked = facts->text,
		                         .matched = ground(walk->ctx, rule,
		                                           facts, match),
		                         .note = "overruled, stands behind it"},
		        rule);
	}
}

static void match_text(struct deciding *walk)
{
	const struct nx_facts *facts = walk->facts;
	struct nx_match match = {0};
	size_t asked;
	const struct nx_rule *rule =
	        nx_match_text(walk->ctx, walk->tables, facts, &match, &asked);
	struct nx_step step = {
	        .table = NX_BASIS_TEXT, .asked = facts->text, .matched = ""};

	if (rule == NULL && walk->trace == NULL)
		return;
	if (rule != NULL) {
		step.table = nx_table_basis(rule->table);
		step.matched = ground(walk->ctx, rule, facts, match);
		walk->answer.match = match;
	}
	if (walk->trace != NULL)
		step.note =
		        talloc_asprintf(walk->ctx, ", %zu of %zu rules asked",
		                        asked, walk->tables->text.count);
	hear(walk, step, rule);
	if (walk->trace != NULL && rule != NULL)
		note_losers(walk, rule);
}

/* Which party the refusal is about, when the rule may not judge the
 * recipient. */
static const char *barred_note(const struct deciding *walk)
{
	return talloc_asprintf(
	        walk->ctx, "not asked: the text is about the %s",
	        nx_party_name(nx_facts_names(walk->facts)->about));
}

/* A number: its row answers at once or, when it is weak, only in the second
 * round. */
static void hear_code(struct deciding *walk, enum nx_basis table,
                      const char *code, const struct nx_rule *rule, bool weak)
{
	struct nx_step step = {
	        .table = table,
	        .asked = code,
	        .matched = "",
	        .note = weak ? ", asked again because all were silent" : "",
	};

	if (rule != NULL)
		step.matched = code;
	if (rule != NULL && !nx_match_may_judge(rule, walk->facts)) {
		step.note = barred_note(walk);
		if (walk->trace != NULL && rule->weak == weak)
			note_step(walk, step, rule);
		return;
	}
	if (rule != NULL && rule->weak && !weak) {
		step.note = "weak: asked again last";
		if (walk->trace != NULL)
			note_step(walk, step, rule);
		return;
	}
	if (!weak || (rule != NULL && rule->weak))
		hear(walk, step, rule);
}

static void match_status(struct deciding *walk, const struct nx_code *code,
                         bool weak)
{
	if (over(walk) || nx_status_is_none(code->status))
		return;
	hear_code(walk, NX_BASIS_STATUS, talloc_strdup(walk->ctx, code->text),
	          nx_match_status(walk->tables, NX_TABLE_STATUS, code->status),
	          weak);
}

static void match_reply(struct deciding *walk, bool weak)
{
	int code = walk->facts->reply;

	if (over(walk) || code == 0)
		return;
	hear_code(walk, NX_BASIS_REPLY,
	          talloc_strdup(walk->ctx, walk->facts->reply_text),
	          nx_match_key(walk->tables, NX_TABLE_REPLY, code), weak);
}

static void match_codes(struct deciding *walk)
{
	match_status(walk, &walk->facts->told, false);
	match_status(walk, &walk->facts->field, false);
	match_reply(walk, false);
}

/* x.0.0 says less than any reply. */
static bool is_filler(const struct nx_code *code)
{
	return code->status.subject == 0;
}

static void match_weak_codes(struct deciding *walk)
{
	const struct nx_code *codes[] = {&walk->facts->told,
	                                 &walk->facts->field};

	for (size_t i = 0; i < 2; i++) {
		if (!is_filler(codes[i]))
			match_status(walk, codes[i], true);
	}
	match_reply(walk, true);
	for (size_t i = 0; i < 2; i++) {
		if (is_filler(codes[i]))
			match_status(walk, codes[i], true);
	}
}

/* A row of the profile, which may or may not have this code. */
static void hear_profile(struct deciding *walk, enum nx_basis table,
                         const char *code, const struct nx_rule *rule)
{
	struct nx_step step = {
	        .table = table,
	        .asked = talloc_strdup(walk->ctx, code),
	        .matched = "",
	        .note = ", by the profile",
	};

	if (rule != NULL)
		step.matched = step.asked;
	if (*code != '\0')
		hear(walk, step, rule);
}

/* The profile alone decides the codes it has, the enhanced code first. */
static void match_profile(struct deciding *walk)
{
	const struct nx_tables *tables = walk->tables;
	const struct nx_facts *facts = walk->facts;
	const struct nx_code *codes[] = {&facts->told, &facts->field};

	if (facts->plain || (tables->table[NX_TABLE_PROFILE_STATUS].count +
	                     tables->table[NX_TABLE_PROFILE_REPLY].count) == 0)
		return;
	for (size_t i = 0; i < 2 && walk->answer.rule == NULL; i++)
		hear_profile(walk, NX_BASIS_STATUS, codes[i]->text,
		             nx_match_status(tables, NX_TABLE_PROFILE_STATUS,
		                             codes[i]->status));
	if (walk->answer.rule == NULL)
		hear_profile(walk, NX_BASIS_REPLY, facts->reply_text,
		             nx_match_key(tables, NX_TABLE_PROFILE_REPLY,
		                          facts->reply));
}

static void match_word(struct deciding *walk, enum nx_basis table,
                       const char *word, const struct nx_rule *rule)
{
	const struct nx_step step = {
	        .table = table,
	        .asked = word,
	        .matched = rule != NULL ? word : "",
	        .note = "",
	};

	hear(walk, step, rule);
}

static void match_party(struct deciding *walk)
{
	if (walk->answer.rule != NULL)
		return;

	const struct nx_rule *rule = nx_match_party(walk->tables, walk->facts);

	if (rule != NULL)
		match_word(walk, NX_BASIS_TEXT, walk->facts->text, rule);
}

static void hear_ours(struct deciding *walk)
{
	enum nx_ours ours = walk->facts->ours;

	match_word(walk, NX_BASIS_ADDRESS, nx_ours_name(ours),
	           nx_match_key(walk->tables, NX_TABLE_OURS, (long)ours));
}

/* What is said of an address of ours is not about any recipient. */
static bool match_ours(struct deciding *walk)
{
	enum nx_ours ours = walk->facts->ours;

	if (ours != NX_OURS_NOT && ours != NX_OURS_POSTMASTER)
		hear_ours(walk);
	return over(walk);
}

/* Every domain has a postmaster (RFC 5321 section 4.5.1): the mailbox may be
 * full, but it always exists. */
static void spare_postmaster(struct deciding *walk)
{
	const struct nx_rule *rule = walk->answer.rule;

	if (walk->facts->ours != NX_OURS_POSTMASTER || rule == NULL)
		return;
	if (rule->confirm_days > 0 ||
	    nx_rule_class(rule, walk->facts->temporary) == NX_CLASS_HARD) {
		walk->answer = (struct nx_answer){.matched = ""};
		hear_ours(walk);
	}
}

static void match_failure(struct deciding *walk)
{
	if (walk->answer.rule == NULL)
		match_word(walk, NX_BASIS_ACTION,
		           nx_action_name(walk->facts->action),
		           nx_match_failure(walk->tables, walk->facts));
}

static void walk_delivery(struct deciding *walk)
{
	enum nx_action action = walk->facts->action;

	if (action != NX_ACTION_NONE && action != NX_ACTION_FAILED) {
		match_word(walk, NX_BASIS_ACTION, nx_action_name(action),
		           nx_match_key(walk->tables, NX_TABLE_ACTION,
		                        nx_key_of_action(action, 0)));
		return;
	}
	if (match_ours(walk))
		return;
	match_profile(walk);
	if (over(walk))
		return;
	match_text(walk);
	match_codes(walk);
	match_party(walk);
	if (walk->answer.rule == NULL)
		match_weak_codes(walk);
	match_failure(walk);
}

static void walk_feedback(struct deciding *walk)
{
	const char *type = walk->facts->feedback_type;

	if (match_ours(walk))
		return;
	match_word(walk, NX_BASIS_FEEDBACK, type,
	           nx_match_feedback(walk->tables, type));
}

static void walk_kind(struct deciding *walk)
{
	enum nx_kind kind = walk->facts->kind;

	match_word(walk, NX_BASIS_KIND, nx_kind_name(kind),
	           nx_match_key(walk->tables, NX_TABLE_KIND, (long)kind));
}

struct nx_answer nx_decide(TALLOC_CTX *ctx, const struct nx_tables *tables,
                           const struct nx_facts *facts, struct nx_trace *trace)
{
	struct deciding walk = {
	        .ctx = ctx,
	        .tables = tables,
	        .facts = facts,
	        .trace = trace,
	        .answer = {.matched = ""},
	};

	if (trace != NULL)
		*trace = (struct nx_trace){0};
	switch (facts->kind) {
	case NX_KIND_DELIVERY_REPORT:
		walk_delivery(&walk);
		spare_postmaster(&walk);
		break;
	case NX_KIND_FEEDBACK_REPORT:
		walk_feedback(&walk);
		break;
	case NX_KIND_UNSUBSCRIBE:
	case NX_KIND_AUTO_REPLY:
	case NX_KIND_OTHER:
	case NX_KIND_UNPARSED:
		walk_kind(&walk);
		break;
	}
	return walk.answer;
}
