/* SPDX-License-Identifier: ISC */
#include "classify/explain.h"

#include "classify/party.h"

enum {
	SHORT_SIZE = 256, /* bytes of a text */
	LONG_SIZE = 512,
	STEPS = 50,
	NAMES = 50
};

static void write_name(struct nx_json_out *out, const struct nx_facts *facts,
                       const struct nx_mention *mention)
{
	size_t size = mention->end - mention->start;

	nx_json_out_object(out, NULL);
	nx_json_out_text(out, "text", facts->text + mention->start,
	                 size < SHORT_SIZE ? size : SHORT_SIZE);
	nx_json_out_text(out, "kind", nx_mention_kind_name(mention->kind),
	                 SHORT_SIZE);
	nx_json_out_text(out, "whose", nx_party_name(mention->party),
	                 SHORT_SIZE);
	if (mention->aside || mention->behind)
		nx_json_out_bool(out, "aside", true);
	nx_json_out_end(out);
}

static void write_facts(struct nx_json_out *out, const struct nx_facts *facts)
{
	const struct nx_names_told *names = nx_facts_names(facts);

	nx_json_out_object(out, "facts");
	nx_json_out_text(out, "text", facts->text, LONG_SIZE);
	nx_json_out_text(out, "command", nx_phase_name(facts->phase),
	                 SHORT_SIZE);
	nx_json_out_text(out, "about", nx_party_name(names->about), SHORT_SIZE);
	nx_json_out_array(out, "names");
	for (size_t i = 0; i < names->mentions && i < NAMES; i++)
		write_name(out, facts, &names->mention[i]);
	nx_json_out_end(out);
	nx_json_out_end(out);
}

static void write_step(struct nx_json_out *out, const struct nx_step *step)
{
	nx_json_out_object(out, NULL);
	nx_json_out_text(out, "table", nx_verdict_basis_name(step->table),
	                 SHORT_SIZE);
	nx_json_out_text(out, "asked", step->asked, LONG_SIZE);
	nx_json_out_text(out, "rule", step->rule, SHORT_SIZE);
	nx_json_out_text(out, "file", step->file, SHORT_SIZE);
	nx_json_out_number(out, "line", step->line);
	nx_json_out_text(out, "matched", step->matched, SHORT_SIZE);
	nx_json_out_text(out, "note", step->note, SHORT_SIZE);
	nx_json_out_end(out);
}

void nx_explain_write(struct nx_json_out *out, const struct nx_trace *trace)
{
	if (trace->facts != NULL && trace->facts->size > 0)
		write_facts(out, trace->facts);
	nx_json_out_array(out, "steps");
	for (size_t i = 0; i < trace->count && i < STEPS; i++)
		write_step(out, &trace->step[i]);
	nx_json_out_end(out);
}
