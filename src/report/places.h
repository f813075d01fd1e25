/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_PLACES_H
#define NX_REPORT_PLACES_H

#include "report/lines.h"
#include "report/report.h"

/*
 * Where a text names addresses, and whose they are: looked for once, so that
 * a thousand recipients can be asked about. It decides whose words are whose;
 * it does not judge what they say.
 */
struct nx_places; /* hangs on its context; keeps report and text */

/* The recipients that the report has by now are those that are known. */
struct nx_places *nx_places_find(TALLOC_CTX *ctx,
                                 const struct nx_report *report,
                                 const char *text);

/* What of an address a mention of it spans: "o'brien@a.example" stands there as
 * "brien@a.example", with the rest in front. */
struct nx_line nx_places_span(const char *address);

/* The mention spans that of the address. */
bool nx_places_spells(struct nx_line mention, const char *address);

/* The first place from there on that names the address, or NULL. */
const char *nx_places_next(const struct nx_places *places, const char *address,
                           const char *from);

/* Some of the stretch names an address: the first one, and where the next can
 * stand. */
bool nx_places_in(const struct nx_places *places, struct nx_line stretch,
                  struct nx_line *address);

/* The address is one of a recipient of the report. */
bool nx_places_is_known(const struct nx_places *places, struct nx_line address);

/* The stretch names a recipient, or somebody who reads as one, and never this
 * address: what it says is said of somebody else. */
bool nx_places_another(const struct nx_places *places, struct nx_line stretch,
                       const char *address);

/* The address that the line begins with, valid or not, when it is somebody's
 * who may be a recipient, or of a host without a dot; else "". */
const char *nx_places_leading(TALLOC_CTX *ctx, const struct nx_report *report,
                              struct nx_line line);

/* The same, and of no recipient of the report. */
bool nx_places_begins_new(const struct nx_places *places, struct nx_line line);

/* Where the line goes on with the next recipient and his own reason:
 * "anna@a.example (552 full), bert@b.example (550 unknown)". Its end when it
 * does not. */
const char *nx_places_next_item(TALLOC_CTX *ctx, const struct nx_report *report,
                                struct nx_line line);

/* The line begins with an address that is neither this one nor ours, as the
 * account of another recipient does. A line that stands further in than that
 * goes on with what is said, unless it names a known recipient. */
bool nx_places_begins_another(const struct nx_places *places,
                              struct nx_line line, size_t indent,
                              const char *address);

#endif
