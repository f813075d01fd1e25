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
        wishes_layout, struct nx_unsubscribe_phrases,
        NX_INSIDE(struct nx_unsubscribe_phrases, words, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, alone, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, beginnings, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, polite, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, quotes, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, addresses, 1, phrases_layout),
        NX_ONE(struct nx_unsubscribe_phrases, unless,
               nx_condition_group_layout),
        NX_ABSENT(struct nx_unsubscribe_phrases, source));

NX_LAYOUT(nx_detectors_layout, struct nx_detectors,
          NX_MANY(struct nx_detectors, item, count, item_layout),
          NX_INSIDE(struct nx_detectors, names, 1, nx_header_names_layout),
          NX_INSIDE(struct nx_detectors, bounces, 1, phrases_layout),
          NX_INSIDE(struct nx_detectors, unsubscribe, 1, wishes_layout));
