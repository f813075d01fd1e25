/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_PROVE_H
#define NX_REPORT_CONDITIONS_PROVE_H

#include "report/conditions/detectors.h"
#include "report/conditions/formats.h"

/*
 * Formats and detectors have samples in their files, and are proven by them:
 * nixie rules check. *samples is set to how many there were.
 */

/* Every sample of every format, as it is and with its addresses altered. */
NX_MUST_USE bool nx_formats_prove(const struct nx_formats *formats,
                                  const struct nx_detectors *detectors,
                                  size_t *samples, struct nx_error *err);

/* Every sample and counterexample of both files, and every phrase that a
 * subject may begin with. */
NX_MUST_USE bool nx_detectors_prove(const struct nx_detectors *detectors,
                                    size_t *samples, struct nx_error *err);

#endif
