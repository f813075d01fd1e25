/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include "base/date.h"
#include "base/text.h"
#include "cli/act_options.h"
#include "store/hash.h"
#include "sys/clock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool parse_jobs(struct nx_cli *cli, struct nx_error *err)
{
	if (!nx_cli_has(cli, NX_OPTION_JOBS))
		return true;
	char *end = NULL;
	long jobs = strtol(cli->value[NX_OPTION_JOBS], &end, 10);
	if (*end || jobs < 1 || jobs > 64)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--jobs %s: not a number from 1 to 64",
		                    cli->value[NX_OPTION_JOBS]);
	cli->config.workers = (int)jobs;
	return true;
}

static bool parse_now(struct nx_cli *cli, struct nx_error *err)
{
	const char *text = cli->value[NX_OPTION_NOW];
	int64_t now;
	if (nx_cli_has(cli, NX_OPTION_NOW)) {
		if (!nx_date_parse(text, &now) || now <= 0)
			return nx_error_set(err, NX_ERROR_USAGE,
			                    "--now %s: not a time", text);
		nx_clock_set(now);
	}
	cli->now = nx_clock_now();
	return true;
}

static void put_above(const struct nx_cli *cli, enum nx_option option,
                      const char **value)
{
	if (nx_cli_has(cli, option))
		*value = cli->value[option];
}

/* A misspelt stream would block nobody. */
static bool check_stream(const struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_config *config = &cli->config;

	if (*config->stream == '\0' || config->streams->count == 0 ||
	    nx_streams_find(config->streams, config->stream))
		return true;
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "stream \"%s\": none of those in %s",
	                    config->stream, config->file);
}

/* In their order; the last is *err. A command that refuses in its own way says
 * one thing alone. */
static void tell_all(const struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_config *config = &cli->config;
	if (cli->command->refuse || config->wrongs == 0)
		return;
	for (size_t i = 0; i + 1 < config->wrongs; i++)
		nx_cli_say(cli, "%s", config->wrong[i]);
	nx_error_set(err, err->kind, "%s", config->wrong[config->wrongs - 1]);
}

bool nx_cli_configure(struct nx_cli *cli, struct nx_error *err)
{
	const char *file = NULL;
	put_above(cli, NX_OPTION_CONFIG, &file);
	if (!nx_config_load(cli, file, &cli->config, err)) {
		tell_all(cli, err);
		return false;
	}
	put_above(cli, NX_OPTION_STORE, &cli->config.store);
	put_above(cli, NX_OPTION_RULES, &cli->config.rules);
	put_above(cli, NX_OPTION_RULES_SITE, &cli->config.site_rules);
	put_above(cli, NX_OPTION_PROFILE, &cli->config.profile);
	put_above(cli, NX_OPTION_POLICY, &cli->config.policy);
	put_above(cli, NX_OPTION_SCOPE, &cli->config.stream);
	put_above(cli, NX_OPTION_STREAM, &cli->config.stream);
	return check_stream(cli, err) && parse_jobs(cli, err) &&
	       parse_now(cli, err);
}

struct nx_rules_from nx_cli_rules_from(const struct nx_cli *cli)
{
	return (struct nx_rules_from){.shipped = cli->config.rules,
	                              .site = cli->config.site_rules,
	                              .profile = cli->config.profile,
	                              .policy = cli->config.policy};
}

bool nx_cli_policy(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_rules_from from = nx_cli_rules_from(cli);
	return nx_rules_policy(cli, &from, NULL, &cli->rules.policy, err);
}

bool nx_cli_rules(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_rules *rules = &cli->rules;
	struct nx_rules_from from = nx_cli_rules_from(cli);
	if (!nx_rules_load(cli, &from, rules, err))
		return false;
	const struct nx_tables *tables = nx_engine_tables(rules->engine);
	const char *warning;
	for (size_t i = 0; (warning = nx_tables_warning(tables, i)); i++)
		nx_cli_say(cli, "%s", warning);
	rules->engine = nx_engine_at(cli, rules->engine, &cli->config.site);
	return true;
}

/* The image is beside the store, which belongs to the user who may use the
 * rules. */
bool nx_cli_ready_rules(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_rules *rules = &cli->rules;
	struct nx_rules_from from = nx_cli_rules_from(cli);
	struct nx_rules_cache cache = {
	        .file = talloc_asprintf(cli, "%s/rules.image",
	                                cli->config.store),
	        .write = true};
	if (!nx_rules_open(cli, &from, &cache, rules, err))
		return false;
	rules->engine = nx_engine_at(cli, rules->engine, &cli->config.site);
	return true;
}

bool nx_cli_reason(struct nx_cli *cli, struct nx_error *err)
{
	const char *reason = cli->value[NX_OPTION_REASON];
	if (!nx_cli_has(cli, NX_OPTION_REASON))
		return true;
	if (!nx_cli_ready_rules(cli, err))
		return false;
	return nx_tables_reason(nx_engine_tables(cli->rules.engine), reason) ||
	       nx_error_set(err, NX_ERROR_USAGE,
	                    "--reason %s: not declared in reasons.yaml",
	                    reason);
}

