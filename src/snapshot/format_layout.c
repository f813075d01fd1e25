/* SPDX-License-Identifier: ISC */
#include "report/conditions/formats.h"
#include "snapshot/layouts.h"

/* The layout of formats, for an image of them. */

static const struct nx_member patterns_parts[] = {
        NX_MANY(struct nx_patterns, item, count, nx_pattern_place_layout),
};
static const struct nx_image_layout patterns_layout =
        NX_LAYOUT(struct nx_patterns, patterns_parts);

static const struct nx_member format_parts[] = {
        NX_TEXT(struct nx_format, name),
        NX_ABSENT(struct nx_format, source),
        NX_ONE(struct nx_format, when, nx_condition_group_layout),
        NX_ONE(struct nx_format, unless, nx_condition_group_layout),
        NX_INSIDE(struct nx_format, begin, 1, patterns_layout),
        NX_INSIDE(struct nx_format, end, 1, patterns_layout),
        NX_INSIDE(struct nx_format, original, 1, patterns_layout),
        NX_INSIDE(struct nx_format, recipient, 1, patterns_layout),
        NX_INSIDE(struct nx_format, again, 1, patterns_layout),
        NX_INSIDE(struct nx_format, fails, 1, patterns_layout),
        NX_INSIDE(struct nx_format, delays, 1, patterns_layout),
        NX_INSIDE(struct nx_format, diagnostic, 1, patterns_layout),
        NX_INSIDE(struct nx_format, skip, 1, patterns_layout),
        NX_INSIDE(struct nx_format, split, 1, patterns_layout),
        NX_INSIDE(struct nx_format, stop, 1, patterns_layout),
        NX_INSIDE(struct nx_format, delayed, 1, patterns_layout),
        NX_TEXT(struct nx_format, recipient_header),
        NX_TEXT(struct nx_format, domain),
        NX_TEXT(struct nx_format, fallback),
        NX_TEXT(struct nx_format, feedback),
};
static const struct nx_image_layout format_layout =
        NX_LAYOUT(struct nx_format, format_parts);

static const struct nx_member item_parts[] = {
        {NX_MEMBER_MANY, 0, &format_layout, 1, 0},
};
static const struct nx_image_layout item_layout =
        NX_LAYOUT(struct nx_format *, item_parts);

static const struct nx_member parts[] = {
        NX_MANY(struct nx_formats, item, count, item_layout),
        NX_INSIDE(struct nx_formats, markers, 1, patterns_layout),
        NX_INSIDE(struct nx_formats, senders, 1, patterns_layout),
        NX_INSIDE(struct nx_formats, contacts, 1, patterns_layout),
        NX_ONE(struct nx_formats, of_others, nx_prefilter_layout),
        NX_ABSENT(struct nx_formats, source_of_others),
        NX_ONE(struct nx_formats, of_text, nx_prefilter_layout),
        NX_ONE(struct nx_formats, of_headers, nx_prefilter_layout),
        NX_INSIDE(struct nx_formats, names, 1, nx_header_names_layout),
};
const struct nx_image_layout nx_formats_layout =
        NX_LAYOUT(struct nx_formats, parts);
