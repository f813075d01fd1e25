/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_WORDING_H
#define NX_REPORT_CONDITIONS_WORDING_H

#include "concepts/sentence.h"
#include "report/conditions/phrases.h"

/*
 * What the text of a report tells by its words, as data: rules/reports.yaml,
 * which says what each member is for.
 */
enum nx_why { /* kinds of reasons why mail did not arrive */
	      NX_WHY_ADDRESS = 0,
	      NX_WHY_ROOM,
	      NX_WHY_WAY,
	      NX_WHY_REFUSAL,
	      NX_WHYS
};

struct nx_wording {
	const struct nx_concepts *concepts; /* NULL: no text tells anything */
	uint64_t marked; /* the concepts of the sentences, all parties and
	                    things */
	struct nx_sentences failures; /* and all of why */
	struct nx_sentences why[NX_WHYS];
	struct nx_sentences why_unless;
	struct nx_sentences delays;
	struct nx_sentences ends;
	struct nx_sentences returns;
	struct nx_sentences reasons;
	struct nx_sentences absences;
	struct nx_sentences recipients;
	struct nx_sentences successors;
	struct nx_phrases systems;
	struct nx_phrases gateways;
	struct nx_phrases others;
	struct nx_phrases offices;
	struct nx_phrases bounces;
	struct nx_phrases fields;
	struct nx_phrases to;
	struct nx_phrases masks;
	struct nx_phrases answers;
};

NX_MUST_USE bool nx_wording_load(TALLOC_CTX *ctx,
                                 const struct nx_concepts *concepts,
                                 const struct nx_yaml *root,
                                 struct nx_wording *out, struct nx_error *err);

/* A text with the marks that are asked for and its clauses; on ctx. */
const struct nx_spoken *nx_wording_mark(TALLOC_CTX *ctx,
                                        const struct nx_wording *wording,
                                        const char *text);

/* Whether some text says one of the sentences. */
bool nx_wording_says(const struct nx_sentences *sentences,
                     const struct nx_spoken *spoken);

#endif
