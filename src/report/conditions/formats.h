/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_FORMATS_H
#define NX_REPORT_CONDITIONS_FORMATS_H

#include "report/conditions/conditions.h"

/*
 * Bounce formats that follow no standard, as data: rules/formats/NAME.yaml, one
 * format per file (nixie-rules(5)). A format says how it is recognised
 * (`when`), where its account of the failure stands (`begin`, `end`,
 * `original`) and what its lines mean (`recipient`, `diagnostic`: patterns
 * whose named groups are fields of the report). The line machine walks the
 * account line by line; no format has code of its own.
 */
struct nx_format {
	const char *name;
	int rank; /* lower is tried earlier */
	const struct nx_yaml *source;
	const struct nx_condition_group *when;   /* one must hold */
	const struct nx_condition_group *unless; /* none may hold */
	struct nx_patterns begin;    /* the account starts after this line */
	struct nx_patterns end;      /* and ends before this one */
	struct nx_patterns original; /* the returned message starts here */
	struct nx_patterns recipient;
	struct nx_patterns again;  /* means a recipient that is already known */
	struct nx_patterns fails;  /* the addresses named after it failed */
	struct nx_patterns delays; /* or are still being tried */
	struct nx_patterns diagnostic;
	struct nx_patterns skip;
	struct nx_patterns split;   /* treated as a line end within a line */
	struct nx_patterns stop;    /* the diagnostic ends here */
	struct nx_patterns delayed; /* in subject or text: still being tried */
	const char *recipient_header; /* "X-Failed-Recipients", or "" */
	const char *domain;           /* for addresses without one */
	const char *fallback;         /* a diagnostic when there is none */
	const char *feedback;         /* a complaint of this type, or "" */
	bool ends_at_blank; /* without a stop pattern: a blank line ends it */
	bool before;        /* the diagnostic precedes its recipients */
	bool shared;        /* one diagnostic for all that have none */
	bool answers;       /* its subject may begin with "Re:" */
	bool transcript;    /* Sendmail's: what it shows of a session decides */
	bool nobody;        /* recognised, but never about a recipient */
	bool prose;         /* any words may precede an address */
};

struct nx_formats { /* in order of rank, then of name; immutable */
	const struct nx_format **item;
	size_t count;
	struct nx_patterns markers; /* of every format: where the returned
	                               message starts */
	struct nx_patterns senders; /* words that tell whose it is */
	struct nx_patterns contacts;
	const struct nx_prefilter *of_others; /* of both, one after the other */
	const struct nx_yaml *source_of_others;
	/* of the markers, by their index, and of conditions on the text */
	const struct nx_prefilter *of_text;
	const struct nx_prefilter *of_headers; /* of conditions on headers */
	struct nx_header_names names;
};

/* Strict; the first error ends it. */
NX_MUST_USE bool nx_formats_compile(TALLOC_CTX *ctx,
                                    const struct nx_source *sources,
                                    size_t count, const struct nx_formats **out,
                                    struct nx_error *err);

enum nx_other { NX_OTHER_NONE = 0, NX_OTHER_SENDER, NX_OTHER_CONTACT };

/* Who, if not a recipient, the address in the text (from, up to to) belongs to
 * by the words around it. */
enum nx_other nx_formats_other(TALLOC_CTX *ctx,
                               const struct nx_formats *formats,
                               const char *text, const char *from,
                               const char *to);

#endif
