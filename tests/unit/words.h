/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_WORDS_H
#define NX_TESTS_WORDS_H

/* Concepts and words of a few languages, from texts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* list is concepts.yaml; each further text, up to a NULL, is one language. */
static inline const struct nx_concepts *concepts_of(TALLOC_CTX *ctx,
                                                    const char *list,
                                                    const char *const *language)
{
	struct nx_source sources[SOURCES] = {source("concepts.yaml", list)};
	const struct nx_concepts *concepts;
	struct nx_error err;
	size_t count = 1;

	for (; language[count - 1] != NULL; count++)
		sources[count] = source("words/x.yaml", language[count - 1]);
	if (!nx_concepts_compile(ctx, sources, count, &concepts, &err))
		fail_msg("%s", err.text);
	return concepts;
}

/* The same as the state of a group of tests. */
static inline int begin_words(void **state, const char *list,
                              const char *const *language)
{
	*state = (void *)(uintptr_t)concepts_of(talloc_new(NULL), list,
	                                        language);
	return 0;
}

static inline int end_words(void **state)
{
	talloc_free(talloc_parent(*state));
	return 0;
}

static inline uint64_t bit_of(const struct nx_concepts *concepts,
                              const char *id)
{
	const size_t number = nx_concept_number(concepts, id, strlen(id));

	if (number == NX_CONCEPT_NONE)
		fail_msg("no concept %s", id);
	return NX_CONCEPT_BIT(number);
}

#endif
