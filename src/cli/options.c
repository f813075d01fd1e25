/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include "base/text.h"

#include <getopt.h>
#include <string.h>

struct option_info {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* NULL: takes none */
	const char *help;
};

static const struct option_info info[NX_OPTIONS] = {
        [NX_OPTION_ACCEPT] = {"accept", 0, NULL,
                              "the system's clock is right as it is"},
        [NX_OPTION_ALL] = {"all", 'a', NULL, "all, also what has ended"},
        [NX_OPTION_APPLY] = {"apply", 0, NULL, "do it"},
        [NX_OPTION_ATTEMPT] = {"attempt", 0, NULL,
                               "about to send: record it when suppressed"},
        [NX_OPTION_CHECK] = {"check", 0, NULL,
                             "one line and status for a monitor"},
        [NX_OPTION_CLASS] = {"class", 0, "CLASS",
                             "only hard, soft, complaint, ..."},
        [NX_OPTION_CONFIG] = {"config", 0, "FILE",
                              "configuration (/etc/nixie/nixie.yaml)"},
        [NX_OPTION_CRITICAL] = {"critical", 'c', "NAME=N,...",
                                "beyond which it is critical"},
        [NX_OPTION_DOMAIN] = {"domain", 0, "NAME", "domain of recipients"},
        [NX_OPTION_DRY_RUN] = {"dry-run", 0, NULL,
                               "only say what would be done"},
        [NX_OPTION_FORCE] = {"force", 0, NULL,
                             "replace what is there, or in use"},
        [NX_OPTION_HELP] = {"help", 'h', NULL, "this text"},
        [NX_OPTION_JOBS] = {"jobs", 'j', "N", "worker processes (one a core)"},
        [NX_OPTION_JSON] = {"json", 0, NULL, "JSON, one object a line"},
        [NX_OPTION_MESSAGE] = {"message", 0, NULL,
                               "print what was reported, as it came"},
        [NX_OPTION_MTA] = {"mta", 0, "NAME", "server that said it"},
        [NX_OPTION_NOTE] = {"note", 0, "TEXT", "why, for the history"},
        [NX_OPTION_NOW] = {"now", 0, "TIME",
                           "act as if it were that time (UTC)"},
        [NX_OPTION_ORIGINAL_RECIPIENT] = {"original-recipient", 0, "ADDRESS",
                                          "recipient before aliases"},
        [NX_OPTION_OUTPUT] = {"output", 'o', "FILE", "write there"},
        [NX_OPTION_POLICY] = {"policy", 0, "NAME",
                              "that one, or the file of a path"},
        [NX_OPTION_PROFILE] = {"profile", 0, "NAME",
                               "verdicts of another system"},
        [NX_OPTION_PROVIDER] = {"provider", 0, "NAME",
                                "only rules about this one"},
        [NX_OPTION_QUEUE_ID] = {"queue-id", 0, "ID", "the MTA's queue id"},
        [NX_OPTION_REASON] = {"reason", 0, "REASON", "a declared reason"},
        [NX_OPTION_RECEIVED] = {"received", 0, "now",
                                "as if all of it had come now"},
        [NX_OPTION_RECIPIENT] = {"recipient", 'r', "ADDRESS",
                                 "envelope recipient"},
        [NX_OPTION_RULES] = {"rules", 0, "DIR", "rule tables"},
        [NX_OPTION_RULES_SITE] = {"rules-site", 0, "DIR",
                                  "rules of your own (/etc/nixie/rules.d)"},
        [NX_OPTION_SCOPE] = {"scope", 0, "NAME", "old name of --stream"},
        [NX_OPTION_SENDER] = {"sender", 'f', "ADDRESS", "envelope sender"},
        [NX_OPTION_SINCE] = {"since", 0, "TIME", "from that time on"},
        [NX_OPTION_STATUS] = {"status", 0, "X.Y.Z", "status of the report"},
        [NX_OPTION_STORE] = {"store", 0, "DIR", "the store"},
        [NX_OPTION_STREAM] = {"stream", 0, "NAME", "stream of mail"},
        [NX_OPTION_UNTIL] = {"until", 0, "TIME", "before that time"},
        [NX_OPTION_VERBOSE] = {"verbose", 'v', NULL, "a line an address"},
        [NX_OPTION_WARNING] = {"warning", 'w', "NAME=N,...",
                               "beyond which it is a warning"},
        [NX_OPTION_WHERE] = {"where", 0, "CONDITIONS",
                             "what events of that kind led to"},
        [NX_OPTION_YES] = {"yes", 0, NULL, "do what cannot be undone"},
};

/* What an option is where it is something else. */
static const struct {
	const char *command;
	enum nx_option option;
	const char *help;
} special[] = {
        {"quarantine", NX_OPTION_ALL, "retry or drop every message"},
        {"held", NX_OPTION_ALL, "of every domain"},
        {"token-file", NX_OPTION_SCOPE, "read, write or admin"},
};

static const char *help_of(const struct nx_command *command, int option)
{
	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
		if ((int)special[i].option == option &&
		    strcmp(special[i].command, command->name) == 0)
			return special[i].help;
	return info[option].help;
}

