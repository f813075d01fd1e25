/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_SIGNS_RULES_H
#define NX_REPORT_SIGNS_RULES_H

#include "report/phrases.h"
#include "report/signs.h"

/* Signs as compiled: shared by their loader, their finder and their proof. */
enum nx_mark_kind {
	NX_MARK_HEADER = 0,  /* a phrase is found in a header */
	NX_MARK_FRONT,       /* the subject begins with one */
	NX_MARK_TYPE,        /* in the type of a part that is not returned */
	NX_MARK_REPORT_TYPE, /* in the report-type of the message */
	NX_MARK_NULL_SENDER, /* the envelope sender is known and null */
	NX_MARK_BODY         /* in the first words of the text for people */
};

struct nx_mark {
	enum nx_mark_kind kind;
	size_t header; /* index into nx_signs.header, for HEADER */
	struct nx_phrases phrases;
	const struct nx_mark *next;
};

struct nx_sign_group { /* holds when enough of its marks do */
	const struct nx_mark *first;
	size_t marks;
	size_t needed;
	const struct nx_sign_group *next;
};

/* What people write who want no more mail: report/wish.h. */
struct nx_wishes {
	struct nx_phrases words;      /* a subject, or a line */
	struct nx_phrases alone;      /* a subject, or all of the text */
	struct nx_phrases beginnings; /* of a line */
	struct nx_phrases polite;     /* may stand before or behind */
	struct nx_phrases quotes;     /* from this line on it is quoted */
	struct nx_phrases addresses;  /* local parts of ours, made for it */
	const struct nx_sign_group *unless;
	const struct nx_yaml *source;
};

enum {
	NX_SIGN_HEADERS = 128, /* names of headers that rules may mention */
	NX_SIGN_BUCKETS = 64,
	NX_SIGN_SUBJECT = 0, /* the index of Subject */
	NX_SIGN_HEADER_SIZE = 512
};

struct nx_signs {
	const struct nx_sign **item;
	size_t count;
	/* names by number, in chains by hash; 0 ends a chain, else index + 1 */
	const char *header[NX_SIGN_HEADERS];
	size_t headers;
	unsigned char bucket[NX_SIGN_BUCKETS];
	unsigned char chain[NX_SIGN_HEADERS];
	struct nx_phrases bounces; /* subjects of the mail system */
	struct nx_wishes wishes;
};

/* The number of a header's name, or NX_SIGN_HEADERS. */
size_t nx_signs_header(const struct nx_signs *signs, const char *name);
size_t nx_signs_hash(const char *name);

struct nx_sight {
	const struct nx_report *report;
	const struct nx_signs *signs;
	bool looked;                        /* value and subject are there */
	const char *value[NX_SIGN_HEADERS]; /* folded; NULL when absent */
	const char *subject; /* its words, behind "re:" and brackets, or "" */
	const char *text;    /* first words, folded; NULL until asked for */
	enum { NX_SYSTEM_UNKNOWN = 0, NX_SYSTEM_NO, NX_SYSTEM_YES } system;
};

bool nx_signs_holds(const struct nx_sign_group *group, struct nx_sight *sight);

#endif
