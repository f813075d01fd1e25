/* SPDX-License-Identifier: ISC */
#include "cli/status_check.h"

#include "serve/status_socket.h"
#include "store/gauges.h"
#include "sys/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OFF = -1, HOUR = 3600 };

/* What is looked at; more than a threshold is wrong, or less than it. */
enum looked {
	DEFERRED = 0,
	QUARANTINE,
	HELD,
	GUARD,
	SPOOL,
	ERRORS,
	STORE_DISK,
	SPOOL_DISK,
	CLOCK,
	LOOKED
};

static const struct {
	const char *name; /* of the threshold */
	const char *label;
	const char *member; /* of the daemon's status */
	const char *unit;
	bool wants_more;
	int64_t warning, critical;
	const char *says; /* with the value before it */
} about[LOOKED] = {
        [DEFERRED] = {"deferred", "deferred", "deferred_hour", "", false, 10,
                      1000, "recipients deferred within the hour"},
        [QUARANTINE] = {"quarantine", "quarantine", "quarantine_hour", "",
                        false, 10, 100,
                        "reports put into quarantine within the hour"},
        [HELD] = {"held", "held", "held_now", "", false, 0, 1000,
                  "bounces held"},
        [GUARD] = {"guard", "guard", "held_domains", "", false, 0, 10,
                   "domains stopped by the mass guard"},
        [SPOOL] = {"spool", "spool", "spooled", "", false, 100, 10000,
                   "messages wait in the spool"},
        [ERRORS] = {"errors", "errors", "store_errors_hour", "", false, 0, 10,
                    "errors of the store within the hour"},
        [STORE_DISK] = {"disk", "store_free", "store_disk", "%", true, 10, 3,
                        "% of the store's disk free"},
        [SPOOL_DISK] = {"disk", "spool_free", "spool_disk", "%", true, 10, 3,
                        "% of the spool's disk free"},
        [CLOCK] = {"clock", "clock", "clock_step", "s", false, 60, 3600,
                   "s that the clock has stepped by"},
};

struct health_check {
	int64_t value[LOOKED];
	bool is_known[LOOKED];
	int64_t limit[2][LOOKED]; /* to warn, critical */
	enum nx_health health;
	char *said; /* what is wrong */
};

static void say(struct health_check *check, enum nx_health health,
                const char *format, ...) NX_PRINTF(3, 4);

static void say(struct health_check *check, enum nx_health health,
                const char *format, ...)
{
	va_list list;

	va_start(list, format);
	if (*check->said != '\0')
		check->said = talloc_strdup_append(check->said, "; ");
	check->said = talloc_vasprintf_append(check->said, format, list);
	va_end(list);
	if (health > check->health)
		check->health = health;
}

/* --- thresholds ----------------------------------------------------------- */

static bool read_number(const char *text, int64_t *out)
{
	char *end = NULL;

	if (strcmp(text, "off") == 0) {
		*out = OFF;
		return true;
	}
	*out = strtoll(text, &end, 10);
	if (*end == '%')
		end++;
	return end != text && *end == '\0' && *out >= 0;
}

static bool set_limit(const char *pair, int64_t limit[LOOKED])
{
	const size_t size = strcspn(pair, "=");
	int64_t number;
	bool done = false;

	if (pair[size] == '\0' || !read_number(pair + size + 1, &number))
		return false;
	for (int i = 0; i < LOOKED; i++)
		if (strlen(about[i].name) == size &&
		    strncmp(about[i].name, pair, size) == 0) {
			limit[i] = number;
			done = true;
		}
	return done;
}

static bool read_limits(struct nx_cli *cli, enum nx_option option,
                        int64_t limit[LOOKED], struct nx_error *err)
{
	char *rest = talloc_strdup(cli, cli->value[option]), *next = NULL;

	for (char *pair = strtok_r(rest, ",", &next); pair;
	     pair = strtok_r(NULL, ",", &next))
		if (!set_limit(pair, limit))
			return nx_error_set(
			        err, NX_ERROR_USAGE,
			        "--%s %s: not NAME=NUMBER or NAME=off, with "
			        "deferred, quarantine, held, guard, spool, "
			        "errors, disk or clock for NAME",
			        nx_cli_option_name(option), pair);
	return true;
}

/* --- the daemon and the store --------------------------------------------- */

static void put(struct health_check *check, enum looked which, int64_t value)
{
	check->value[which] = value;
	check->is_known[which] = true;
}

static void put_disk(struct health_check *check, enum looked which,
                     int64_t free, int64_t size)
{
	if (size > 0)
		put(check, which,
		    (int64_t)(100.0 * (double)free / (double)size));
}

static void read_status(struct health_check *check,
                        const struct nx_json *status)
{
	for (int i = 0; i < LOOKED; i++) {
		if (i != STORE_DISK && i != SPOOL_DISK) {
			put(check, (enum looked)i,
			    nx_json_number(status, about[i].member));
			continue;
		}
		const struct nx_json *disk =
		        nx_json_member(status, about[i].member);
		put_disk(check, (enum looked)i, nx_json_number(disk, "free"),
		         nx_json_number(disk, "size"));
	}
	if (check->value[CLOCK] < 0)
		check->value[CLOCK] = -check->value[CLOCK];
	if (nx_json_kind(status, "store_readable") == NX_JSON_BOOL &&
	    !nx_json_is_true(status, "store_readable"))
		say(check, NX_HEALTH_CRITICAL, "the store cannot be read");
	if (nx_json_is_true(status, "reload_failed"))
		say(check, NX_HEALTH_WARNING, "the last reload failed");
	if (nx_json_is_true(status, "stopping"))
		say(check, NX_HEALTH_WARNING, "the daemon is ending");
}

