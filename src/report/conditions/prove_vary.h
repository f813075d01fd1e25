/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_PROVE_VARY_H
#define NX_REPORT_CONDITIONS_PROVE_VARY_H

#include "report/conditions/formats.h"
#include "report/conditions/samples.h"
#include "report/report.h"

/* Samples of formats, and what is read when their addresses are altered. */

struct nx_proven {
	const struct nx_formats *formats;
	const struct nx_detectors *detectors; /* for the words of reports */
};

/* What all formats read from a sample. */
const struct nx_report *nx_prove_vary_read(TALLOC_CTX *ctx,
                                           const struct nx_proven *proven,
                                           const struct nx_message *sample);

/* With the address made longer, either all of it is taken or nothing (in prose,
 * a word before it is only a word). */
NX_MUST_USE bool nx_prove_vary_address(const struct nx_proven *proven,
                                       const struct nx_sample *sample,
                                       const char *address, bool prose,
                                       struct nx_error *err);

/* The addresses of senders and of contacts, in a line before, between and after
 * all others, are not taken. */
NX_MUST_USE bool nx_prove_vary_others(const struct nx_proven *proven,
                                      const struct nx_sample *sample,
                                      struct nx_error *err);

#endif
