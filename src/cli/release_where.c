/* SPDX-License-Identifier: ISC */
#include "cli/act_options.h"
#include "cli/bulk_print.h"

#include "base/text.h"
#include "mail/address.h"

#include <inttypes.h>
#include <string.h>

/* release --where: frees what certain events led to. */

struct condition {
	const char *key;
	const char *value;
};

static bool take_domain(struct nx_cli *cli, const struct condition *of,
                        const char **out, struct nx_error *err)
{
	*out = nx_address_normal_domain(cli, of->value);
	return **out ||
	       nx_error_set(err, NX_ERROR_USAGE, "--where %s=%s: not a domain",
	                    of->key, of->value);
}

static bool take_time(const struct nx_cli *cli, const struct condition *of,
                      int64_t *out, struct nx_error *err)
{
	char what[32];

	snprintf(what, sizeof(what), "--where %s=", of->key);
	return nx_act_options_time(cli, what, of->value, out, err);
}

static bool take(struct nx_cli *cli, const struct condition *of,
                 struct nx_where *out, struct nx_error *err)
{
	if (*of->value == '\0')
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--where %s: wanted is %s=VALUE", of->key,
		                    of->key);
	if (strcmp(of->key, "since") == 0)
		return take_time(cli, of, &out->since, err);
	if (strcmp(of->key, "until") == 0)
		return take_time(cli, of, &out->until, err);
	if (strcmp(of->key, "domain") == 0)
		return take_domain(cli, of, &out->domain, err);
	if (strcmp(of->key, "reporter") == 0)
		return take_domain(cli, of, &out->reporter, err);
	if (strcmp(of->key, "rule") == 0) {
		out->rule = of->value;
		return true;
	}
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "--where %s: not rule, reporter, domain, since or "
	                    "until",
	                    of->key);
}

/* "rule=generic/x since=1d" */
static bool read_where(struct nx_cli *cli, struct nx_where *out,
                       struct nx_error *err)
{
	const char *at = out->text;
	size_t taken = 0;

	for (at += strspn(at, " \t\n"); *at; at += strspn(at, " \t\n")) {
		const size_t size = strcspn(at, " \t\n");
		char *key = talloc_strndup(cli, at, size);
		char *sign = strchr(key, '=');
		struct condition condition = {.key = key, .value = ""};

		if (sign) {
			*sign = '\0';
			condition.value = sign + 1;
		}
		if (!take(cli, &condition, out, err))
			return false;
		taken++;
		at += size;
	}
	return taken > 0 ||
	       nx_error_set(err, NX_ERROR_USAGE,
	                    "--where: names nothing; to free a whole store is "
	                    "not what it is for");
}

static bool check(const struct nx_cli *cli, const struct nx_where *where,
                  struct nx_error *err)
{
	if (cli->operands > 0 || nx_cli_has(cli, NX_OPTION_DOMAIN))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--where and addresses: one of them");
	if (*cli->config.stream)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--where and --stream: one of them");
	if (where->cause == NX_CAUSE_MANUAL &&
	    (*where->rule || *where->reporter))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--class manual: an entry by hand has no "
		                    "rule and no reporter");
	return true;
}

static void print_totals(const struct nx_bulk_told *told, int64_t act)
{
	const int64_t freed = told->count[NX_BULK_FREED];
	const int64_t stays = nx_bulk_print_stays(told);

	if (nx_cli_has(told->cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(told->cli);

		nx_bulk_print_json_end(told, act, object);
		nx_json_out_number(object, "freed", freed);
		nx_json_out_number(object, "stays", stays);
		nx_cli_print_json(object);
		return;
	}
	printf("%" PRId64 " %sfreed, %" PRId64 " %s", freed,
	       told->dry_run ? "would be " : "", stays,
	       stays == 1 ? "stays" : "stay");
	nx_bulk_print_end(told, act);
}

bool nx_release_where(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_where where = {.rule = "",
	                         .reporter = "",
	                         .domain = "",
	                         .since = INT64_MIN,
	                         .until = INT64_MAX,
	                         .text = cli->value[NX_OPTION_WHERE]};
	struct nx_bulk_told told = {.cli = cli};
	int64_t act;

	/* once more when the store's clock is known, for spans */
	if (!nx_act_options_class(cli, &where.cause, err) ||
	    !read_where(cli, &where, err) || !check(cli, &where, err) ||
	    !nx_cli_ready_rules(cli, err) ||
	    !nx_cli_store(cli,
	                  nx_cli_has(cli, NX_OPTION_DRY_RUN) ? NX_STORE_READ
	                                                     : NX_STORE_THERE,
	                  err) ||
	    !read_where(cli, &where, err))
		return false;
	const struct nx_bulk bulk = nx_bulk_print_act(cli);
	told.dry_run = bulk.dry_run;
	if (!nx_bulk_release(cli->store, &bulk, &where, nx_bulk_print_row,
	                     &told, &act, err))
		return false;
	print_totals(&told, act);
	if (nx_bulk_print_stays(&told) > 0)
		cli->status = NX_EXIT_NO;
	return true;
}
