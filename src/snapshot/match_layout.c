/* SPDX-License-Identifier: ISC */
#include "match/compiled.h"
#include "snapshot/layouts.h"

/* The layout of patterns, dictionaries and prefilters. */

const struct nx_image_layout nx_pattern_layout = {
        sizeof(struct nx_pattern),
        NX_MEMBERS(NX_ABSENT(struct nx_pattern, code),
                   NX_TEXT(struct nx_pattern, source)),
        true,
};

NX_LAYOUT(nx_pattern_place_layout, struct nx_pattern *,
          NX_POINTS(nx_pattern_layout));

static NX_LAYOUT(table_layout, struct nx_needle_table,
                 NX_BLOCK(struct nx_needle_table, start),
                 NX_BLOCK(struct nx_needle_table, needle),
                 NX_BLOCK(struct nx_needle_table, seen));

NX_LAYOUT(nx_dictionary_layout, struct nx_dictionary,
          NX_BLOCK(struct nx_dictionary, text),
          NX_BLOCK(struct nx_dictionary, word),
          NX_INSIDE(struct nx_dictionary, table, 1, table_layout),
          NX_BLOCK(struct nx_dictionary, brief));

NX_LAYOUT(nx_prefilter_layout, struct nx_prefilter,
          NX_ONE(struct nx_prefilter, dictionary, nx_dictionary_layout),
          NX_BLOCK(struct nx_prefilter, always),
          NX_BLOCK(struct nx_prefilter, start),
          NX_BLOCK(struct nx_prefilter, call),
          NX_BLOCK(struct nx_prefilter, need),
          NX_BLOCK(struct nx_prefilter, node),
          NX_BLOCK(struct nx_prefilter, gram));
