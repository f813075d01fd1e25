/* SPDX-License-Identifier: ISC */
#include "concepts/concepts_load.h"

#include <string.h>

/* concepts.yaml: what there are words for. */

enum { REACH_MOST = 200 };

static bool load_party(struct nx_concepts_loader *loader,
                       const struct nx_yaml *row, struct nx_concept *concept)
{
	const char *name = "";

	if (!nx_yaml_take_text(row, "party", &name, loader->err))
		return false;
	for (int party = NX_PARTY_NONE; party < NX_PARTY_THEIRS; party++) {
		concept->party = (enum nx_party)party;
		if (strcmp(nx_party_name(concept->party), name) == 0)
			return true;
	}
	return nx_yaml_error(loader->err, nx_yaml_get(row, "party"),
	                     "party \"%s\" is none of recipient, sender, "
	                     "connection, content",
	                     name);
}

static bool load_mentioned(struct nx_concepts_loader *loader,
                           const struct nx_yaml *row,
                           struct nx_concept *concept)
{
	const char *how = "";

	if (!nx_yaml_take_text(row, "mentioned", &how, loader->err))
		return false;
	concept->aside = strcmp(how, "aside") == 0;
	concept->behind = strcmp(how, "behind") == 0;
	if (*how == '\0' || (concept->party != NX_PARTY_NONE &&
	                     (concept->aside || concept->behind)))
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(row, "mentioned"),
	                     "mentioned: aside or behind, of a party");
}

/* A concept that is declared before. */
static bool load_opposite(struct nx_concepts_loader *loader,
                          const struct nx_yaml *row, struct nx_concept *concept)
{
	struct nx_concepts *concepts = loader->concepts;
	const char *id = "";

	if (!nx_yaml_take_text(row, "opposite", &id, loader->err))
		return false;
	if (*id == '\0')
		return true;

	const size_t number = nx_concept_number(concepts, id, strlen(id));

	if (number == NX_CONCEPT_NONE)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "opposite"),
		                     "opposite: there is no concept \"%s\" "
		                     "above",
		                     id);
	concept->opposite |= NX_CONCEPT_BIT(number);
	concepts->concept[number].opposite |= NX_CONCEPT_BIT(concepts->count);
	return true;
}

static bool load_concept(struct nx_concepts_loader *loader,
                         const struct nx_yaml *row)
{
	static const char *const keys[] = {"id",        "says",  "party",
	                                   "mentioned", "reach", "opposite",
	                                   "thing",     NULL};
	struct nx_concepts *concepts = loader->concepts;
	struct nx_concept *concept = &concepts->concept[concepts->count];
	const char *says;
	int64_t reach = 0;

	if (!nx_yaml_check_keys(row, keys, loader->err) ||
	    !nx_yaml_need_text(row, "id", &concept->id, loader->err) ||
	    !nx_yaml_need_text(row, "says", &says, loader->err) ||
	    !load_party(loader, row, concept) ||
	    !load_mentioned(loader, row, concept) ||
	    !load_opposite(loader, row, concept) ||
	    !nx_yaml_flag(row, "thing", &concept->thing, loader->err) ||
	    !nx_yaml_number(row, "reach", 1, REACH_MOST, &reach, loader->err))
		return false;
	if (nx_concept_number(concepts, concept->id, strlen(concept->id)) !=
	    NX_CONCEPT_NONE)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "id"),
		                     "there is another concept \"%s\"",
		                     concept->id);
	concept->id = talloc_strdup(concepts, concept->id);
	concept->reach = (size_t)reach;
	concept->file = talloc_strdup(concepts, row->file);
	concept->line = row->line;
	concept->column = row->column;
	if (concept->thing)
		concepts->things |= NX_CONCEPT_BIT(concepts->count);
	if (concept->party != NX_PARTY_NONE)
		concepts->parties |= NX_CONCEPT_BIT(concepts->count);
	concepts->count++;
	return true;
}

bool nx_concepts_load_list(struct nx_concepts_loader *loader,
                           const struct nx_yaml *root)
{
	static const char *const keys[] = {"concepts", NULL};
	const struct nx_yaml *list = nx_yaml_get(root, "concepts");

	if (!nx_yaml_check_keys(root, keys, loader->err))
		return false;
	if (list == NULL || list->kind != NX_YAML_LIST ||
	    loader->concepts->count + list->count > NX_CONCEPTS)
		return nx_yaml_error(loader->err, list != NULL ? list : root,
		                     "concepts: a list of at most %d",
		                     NX_CONCEPTS);
	for (const struct nx_yaml *row = list->first; row; row = row->next)
		if (!load_concept(loader, row))
			return false;
	return true;
}