bool nx_cli_workers(struct nx_cli *cli, bool many, struct nx_error *err)
{
	const struct nx_pool_options options = {
	        .workers = many ? cli->config.workers : 1,
	        .warm_up = {many ? nx_rules_prepare : NULL, &cli->rules}};
	return nx_batch_open(cli->rules.engine, &options, &cli->workers, err);
}

bool nx_cli_ask_clock(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_clock_reading reading;
	if (!nx_clock_read(&reading))
		return true;
	if (!nx_store_clock_ask(cli->store, &reading, &cli->clock, err))
		return false;
	cli->now = cli->clock.seen.wall;
	return true;
}

bool nx_cli_store(struct nx_cli *cli, enum nx_store_mode mode,
                  struct nx_error *err)
{
	return nx_store_open(cli, cli->config.store, mode, &cli->store, err) &&
	       nx_store_require(cli->store, cli->config.hashed, err) &&
	       nx_cli_ask_clock(cli, err);
}

void nx_cli_close(struct nx_cli *cli)
{
	nx_store_close(cli->store);
	nx_batch_close(cli->workers);
}

struct one_message { /* for a batch */
	struct nx_cli *cli;
	const struct nx_job *message; /* NULL: given */
	char *line;
	size_t size;
};

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct one_message *one = user;
	(void)ctx;
	if (!one->message)
		return false;
	*job = *one->message;
	one->message = NULL;
	return true;
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct one_message *one = user;
	(void)ctx;
	(void)job;
	(void)killed; /* the record shows it */
	one->line = talloc_strndup(one->cli, line, size);
	one->size = size;
	return true;
}

bool nx_cli_read(struct nx_cli *cli, const struct nx_job *message, char **line,
                 size_t *size, struct nx_error *err)
{
	struct one_message one = {.cli = cli, .message = message};
	const struct nx_batch_source source = {on_next, on_answer, &one};
	nx_batch_run(cli->workers, &source);
	*line = one.line;
	*size = one.size;
	return one.size > 0 ||
	       nx_error_set(err, NX_ERROR_TEMPORARY, "no worker answered");
}

static int exit_status(enum nx_error_kind fault)
{
	switch (fault) {
	case NX_ERROR_USAGE:
	case NX_ERROR_DATA:
		return NX_EXIT_USAGE;
	case NX_ERROR_TEMPORARY:
	case NX_ERROR_FULL:
	case NX_ERROR_DAMAGED:
		return NX_EXIT_TEMPORARY;
	case NX_ERROR_CONFIG:
		return NX_EXIT_CONFIG;
	case NX_ERROR_NONE:
	case NX_ERROR_INTERNAL:
		break;
	}
	return NX_EXIT_INTERNAL;
}

int nx_cli_fail(const struct nx_cli *cli, const struct nx_error *err)
{
	if (cli->command->refuse)
		return cli->command->refuse(err->text);
	const int status =
	        cli->command->fail ? cli->command->fail(cli, err) : -1;
	if (status >= 0)
		return status;
	nx_cli_say(cli, "%s", err->text);
	return exit_status(err->kind);
}

void nx_cli_say(const struct nx_cli *cli, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = talloc_vasprintf(NULL, format, arguments);
	va_end(arguments);
	fprintf(stderr, "nixie %s: %s\n", cli->command->name,
	        nx_cli_escape(text, text));
	talloc_free(text);
}

const char *nx_cli_escape(TALLOC_CTX *ctx, const char *text)
{
	size_t size = strlen(text);
	return nx_text_escape(ctx, nx_text_repair(ctx, text, size, size),
	                      false);
}

void nx_cli_print_json(struct nx_json_out *object)
{
	nx_json_out_end(object);
	puts(object->text);
	talloc_free(object->text);
	talloc_free(object);
}

bool nx_cli_time(const struct nx_cli *cli, enum nx_option option,
                 int64_t fallback, int64_t *out, struct nx_error *err)
{
	*out = fallback;
	return !nx_cli_has(cli, option) ||
	       nx_act_options_time(cli, "", cli->value[option], out, err);
}

struct nx_commit nx_cli_commit(const struct nx_cli *cli)
{
	const struct nx_config *config = &cli->config;
	return (struct nx_commit){
	        .store = cli->store,
	        .policy = cli->rules.policy,
	        .attribution = {config->streams, config->stream},
	        .uneventful = config->limits.uneventful,
	        .budget = &config->budget,
	        .quarantine = config->quarantine,
	        .originals = config->originals};
}

struct nx_question nx_cli_question(const struct nx_cli *cli)
{
	return nx_question_of(cli->config.streams, cli->config.stream);
}
