/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_READ_SITE_H
#define NX_CONFIG_READ_SITE_H

#include "base/yaml.h"
#include "report/site.h"

/* The keys of nixie.yaml that say what is ours: domains, protect and
 * local_domains. *out is changed on success only. */
NX_MUST_USE bool nx_config_read_site(TALLOC_CTX *ctx,
                                     const struct nx_yaml *root,
                                     struct nx_site *out, struct nx_error *err);

/* The hosts of ours that report. */
NX_MUST_USE bool nx_config_read_own_hosts(TALLOC_CTX *ctx,
                                          const struct nx_yaml *root,
                                          struct nx_site_names *out,
                                          struct nx_error *err);

#endif
