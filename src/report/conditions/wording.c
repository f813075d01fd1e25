/* SPDX-License-Identifier: ISC */
#include "report/conditions/wording.h"

#include "concepts/clause.h"

#include <string.h>

static bool load_sentences(TALLOC_CTX *ctx, const struct nx_yaml *root,
                           struct nx_wording *wording, struct nx_error *err)
{
	const struct {
		const char *key;
		struct nx_sentences *out;
	} lists[] = {
	        {"failures", &wording->failures},
	        {"delays", &wording->delays},
	        {"ends", &wording->ends},
	        {"returns", &wording->returns},
	        {"reasons", &wording->reasons},
	        {"absences", &wording->absences},
	        {"recipients", &wording->recipients},
	        {"successors", &wording->successors},
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct nx_sentences *out = lists[i].out;

		if (!nx_sentences_load(ctx, wording->concepts,
		                       nx_yaml_get(root, lists[i].key), out,
		                       err))
			return false;
		wording->marked |= out->need;
	}
	return true;
}

/* Adds sentences to those of a list. */
static void append(TALLOC_CTX *ctx, struct nx_sentences *to,
                   const struct nx_sentences *more)
{
	if (more->count == 0)
		return;
	to->item = talloc_realloc(ctx, to->item, struct nx_sentence,
	                          to->count + more->count);
	for (size_t i = 0; i < more->count; i++)
		to->item[to->count++] = more->item[i];
	to->need |= more->need;
}

static bool load_why(TALLOC_CTX *ctx, const struct nx_yaml *why,
                     struct nx_wording *wording, struct nx_error *err)
{
	static const char *const names[] = {"address", "room",   "way",
	                                    "refusal", "unless", NULL};
	struct nx_sentences *out[] = {
	        &wording->why[NX_WHY_ADDRESS], &wording->why[NX_WHY_ROOM],
	        &wording->why[NX_WHY_WAY], &wording->why[NX_WHY_REFUSAL],
	        &wording->why_unless};

	if (why && !nx_yaml_check_keys(why, names, err))
		return false;
	for (size_t i = 0; why && names[i]; i++) {
		if (!nx_sentences_load(ctx, wording->concepts,
		                       nx_yaml_get(why, names[i]), out[i], err))
			return false;
		wording->marked |= out[i]->need;
	}
	for (size_t i = 0; i < NX_WHYS; i++)
		append(ctx, &wording->failures, &wording->why[i]);
	return true;
}

static bool load_phrases(TALLOC_CTX *ctx, const struct nx_yaml *root,
                         struct nx_wording *wording, struct nx_error *err)
{
	const struct {
		const char *key;
		struct nx_phrases *out;
	} lists[] = {
	        {"systems", &wording->systems},
	        {"gateways", &wording->gateways},
	        {"others", &wording->others},
	        {"offices", &wording->offices},
	        {"fields", &wording->fields},
	        {"to", &wording->to},
	        {"masks", &wording->masks},
	        {"answers", &wording->answers},
	        {"bounces", &wording->bounces},
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (!nx_phrases_load(ctx, nx_yaml_get(root, lists[i].key),
		                     lists[i].out, err))
			return false;
	return true;
}

bool nx_wording_load(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                     const struct nx_yaml *root, struct nx_wording *out,
                     struct nx_error *err)
{
	static const char *const keys[] = {
	        "absences", "answers",  "bounces",    "why",      "delays",
	        "ends",     "failures", "fields",     "gateways", "masks",
	        "offices",  "others",   "systems",    "to",       "recipients",
	        "returns",  "reasons",  "successors", NULL};

	*out = (struct nx_wording){.concepts = concepts,
	                           .marked = concepts->parties |
	                                     concepts->things};
	return nx_yaml_check_keys(root, keys, err) &&
	       load_sentences(ctx, root, out, err) &&
	       load_why(ctx, nx_yaml_get(root, "why"), out, err) &&
	       load_phrases(ctx, root, out, err);
}

const struct nx_spoken *nx_wording_mark(TALLOC_CTX *ctx,
                                        const struct nx_wording *wording,
                                        const char *text)
{
	struct nx_spoken *spoken = talloc(ctx, struct nx_spoken);
	const size_t size = strlen(text);

	*spoken = nx_spoken_of(spoken, wording->concepts, wording->marked, text,
	                       size);
	if (spoken->marks > 0)
		spoken->clause =
		        nx_clauses_find(spoken, text, size, &spoken->clauses);
	return spoken;
}

bool nx_wording_says(const struct nx_sentences *sentences,
                     const struct nx_spoken *spoken)
{
	struct nx_saying where;

	return nx_sentences_find(sentences, spoken, UINT64_MAX, 0, &where);
}
