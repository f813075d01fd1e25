/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_READ_SERVE_H
#define NX_CONFIG_READ_SERVE_H

#include "base/yaml.h"
#include "config/config.h"

/* The part of nixie.yaml that serve reads; only for config.c. */

void nx_config_set_serve(struct nx_config *out); /* the defaults */

NX_MUST_USE bool nx_config_read_serve(TALLOC_CTX *ctx,
                                      const struct nx_yaml *root,
                                      struct nx_config *out,
                                      struct nx_error *err);

#endif
