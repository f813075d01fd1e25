/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_READ_LISTENERS_H
#define NX_CONFIG_READ_LISTENERS_H

#include "base/yaml.h"
#include "config/config.h"

/* The part of nixie.yaml that says where serve listens; only for
 * read_serve.c. */
NX_MUST_USE bool nx_config_read_listeners(TALLOC_CTX *ctx,
                                          const struct nx_yaml *root,
                                          struct nx_config *out,
                                          struct nx_error *err);

#endif
