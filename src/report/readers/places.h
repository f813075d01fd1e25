/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_PLACES_H
#define NX_REPORT_READERS_PLACES_H

#include "report/lines.h"
#include "report/report.h"

/*
 * Where a text names addresses, and whose they are: searched once, so that a
 * thousand recipients can be looked up. It decides which words belong to which
 * address, and does not judge what they say.
 */
struct nx_places; /* hangs on its context; refers to report and text */

/* The recipients that the report has at this point are the known ones. */
struct nx_places *nx_places_find(TALLOC_CTX *ctx,
                                 const struct nx_report *report,
                                 const char *text);

/* The part of an address that a mention of it spans: "o'brien@a.example" is
 * found as "brien@a.example", with the rest before it. */
struct nx_line nx_places_span(const char *address);

/* The mention spans the same part as one of this address would. */
bool nx_places_spells(struct nx_line mention, const char *address);

/* The first place from there on that names the address, or NULL. */
const char *nx_places_next(const struct nx_places *places, const char *address,
                           const char *from);

/* A part of the stretch names an address: returns the first one, and where the
 * next can stand. */
bool nx_places_in(const struct nx_places *places, struct nx_line stretch,
                  struct nx_line *address);

/* The address belongs to a recipient of the report. */
bool nx_places_is_known(const struct nx_places *places, struct nx_line address);

/* The stretch names a recipient, or an address that reads as one, and never
 * this address: it is about somebody else. */
bool nx_places_another(const struct nx_places *places, struct nx_line stretch,
                       const char *address);

/* The address that the line begins with, valid or not, when it may be a
 * recipient's, or when its host has no dot; else "". */
const char *nx_places_leading(TALLOC_CTX *ctx, const struct nx_report *report,
                              struct nx_line line);

/* The same, and it belongs to no recipient of the report. */
bool nx_places_begins_new(const struct nx_places *places, struct nx_line line);

/* The line at *text, which moves after it. Where it continues with the next
 * recipient and its own reason, it ends: "anna@a.example (552 full),
 * bert@b.example (550 unknown)". */
struct nx_line nx_places_next_line(TALLOC_CTX *ctx,
                                   const struct nx_report *report,
                                   const char **text);

/* The line begins with an address that is neither this one nor ours, as the
 * account of another recipient does. A line that is indented further continues
 * what is said, unless it names a known recipient. */
bool nx_places_begins_another(const struct nx_places *places,
                              struct nx_line line, size_t indent,
                              const char *address);

#endif
