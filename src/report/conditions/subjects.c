/* SPDX-License-Identifier: ISC */
#include "report/conditions/subjects.h"

#include <stddef.h>
#include <string.h>

/* What mail programs put before the subject of an answer. */
static size_t answer_size(const char *subject)
{
	static const char *const fronts[] = {
	        "re:",  "aw:", "sv:", "vs:",  "antw:", "odp:",
	        "ynt:", "ha:", "vá:", "res:", "回复:", "答复:",
	};
	for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
		size_t size = strlen(fronts[i]);

		if (strncmp(subject, fronts[i], size) == 0)
			return size;
	}
	return 0;
}

const char *nx_subject_words(const char *subject)
{
	for (;;) {
		subject += strspn(subject, " [(<*\"'-=");
		size_t size = answer_size(subject);
		if (size == 0)
			return subject;
		subject += size;
	}
}
