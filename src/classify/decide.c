/* SPDX-License-Identifier: ISC */
#include "classify/decide.h"

#include "base/text.h"
#include "classify/party.h"

#include <string.h>

enum {
	MATCHED_SIZE = 200, /* of the words that a verdict quotes */
	LOSERS = 5          /* text rules in a trace beside the winner */
};

/* One run through the tables. */

struct deciding {
	TALLOC_CTX *ctx;
	const struct nx_tables *tables;
	const struct nx_facts *facts;
	struct nx_trace *trace;
	struct nx_answer answer;
};

static void note_step(struct deciding *deciding, struct nx_step step,
                      const struct nx_rule *rule)
{
	struct nx_trace *trace = deciding->trace;

	step.rule = rule != NULL ? rule->id : "";
	step.file = rule != NULL ? rule->file : "";
	step.line = rule != NULL ? rule->line : 0;
	trace->step = talloc_realloc(deciding->ctx, trace->step, struct nx_step,
	                             trace->count + 1);
	trace->step[trace->count++] = step;
}

/* Records whether a table has an answer: the first answer decides. */
static void note(struct deciding *deciding, struct nx_step step,
                 const struct nx_rule *rule)
{
	bool decides = rule != NULL && deciding->answer.rule == NULL;

	if (decides) {
		deciding->answer.rule = rule;
		deciding->answer.matched = step.matched;
	}
	if (deciding->trace == NULL)
		return;
	step.note = talloc_asprintf(deciding->ctx, "%s%s",
	                            decides        ? "decides"
	                            : rule == NULL ? "silent"
	                                           : "overruled",
	                            step.note);
	note_step(deciding, step, rule);
}

static bool over(const struct deciding *deciding)
{
	return deciding->answer.rule != NULL && deciding->trace == NULL;
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
		while (nx_text_continues(facts->text[match.start + size]))
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
	if (rule->when.text.pattern != NULL || rule->when.says.count > 0)
		return quote(ctx, facts, match);
	return talloc_strdup(ctx, other_ground(rule, facts));
}

/* Text rules after the one that matched. */
static void note_losers(struct deciding *deciding, const struct nx_rule *rule)
{
	const struct nx_facts *facts = deciding->facts;

	for (int i = 0; i < LOSERS; i++) {
		struct nx_match match = {0};

		rule = nx_match_text_behind(deciding->tables, facts, rule,
		                            &match);
		if (rule == NULL)
			return;
		note_step(
		        deciding,
		        (struct nx_step){.table = nx_table_basis(rule->table),
		                         .asked = facts->text,
		                         .matched = ground(deciding->ctx, rule,
		                                           facts, match),
		                         .note = "overruled, stands behind it"},
		        rule);
	}
}

static void match_text(struct deciding *deciding)
{
	const struct nx_facts *facts = deciding->facts;
	struct nx_match match = {0};
	size_t asked;
	const struct nx_rule *rule = nx_match_text(
	        deciding->ctx, deciding->tables, facts, &match, &asked);
	struct nx_step step = {
	        .table = NX_BASIS_TEXT, .asked = facts->text, .matched = ""};

	if (rule == NULL && deciding->trace == NULL)
		return;
	if (rule != NULL) {
		step.table = nx_table_basis(rule->table);
		step.matched = ground(deciding->ctx, rule, facts, match);
		deciding->answer.match = match;
	}
	if (deciding->trace != NULL)
		step.note = talloc_asprintf(deciding->ctx,
		                            ", %zu of %zu rules asked", asked,
		                            deciding->tables->text.count);
	note(deciding, step, rule);
	if (deciding->trace != NULL && rule != NULL)
		note_losers(deciding, rule);
}

/* Which party the refusal is about, when the rule may not judge the
 * recipient. */
static const char *barred_note(const struct deciding *deciding)
{
	return talloc_asprintf(
	        deciding->ctx, "not asked: the text is about the %s",
	        nx_party_name(nx_facts_names(deciding->facts)->about));
}

/* A number: its row answers at once or, when it is weak, only in the second
 * round. */
