/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_REJOIN_H
#define NX_MAIL_REJOIN_H

#include <talloc.h>

/*
 * Lines that a gateway has broken, put together again where that is certain.
 * What is not is left alone: half a word is no evidence, and two halves that
 * never belonged together may be somebody's address.
 */

/* Text that begins with a JSON object: this on one line, without blanks between
 * its members. A line end inside of a string was never there: it goes, with
 * what the gateway has put beside it ("=" of quoted-printable, the "!" of
 * Sendmail, the blank of a fold). Other text, and what follows, as it is. */
const char *nx_rejoin_json(TALLOC_CTX *ctx, const char *text);

/* Prose whose lines were broken at one length: three or more have that, none
 * more, hardly any a little less as words that were wrapped would, and some
 * break beside a blank. Those lines go on with the next. */
const char *nx_rejoin_lines(TALLOC_CTX *ctx, const char *text);

/* Fields of a report: a line that is neither a field nor a fold belongs to the
 * field above. Where two or more lines have the greatest length words were
 * broken there, else between words; half an address is joined to the rest by
 * U+FFFD, and is none. */
const char *nx_rejoin_fields(TALLOC_CTX *ctx, const char *text);

#endif
