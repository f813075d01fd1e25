/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_SAMPLES_H
#define NX_REPORT_CONDITIONS_SAMPLES_H

#include "base/yaml.h"
#include "mail/message.h"

/* Samples in the files of formats and of detectors, as messages. */
struct nx_sample {
	TALLOC_CTX *ctx; /* until it is proven */
	const struct nx_yaml *node;
	const struct nx_message *message;
	bool counter; /* a counterexample */
};

/* The message of a sample, with that subject unless it is NULL. */
const struct nx_message *nx_samples_message(TALLOC_CTX *ctx,
                                            const struct nx_yaml *node,
                                            const char *subject);

/* Proves each sample that a map has under a key, until one fails; their number
 * is added to *samples. */
NX_MUST_USE bool nx_samples_prove(const struct nx_yaml *map, const char *key,
                                  const char *const *keys,
                                  bool (*prove)(const struct nx_sample *sample,
                                                const void *of,
                                                struct nx_error *err),
                                  const void *of, size_t *samples,
                                  struct nx_error *err);

#endif
