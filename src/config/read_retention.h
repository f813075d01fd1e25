/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_READ_RETENTION_H
#define NX_CONFIG_READ_RETENTION_H

#include "base/yaml.h"
#include "config/config.h"

/* How long what is stored is kept: the defaults, and what nixie.yaml says
 * else. */
void nx_config_set_retention(struct nx_retention *out);

NX_MUST_USE bool nx_config_read_retention(const struct nx_yaml *root,
                                          struct nx_retention *out,
                                          struct nx_error *err);

/* privacy: plain or hashed. */
NX_MUST_USE bool nx_config_read_privacy(const struct nx_yaml *root,
                                        bool *hashed, struct nx_error *err);

#endif
