/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/near.h"
#include "cli/status_check.h"

#include "sys/tempfail_exit.h"

#include <string.h>

/* One table for parsing, help and completion. */

#define BIT(name) NX_OPTION_BIT(NX_OPTION_##name)
/* a script may give --rules to all commands */
#define ALWAYS (BIT(HELP) | BIT(CONFIG) | BIT(RULES) | BIT(RULES_SITE))
#define ENVELOPE                                                               \
	(BIT(SENDER) | BIT(RECIPIENT) | BIT(ORIGINAL_RECIPIENT) | BIT(QUEUE_ID))
#define STREAMS (BIT(SCOPE) | BIT(STREAM))
#define SUBJECT (BIT(STORE) | STREAMS | BIT(NOW))

static const struct nx_command commands[] = {
        {.name = "deliver",
         .operands = "",
         .summary = "take one message on stdin from the MTA",
         .about = "Ends with 0 (taken) or 75 (try again) and nothing else. "
                  "What no option tells\nof the envelope is taken from "
                  "SENDER, RECIPIENT, ORIGINAL_RECIPIENT and\nEXTENSION, then "
                  "from the headers.\n",
         .options = ALWAYS | BIT(PROFILE) | ENVELOPE | SUBJECT,
         .run = nx_command_deliver,
         .begin = nx_deliver_tempfail,
         .end = nx_tempfail_exit_end,
         .refuse = nx_deliver_refuse,
         .help = nx_deliver_help},
        {.name = "ingest",
         .operands = "PATH...",
         .summary = "record the mail in files, Maildirs and mboxes",
         .about = "What was recorded before stays as it is: a run that was "
                  "stopped can be\nstarted again. A report counts from its own "
                  "date on.\n",
         .options = ALWAYS | BIT(PROFILE) | SUBJECT | BIT(JOBS) | BIT(RECEIVED),
         .least = 1,
         .most = -1,
         .run = nx_command_ingest},
        {.name = "classify",
         .operands = "PATH...",
         .summary = "say what messages say; without a store",
         .about = "",
         .options = ALWAYS | BIT(PROFILE) | BIT(JOBS) | BIT(JSON),
         .least = 1,
         .most = -1,
         .run = nx_command_classify},
        {.name = "explain",
         .operands = "FILE",
         .summary = "show how nixie comes to its verdict",
         .about = "FILE is one message, - is stdin. With --store, what the "
                  "policy would do\nstarts from what is remembered there.\n",
         .options = ALWAYS | BIT(PROFILE) | ENVELOPE | SUBJECT,
         .least = 1,
         .most = 1,
         .run = nx_command_explain},
        {.name = "check",
         .operands = "ADDRESS...",
         .summary = "may these addresses be mailed?",
         .about = "- reads addresses from stdin, one a line. Ends with 0 when "
                  "all may be mailed,\n1 when one is suppressed, 2 and up on "
                  "trouble.\n",
         .options = ALWAYS | SUBJECT | BIT(ATTEMPT) | BIT(JSON),
         .least = 1,
         .most = -1,
         .run = nx_command_check},
        {.name = "list",
         .operands = "",
         .summary = "list the suppressed addresses",
         .about = "",
         .options = ALWAYS | SUBJECT | BIT(ALL) | BIT(JSON) | BIT(REASON) |
                    BIT(CLASS),
         .most = -1, /* see there */
         .run = nx_command_list},
        {.name = "show",
         .operands = "ADDRESS",
         .summary = "show standing and history of an address",
         .about =
                 "--message prints the newest report about it that is kept, as "
                 "it came, and with\n--all every one, as a mailbox. Without "
                 "it, --all folds nothing.\n",
         .options = ALWAYS | SUBJECT | BIT(ALL) | BIT(JSON) | BIT(MESSAGE),
         .least = 1,
         .most = 1,
         .run = nx_command_show},
        {.name = "suppress",
         .operands = "ADDRESS...",
         .summary = "suppress addresses by hand",
         .about = "- reads addresses from stdin, one a line. --domain is for "
                  "all addresses of a\ndomain.\n",
         .options = ALWAYS | SUBJECT | BIT(REASON) | BIT(NOTE) | BIT(DOMAIN) |
                    BIT(VERBOSE),
         .most = -1,
         .run = nx_command_suppress},
        {.name = "release",
         .operands = "ADDRESS...|--where CONDITIONS",
         .summary = "free addresses by hand",
         .about = "- reads addresses from stdin, one a line. What bounces led "
                  "to is released; a\ncomplaint, an unsubscribe or an entry by "
                  "hand only with --class. Ends with 1\nwhen something still "
                  "holds.\n"
                  "--where frees what certain events alone led to, all of it "
                  "or nothing: one or more\nof rule=ID reporter=HOST "
                  "domain=NAME since=TIME until=TIME. nixie undo takes it\n"
                  "back.\n",
         .options = ALWAYS | SUBJECT | BIT(NOTE) | BIT(DOMAIN) | BIT(CLASS) |
                    BIT(WHERE) | BIT(DRY_RUN) | BIT(JSON) | BIT(VERBOSE),
         .most = -1,
         .run = nx_command_release},
        {.name = "undo",
         .operands = "[ID]",
         .summary = "take back an act on many addresses; or list them",
         .about = "ID is one that the list shows: of a suppress of many "
                  "addresses, a release --where\nor a replay --apply. What "
                  "was changed since stays as it is, and is named; ends\n"
                  "with 1 then.\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW) | BIT(NOTE) | BIT(JSON),
         .most = 1,
         .run = nx_command_undo},
        {.name = "replay",
         .operands = "",
         .summary = "judge what is stored again, with the rules of today",
         .about = "Says who would be freed and who newly suppressed, and by "
                  "which rules; with --apply\nit is done, all of it or "
                  "nothing. --policy is compared with the policy in force.\n"
                  "Entries by hand stay. nixie undo takes it back.\n",
         .options = ALWAYS | BIT(PROFILE) | BIT(STORE) | BIT(NOW) | BIT(SINCE) |
                    BIT(POLICY) | BIT(DRY_RUN) | BIT(APPLY) | BIT(NOTE) |
                    BIT(JSON) | BIT(JOBS),
         .run = nx_command_replay},
        {.name = "delivered",
         .operands = "ADDRESS...",
         .summary = "say that mail was delivered there",
         .about = "- reads addresses from stdin, one a line. Forgets bounces "
                  "and ends their leases;\ncomplaints, unsubscribes and "
                  "entries by hand stay.\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW),
         .least = 1,
         .most = -1,
         .run = nx_command_delivered},
        {.name = "erase",
         .operands = "ADDRESS...",
         .summary = "forget a person: all that names the address",
         .about = "- reads addresses from stdin, one a line. Events, "
                  "attempts, notes, originals and\nmessages in quarantine go; "
                  "what is needed so that no mail is sent there stays,\nunder "
                  "a key instead of the address. --all: that goes too.\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW) | BIT(ALL),
         .least = 1,
         .most = -1,
         .run = nx_command_erase},
        {.name = "subject-export",
         .operands = "ADDRESS",
         .summary = "print all that is stored of a person, as JSON",
         .about = "",
         .options = ALWAYS | BIT(STORE) | BIT(NOW),
         .least = 1,
         .most = 1,
         .run = nx_command_subject_export},
        {.name = "report",
         .operands = "NAME",
         .summary = "print a report as CSV",
         .about = "NAME is bounces, complaints, unsubscribes, suppressions or "
                  "blocked. A TIME is\nRFC 3339 or a span back from now "
                  "(7d).\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW) | BIT(SINCE) | BIT(UNTIL) |
                    BIT(OUTPUT),
         .least = 1,
         .most = 1,
         .run = nx_command_report},
        {.name = "rules",
         .operands = "check|list|test TEXT|coverage|candidates",
         .summary = "check, list and try the rule tables",
         .about = "check       run all examples; find what is wrong\n"
                  "list        one line a rule, in order of asking\n"
                  "test        what a diagnostic would be\n"
                  "coverage    rules that decided nothing in the store\n"
                  "candidates  diagnostics that only codes decided, as "
                  "rules to complete\n",
         .options = ALWAYS | BIT(PROFILE) | BIT(JSON) | BIT(PROVIDER) |
                    BIT(REASON) | BIT(MTA) | BIT(STATUS) | BIT(DOMAIN) |
                    BIT(STORE) | BIT(SINCE) | BIT(NOW),
         .least = 1,
         .most = -1,
         .run = nx_command_rules},
        {.name = "policy",
         .operands = "show|check [FILE]|simulate [FILE]",
         .summary = "show, check and try how long addresses are suppressed",
         .about = "show      the terms in force, by class and reason\n"
                  "check     what is wrong with FILE; or with the policy in "
                  "force and all that\n          have a name\n"
                  "simulate  what it makes of the events in FILE, or on "
                  "stdin, one a line:\n"
                  "            2026-01-05 bounce hard\n"
                  "            2026-01-05T10:00 attempt\n"
                  "            +24h delivered\n"
                  "            2026-01-05 weekly for 52 times against a dead "
                  "mailbox asking\n",
         .options = ALWAYS | BIT(JSON) | BIT(POLICY),
         .least = 1,
         .most = -1,
         .run = nx_command_policy},
        {.name = "serve",
         .operands = "",
         .summary = "take mail by LMTP, as a daemon",
         .about = "Runs in the foreground. SIGHUP reads configuration and "
                  "rules again, SIGTERM\nends it when all that was begun is "
                  "answered.\n",
         .options = ALWAYS | BIT(STORE) | STREAMS | BIT(NOW) | BIT(JOBS),
         .run = nx_command_serve},
        {.name = "status",
         .operands = "",
         .summary = "show the daemon's counters and last error",
         .about = "With --check as a plug-in of Nagios: 0 all is well, 1 "
                  "warning, 2 critical,\n3 not known. Thresholds are of "
                  "deferred, quarantine, held, guard, spool,\nerrors, disk "
                  "(per cent free) and clock (seconds); off is none.\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW) | BIT(JSON) | BIT(CHECK) |
                    BIT(WARNING) | BIT(CRITICAL),
         .run = nx_command_status,
         .fail = nx_status_check_fail},
        {.name = "config",
         .operands = "check",
         .summary = "check the configuration and the rules it names",
         .about = "",
         .options = ALWAYS | BIT(STORE),
         .least = 1,
         .most = 1,
         .run = nx_command_config},
        {.name = "quarantine",
         .operands = "list|show ID|retry [ID...]|drop [ID...]|export DIR",
         .summary = "what nobody recognised: look, and read it again",
         .about = "retry reads messages again with the rules of today; what is "
                  "recognised is\nrecorded and leaves the quarantine. drop "
                  "removes messages for good. An ID may be\ncut short. --all: "
                  "all of them. export writes everything into a Maildir.\n",
         .options = ALWAYS | BIT(STORE) | STREAMS | BIT(NOW) | BIT(JOBS) |
                    BIT(ALL) | BIT(JSON),
         .least = 1,
         .most = -1,
         .run = nx_command_quarantine},
        {.name = "held",
         .operands = "list [DOMAIN...]|apply DOMAIN...|drop DOMAIN...",
         .summary = "bounces that are held: too many at once to be true",
         .about = "apply lets them suppress as they would have done when they "
                  "came; drop forgets\nthem. A DOMAIN is one that list shows, "
                  "or that of the recipients. --all: all of\nthem. Ends with "
                  "1 when nothing is held of a DOMAIN.\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW) | BIT(ALL) | BIT(JSON),
         .least = 1,
         .most = -1,
         .run = nx_command_held},
        {.name = "events",
         .operands = "list|show ID|ack ID...",
         .summary = "who refuses us: blocklists and providers",
         .about = "list shows the block events that are open; with --all also "
                  "those that have closed.\nack closes them by hand. They "
                  "close by themselves when nobody has said the\nsame for "
                  "some time, or when mail is delivered there.\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW) | BIT(ALL) | BIT(JSON) |
                    BIT(NOTE),
         .least = 1,
         .most = -1,
         .run = nx_command_events},
        {.name = "token-file",
         .operands = "new NAME FILE",
         .summary = "make a token for who asks by HTTP",
         .about = "FILE is for tokens: in nixie.yaml and must not be there "
                  "yet. The secret is\nprinted, and is nowhere else.\n",
         .options = ALWAYS | BIT(SCOPE),
         .least = 1,
         .most = 3,
         .run = nx_command_token_file},
        {.name = "db",
         .operands = "status|verify|backup FILE|restore FILE|migrate|compact|"
                     "clock|prune|hash",
         .summary = "look after the store",
         .about = "status   what is in it, and what room it takes\n"
                  "verify   what is wrong with it, a finding a line\n"
                  "backup   copy it to FILE, also while others write\n"
                  "restore  put the copy in FILE in its place; the old one is "
                  "kept beside\n"
                  "migrate  bring it to the schema of this nixie\n"
                  "compact  give back room that nothing needs\n"
                  "clock    shows whether the system's clock has stepped; with "
                  "--accept it is taken as\nit is.\n"
                  "prune    remove what is older than nixie.yaml says, as the "
                  "daemon does daily\n"
                  "hash     drop all addresses for ever, see privacy in "
                  "nixie.conf(5)\n",
         .options = ALWAYS | BIT(STORE) | BIT(NOW) | BIT(JSON) | BIT(ACCEPT) |
                    BIT(FORCE) | BIT(DRY_RUN) | BIT(YES),
         .least = 1,
         .most = -1,
         .run = nx_command_db},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

const struct nx_command *nx_cli_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

const char *nx_cli_near_command(const char *word)
{
	struct nx_near near = nx_near_begin(word);
	for (size_t i = 0; i < COMMANDS; i++)
		nx_near_try(&near, commands[i].name);
	return near.name;
}

void nx_cli_help(void)
{
	puts("usage: nixie COMMAND [OPTION]... [OPERAND]...\n"
	     "Reads what comes back when mail goes wrong, says why, and "
	     "remembers whom not to\nmail for a while.\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-14s %s\n", commands[i].name, commands[i].summary);
	puts("\nnixie help COMMAND tells more; nixie(1) tells all.");
}
