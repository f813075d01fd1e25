/* SPDX-License-Identifier: ISC */
#ifndef NX_SNAPSHOT_LAYOUTS_H
#define NX_SNAPSHOT_LAYOUTS_H

#include "snapshot/image.h"

/*
 * The layouts of what rules are compiled into. They stand together, away from
 * the structs, so that no other code of these needs to know of images. A member
 * that is added to one of the structs is added to its layout.
 */

/* src/match */
extern const struct nx_image_layout nx_pattern_layout;       /* listed */
extern const struct nx_image_layout nx_pattern_place_layout; /* a pointer */
extern const struct nx_image_layout nx_dictionary_layout;
extern const struct nx_image_layout nx_prefilter_layout;

/* src/concepts */
extern const struct nx_image_layout nx_concepts_layout;
extern const struct nx_image_layout nx_sentences_layout;

/* src/report */
extern const struct nx_image_layout nx_condition_group_layout;
extern const struct nx_image_layout nx_header_names_layout;
extern const struct nx_image_layout nx_formats_layout;
extern const struct nx_image_layout nx_detectors_layout;

/* src/classify */
extern const struct nx_image_layout nx_tables_layout;

#endif
