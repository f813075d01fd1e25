/* SPDX-License-Identifier: ISC */
#include "classify/rule.h"
#include "snapshot/layouts.h"

/* The layout of tables, for an image of them. */

static NX_LAYOUT(test_layout, struct nx_test, NX_TEXT(struct nx_test, source),
                 NX_ONE(struct nx_test, pattern, nx_pattern_place_layout));

NX_LAYOUT(nx_sentences_layout, struct nx_sentences,
          NX_BLOCK(struct nx_sentences, item),
          NX_TEXT(struct nx_sentences, source));

static NX_LAYOUT(when_layout, struct nx_when,
                 NX_INSIDE(struct nx_when, text, 1, test_layout),
                 NX_INSIDE(struct nx_when, not_text, 1, test_layout),
                 NX_INSIDE(struct nx_when, nowhere, 1, test_layout),
                 NX_INSIDE(struct nx_when, says, 1, nx_sentences_layout),
                 NX_INSIDE(struct nx_when, unless, 1, nx_sentences_layout),
                 NX_INSIDE(struct nx_when, status, 1, test_layout),
                 NX_INSIDE(struct nx_when, reply, 1, test_layout),
                 NX_INSIDE(struct nx_when, mta, 1, test_layout),
                 NX_INSIDE(struct nx_when, domain, 1, test_layout));

static NX_LAYOUT(provider_layout, struct nx_provider,
                 NX_TEXT(struct nx_provider, name),
                 NX_INSIDE(struct nx_provider, mta, 1, test_layout),
                 NX_INSIDE(struct nx_provider, domain, 1, test_layout));

static NX_LAYOUT(reason_layout, struct nx_reason, NX_TEXT(struct nx_reason, id),
                 NX_TEXT(struct nx_reason, advice),
                 NX_TEXT(struct nx_reason, says));

static NX_LAYOUT(rule_layout, struct nx_rule, NX_TEXT(struct nx_rule, id),
                 NX_ABSENT(struct nx_rule, source),
                 NX_TEXT(struct nx_rule, file), NX_TEXT(struct nx_rule, code),
                 NX_ONE(struct nx_rule, provider, provider_layout),
                 NX_INSIDE(struct nx_rule, when, 1, when_layout),
                 NX_ONE(struct nx_rule, reason, reason_layout),
                 NX_TEXT(struct nx_rule, advice));

static NX_LAYOUT(place_layout, struct nx_rule *, NX_POINTS(rule_layout));

static NX_LAYOUT(at_layout, struct nx_source_position,
                 NX_TEXT(struct nx_source_position, file));

static NX_LAYOUT(group_domain_layout, struct nx_group_domain,
                 NX_TEXT(struct nx_group_domain, name),
                 NX_TEXT(struct nx_group_domain, domain));

static NX_LAYOUT(group_layout, struct nx_provider_group,
                 NX_TEXT(struct nx_provider_group, id),
                 NX_TEXT(struct nx_provider_group, says),
                 NX_MANY(struct nx_provider_group, provider, providers,
                         nx_text_layout),
                 NX_MANY(struct nx_provider_group, at, providers, at_layout),
                 NX_MANY(struct nx_provider_group, domain, domains,
                         group_domain_layout));

static NX_LAYOUT(concept_layout, struct nx_concept,
                 NX_TEXT(struct nx_concept, id),
                 NX_TEXT(struct nx_concept, file));

static NX_LAYOUT(language_layout, struct nx_language,
                 NX_TEXT(struct nx_language, id),
                 NX_MANY(struct nx_language, word, concepts, nx_text_layout));

NX_LAYOUT(nx_concepts_layout, struct nx_concepts,
          NX_ABSENT(struct nx_concepts, asked),
          NX_MANY(struct nx_concepts, concept, count, concept_layout),
          NX_ONE(struct nx_concepts, dictionary, nx_dictionary_layout),
          NX_BLOCK(struct nx_concepts, word),
          NX_BLOCK(struct nx_concepts, meaning),
          NX_MANY(struct nx_concepts, token, tokens, nx_text_layout),
          NX_MANY(struct nx_concepts, language, languages, language_layout));

NX_LAYOUT(nx_tables_layout, struct nx_tables,
          NX_MANY(struct nx_tables, reason, reasons, reason_layout),
          NX_MANY(struct nx_tables, rule, rules, place_layout),
          NX_TEXT(struct nx_tables, unused_disable),
          NX_MANY(struct nx_tables, warning, warnings, nx_text_layout),
          NX_MANY(struct nx_tables, group, groups, group_layout),
          NX_MANY(struct nx_tables, zone, zones, nx_text_layout),
          NX_MANY(struct nx_tables, before_zone, before_zones, nx_text_layout),
          NX_ONE(struct nx_tables, prefilter, nx_prefilter_layout),
          NX_ONE(struct nx_tables, concepts, nx_concepts_layout));
