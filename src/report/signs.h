/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_SIGNS_H
#define NX_REPORT_SIGNS_H

#include "base/image.h"
#include "base/yaml.h"
#include "report/report.h"

/*
 * What tells mail that is no report of a failure from other mail, as data:
 * rules/automatic.yaml (vacation notices, challenges, receipts, moderation,
 * reports for operators) and rules/unsubscribe.yaml. A sign is a word for the
 * record (`format`), a kind, and conditions on headers, structure and the
 * first words of the text. Phrases only, no patterns: these are asked of every
 * mail. Signs say what a mail is; none of them names a recipient.
 */
extern const struct nx_shape nx_signs_shape;
struct nx_signs; /* immutable */

/* The names of files that belong here, without their folder. */
bool nx_signs_is_source(const char *name);

/* Strict, the first error ends it. */
NX_MUST_USE bool nx_signs_compile(TALLOC_CTX *ctx,
                                  const struct nx_source *sources, size_t count,
                                  const struct nx_signs **out,
                                  struct nx_error *err);

/* Runs every sample and counterexample of both files, and every phrase that a
 * subject may begin with; *samples counts them. */
NX_MUST_USE bool nx_signs_prove(const struct nx_signs *signs, size_t *samples,
                                struct nx_error *err);

size_t nx_signs_count(const struct nx_signs *signs);

enum nx_sign_stage {
	NX_SIGN_LATE = 0,   /* when nothing else knows the mail */
	NX_SIGN_EARLY,      /* before delivery reports: dressed up as one */
	NX_SIGN_UNSUBSCRIBE /* a program asks on behalf of its user */
};

struct nx_sign {
	const char *id;
	const char *format;
	enum nx_kind kind;
	enum nx_sign_stage stage;
	bool system; /* even when the mail system wrote it */
	const struct nx_sign_group *when;   /* any */
	const struct nx_sign_group *with;   /* any, when there are some */
	const struct nx_sign_group *unless; /* none */
	const struct nx_yaml *source;
};

/* A message as signs see it: looked at once, when first asked for. The report
 * knows its message and its text for people, and outlives it. NULL when there
 * are no signs. */
struct nx_sight *nx_sight_new(TALLOC_CTX *ctx, const struct nx_signs *signs,
                              const struct nx_report *report);

/* The first sign of that stage that is seen, or NULL; sight may be NULL. */
const struct nx_sign *nx_signs_find(struct nx_sight *sight,
                                    enum nx_sign_stage stage);

/* The subject begins as mail systems begin that give a message back or warn of
 * delay; sight may be NULL. */
bool nx_signs_is_bounce(struct nx_sight *sight);

#endif
