/* SPDX-License-Identifier: ISC */
#include "cli/rules_commands.h"

#include "classify/prove_rules.h"
#include "report/conditions/prove.h"

#include <string.h>
#include <time.h>

/* --- patterns that run long ----------------------------------------------- */

enum { EVIL_SIZE = 2048, EVIL_US = 20000, TRIED_US = 1000000, LEAST_TRIES = 4 };

/* Each is repeated until the text is as long as rules ever see. */
static const char *const evil[] = {
        "a",
        " ",
        ".",
        "0",
        "-",
        "_",
        "/",
        ":",
        "@",
        "<",
        ">",
        "(",
        "[",
        "\"",
        "'",
        "=",
        "\xc3\xa9",
        "\xe6\xbc\xa2",
        "a ",
        "a.",
        "a@",
        "a-",
        "0.",
        "0 ",
        "550 ",
        "5.1.1 ",
        "550-5.7.1 ",
        "a@a.a ",
        "<a@a.a> ",
        "http://a/",
        "https://a.a/? ",
        "192.0.2.1 ",
        "[192.0.2.1] ",
        "user ",
        "mailbox ",
        "mail ",
        "address ",
        "recipient ",
        "account ",
        "sender ",
        "unknown ",
        "not ",
        "is ",
        "the ",
        "your ip ",
        "blocked by ",
        "list ",
        "spam ",
        "too many ",
        "message was ",
};

enum { EVIL = sizeof(evil) / sizeof(evil[0]) };

static const char *make_evil(TALLOC_CTX *ctx, const char *piece)
{
	size_t size = strlen(piece);
	char *text = talloc_strdup(ctx, "");
	for (size_t at = 0; at + size <= EVIL_SIZE; at += size)
		text = talloc_strdup_append_buffer(text, piece);
	return text;
}

/* Processor time of this process, so that others do not count. */
static int64_t microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* The best of several tries: any disturbance makes it longer, and a busy
 * machine may be slow for a second. What is much too long is not made so by
 * that, and is not waited for as often. */
static int64_t time_condition(const struct nx_tables *tables, size_t index,
                              size_t condition, const char *const *texts)
{
	int64_t best = INT64_MAX, all = 0;
	for (int i = 0; best > EVIL_US && (i < LEAST_TRIES || all < TRIED_US);
	     i++) {
		int64_t start = microseconds();
		for (size_t k = 0; k < EVIL; k++)
			nx_tables_try(tables, index, condition, texts[k]);
		int64_t span = microseconds() - start;
		all += span;
		best = span < best ? span : best;
	}
	return best;
}

static int64_t time_rule(const struct nx_tables *tables, size_t index,
                         const char *const *texts)
{
	int64_t longest = 0;
	for (size_t i = 0; i < NX_CONDITIONS; i++) {
		int64_t span = time_condition(tables, index, i, texts);
		longest = span > longest ? span : longest;
	}
	return longest;
}

static bool check_times(const struct nx_tables *tables, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *texts[EVIL];
	bool good = true;
	for (size_t i = 0; i < EVIL; i++)
		texts[i] = make_evil(ctx, evil[i]);
	for (size_t i = 0; good && i < nx_tables_count(tables); i++) {
		struct nx_rule_info rule = nx_tables_info(tables, i);
		int64_t span = time_rule(tables, i, texts);
		good = span <= EVIL_US;
		if (!good)
			nx_error_set(err, NX_ERROR_CONFIG,
			             "%s:%d:%d: a pattern of \"%s\" takes "
			             "%d ms for %d evil texts; no more than "
			             "%d: bound what repeats, and anchor it",
			             rule.file, rule.line, rule.column, rule.id,
			             (int)(span / 1000), EVIL, EVIL_US / 1000);
	}
	talloc_free(ctx);
	return good;
}

/* --- what rules say ------------------------------------------------------- */

/* All faults are told: they are found in many languages at once. */
static bool check_proof(struct nx_cli *cli, const struct nx_tables *tables,
                        size_t *sentences, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_proof proof = nx_prove_rules(ctx, tables);

	for (size_t i = 0; i + 1 < proof.faults; i++)
		nx_cli_say(cli, "%s", proof.fault[i]);
	if (proof.faults > 0)
		nx_error_set(err, NX_ERROR_CONFIG, "%s",
		             proof.fault[proof.faults - 1]);
	*sentences = proof.sentences;
	talloc_free(ctx);
	return proof.faults == 0;
}

/* --- profiles ------------------------------------------------------------- */

/* Each profile is compiled with all other rules, as it will be used. */
static bool check_profiles(struct nx_cli *cli, size_t *count,
                           struct nx_error *err)
{
	struct nx_rules_from from = nx_cli_rules_from(cli);
	const char *const *names;
	if (!nx_rules_profiles(cli, &from, &names, count, err))
		return false;
	for (size_t i = 0; i < *count; i++) {
		TALLOC_CTX *ctx = talloc_new(cli);
		struct nx_rules rules;
		from.profile = names[i];
		bool good = nx_rules_load(ctx, &from, &rules, err);
		talloc_free(ctx);
		if (!good)
			return false;
	}
	return true;
}

/* -------------------------------------------------------------------------- */

bool nx_rules_command_check(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_engine *engine = cli->rules.engine;
	const struct nx_formats *formats = nx_engine_formats(engine);
	const struct nx_detectors *detectors = nx_engine_detectors(engine);
	const struct nx_tables *tables = nx_engine_tables(engine);
	size_t samples = 0;
	size_t more = 0;
	size_t profiles = 0;
	size_t sentences = 0;
	if (!nx_tables_check_names(tables, err) ||
	    !nx_formats_prove(formats, detectors, &samples, err) ||
	    !nx_detectors_prove(detectors, &more, err) ||
	    !check_profiles(cli, &profiles, err) || !check_times(tables, err) ||
	    !check_proof(cli, tables, &sentences, err))
		return false;
	size_t rules = nx_tables_count(tables);
	size_t examples = 0;
	for (size_t i = 0; i < rules; i++)
		examples += nx_tables_info(tables, i).examples;
	printf("%zu rules, %zu reasons, %zu examples, %zu formats, %zu signs, "
	       "%zu samples, %zu sentences, %zu profile%s: all right\n",
	       rules, nx_tables_reasons(tables), examples, formats->count,
	       detectors->count, samples + more, sentences, profiles,
	       profiles == 1 ? "" : "s");
	return true;
}
