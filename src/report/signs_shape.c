/* SPDX-License-Identifier: ISC */
#include "report/signs_rules.h"

/* What signs are made of, for an image of them. */

static const struct nx_member phrase_parts[] = {
        NX_TEXT(struct nx_phrase, text),
};
static const struct nx_shape phrase_shape =
        NX_SHAPE(struct nx_phrase, phrase_parts);

static const struct nx_member phrases_parts[] = {
        NX_MANY(struct nx_phrases, item, count, phrase_shape),
        NX_BLOCK(struct nx_phrases, bucket),
        NX_BLOCK(struct nx_phrases, chain),
};
static const struct nx_shape phrases_shape =
        NX_SHAPE(struct nx_phrases, phrases_parts);

static const struct nx_shape mark_shape;
static const struct nx_member mark_parts[] = {
        NX_INSIDE(struct nx_mark, phrases, 1, phrases_shape),
        NX_ONE(struct nx_mark, next, mark_shape),
};
static const struct nx_shape mark_shape = NX_SHAPE(struct nx_mark, mark_parts);

static const struct nx_shape group_shape;
static const struct nx_member group_parts[] = {
        NX_ONE(struct nx_sign_group, first, mark_shape),
        NX_ONE(struct nx_sign_group, next, group_shape),
};
static const struct nx_shape group_shape =
        NX_SHAPE(struct nx_sign_group, group_parts);

static const struct nx_member sign_parts[] = {
        NX_TEXT(struct nx_sign, id),
        NX_TEXT(struct nx_sign, format),
        NX_ONE(struct nx_sign, when, group_shape),
        NX_ONE(struct nx_sign, with, group_shape),
        NX_ONE(struct nx_sign, unless, group_shape),
        NX_ABSENT(struct nx_sign, source),
};
static const struct nx_shape sign_shape = NX_SHAPE(struct nx_sign, sign_parts);

static const struct nx_member item_parts[] = {
        {NX_MEMBER_MANY, 0, &sign_shape, 1, 0},
};
static const struct nx_shape item_shape =
        NX_SHAPE(struct nx_sign *, item_parts);

static const struct nx_member wishes_parts[] = {
        NX_INSIDE(struct nx_wishes, words, 1, phrases_shape),
        NX_INSIDE(struct nx_wishes, alone, 1, phrases_shape),
        NX_INSIDE(struct nx_wishes, beginnings, 1, phrases_shape),
        NX_INSIDE(struct nx_wishes, polite, 1, phrases_shape),
        NX_INSIDE(struct nx_wishes, quotes, 1, phrases_shape),
        NX_INSIDE(struct nx_wishes, addresses, 1, phrases_shape),
        NX_ONE(struct nx_wishes, unless, group_shape),
        NX_ABSENT(struct nx_wishes, source),
};
static const struct nx_shape wishes_shape =
        NX_SHAPE(struct nx_wishes, wishes_parts);

static const struct nx_member parts[] = {
        NX_MANY(struct nx_signs, item, count, item_shape),
        NX_INSIDE(struct nx_signs, header, NX_SIGN_HEADERS, nx_text_shape),
        NX_INSIDE(struct nx_signs, bounces, 1, phrases_shape),
        NX_INSIDE(struct nx_signs, wishes, 1, wishes_shape),
};
const struct nx_shape nx_signs_shape = NX_SHAPE(struct nx_signs, parts);
