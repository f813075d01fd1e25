/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_DETECTORS_RULES_H
#define NX_REPORT_CONDITIONS_DETECTORS_RULES_H

#include "report/conditions/detectors.h"
#include "report/conditions/phrases.h"

/* Compiled detectors: shared by their loader, their finder and their proof. */
enum nx_detector_condition_kind {
	NX_DETECTOR_CONDITION_HEADER = 0,  /* a phrase is found in a header */
	NX_DETECTOR_CONDITION_FRONT,       /* the subject begins with one */
	NX_DETECTOR_CONDITION_TYPE,        /* in the type of a part that is not
	                                      returned */
	NX_DETECTOR_CONDITION_REPORT_TYPE, /* in the message's report-type */
	NX_DETECTOR_CONDITION_NULL_SENDER, /* the envelope sender is known and
	                                      null */
	NX_DETECTOR_CONDITION_BODY         /* in the first words of the text */
};

struct nx_detector_condition {
	enum nx_detector_condition_kind kind;
	size_t header; /* index into nx_detectors.header, for HEADER */
	struct nx_phrases phrases;
	const struct nx_detector_condition *next;
};

struct nx_detector_group { /* holds when enough of its conditions do */
	const struct nx_detector_condition *first;
	size_t conditions;
	size_t needed;
	const struct nx_detector_group *next;
};

/* What people write who want no more mail: report/readers/unsubscribe_text.h.
 */
struct nx_unsubscribe_phrases {
	struct nx_phrases words;      /* a subject, or a line */
	struct nx_phrases alone;      /* a subject, or all of the text */
	struct nx_phrases beginnings; /* of a line */
	struct nx_phrases polite;     /* may stand before or after */
	struct nx_phrases quotes;     /* the quoted text starts at this line */
	struct nx_phrases addresses;  /* local parts made for it */
	const struct nx_detector_group *unless;
	const struct nx_yaml *source;
};

enum {
	NX_DETECTOR_HEADERS = 128, /* names of headers that rules may mention */
	NX_DETECTOR_BUCKETS = 64,
	NX_DETECTOR_SUBJECT = 0, /* the index of Subject */
	NX_DETECTOR_HEADER_SIZE = 512
};

struct nx_detectors {
	const struct nx_detector **item;
	size_t count;
	/* names by number, in chains by hash; 0 ends a chain, else index + 1 */
	const char *header[NX_DETECTOR_HEADERS];
	size_t headers;
	unsigned char bucket[NX_DETECTOR_BUCKETS];
	unsigned char chain[NX_DETECTOR_HEADERS];
	struct nx_phrases bounces; /* subjects of the mail system */
	struct nx_unsubscribe_phrases unsubscribe_phrases;
};

/* The number of a header's name, or NX_DETECTOR_HEADERS. */
size_t nx_detectors_header(const struct nx_detectors *detectors,
                           const char *name);
size_t nx_detectors_hash(const char *name);

struct nx_message_view {
	const struct nx_report *report;
	const struct nx_detectors *detectors;
	bool looked; /* value and subject are filled */
	const char *value[NX_DETECTOR_HEADERS]; /* folded; NULL when absent */
	const char *subject; /* its words, after "re:" and brackets, or "" */
	const char *text;    /* first words, folded; NULL until asked for */
	enum { NX_SYSTEM_UNKNOWN = 0, NX_SYSTEM_NO, NX_SYSTEM_YES } system;
};

bool nx_detectors_rules_hold(const struct nx_detector_group *group,
                             struct nx_message_view *view);

#endif
