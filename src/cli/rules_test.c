/* SPDX-License-Identifier: ISC */
#include "cli/rules_commands.h"

#include "base/text.h"
#include "cli/explain_print.h"

#include <string.h>

/* Classifies a diagnostic from the command line as if it came from a report. */

struct question {
	struct nx_recipient recipient;
	struct nx_verdict verdict;
	struct nx_trace trace;
};

static bool read_status(struct nx_cli *cli, struct nx_recipient *recipient,
                        struct nx_error *err)
{
	const char *text = cli->value[NX_OPTION_STATUS];
	recipient->status = recipient->reply.status;
	if (!nx_cli_has(cli, NX_OPTION_STATUS))
		return true;
	size_t size = nx_status_parse(text, &recipient->status);
	if (size == 0 || text[size] != '\0')
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--status %s: not x.y.z, where x is 2, 4 "
		                    "or 5",
		                    text);
	recipient->status_field = recipient->status;
	return true;
}

static bool read_question(struct nx_cli *cli, struct nx_recipient *recipient,
                          struct nx_error *err)
{
	const char *text = cli->operand[1];
	const char *domain = cli->value[NX_OPTION_DOMAIN];
	size_t size = strlen(text);
	recipient->action = NX_ACTION_FAILED;
	recipient->diagnostic = nx_text_repair(cli, text, size, size);
	recipient->remote_mta = cli->value[NX_OPTION_MTA];
	recipient->address =
	        *domain ? talloc_asprintf(cli, "someone@%s", domain) : "";
	nx_reply_parse(cli, recipient->diagnostic, &recipient->reply);
	return read_status(cli, recipient, err);
}

static void ask(struct nx_cli *cli, const struct nx_tables *tables,
                struct question *question)
{
	const struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "",
	        .recipient = &question->recipient,
	        .recipients = 1,
	};
	question->verdict =
	        nx_classify(cli, tables, &report, 0, &question->trace);
}

static void print_json(struct nx_cli *cli, const struct nx_tables *tables,
                       const struct nx_verdict *verdict)
{
	struct nx_json_out *object = nx_json_out_new(cli);
	struct nx_rule_info rule = {.file = "", .provider = ""};
	nx_tables_find(tables, verdict->rule, &rule);
	nx_json_out_whole(object, "class", nx_class_name(verdict->class));
	if (verdict->confirm_days > 0)
		nx_json_out_number(object, "confirm", verdict->confirm_days);
	nx_json_out_whole(object, "reason", verdict->reason);
	nx_json_out_whole(object, "fault", nx_fault_name(verdict->fault));
	nx_json_out_whole(object, "rule", verdict->rule);
	nx_json_out_whole(object, "advice", verdict->advice);
	nx_json_out_whole(object, "basis",
	                  nx_verdict_basis_name(verdict->basis));
	nx_json_out_whole(object, "matched", verdict->matched);
	nx_json_out_whole(object, "provider", rule.provider);
	nx_json_out_whole(object, "file", rule.file);
	nx_json_out_number(object, "line", rule.line);
	nx_cli_print_json(object);
}

bool nx_rules_command_test(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_tables *tables = nx_engine_tables(cli->rules.engine);
	struct question question = {0};
	if (!read_question(cli, &question.recipient, err))
		return false;
	ask(cli, tables, &question);
	if (nx_cli_has(cli, NX_OPTION_JSON)) {
		print_json(cli, tables, &question.verdict);
		return true;
	}
	nx_explain_print_verdict(tables, &question.verdict);
	nx_explain_print_trace(&question.trace);
	return true;
}
