/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_SUBJECTS_H
#define NX_REPORT_CONDITIONS_SUBJECTS_H

/* Where the words of a folded subject begin: after "re:", "aw:" and the like,
 * and after an opening bracket or quotation mark. */
const char *nx_subject_words(const char *subject);

#endif
