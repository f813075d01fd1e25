/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_CSV_H
#define NX_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Writing RFC 4180: every field quoted, CRLF at the end of a row. A field that
 * a spreadsheet would take for a formula (first character, after blanks,
 * quotes and zero-width characters, one of = + - @ TAB CR LF NUL | or their
 * full-width forms) gets a leading apostrophe. Control characters are made
 * visible first (nx_text_escape). The result is lossy for such fields; join
 * on the recipient key, not on the address.
 */
char *nx_csv_row(TALLOC_CTX *ctx, const char *const *fields, size_t count);

#endif
