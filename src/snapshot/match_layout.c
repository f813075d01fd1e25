/* SPDX-License-Identifier: ISC */
#include "match/compiled.h"
#include "snapshot/layouts.h"

/* The layout of patterns, dictionaries and prefilters. */

static const struct nx_member pattern_parts[] = {
        NX_ABSENT(struct nx_pattern, code),
        NX_TEXT(struct nx_pattern, source),
};
const struct nx_image_layout nx_pattern_layout = {
        .size = sizeof(struct nx_pattern),
        .part = pattern_parts,
        .parts = 2,
        .listed = true,
};

static const struct nx_member place_parts[] = {
        {NX_MEMBER_MANY, 0, &nx_pattern_layout, 1, 0},
};
const struct nx_image_layout nx_pattern_place_layout =
        NX_LAYOUT(struct nx_pattern *, place_parts);

static const struct nx_member needle_parts[] = {
        NX_TEXT(struct nx_needle, word),
};
static const struct nx_image_layout needle_layout =
        NX_LAYOUT(struct nx_needle, needle_parts);

static const struct nx_member table_parts[] = {
        NX_BLOCK(struct nx_needle_table, start),
        NX_MANY(struct nx_needle_table, needle, count, needle_layout),
        NX_BLOCK(struct nx_needle_table, seen),
};
static const struct nx_image_layout table_layout =
        NX_LAYOUT(struct nx_needle_table, table_parts);

static const struct nx_member dictionary_parts[] = {
        NX_MANY(struct nx_dictionary, word, count, nx_text_layout),
        NX_INSIDE(struct nx_dictionary, table, 1, table_layout),
        NX_MANY(struct nx_dictionary, brief, briefs, needle_layout),
};
const struct nx_image_layout nx_dictionary_layout =
        NX_LAYOUT(struct nx_dictionary, dictionary_parts);

static const struct nx_member prefilter_parts[] = {
        NX_ONE(struct nx_prefilter, dictionary, nx_dictionary_layout),
        NX_BLOCK(struct nx_prefilter, always),
        NX_BLOCK(struct nx_prefilter, start),
        NX_BLOCK(struct nx_prefilter, call),
        NX_BLOCK(struct nx_prefilter, need),
        NX_BLOCK(struct nx_prefilter, node),
        NX_BLOCK(struct nx_prefilter, gram),
};
const struct nx_image_layout nx_prefilter_layout =
        NX_LAYOUT(struct nx_prefilter, prefilter_parts);
