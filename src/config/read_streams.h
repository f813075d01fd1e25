/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_READ_STREAMS_H
#define NX_CONFIG_READ_STREAMS_H

#include "base/yaml.h"
#include "event/stream.h"

/* streams and default_stream of nixie.yaml; without them *out has none. stream
 * must be one of them. */
NX_MUST_USE bool nx_config_read_streams(TALLOC_CTX *ctx,
                                        const struct nx_yaml *root,
                                        const struct nx_streams **out,
                                        struct nx_error *err);

#endif
