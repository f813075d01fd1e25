/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_DETECTORS_H
#define NX_REPORT_CONDITIONS_DETECTORS_H

#include "concepts/sentence.h"
#include "report/conditions/view.h"
#include "report/conditions/wording.h"

/*
 * Detectors, which distinguish mail that is not a report of a failure from
 * other mail, as data: rules/automatic.yaml (vacation notices, challenges,
 * receipts, moderation, reports for operators) and rules/unsubscribe.yaml. A
 * detector is a word for the record (`format`), a kind, and conditions on
 * headers, structure and the first words of the text. Conditions are phrases
 * only, no patterns, since every mail is tested. Detectors say what a mail is;
 * none of them names a recipient. rules/reports.yaml says by which words the
 * text of a report is read.
 */
enum nx_detector_stage {
	NX_DETECTOR_LATE = 0,   /* only if nothing else recognises the mail */
	NX_DETECTOR_EARLY,      /* before delivery reports: it looks like one */
	NX_DETECTOR_UNSUBSCRIBE /* a program asks on behalf of its user */
};

struct nx_detector {
	const char *id;
	const char *format;
	const char *kind; /* nx_kind_name of it */
	enum nx_detector_stage stage;
	bool system; /* applies even when the mail system wrote the mail */
	const struct nx_condition_group *when;   /* one must hold */
	const struct nx_condition_group *with;   /* one must hold, if any */
	const struct nx_condition_group *unless; /* none may hold */
	const struct nx_yaml *source;
};

/* What people write who want no more mail:
 * report/readers/unsubscribe_text.h. */
struct nx_unsubscribe_rules {
	struct nx_sentences leave;    /* the wish */
	struct nx_sentences together; /* … where it is one word */
	struct nx_sentences titled;   /* … and it is a subject */
	struct nx_sentences unsaid;   /* no wish, whatever else is said */
	struct nx_sentences doubts;   /* nor is a question with these */
	struct nx_sentences openings; /* a request begins here */
	struct nx_sentences beside;   /* no more than a wish with these */
	struct nx_phrases alone;      /* a subject, or all of the text */
	struct nx_phrases quotes;     /* the quoted text starts at this line */
	struct nx_phrases addresses;  /* local parts made for it */
	struct nx_phrases servers;    /* local parts of list servers */
	const struct nx_condition_group *unless;
	const struct nx_yaml *source;
};

struct nx_detectors { /* immutable */
	const struct nx_detector **item;
	size_t count;
	struct nx_header_names names;
	struct nx_phrases bounces; /* subjects of the mail system */
	struct nx_unsubscribe_rules unsubscribe;
	const struct nx_concepts *concepts; /* of its sentences; not owned */
	struct nx_wording wording;
};

/* Whether this is the name, without its folder, of a file with detectors. */
bool nx_detectors_is_source(const char *name);

/* Strict; the first error ends it. The concepts must live as long. */
NX_MUST_USE bool nx_detectors_compile(TALLOC_CTX *ctx,
                                      const struct nx_concepts *concepts,
                                      const struct nx_source *sources,
                                      size_t count,
                                      const struct nx_detectors **out,
                                      struct nx_error *err);

/* The first detector of that stage that holds, or NULL. */
const struct nx_detector *nx_detectors_find(
        const struct nx_detectors *detectors, struct nx_view *view,
        enum nx_detector_stage stage);

/* From a mailer-daemon or postmaster, or null sender and the subject of a
 * bounce: written by the mail system, not a vacation notice. */
bool nx_detectors_is_system(const struct nx_detectors *detectors,
                            struct nx_view *view);

#endif
