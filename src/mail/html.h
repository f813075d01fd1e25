/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_HTML_H
#define NX_MAIL_HTML_H

#include <talloc.h>

/* HTML to lines of text: tags dropped, block elements and <br> as line ends,
 * entities decoded, script and style left out. Total, linear in size. */
char *nx_html_text(TALLOC_CTX *ctx, const char *html);

#endif
