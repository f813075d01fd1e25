/* SPDX-License-Identifier: ISC */
#include "pool/worker_host.h"

#include <stdlib.h>

/* The engine with the site of that configuration; NULL with *err. */
static const struct nx_engine *load(const struct nx_rules_from *from,
                                    const char *file, struct nx_error *err)
{
	struct nx_rules rules;
	struct nx_config *config = talloc_zero(NULL, struct nx_config);
	if ((*file != '\0' && !nx_config_load(config, file, config, err)) ||
	    !nx_rules_load(config, from, &rules, err))
		return NULL;
	return nx_engine_at(config, rules.engine, &config->site);
}

static int descriptor(const char *number)
{
	return (int)strtol(number, NULL, 10);
}

_Noreturn void nx_worker_host_main(char *const *argv)
{
	struct nx_error err = {.kind = NX_ERROR_NONE};
	const struct nx_rules_from from = {.shipped = argv[3],
	                                   .site = argv[4],
	                                   .profile = argv[5],
	                                   .policy = ""};
	const struct nx_engine *engine = load(&from, argv[6], &err);
	nx_worker_host_run(engine, descriptor(argv[1]), descriptor(argv[2]),
	                   &err);
}
