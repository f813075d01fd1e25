/* SPDX-License-Identifier: ISC */
#include "report/conditions/detectors.h"
#include "snapshot/layouts.h"

/* The layout of conditions and of detectors, for an image of them. */

static NX_LAYOUT(phrase_layout, struct nx_phrase,
                 NX_TEXT(struct nx_phrase, text));

static NX_LAYOUT(phrases_layout, struct nx_phrases,
                 NX_MANY(struct nx_phrases, item, count, phrase_layout),
                 NX_BLOCK(struct nx_phrases, bucket),
                 NX_BLOCK(struct nx_phrases, chain));

static const struct nx_image_layout condition_layout;
static NX_LAYOUT(condition_layout, struct nx_condition,
                 NX_ONE(struct nx_condition, pattern, nx_pattern_layout),
                 NX_INSIDE(struct nx_condition, phrases, 1, phrases_layout),
                 NX_ONE(struct nx_condition, next, condition_layout));

NX_LAYOUT(nx_condition_group_layout, struct nx_condition_group,
          NX_ONE(struct nx_condition_group, first, condition_layout),
          NX_ONE(struct nx_condition_group, next, nx_condition_group_layout));

NX_LAYOUT(nx_header_names_layout, struct nx_header_names,
          NX_INSIDE(struct nx_header_names, item, NX_HEADER_NAMES,
                    nx_text_layout));

static NX_LAYOUT(detector_layout, struct nx_detector,
                 NX_TEXT(struct nx_detector, id),
                 NX_TEXT(struct nx_detector, format),
                 NX_TEXT(struct nx_detector, kind),
                 NX_ONE(struct nx_detector, when, nx_condition_group_layout),
                 NX_ONE(struct nx_detector, with, nx_condition_group_layout),
                 NX_ONE(struct nx_detector, unless, nx_condition_group_layout),
                 NX_ABSENT(struct nx_detector, source));

static NX_LAYOUT(item_layout, struct nx_detector *, NX_POINTS(detector_layout));

static NX_LAYOUT(
        wishes_layout, struct nx_unsubscribe_rules,
        NX_INSIDE(struct nx_unsubscribe_rules, leave, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, together, 1,
                  nx_sentences_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, titled, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, unsaid, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, doubts, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, openings, 1,
                  nx_sentences_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, beside, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, alone, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, quotes, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, addresses, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_rules, servers, 1, phrases_layout),
        NX_ONE(struct nx_unsubscribe_rules, unless, nx_condition_group_layout),
        NX_ABSENT(struct nx_unsubscribe_rules, source));

static NX_LAYOUT(
        wording_layout, struct nx_wording,
        NX_ONE(struct nx_wording, concepts, nx_concepts_layout),
        NX_INSIDE(struct nx_wording, failures, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, why, NX_WHYS, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, why_unless, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, delays, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, ends, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, returns, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, reasons, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, absences, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, recipients, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, successors, 1, nx_sentences_layout),
        NX_INSIDE(struct nx_wording, systems, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, gateways, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, others, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, offices, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, bounces, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, fields, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, to, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, masks, 1, phrases_layout),
        NX_INSIDE(struct nx_wording, answers, 1, phrases_layout));

NX_LAYOUT(nx_detectors_layout, struct nx_detectors,
          NX_MANY(struct nx_detectors, item, count, item_layout),
          NX_INSIDE(struct nx_detectors, names, 1, nx_header_names_layout),
          NX_INSIDE(struct nx_detectors, bounces, 1, phrases_layout),
          NX_INSIDE(struct nx_detectors, unsubscribe, 1, wishes_layout),
          NX_ONE(struct nx_detectors, concepts, nx_concepts_layout),
          NX_INSIDE(struct nx_detectors, wording, 1, wording_layout));