bool nx_cli_has(const struct nx_cli *cli, enum nx_option option)
{
	return (cli->given & NX_OPTION_BIT(option)) != 0;
}

const char *nx_cli_option_name(enum nx_option option)
{
	return info[option].name;
}

void nx_cli_help_command(const struct nx_command *command)
{
	printf("usage: nixie %s [OPTION]...%s%s\n%s\n", command->name,
	       *command->operands ? " " : "", command->operands,
	       command->summary);
	if (*command->about)
		printf("\n%s", command->about);
	puts("");
	for (int i = 0; i < NX_OPTIONS; i++) {
		if (!(command->options & NX_OPTION_BIT(i)))
			continue;
		char left[48];
		snprintf(left, sizeof(left), "--%s%s%s", info[i].name,
		         info[i].argument ? " " : "",
		         info[i].argument ? info[i].argument : "");
		printf("  %c%c%c %-28s %s\n", info[i].letter ? '-' : ' ',
		       info[i].letter ? info[i].letter : ' ',
		       info[i].letter ? ',' : ' ', left, help_of(command, i));
	}
}

/* Input of getopt_long: the long options, whose value is the letter that is
 * returned (or 256 + option), and the letters. */
struct tables {
	struct option longs[NX_OPTIONS + 1];
	char letters[2 * NX_OPTIONS + 2];
};

static void fill_tables(const struct nx_command *command, struct tables *out)
{
	size_t longs = 0;
	size_t letters = 0;
	out->letters[letters++] = ':';
	for (int i = 0; i < NX_OPTIONS; i++) {
		if (!(command->options & NX_OPTION_BIT(i)))
			continue;
		out->longs[longs++] = (struct option){
		        .name = info[i].name,
		        .has_arg = info[i].argument ? required_argument
		                                    : no_argument,
		        .val = 256 + i};
		if (!info[i].letter)
			continue;
		out->letters[letters++] = info[i].letter;
		if (info[i].argument)
			out->letters[letters++] = ':';
	}
	out->longs[longs] = (struct option){0};
	out->letters[letters] = '\0';
}

static int option_of(int found)
{
	if (found >= 256)
		return found - 256;
	for (int i = 0; i < NX_OPTIONS; i++)
		if (info[i].letter && info[i].letter == found)
			return i;
	return NX_OPTIONS;
}

static bool bad_option(const struct nx_cli *cli, int found, char **argv,
                       struct nx_error *err)
{
	const char *what =
	        found == ':' ? "needs an argument" : "unknown option";
	/* optopt is the letter, 256 + option, or 0 for an unknown long one */
	if (optopt > 0 && optopt < 256)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "-%c: %s (see nixie help %s)", optopt, what,
		                    cli->command->name);
	return nx_error_set(err, NX_ERROR_USAGE, "%s: %s (see nixie help %s)",
	                    argv[optind - 1],
	                    optopt && found != ':' ? "takes no argument" : what,
	                    cli->command->name);
}

static bool check_operands(const struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_command *command = cli->command;
	if (cli->operands < command->least)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s is missing (see nixie help %s)",
		                    command->operands, command->name);
	if (command->most >= 0 && cli->operands > command->most)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "unexpected argument '%s' (see nixie help "
		                    "%s)",
		                    cli->operand[command->most], command->name);
	return true;
}

/* Paths keep their bytes; everything else is text from here on. */
static const char *as_text(struct nx_cli *cli, int option, const char *value)
{
	const uint64_t paths = NX_OPTION_BIT(NX_OPTION_CONFIG) |
	                       NX_OPTION_BIT(NX_OPTION_OUTPUT) |
	                       NX_OPTION_BIT(NX_OPTION_POLICY) |
	                       NX_OPTION_BIT(NX_OPTION_RULES) |
	                       NX_OPTION_BIT(NX_OPTION_RULES_SITE) |
	                       NX_OPTION_BIT(NX_OPTION_STORE);
	size_t size = strlen(value);
	if (paths & NX_OPTION_BIT(option))
		return value;
	return nx_text_repair(cli, value, size, size);
}

bool nx_cli_parse(struct nx_cli *cli, int argc, char **argv,
                  struct nx_error *err)
{
	struct tables tables;
	fill_tables(cli->command, &tables);
	for (int i = 0; i < NX_OPTIONS; i++)
		cli->value[i] = "";
	opterr = 0;
	for (;;) {
		int found = getopt_long(argc, argv, tables.letters,
		                        tables.longs, NULL);
		if (found == -1)
			break;
		int option = option_of(found);
		if (option == NX_OPTIONS)
			return bad_option(cli, found, argv, err);
		/* of other options the last one counts; here the first would
		 * be forgotten though 0 says that it was done */
		if (option == NX_OPTION_DOMAIN && nx_cli_has(cli, option))
			return nx_error_set(err, NX_ERROR_USAGE,
			                    "--domain: one at a time");
		cli->given |= NX_OPTION_BIT(option);
		cli->value[option] = optarg ? as_text(cli, option, optarg) : "";
	}
	cli->operand = argv + optind;
	cli->operands = argc - optind;
	return nx_cli_has(cli, NX_OPTION_HELP) || check_operands(cli, err);
}
