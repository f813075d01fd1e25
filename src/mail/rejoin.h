/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_REJOIN_H
#define NX_MAIL_REJOIN_H

#include <talloc.h>

/*
 * Joins lines that a gateway has broken, where that is certain. What is
 * uncertain is left alone: half a word is no evidence, and two halves that
 * never belonged together may form somebody's address.
 */

/* For text that begins with a JSON object: the object on one line, without
 * blanks between its members. A line end inside a string was never there: it is
 * removed, with what the gateway put beside it ("=" of quoted-printable, the
 * "!" of Sendmail, the blank of a fold). Other text, and what follows the
 * object, stays as it is. */
const char *nx_rejoin_json(TALLOC_CTX *ctx, const char *text);

/* Joins the lines of prose that was broken at one length: three or more lines
 * have that length, none is longer, hardly any is a little shorter (as wrapped
 * words would be), and some break beside a blank. Lines of that length continue
 * on the next. */
const char *nx_rejoin_lines(TALLOC_CTX *ctx, const char *text);

/* Joins the fields of a report: a line that is neither a field nor a fold
 * belongs to the field above. If two or more lines have the greatest length,
 * words were broken there, otherwise lines were broken between words; half an
 * address is joined to the rest by U+FFFD, which makes it invalid. */
const char *nx_rejoin_fields(TALLOC_CTX *ctx, const char *text);

#endif
