/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_DETECTORS_H
#define NX_REPORT_CONDITIONS_DETECTORS_H

#include "base/yaml.h"
#include "report/report.h"

/*
 * Detectors, which distinguish mail that is not a report of a failure from
 * other mail, as data: rules/automatic.yaml (vacation notices, challenges,
 * receipts, moderation, reports for operators) and rules/unsubscribe.yaml. A
 * detector is a word for the record (`format`), a kind, and conditions on
 * headers, structure and the first words of the text. Conditions are phrases
 * only, no patterns, since every mail is tested. Detectors say what a mail is;
 * none of them names a recipient.
 */
struct nx_detectors; /* immutable */

/* Whether this is the name, without its folder, of a file with detectors. */
bool nx_detectors_is_source(const char *name);

/* Strict; the first error ends it. */
NX_MUST_USE bool nx_detectors_compile(TALLOC_CTX *ctx,
                                      const struct nx_source *sources,
                                      size_t count,
                                      const struct nx_detectors **out,
                                      struct nx_error *err);

/* Runs every sample and counterexample of both files, and every phrase that a
 * subject may begin with; *samples is their number. */
NX_MUST_USE bool nx_detectors_prove(const struct nx_detectors *detectors,
                                    size_t *samples, struct nx_error *err);

size_t nx_detectors_count(const struct nx_detectors *detectors);

enum nx_detector_stage {
	NX_DETECTOR_LATE = 0,   /* only if nothing else recognises the mail */
	NX_DETECTOR_EARLY,      /* before delivery reports: it looks like one */
	NX_DETECTOR_UNSUBSCRIBE /* a program asks on behalf of its user */
};

struct nx_detector {
	const char *id;
	const char *format;
	enum nx_kind kind;
	enum nx_detector_stage stage;
	bool system; /* applies even when the mail system wrote the mail */
	const struct nx_detector_group *when;   /* one must hold */
	const struct nx_detector_group *with;   /* one must hold, if any */
	const struct nx_detector_group *unless; /* none may hold */
	const struct nx_yaml *source;
};

/* A message as detectors see it: prepared once, on first use. The report knows
 * its message and its text for people, and outlives the view. NULL when there
 * are no detectors. */
struct nx_message_view *nx_message_view_new(
        TALLOC_CTX *ctx, const struct nx_detectors *detectors,
        const struct nx_report *report);

/* The first detector of that stage that holds, or NULL; view may be NULL. */
const struct nx_detector *nx_detectors_find(struct nx_message_view *view,
                                            enum nx_detector_stage stage);

/* The subject begins as mail systems begin one when they return a message or
 * warn of delay; view may be NULL. */
bool nx_detectors_is_bounce(struct nx_message_view *view);

#endif