static void note_code(struct deciding *deciding, enum nx_basis table,
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
	if (rule != NULL && !nx_match_may_judge(rule, deciding->facts)) {
		step.note = barred_note(deciding);
		if (deciding->trace != NULL && rule->weak == weak)
			note_step(deciding, step, rule);
		return;
	}
	if (rule != NULL && rule->weak && !weak) {
		step.note = "weak: asked again last";
		if (deciding->trace != NULL)
			note_step(deciding, step, rule);
		return;
	}
	if (!weak || (rule != NULL && rule->weak))
		note(deciding, step, rule);
}

static void match_status(struct deciding *deciding, const struct nx_code *code,
                         bool weak)
{
	if (over(deciding) || nx_status_is_none(code->status))
		return;
	note_code(deciding, NX_BASIS_STATUS,
	          talloc_strdup(deciding->ctx, code->text),
	          nx_match_status(deciding->tables, NX_TABLE_STATUS,
	                          code->status),
	          weak);
}

static void match_reply(struct deciding *deciding, bool weak)
{
	int code = deciding->facts->reply;

	if (over(deciding) || code == 0)
		return;
	note_code(deciding, NX_BASIS_REPLY,
	          talloc_strdup(deciding->ctx, deciding->facts->reply_text),
	          nx_match_key(deciding->tables, NX_TABLE_REPLY, code), weak);
}

static void match_codes(struct deciding *deciding)
{
	match_status(deciding, &deciding->facts->told, false);
	match_status(deciding, &deciding->facts->field, false);
	match_reply(deciding, false);
}

/* x.0.0 says less than any reply. */
static bool is_filler(const struct nx_code *code)
{
	return code->status.subject == 0;
}

static void match_weak_codes(struct deciding *deciding)
{
	const struct nx_code *codes[] = {&deciding->facts->told,
	                                 &deciding->facts->field};

	for (size_t i = 0; i < 2; i++) {
		if (!is_filler(codes[i]))
			match_status(deciding, codes[i], true);
	}
	match_reply(deciding, true);
	for (size_t i = 0; i < 2; i++) {
		if (is_filler(codes[i]))
			match_status(deciding, codes[i], true);
	}
}

/* A row of the profile, which may or may not have this code. */
static void note_profile(struct deciding *deciding, enum nx_basis table,
                         const char *code, const struct nx_rule *rule)
{
	struct nx_step step = {
	        .table = table,
	        .asked = talloc_strdup(deciding->ctx, code),
	        .matched = "",
	        .note = ", by the profile",
	};

	if (rule != NULL)
		step.matched = step.asked;
	if (*code != '\0')
		note(deciding, step, rule);
}

/* The profile alone decides the codes it has, the enhanced code first. */
static void match_profile(struct deciding *deciding)
{
	const struct nx_tables *tables = deciding->tables;
	const struct nx_facts *facts = deciding->facts;
	const struct nx_code *codes[] = {&facts->told, &facts->field};

	if (facts->plain || (tables->table[NX_TABLE_PROFILE_STATUS].count +
	                     tables->table[NX_TABLE_PROFILE_REPLY].count) == 0)
		return;
	for (size_t i = 0; i < 2 && deciding->answer.rule == NULL; i++)
		note_profile(deciding, NX_BASIS_STATUS, codes[i]->text,
		             nx_match_status(tables, NX_TABLE_PROFILE_STATUS,
		                             codes[i]->status));
	if (deciding->answer.rule == NULL)
		note_profile(deciding, NX_BASIS_REPLY, facts->reply_text,
		             nx_match_key(tables, NX_TABLE_PROFILE_REPLY,
		                          facts->reply));
}

static void match_word(struct deciding *deciding, enum nx_basis table,
                       const char *word, const struct nx_rule *rule)
{
	const struct nx_step step = {
	        .table = table,
	        .asked = word,
	        .matched = rule != NULL ? word : "",
	        .note = "",
	};

	note(deciding, step, rule);
}

