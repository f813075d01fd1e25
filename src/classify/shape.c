/* SPDX-License-Identifier: ISC */
#include "classify/rule.h"

/* What tables are made of, for an image of them. */

static const struct nx_member pattern_parts[] = {
        {NX_MEMBER_MANY, 0, &nx_pattern_shape, 1, 0},
};
static const struct nx_shape pattern_shape =
        NX_SHAPE(struct nx_pattern *, pattern_parts);

static const struct nx_member test_parts[] = {
        NX_TEXT(struct nx_test, source),
        NX_ONE(struct nx_test, pattern, pattern_shape),
};
static const struct nx_shape test_shape = NX_SHAPE(struct nx_test, test_parts);

static const struct nx_member when_parts[] = {
        NX_INSIDE(struct nx_when, text, 1, test_shape),
        NX_INSIDE(struct nx_when, not_text, 1, test_shape),
        NX_INSIDE(struct nx_when, nowhere, 1, test_shape),
        NX_INSIDE(struct nx_when, status, 1, test_shape),
        NX_INSIDE(struct nx_when, reply, 1, test_shape),
        NX_INSIDE(struct nx_when, mta, 1, test_shape),
        NX_INSIDE(struct nx_when, domain, 1, test_shape),
};
static const struct nx_shape when_shape = NX_SHAPE(struct nx_when, when_parts);

static const struct nx_member provider_parts[] = {
        NX_TEXT(struct nx_provider, name),
        NX_INSIDE(struct nx_provider, mta, 1, test_shape),
        NX_INSIDE(struct nx_provider, domain, 1, test_shape),
};
static const struct nx_shape provider_shape =
        NX_SHAPE(struct nx_provider, provider_parts);

static const struct nx_member reason_parts[] = {
        NX_TEXT(struct nx_reason, id),
        NX_TEXT(struct nx_reason, advice),
        NX_TEXT(struct nx_reason, says),
};
static const struct nx_shape reason_shape =
        NX_SHAPE(struct nx_reason, reason_parts);

static const struct nx_member rule_parts[] = {
        NX_TEXT(struct nx_rule, id),
        NX_TEXT(struct nx_rule, file),
        NX_TEXT(struct nx_rule, code),
        NX_ONE(struct nx_rule, provider, provider_shape),
        NX_INSIDE(struct nx_rule, when, 1, when_shape),
        NX_ONE(struct nx_rule, reason, reason_shape),
        NX_TEXT(struct nx_rule, advice),
};
static const struct nx_shape rule_shape = NX_SHAPE(struct nx_rule, rule_parts);

static const struct nx_member place_parts[] = {
        {NX_MEMBER_MANY, 0, &rule_shape, 1, 0},
};
static const struct nx_shape place_shape =
        NX_SHAPE(struct nx_rule *, place_parts);

static const struct nx_member at_parts[] = {
        NX_TEXT(struct nx_place, file),
};
static const struct nx_shape at_shape = NX_SHAPE(struct nx_place, at_parts);

static const struct nx_member idle_parts[] = {
        NX_TEXT(struct nx_idle, id),
        NX_INSIDE(struct nx_idle, at, 1, at_shape),
};
static const struct nx_shape idle_shape = NX_SHAPE(struct nx_idle, idle_parts);

static const struct nx_member group_parts[] = {
        NX_TEXT(struct nx_provider_group, id),
        NX_TEXT(struct nx_provider_group, says),
        NX_MANY(struct nx_provider_group, provider, providers, nx_text_shape),
        NX_MANY(struct nx_provider_group, at, providers, at_shape),
};
static const struct nx_shape group_shape =
        NX_SHAPE(struct nx_provider_group, group_parts);

static const struct nx_member parts[] = {
        NX_MANY(struct nx_tables, reason, reasons, reason_shape),
        NX_MANY(struct nx_tables, rule, rules, place_shape),
        NX_MANY(struct nx_tables, idle, idles, idle_shape),
        NX_MANY(struct nx_tables, group, groups, group_shape),
        NX_ONE(struct nx_tables, prefilter, nx_prefilter_shape),
        NX_ONE(struct nx_tables, concepts, nx_concepts_shape),
};
const struct nx_shape nx_tables_shape = NX_SHAPE(struct nx_tables, parts);
