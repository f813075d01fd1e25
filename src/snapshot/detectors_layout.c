/* SPDX-License-Identifier: ISC */
#include "report/conditions/detectors.h"
#include "snapshot/layouts.h"

/* The layout of conditions and of detectors, for an image of them. */

static const struct nx_member phrase_parts[] = {
        NX_TEXT(struct nx_phrase, text),
};
static const struct nx_image_layout phrase_layout =
        NX_LAYOUT(struct nx_phrase, phrase_parts);

static const struct nx_member phrases_parts[] = {
        NX_MANY(struct nx_phrases, item, count, phrase_layout),
        NX_BLOCK(struct nx_phrases, bucket),
        NX_BLOCK(struct nx_phrases, chain),
};
static const struct nx_image_layout phrases_layout =
        NX_LAYOUT(struct nx_phrases, phrases_parts);

static const struct nx_image_layout condition_layout;
static const struct nx_member condition_parts[] = {
        NX_ONE(struct nx_condition, pattern, nx_pattern_layout),
        NX_INSIDE(struct nx_condition, phrases, 1, phrases_layout),
        NX_ONE(struct nx_condition, next, condition_layout),
};
static const struct nx_image_layout condition_layout =
        NX_LAYOUT(struct nx_condition, condition_parts);

static const struct nx_member group_parts[] = {
        NX_ONE(struct nx_condition_group, first, condition_layout),
        NX_ONE(struct nx_condition_group, next, nx_condition_group_layout),
};
const struct nx_image_layout nx_condition_group_layout =
        NX_LAYOUT(struct nx_condition_group, group_parts);

static const struct nx_member names_parts[] = {
        NX_INSIDE(struct nx_header_names, item, NX_HEADER_NAMES,
                  nx_text_layout),
};
const struct nx_image_layout nx_header_names_layout =
        NX_LAYOUT(struct nx_header_names, names_parts);

static const struct nx_member detector_parts[] = {
        NX_TEXT(struct nx_detector, id),
        NX_TEXT(struct nx_detector, format),
        NX_TEXT(struct nx_detector, kind),
        NX_ONE(struct nx_detector, when, nx_condition_group_layout),
        NX_ONE(struct nx_detector, with, nx_condition_group_layout),
        NX_ONE(struct nx_detector, unless, nx_condition_group_layout),
        NX_ABSENT(struct nx_detector, source),
};
static const struct nx_image_layout detector_layout =
        NX_LAYOUT(struct nx_detector, detector_parts);

static const struct nx_member item_parts[] = {
        {NX_MEMBER_MANY, 0, &detector_layout, 1, 0},
};
static const struct nx_image_layout item_layout =
        NX_LAYOUT(struct nx_detector *, item_parts);

static const struct nx_member unsubscribe_parts[] = {
        NX_INSIDE(struct nx_unsubscribe_phrases, words, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, alone, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, beginnings, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, polite, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, quotes, 1, phrases_layout),
        NX_INSIDE(struct nx_unsubscribe_phrases, addresses, 1, phrases_layout),
        NX_ONE(struct nx_unsubscribe_phrases, unless,
               nx_condition_group_layout),
        NX_ABSENT(struct nx_unsubscribe_phrases, source),
};
static const struct nx_image_layout wishes_layout =
        NX_LAYOUT(struct nx_unsubscribe_phrases, unsubscribe_parts);

static const struct nx_member parts[] = {
        NX_MANY(struct nx_detectors, item, count, item_layout),
        NX_INSIDE(struct nx_detectors, names, 1, nx_header_names_layout),
        NX_INSIDE(struct nx_detectors, bounces, 1, phrases_layout),
        NX_INSIDE(struct nx_detectors, unsubscribe_phrases, 1, wishes_layout),
};
const struct nx_image_layout nx_detectors_layout =
        NX_LAYOUT(struct nx_detectors, parts);