static void read_store(struct health_check *check, struct nx_store *store,
                       int64_t now)
{
	struct nx_store_gauges gauges;
	struct nx_error ignored;

	if (!nx_gauges_read(store, now, now - HOUR, &gauges, &ignored))
		return;
	put(check, QUARANTINE, gauges.lately);
	put(check, HELD, gauges.held);
	put(check, GUARD, gauges.holds);
}

/* What can be seen without the daemon. */
static void look_around(struct nx_cli *cli, struct health_check *check)
{
	struct nx_error ignored;
	struct nx_volume store, spool;

	(void)nx_file_volume(cli->config.store, &store);
	(void)nx_file_volume(cli->config.spool, &spool);
	put_disk(check, STORE_DISK, store.free, store.size);
	put_disk(check, SPOOL_DISK, spool.free, spool.size);
	if (nx_cli_store(cli, NX_STORE_LOOK, &ignored))
		read_store(check, cli->store, cli->now);
}

/* Whether it is away is not known to whoever may not ask. */
static bool may_ask(const char *path)
{
	return access(path, R_OK | W_OK) == 0 || errno != EACCES;
}

static void ask(struct nx_cli *cli, struct health_check *check)
{
	const struct nx_json *status;
	struct nx_error err;
	char *line;

	if (!nx_status_socket_query(cli, cli->config.status, &line, &err)) {
		const bool may = may_ask(cli->config.status) &&
		                 err.kind == NX_ERROR_TEMPORARY;
		say(check, may ? NX_HEALTH_CRITICAL : NX_HEALTH_UNKNOWN, "%s",
		    err.text);
		if (may)
			look_around(cli, check);
	} else if (nx_json_parse(cli, line, strlen(line), &status, &err)) {
		read_status(check, status);
	} else {
		say(check, NX_HEALTH_UNKNOWN, "%s", err.text);
	}
}

/* --- what is said --------------------------------------------------------- */

static bool is_beyond(const struct health_check *check, int which,
                      int64_t limit)
{
	return check->is_known[which] && limit != OFF &&
	       (about[which].wants_more ? check->value[which] < limit
	                                : check->value[which] > limit);
}

static void judge(struct health_check *check)
{
	for (int i = 0; i < LOOKED; i++) {
		enum nx_health health = NX_HEALTH_OK;
		if (is_beyond(check, i, check->limit[0][i]))
			health = NX_HEALTH_WARNING;
		if (is_beyond(check, i, check->limit[1][i]))
			health = NX_HEALTH_CRITICAL;
		if (health != NX_HEALTH_OK)
			say(check, health, "%" PRId64 " %s", check->value[i],
			    about[i].says);
	}
}

static void print_limit(int64_t limit, bool wants_more)
{
	putchar(';');
	if (limit != OFF)
		printf("%" PRId64 "%s", limit, wants_more ? ":" : "");
}

static void print_values(const struct health_check *check)
{
	const char *before = " |";

	for (int i = 0; i < LOOKED; i++) {
		if (!check->is_known[i])
			continue;
		printf("%s %s=%" PRId64 "%s", before, about[i].label,
		       check->value[i], about[i].unit);
		print_limit(check->limit[0][i], about[i].wants_more);
		print_limit(check->limit[1][i], about[i].wants_more);
		fputs(";0", stdout);
		before = "";
	}
	putchar('\n');
}

/* Behind a bar there are numbers. */
static void print_text(TALLOC_CTX *ctx, enum nx_health health, const char *text)
{
	static const char *const names[] = {
	        [NX_HEALTH_OK] = "OK",
	        [NX_HEALTH_WARNING] = "WARNING",
	        [NX_HEALTH_CRITICAL] = "CRITICAL",
	        [NX_HEALTH_UNKNOWN] = "UNKNOWN",
	};

	printf("NIXIE %s - ", names[health]);
	for (const char *at = nx_cli_escape(ctx, text); *at; at++)
		putchar(*at == '|' ? '/' : *at);
}

static void set_limits(struct health_check *check)
{
	for (int i = 0; i < LOOKED; i++) {
		check->limit[0][i] = about[i].warning;
		check->limit[1][i] = about[i].critical;
	}
}

bool nx_status_check(struct nx_cli *cli, struct nx_error *err)
{
	struct health_check check = {.said = talloc_strdup(cli, "")};

	set_limits(&check);
	if (!read_limits(cli, NX_OPTION_WARNING, check.limit[0], err) ||
	    !read_limits(cli, NX_OPTION_CRITICAL, check.limit[1], err))
		return false;
	ask(cli, &check);
	judge(&check);
	if (check.health == NX_HEALTH_OK)
		say(&check, NX_HEALTH_OK, "the daemon answers");
	print_text(cli, check.health, check.said);
	print_values(&check);
	cli->status = (enum nx_exit)check.health;
	return true;
}

int nx_status_check_fail(const struct nx_cli *cli, const struct nx_error *err)
{
	if (!nx_cli_has(cli, NX_OPTION_CHECK))
		return -1;
	print_text((TALLOC_CTX *)cli, NX_HEALTH_UNKNOWN, err->text);
	putchar('\n');
	return NX_HEALTH_UNKNOWN;
}
