/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/verbs.h"
#include "export/state_json.h"

#include "base/date.h"
#include "mail/address.h"
#include "store/held.h"

#include <inttypes.h>
#include <string.h>

struct held {
	struct nx_cli *cli;
	struct nx_error *err;
	size_t listed;
};

/* --- list ----------------------------------------------------------------- */

static void print_line(TALLOC_CTX *ctx, const struct nx_hold *hold, int64_t now)
{
	char since[NX_DATE_SIZE], drops[NX_DATE_SIZE];

	printf("%s  %" PRId64 " held since %s",
	       nx_cli_escape(ctx, hold->domain), hold->bounces,
	       nx_date_text(hold->since, since));
	if (hold->domains > 1)
		printf("  to %" PRId64 " domains", hold->domains);
	if (hold->drops == NX_FOREVER)
		puts("  never dropped");
	else
		printf("  dropped from %s on (%s)\n",
		       nx_date_text(hold->drops, drops),
		       nx_cli_when(ctx, hold->drops, now));
}

static bool list_one(void *user, const struct nx_hold *hold)
{
	struct held *run = user;
	TALLOC_CTX *ctx = talloc_new(NULL);

	run->listed++;
	if (nx_cli_has(run->cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(ctx);
		nx_hold_json(object, hold);
		nx_cli_print_json(object);
	} else {
		print_line(ctx, hold, run->cli->now);
	}
	talloc_free(ctx);
	return !ferror(stdout);
}

/* domain NULL: all, and that may be none. */
static bool list(struct held *run, const char *domain)
{
	struct nx_cli *cli = run->cli;

	run->listed = 0;
	if (!nx_held_list(cli->store, domain, cli->now, list_one, run,
	                  run->err))
		return false;
	if (domain && run->listed == 0) {
		nx_cli_say(cli, "%s: nothing is held", domain);
		cli->status = NX_EXIT_NO;
	}
	return true;
}

/* --- apply and drop ------------------------------------------------------- */

static void tell_json(const char *domain, const char *what,
                      const struct nx_held_done *done)
{
	struct nx_json_out *object = nx_json_out_new(NULL);

	nx_json_out_whole(object, "domain", domain ? domain : "");
	nx_json_out_whole(object, "what", what);
	nx_json_out_number(object, "bounces", done->bounces);
	nx_json_out_number(object, "suppressed", done->suppressed);
	nx_cli_print_json(object);
}

static void tell(const struct held *run, const char *domain, bool applied,
                 const struct nx_held_done *done)
{
	if (nx_cli_has(run->cli, NX_OPTION_JSON)) {
		tell_json(domain, applied ? "applied" : "dropped", done);
		return;
	}
	printf("%s  %" PRId64 " %s",
	       domain ? nx_cli_escape(run->cli, domain) : "all", done->bounces,
	       applied ? "applied" : "dropped");
	if (applied)
		printf("  %" PRId64 " newly suppressed", done->suppressed);
	puts("");
}

static bool apply(struct held *run, const char *domain)
{
	struct nx_cli *cli = run->cli;
	struct nx_held_done done;

	if (!nx_held_apply(cli->store, cli->rules.policy, domain, cli->now,
	                   &done, run->err))
		return false;
	tell(run, domain, true, &done);
	if (domain && done.bounces == 0)
		cli->status = NX_EXIT_NO;
	return true;
}

static bool drop(struct held *run, const char *domain)
{
	struct nx_cli *cli = run->cli;
	struct nx_held_done done;

	if (!nx_held_drop(cli->store, domain, cli->now, &done, run->err))
		return false;
	tell(run, domain, false, &done);
	if (domain && done.bounces == 0)
		cli->status = NX_EXIT_NO;
	return true;
}

/* -------------------------------------------------------------------------- */

struct held_verb {
	struct nx_verb verb;
	bool (*run)(struct held *run, const char *domain);
	enum nx_store_mode mode;
	bool needs_names; /* or --all */
};

static const struct held_verb verbs[] = {
        {{.name = "list", .most = -1}, list, NX_STORE_READ, false},
        {{.name = "apply", .most = -1}, apply, NX_STORE_WRITE, true},
        {{.name = "drop", .most = -1}, drop, NX_STORE_WRITE, true},
};

static bool check_names(const struct nx_cli *cli, const struct held_verb *verb,
                        struct nx_error *err)
{
	const bool all = nx_cli_has(cli, NX_OPTION_ALL);
	const bool some = cli->operands > 1;

	return all != some || (!all && !verb->needs_names) ||
	       nx_error_set(err, NX_ERROR_USAGE,
	                    "%s which? name domains, or --all",
	                    verb->verb.name);
}

static bool run_each(struct held *run, const struct held_verb *verb)
{
	struct nx_cli *cli = run->cli;

	if (cli->operands == 1)
		return verb->run(run, NULL);
	for (int i = 1; i < cli->operands; i++) {
		const char *domain =
		        nx_address_normal_domain(cli, cli->operand[i]);

		if (!*domain)
			return nx_error_set(run->err, NX_ERROR_USAGE,
			                    "%s: not a domain",
			                    cli->operand[i]);
		if (!verb->run(run, domain))
			return false;
	}
	return true;
}

bool nx_command_held(struct nx_cli *cli, struct nx_error *err)
{
	struct held run = {.cli = cli, .err = err};
	const size_t found = NX_VERB_FIND(cli, verbs, err);

	if (found == NX_VERBS(verbs))
		return false;
	return check_names(cli, &verbs[found], err) &&
	       (verbs[found].mode == NX_STORE_READ ||
	        nx_cli_policy(cli, err)) &&
	       nx_cli_store(cli, verbs[found].mode, err) &&
	       run_each(&run, &verbs[found]);
}
