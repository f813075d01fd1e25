/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_WALK_H
#define NX_CLASSIFY_WALK_H

#include "classify/classify.h"
#include "classify/rule.h"

/*
 * The walk through the tables; only for classify/. First the facts of one
 * recipient are laid out in the form in which rules ask for them, then table
 * after table is asked.
 */
enum { NX_TEXT_ASKED = 2048 }; /* bytes of a diagnostic that rules see */

struct nx_code { /* a status code as number and as text */
	struct nx_status status;
	char text[NX_STATUS_SIZE];
};

struct nx_facts {
	enum nx_kind kind;
	enum nx_action action;
	const char *feedback_type;
	const char *text; /* the diagnostic, squeezed */
	size_t size;
	struct nx_code told;  /* in the reply itself */
	struct nx_code field; /* as the report gives it; none when the same */
	int reply;
	char reply_text[8];
	enum nx_phase phase;
	const char *mta; /* remote, else reporting */
	const char *domain;
	bool temporary;                     /* a 4xx or 4.x.x is among them */
	const struct nx_provider *provider; /* known to be this one; else NULL:
	                                       mta and domain tell */
	bool plain; /* as if there were no profile: for examples */
};

struct nx_answer {
	const struct nx_rule *rule; /* NULL: no table spoke */
	const char *matched;        /* on the walk's ctx */
	struct nx_match match;      /* where that stands, for a text pattern */
};

/* index beyond the recipients: a message without any. */
struct nx_facts nx_facts_read(TALLOC_CTX *ctx, const struct nx_report *report,
                              size_t index);

/* trace may be NULL; with a trace the tables behind the one that decides are
 * asked as well, to tell what they would have said. */
struct nx_answer nx_walk(TALLOC_CTX *ctx, const struct nx_tables *tables,
                         const struct nx_facts *facts, struct nx_trace *trace);

/* One table each: the rule that speaks, or NULL. */
const struct nx_rule *nx_ask_key(const struct nx_tables *tables,
                                 enum nx_table table, long key);
const struct nx_rule *nx_ask_status(const struct nx_tables *tables,
                                    enum nx_table table,
                                    struct nx_status status);
const struct nx_rule *nx_ask_feedback(const struct nx_tables *tables,
                                      const char *type);
const struct nx_rule *nx_ask_failure(const struct nx_tables *tables,
                                     const struct nx_facts *facts);

/* The text rules; *match is where the text pattern matched, *asked how many
 * rules the prefilter left. */
const struct nx_rule *nx_ask_text(TALLOC_CTX *ctx,
                                  const struct nx_tables *tables,
                                  const struct nx_facts *facts,
                                  struct nx_match *match, size_t *asked);

/* The next one that would speak if that one did not: for a trace. */
const struct nx_rule *nx_ask_text_behind(const struct nx_tables *tables,
                                         const struct nx_facts *facts,
                                         const struct nx_rule *winner,
                                         struct nx_match *match);

#endif
