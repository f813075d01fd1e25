/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_CLI_H
#define NX_CLI_CLI_H

#include "base/json.h"
#include "base/json_out.h"
#include "cli/options.h"
#include "config/config.h"
#include "deliver/commit.h"
#include "export/state_json.h"
#include "pool/batch.h"
#include "store/store_clock.h"

#include <stdio.h>

/*
 * What the commands share: parsing the command line, loading configuration,
 * rules and store, and the wording of answers. Data goes to stdout, messages to
 * stderr. What came from a message, a store or the command line is printed only
 * through nx_cli_escape.
 */
enum nx_exit {
	NX_EXIT_OK = 0,
	NX_EXIT_NO = 1, /* suppressed; or some message could not be read */
	NX_EXIT_USAGE = 2,
	NX_EXIT_TEMPORARY = 3, /* store, disk, worker processes */
	NX_EXIT_CONFIG = 4,    /* configuration or rules */
	NX_EXIT_INTERNAL = 5,
	NX_EXIT_AGAIN = 75 /* deliver: the MTA keeps the message */
};

struct nx_cli;

struct nx_command {
	const char *name;
	const char *operands; /* as the usage line shows them */
	const char *summary;  /* one line */
	const char *about;    /* lines for --help, or "" */
	uint64_t options;     /* bit set of NX_OPTION_BIT */
	int least, most;      /* operands; most -1: any number */
	/* false: *err is printed and says how to exit; else cli->status does */
	bool (*run)(struct nx_cli *cli, struct nx_error *err);
	void (*begin)(void); /* NULL, or called first of all */
	void (*end)(void);   /* NULL, or called when run has done its work */
	/* NULL, or called instead of printing an error on stderr; returns the
	 * exit status */
	int (*refuse)(const char *text);
	/* NULL, or the same; -1: it is printed */
	int (*fail)(const struct nx_cli *cli, const struct nx_error *err);
	int (*help)(struct nx_cli *cli); /* NULL, or instead of plain help */
};

struct nx_cli { /* one call; on a talloc context of its own */
	const struct nx_command *command;
	uint64_t given;                /* bit set of options */
	const char *value[NX_OPTIONS]; /* "" when not given */
	char **operand;
	int operands;
	struct nx_config config;     /* file and options combined */
	int64_t now;                 /* once the store is open, by its clock */
	struct nx_clock_state clock; /* all zero with --now */
	enum nx_exit status;         /* of a run that was done */
	/* what the functions below open, and nx_cli_close closes */
	struct nx_rules rules;
	struct nx_batch *workers;
	struct nx_store *store;
};

/* The command of that name, or NULL. */
const struct nx_command *nx_cli_command(const char *name);
/* The name of the command that the word was meant to be, or NULL. */
const char *nx_cli_near_command(const char *word);

/* Help on stdout: of all commands, or of one. */
void nx_cli_help(void);
void nx_cli_help_command(const struct nx_command *command);

/* Parses the words after the command's name. */
NX_MUST_USE bool nx_cli_parse(struct nx_cli *cli, int argc, char **argv,
                              struct nx_error *err);
bool nx_cli_has(const struct nx_cli *cli, enum nx_option option);

/* Reads the configuration, applies the options to it, and sets the clock. */
NX_MUST_USE bool nx_cli_configure(struct nx_cli *cli, struct nx_error *err);

/* Where the rules come from, as configured. */
struct nx_rules_from nx_cli_rules_from(const struct nx_cli *cli);
/* For commands that step standings but read no mail. */
NX_MUST_USE bool nx_cli_policy(struct nx_cli *cli, struct nx_error *err);
NX_MUST_USE bool nx_cli_rules(struct nx_cli *cli, struct nx_error *err);
/* The same for commands that must start fast: nx_rules_open. */
NX_MUST_USE bool nx_cli_ready_rules(struct nx_cli *cli, struct nx_error *err);
/* A reason that was given is a declared one. */
NX_MUST_USE bool nx_cli_reason(struct nx_cli *cli, struct nx_error *err);
/* Workers for many messages, or one worker for one. They are started before the
 * store is opened: a worker never has it. */
NX_MUST_USE bool nx_cli_workers(struct nx_cli *cli, bool many,
                                struct nx_error *err);
NX_MUST_USE bool nx_cli_store(struct nx_cli *cli, enum nx_store_mode mode,
                              struct nx_error *err);
NX_MUST_USE bool nx_cli_ask_clock(struct nx_cli *cli, struct nx_error *err);
void nx_cli_close(struct nx_cli *cli);

/* Has a worker read one message: the record as a line, on cli. */
NX_MUST_USE bool nx_cli_read(struct nx_cli *cli, const struct nx_job *message,
                             char **line, size_t *size, struct nx_error *err);

/* Prints the error on stderr (or calls the command's refuse) and returns the
 * exit status for it. */
int nx_cli_fail(const struct nx_cli *cli, const struct nx_error *err);

/* Prints a line on stderr, "nixie COMMAND: …", escaped. */
void nx_cli_say(const struct nx_cli *cli, const char *format, ...)
        NX_PRINTF(2, 3);

/* nx_text_escape without cutting, for bytes that may not even be UTF-8. */
const char *nx_cli_escape(TALLOC_CTX *ctx, const char *text);

/* Ends the object, writes it as one line of stdout, however long, and frees
 * it. */
void nx_cli_print_json(struct nx_json_out *object);

/* A point in time from an option: a date, or a span back from now ("7d");
 * fallback when the option is not given. */
NX_MUST_USE bool nx_cli_time(const struct nx_cli *cli, enum nx_option option,
                             int64_t fallback, int64_t *out,
                             struct nx_error *err);

/* The envelope from the options, and from SENDER, RECIPIENT, ORIGINAL_RECIPIENT
 * and EXTENSION for options that are not given. */
void nx_cli_envelope(struct nx_cli *cli, bool environment,
                     struct nx_envelope *out);

/* Where a message goes, as configured. */
struct nx_commit nx_cli_commit(const struct nx_cli *cli);

/* The question that the options and the configuration ask. */
struct nx_question nx_cli_question(const struct nx_cli *cli);

/* A standing as a line for people, without a line end. address: what was asked
 * for, which may be in the domain that the standing is of. */
const char *nx_cli_state_text(TALLOC_CTX *ctx, const char *address,
                              const struct nx_subject_state *state,
                              int64_t now);
/* One that is listed: a line or, with --json, an object. */
void nx_cli_print_state(struct nx_cli *cli,
                        const struct nx_subject_state *state);
/* What is remembered of one address: a line for each standing that blocks; or
 * that it may be mailed, and for which mail not. With --json one object. */
void nx_cli_print_answer(struct nx_cli *cli, const struct nx_response *answer);
/* The members of the object, which is left open. */
void nx_cli_answer_json(struct nx_cli *cli, struct nx_json_out *object,
                        const struct nx_response *answer);
struct nx_hold; /* see store/held.h; a note below the line of an address */
void nx_cli_print_hold(TALLOC_CTX *ctx, const struct nx_hold *hold);
/* For which mail: "all mail", "bulk mail of example.com", "newsletter". */
const char *nx_cli_mail_text(TALLOC_CTX *ctx, const struct nx_mail *mail);

/* "now", "in 3 h", "2 d ago". */
const char *nx_cli_when(TALLOC_CTX *ctx, int64_t time, int64_t now);
/* "until 2026-… (in 3 d)", or "for ever". */
const char *nx_cli_until(TALLOC_CTX *ctx, int64_t until, int64_t now);

#endif
