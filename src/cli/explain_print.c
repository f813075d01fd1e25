/* SPDX-License-Identifier: ISC */
#include "cli/explain_print.h"

#include "classify/party.h"
#include "cli/cli.h"

#include <inttypes.h>

void nx_explain_print_line(const char *name, const char *value)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (*value)
		printf("  %-18s %s\n", name, nx_cli_escape(ctx, value));
	talloc_free(ctx);
}

static void print_number(const char *name, int64_t number)
{
	if (number)
		printf("  %-18s %" PRId64 "\n", name, number);
}

/* The members of an object, one per line: "remote_mta" as "remote mta". */
static void print_members(const struct nx_json *object,
                          const char *const *names)
{
	for (; object && *names; names++) {
		char shown[32];
		snprintf(shown, sizeof(shown), "%s", *names);
		for (char *c = shown; *c; c++)
			if (*c == '_')
				*c = ' ';
		nx_explain_print_line(shown, nx_json_text(object, *names));
	}
}

static void print_fields(const struct nx_json *fields)
{
	for (size_t i = 0; fields && i < nx_json_count(fields); i++) {
		const struct nx_json *field = nx_json_item(fields, i);
		TALLOC_CTX *ctx = talloc_new(NULL);
		nx_explain_print_line(
		        nx_cli_escape(ctx, nx_json_text(field, "name")),
		        nx_json_text(field, "value"));
		talloc_free(ctx);
	}
}

static void print_feedback(const struct nx_json *feedback)
{
	static const char *const names[] = {"feedback_type",
	                                    "user_agent",
	                                    "version",
	                                    "original_envelope_id",
	                                    "original_mail_from",
	                                    "arrival_date",
	                                    "reporting_mta",
	                                    "source_ip",
	                                    "source_port",
	                                    NULL};
	if (!feedback)
		return;
	puts("\nfeedback");
	print_members(feedback, names);
	print_number("incidents", nx_json_number(feedback, "incidents"));
	print_fields(nx_json_member(feedback, "fields"));
}

static bool has_any(const struct nx_json *object, const char *const *names)
{
	for (; object && *names; names++)
		if (*nx_json_text(object, *names))
			return true;
	return false;
}

static void print_original(const struct nx_json *original)
{
	static const char *const names[] = {
	        "message_id",       "from",        "to",
	        "subject",          "return_path", "list_id",
	        "list_unsubscribe", "feedback_id", NULL};
	if (!has_any(original, names))
		return;
	puts("\nreturned message");
	print_members(original, names);
}

void nx_explain_print_message(const struct nx_record *record,
                              const struct nx_json *line)
{
	static const char *const envelope[] = {
	        "sender", "recipient", "original_recipient", "queue_id", NULL};
	static const char *const report[] = {
	        "kind", "format",      "reporting_mta", "arrival_date",
	        "date", "envelope_id", "cause",         NULL};
	print_members(nx_json_member(line, "envelope"), envelope);
	puts("\nreport");
	print_members(line, report);
	if (record->truncated)
		nx_explain_print_line("truncated", "it says more than is read");
	print_feedback(nx_json_member(line, "feedback"));
	print_original(nx_json_member(line, "original"));
}

void nx_explain_print_recipient(const struct nx_record_recipient *recipient)
{
	nx_explain_print_line("original recipient",
	                      recipient->original_recipient);
	nx_explain_print_line("final recipient", recipient->final_recipient);
	nx_explain_print_line("action", nx_action_name(recipient->action));
	nx_explain_print_line("status", recipient->status);
	print_number("reply", recipient->reply);
	nx_explain_print_line("remote mta", recipient->remote_mta);
	nx_explain_print_line("diagnostic", recipient->diagnostic);
}

static void print_name(const char *text, const char *kind, const char *whose,
                       bool aside)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	printf("    %-10s %s", kind, nx_cli_escape(ctx, text));
	if (*whose)
		printf(": %s%s", nx_cli_escape(ctx, whose),
		       aside ? ", in passing" : "");
	puts("");
	talloc_free(ctx);
}

static void print_facts(const struct nx_json *facts)
{
	const struct nx_json *names = nx_json_member(facts, "names");
	nx_explain_print_line("refusal", nx_json_text(facts, "text"));
	nx_explain_print_line("refused command",
	                      nx_json_text(facts, "command"));
	nx_explain_print_line("about", nx_json_text(facts, "about"));
	if (!names || nx_json_count(names) == 0)
		return;
	puts("  it names");
	for (size_t i = 0; i < nx_json_count(names); i++) {
		const struct nx_json *name = nx_json_item(names, i);
		print_name(nx_json_text(name, "text"),
		           nx_json_text(name, "kind"),
		           nx_json_text(name, "whose"),
		           nx_json_is_true(name, "aside"));
	}
}

