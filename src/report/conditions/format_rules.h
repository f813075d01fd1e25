/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_FORMAT_RULES_H
#define NX_REPORT_CONDITIONS_FORMAT_RULES_H

#include "match/pattern.h"
#include "report/readers/format.h"

/*
 * A compiled format: shared by the loader and the line machine only.
 */
enum nx_condition_kind {
	NX_CONDITION_HEADER = 0, /* the pattern is found in a header */
	NX_CONDITION_FIRST,      /* in the first line that is not blank */
	NX_CONDITION_BODY,       /* in the text for people, ^ and $ at lines */
	NX_CONDITION_TYPE        /* in the type of the message or of a part */
};

struct nx_condition {
	enum nx_condition_kind kind;
	const char *header; /* its name, for HEADER */
	const struct nx_pattern *pattern;
	size_t number; /* its index in the filter that is used for it */
	struct nx_condition *next;
};

struct nx_condition_group { /* holds when enough of its conditions do */
	struct nx_condition *first;
	size_t conditions;
	size_t needed;
	const struct nx_condition_group *next;
};

struct nx_patterns { /* tried in order, the first match counts */
	const struct nx_pattern **item;
	size_t count;
};

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

struct nx_formats {
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
	const char **header;                   /* their names */
	size_t headers;
};

/* Numbers the conditions and builds the filters. */
void nx_format_rules_filter(struct nx_formats *formats);

/* A message as formats see it. */
struct nx_format_view {
	const struct nx_message *message;
	const char *text;           /* for people */
	const uint64_t *of_text;    /* what can match: bits, by number */
	const uint64_t *of_headers; /* NULL: not used */
};

/* The result of the filters for a message, and for a text; nothing for what is
 * NULL. */
struct nx_format_view nx_format_look(TALLOC_CTX *ctx,
                                     const struct nx_formats *formats,
                                     const struct nx_message *message,
                                     const char *text);

/* What all formats read from a sample (format_prove.c). */
const struct nx_report *nx_format_read_sample(TALLOC_CTX *ctx,
                                              const struct nx_formats *formats,
                                              const struct nx_message *sample);

/* Proofs of one sample (format_vary.c); node is where it stands. With the
 * address made longer, either all of it is taken or nothing (in prose, a word
 * before it is only a word). The addresses of senders and of contacts, in a
 * line before, between and after all others, are not taken. */
NX_MUST_USE bool nx_format_prove_whole(const struct nx_formats *formats,
                                       const struct nx_yaml *node,
                                       const struct nx_message *sample,
                                       const char *address, bool prose,
                                       struct nx_error *err);
NX_MUST_USE bool nx_format_prove_others(const struct nx_formats *formats,
                                        const struct nx_yaml *node,
                                        const struct nx_message *sample,
                                        struct nx_error *err);

bool nx_format_may_match(const uint64_t *bits, size_t number);

/* Some group of the list holds. */
bool nx_format_holds(const struct nx_condition_group *group,
                     const struct nx_format_view *view);

#endif
