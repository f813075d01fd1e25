/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READ_H
#define NX_REPORT_READ_H

#include "report/report.h"

/* Reads the report in a message. Order of trying: feedback (RFC 5965, XARF),
 * what only looks like a delivery report (challenges), delivery (RFC 3464,
 * 6533), formats (NULL: none), feedback that is attached, unsubscribe,
 * automatic (RFC 3834, MDN, …: detectors, NULL: none), else other. site: what
 * is ours; NULL: nothing is known of it. Total. */
struct nx_report *nx_report_read(TALLOC_CTX *ctx,
                                 const struct nx_formats *formats,
                                 const struct nx_detectors *detectors,
                                 const struct nx_site *site,
                                 const struct nx_message *message);

#endif