static void print_step(const char *table, const struct nx_step *step)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	printf("    %-9s %s", nx_cli_escape(ctx, table),
	       nx_cli_escape(ctx, step->note));
	if (*step->rule)
		printf("\n%14srule %s at %s:%d", "",
		       nx_cli_escape(ctx, step->rule),
		       nx_cli_escape(ctx, step->file), step->line);
	if (*step->matched)
		printf("\n%14smatched \"%s\"", "",
		       nx_cli_escape(ctx, step->matched));
	printf("\n%14sasked \"%s\"\n", "", nx_cli_escape(ctx, step->asked));
	talloc_free(ctx);
}

static struct nx_step step_of(const struct nx_json *json)
{
	return (struct nx_step){
	        .asked = nx_json_text(json, "asked"),
	        .rule = nx_json_text(json, "rule"),
	        .file = nx_json_text(json, "file"),
	        .line = (int)nx_json_number(json, "line"),
	        .matched = nx_json_text(json, "matched"),
	        .note = nx_json_text(json, "note"),
	};
}

void nx_explain_print_tables(const struct nx_json *line, size_t index)
{
	const struct nx_json *all = nx_json_member(line, "explain");
	if (!all || index >= nx_json_count(all))
		return;
	const struct nx_json *one = nx_json_item(all, index);
	const struct nx_json *facts = nx_json_member(one, "facts");
	const struct nx_json *steps = nx_json_member(one, "steps");
	if (facts)
		print_facts(facts);
	puts("  tables asked");
	for (size_t i = 0; steps && i < nx_json_count(steps); i++) {
		const struct nx_json *json = nx_json_item(steps, i);
		struct nx_step step = step_of(json);
		print_step(nx_json_text(json, "table"), &step);
	}
}

static void trace_facts(const struct nx_facts *facts)
{
	const struct nx_names_told *names = nx_facts_names(facts);
	TALLOC_CTX *ctx = talloc_new(NULL);
	nx_explain_print_line("refusal", facts->text);
	nx_explain_print_line("refused command", nx_phase_name(facts->phase));
	nx_explain_print_line("about", nx_party_name(names->about));
	if (names->mentions > 0)
		puts("  it names");
	for (size_t i = 0; i < names->mentions; i++) {
		const struct nx_mention *name = &names->mention[i];
		print_name(talloc_strndup(ctx, facts->text + name->start,
		                          name->end - name->start),
		           nx_mention_kind_name(name->kind),
		           nx_party_name(name->party),
		           name->aside || name->behind);
	}
	talloc_free(ctx);
}

void nx_explain_print_trace(const struct nx_trace *trace)
{
	trace_facts(trace->facts);
	puts("  tables asked");
	for (size_t i = 0; i < trace->count; i++)
		print_step(nx_verdict_basis_name(trace->step[i].table),
		           &trace->step[i]);
}

/* Other providers that are likely to say the same. */
static void print_provider(const struct nx_tables *tables, const char *rule)
{
	struct nx_rule_info info;
	const char *says;
	if (!nx_tables_find(tables, rule, &info) || !*info.provider)
		return;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *related =
	        nx_tables_related(ctx, tables, info.provider, &says);
	nx_explain_print_line("provider", info.provider);
	nx_explain_print_line("same group", related);
	nx_explain_print_line("", says);
	talloc_free(ctx);
}

void nx_explain_print_verdict(const struct nx_tables *tables,
                              const struct nx_verdict *verdict)
{
	const struct nx_reason *reason =
	        nx_tables_reason(tables, verdict->reason);
	nx_explain_print_line("class", nx_class_name(verdict->class));
	if (verdict->confirm_days > 0)
		print_number("hard on day", verdict->confirm_days);
	nx_explain_print_line("reason", verdict->reason);
	nx_explain_print_line("", reason ? reason->says : "");
	nx_explain_print_line("fault", nx_fault_name(verdict->fault));
	nx_explain_print_line("advice", verdict->advice);
	nx_explain_print_line("decided by",
	                      nx_verdict_basis_name(verdict->basis));
	nx_explain_print_line("rule", verdict->rule);
	print_provider(tables, verdict->rule);
	nx_explain_print_line("matched", verdict->matched);
}
