/* SPDX-License-Identifier: ISC */
#include "report/conditions/formats.h"
#include "snapshot/layouts.h"

/* The layout of formats, for an image of them. */

static NX_LAYOUT(patterns_layout, struct nx_patterns,
                 NX_MANY(struct nx_patterns, item, count,
                         nx_pattern_place_layout));

static NX_LAYOUT(format_layout, struct nx_format,
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
                 NX_TEXT(struct nx_format, feedback));

static NX_LAYOUT(item_layout, struct nx_format *, NX_POINTS(format_layout));

NX_LAYOUT(nx_formats_layout, struct nx_formats,
          NX_MANY(struct nx_formats, item, count, item_layout),
          NX_INSIDE(struct nx_formats, markers, 1, patterns_layout),
          NX_INSIDE(struct nx_formats, senders, 1, patterns_layout),
          NX_INSIDE(struct nx_formats, contacts, 1, patterns_layout),
          NX_ONE(struct nx_formats, of_others, nx_prefilter_layout),
          NX_ABSENT(struct nx_formats, source_of_others),
          NX_ONE(struct nx_formats, of_text, nx_prefilter_layout),
          NX_ONE(struct nx_formats, of_headers, nx_prefilter_layout),
          NX_INSIDE(struct nx_formats, names, 1, nx_header_names_layout));