static void match_party(struct deciding *deciding)
{
	if (deciding->answer.rule != NULL)
		return;

	const struct nx_rule *rule =
	        nx_match_party(deciding->tables, deciding->facts);

	if (rule != NULL)
		match_word(deciding, NX_BASIS_TEXT, deciding->facts->text,
		           rule);
}

static void note_ours(struct deciding *deciding)
{
	enum nx_ours ours = deciding->facts->ours;

	match_word(deciding, NX_BASIS_ADDRESS, nx_ours_name(ours),
	           nx_match_key(deciding->tables, NX_TABLE_OURS, (long)ours));
}

/* What is said of an address of ours is not about any recipient. */
static bool match_ours(struct deciding *deciding)
{
	enum nx_ours ours = deciding->facts->ours;

	if (ours != NX_OURS_NOT && ours != NX_OURS_POSTMASTER)
		note_ours(deciding);
	return over(deciding);
}

/* Every domain has a postmaster (RFC 5321 section 4.5.1): the mailbox may be
 * full, but it always exists. */
static void spare_postmaster(struct deciding *deciding)
{
	const struct nx_rule *rule = deciding->answer.rule;

	if (deciding->facts->ours != NX_OURS_POSTMASTER || rule == NULL)
		return;
	if (rule->confirm_days > 0 ||
	    nx_rule_class(rule, deciding->facts->temporary) == NX_CLASS_HARD) {
		deciding->answer = (struct nx_answer){.matched = ""};
		note_ours(deciding);
	}
}

static void match_failure(struct deciding *deciding)
{
	if (deciding->answer.rule == NULL)
		match_word(deciding, NX_BASIS_ACTION,
		           nx_action_name(deciding->facts->action),
		           nx_match_failure(deciding->tables, deciding->facts));
}

static void decide_delivery(struct deciding *deciding)
{
	enum nx_action action = deciding->facts->action;

	if (action != NX_ACTION_NONE && action != NX_ACTION_FAILED) {
		match_word(deciding, NX_BASIS_ACTION, nx_action_name(action),
		           nx_match_key(deciding->tables, NX_TABLE_ACTION,
		                        nx_key_of_action(action, 0)));
		return;
	}
	if (match_ours(deciding))
		return;
	match_profile(deciding);
	if (over(deciding))
		return;
	match_text(deciding);
	match_codes(deciding);
	match_party(deciding);
	if (deciding->answer.rule == NULL)
		match_weak_codes(deciding);
	match_failure(deciding);
}

static void decide_feedback(struct deciding *deciding)
{
	const char *type = deciding->facts->feedback_type;

	if (match_ours(deciding))
		return;
	match_word(deciding, NX_BASIS_FEEDBACK, type,
	           nx_match_feedback(deciding->tables, type));
}

static void decide_kind(struct deciding *deciding)
{
	enum nx_kind kind = deciding->facts->kind;

	match_word(deciding, NX_BASIS_KIND, nx_kind_name(kind),
	           nx_match_key(deciding->tables, NX_TABLE_KIND, (long)kind));
}

struct nx_answer nx_decide(TALLOC_CTX *ctx, const struct nx_tables *tables,
                           const struct nx_facts *facts, struct nx_trace *trace)
{
	struct deciding deciding = {
	        .ctx = ctx,
	        .tables = tables,
	        .facts = facts,
	        .trace = trace,
	        .answer = {.matched = ""},
	};

	if (trace != NULL)
		*trace = (struct nx_trace){0};
	facts->names->is_firm = nx_match_is_firm(tables, facts);
	facts->names->asked = tables->asked;
	switch (facts->kind) {
	case NX_KIND_DELIVERY_REPORT:
		decide_delivery(&deciding);
		spare_postmaster(&deciding);
		break;
	case NX_KIND_FEEDBACK_REPORT:
		decide_feedback(&deciding);
		break;
	case NX_KIND_UNSUBSCRIBE:
	case NX_KIND_AUTO_REPLY:
	case NX_KIND_OTHER:
	case NX_KIND_UNPARSED:
		decide_kind(&deciding);
		break;
	}
	return deciding.answer;
}
