/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_NOTICE_H
#define NX_REPORT_NOTICE_H

/* Where, behind a blank line, the headers of a returned message stand in a text
 * with no word before them: lines of fields and nothing else, who sent it and
 * what only a message has among them. The end of the text when nowhere. */
const char *nx_notice_end(const char *text);

#endif
