/* SPDX-License-Identifier: ISC */
#include "classify/rule.h"
#include "snapshot/layouts.h"

/* The layout of tables, for an image of them. */

static const struct nx_member test_parts[] = {
        NX_TEXT(struct nx_test, source),
        NX_ONE(struct nx_test, pattern, nx_pattern_place_layout),
};
static const struct nx_image_layout test_layout =
        NX_LAYOUT(struct nx_test, test_parts);

static const struct nx_member when_parts[] = {
        NX_INSIDE(struct nx_when, text, 1, test_layout),
        NX_INSIDE(struct nx_when, not_text, 1, test_layout),
        NX_INSIDE(struct nx_when, nowhere, 1, test_layout),
        NX_INSIDE(struct nx_when, status, 1, test_layout),
        NX_INSIDE(struct nx_when, reply, 1, test_layout),
        NX_INSIDE(struct nx_when, mta, 1, test_layout),
        NX_INSIDE(struct nx_when, domain, 1, test_layout),
};
static const struct nx_image_layout when_layout =
        NX_LAYOUT(struct nx_when, when_parts);

static const struct nx_member provider_parts[] = {
        NX_TEXT(struct nx_provider, name),
        NX_INSIDE(struct nx_provider, mta, 1, test_layout),
        NX_INSIDE(struct nx_provider, domain, 1, test_layout),
};
static const struct nx_image_layout provider_layout =
        NX_LAYOUT(struct nx_provider, provider_parts);

static const struct nx_member reason_parts[] = {
        NX_TEXT(struct nx_reason, id),
        NX_TEXT(struct nx_reason, advice),
        NX_TEXT(struct nx_reason, says),
};
static const struct nx_image_layout reason_layout =
        NX_LAYOUT(struct nx_reason, reason_parts);

static const struct nx_member rule_parts[] = {
        NX_TEXT(struct nx_rule, id),
        NX_TEXT(struct nx_rule, file),
        NX_TEXT(struct nx_rule, code),
        NX_ONE(struct nx_rule, provider, provider_layout),
        NX_INSIDE(struct nx_rule, when, 1, when_layout),
        NX_ONE(struct nx_rule, reason, reason_layout),
        NX_TEXT(struct nx_rule, advice),
};
static const struct nx_image_layout rule_layout =
        NX_LAYOUT(struct nx_rule, rule_parts);

static const struct nx_member place_parts[] = {
        {NX_MEMBER_MANY, 0, &rule_layout, 1, 0},
};
static const struct nx_image_layout place_layout =
        NX_LAYOUT(struct nx_rule *, place_parts);

static const struct nx_member at_parts[] = {
        NX_TEXT(struct nx_source_position, file),
};
static const struct nx_image_layout at_layout =
        NX_LAYOUT(struct nx_source_position, at_parts);

static const struct nx_member group_parts[] = {
        NX_TEXT(struct nx_provider_group, id),
        NX_TEXT(struct nx_provider_group, says),
        NX_MANY(struct nx_provider_group, provider, providers, nx_text_layout),
        NX_MANY(struct nx_provider_group, at, providers, at_layout),
};
static const struct nx_image_layout group_layout =
        NX_LAYOUT(struct nx_provider_group, group_parts);

static const struct nx_member word_parts[] = {
        NX_TEXT(struct nx_concept_word, text),
};
static const struct nx_image_layout word_layout =
        NX_LAYOUT(struct nx_concept_word, word_parts);

static const struct nx_member concepts_parts[] = {
        NX_ONE(struct nx_concepts, dictionary, nx_dictionary_layout),
        NX_MANY(struct nx_concepts, word, words, word_layout),
};
static const struct nx_image_layout concepts_layout =
        NX_LAYOUT(struct nx_concepts, concepts_parts);

static const struct nx_member parts[] = {
        NX_MANY(struct nx_tables, reason, reasons, reason_layout),
        NX_MANY(struct nx_tables, rule, rules, place_layout),
        NX_TEXT(struct nx_tables, unused_disable),
        NX_MANY(struct nx_tables, warning, warnings, nx_text_layout),
        NX_MANY(struct nx_tables, group, groups, group_layout),
        NX_ONE(struct nx_tables, prefilter, nx_prefilter_layout),
        NX_ONE(struct nx_tables, concepts, concepts_layout),
};
const struct nx_image_layout nx_tables_layout =
        NX_LAYOUT(struct nx_tables, parts);
