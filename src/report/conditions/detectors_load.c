/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/detectors.h"

#include <string.h>

/* From rules/automatic.yaml, rules/unsubscribe.yaml and rules/reports.yaml to
 * struct nx_detectors. */

static const char AUTOMATIC[] = "automatic.yaml";
static const char UNSUBSCRIBE[] = "unsubscribe.yaml";
static const char REPORTS[] = "reports.yaml";

struct loader {
	struct nx_condition_loader conditions;
	struct nx_detectors *detectors;
	struct nx_error *err;
	bool unsubscribe; /* the file that is being read */
};

static bool has_name(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	return strcmp(slash ? slash + 1 : path, name) == 0;
}

bool nx_detectors_is_source(const char *name)
{
	return has_name(name, AUTOMATIC) || has_name(name, UNSUBSCRIBE) ||
	       has_name(name, REPORTS);
}

static bool load_kind(struct loader *loader, const struct nx_yaml *map,
                      struct nx_detector *detector)
{
	static const char *const of_automatic[] = {"auto-reply", "other"};
	static const char *const of_unsubscribe[] = {"unsubscribe",
	                                             "unsubscribe"};
	const char *const *kinds =
	        loader->unsubscribe ? of_unsubscribe : of_automatic;

	detector->kind = nx_yaml_text(map, "kind", kinds[0]);
	if (strcmp(detector->kind, kinds[0]) == 0 ||
	    strcmp(detector->kind, kinds[1]) == 0)
		return true;
	return nx_yaml_error(
	        loader->err, nx_yaml_get(map, "kind"), "kind: expected %s",
	        loader->unsubscribe ? "unsubscribe" : "auto-reply or other");
}

static bool is_known(const struct nx_detectors *detectors, const char *id)
{
	for (size_t i = 0; i < detectors->count; i++)
		if (strcmp(detectors->item[i]->id, id) == 0)
			return true;
	return false;
}

static bool load_id(struct loader *loader, const struct nx_yaml *map,
                    struct nx_detector *detector)
{
	if (!nx_yaml_need_text(map, "id", &detector->id, loader->err) ||
	    !nx_yaml_need_text(map, "format", &detector->format, loader->err))
		return false;
	if (is_known(loader->detectors, detector->id))
		return nx_yaml_error(loader->err, nx_yaml_get(map, "id"),
		                     "there is another sign \"%s\"",
		                     detector->id);
	return true;
}

static bool load_detector(struct loader *loader, const struct nx_yaml *map,
                          struct nx_detector *detector)
{
	static const char *const keys[] = {
	        "counterexamples",
	        "early",
	        "format",
	        "id",
	        "kind",
	        "samples",
	        "source",
	        "system",
	        "unless",
	        "when",
	        "with",
	        NULL,
	};
	const struct nx_condition_loader *conditions = &loader->conditions;
	bool early = false;
	if (!nx_yaml_check_keys(map, keys, loader->err) ||
	    !load_id(loader, map, detector) ||
	    !load_kind(loader, map, detector) ||
	    !nx_yaml_flag(map, "early", &early, loader->err) ||
	    !nx_yaml_flag(map, "system", &detector->system, loader->err) ||
	    !nx_conditions_load(conditions, map, "when", &detector->when) ||
	    !nx_conditions_load(conditions, map, "with", &detector->with) ||
	    !nx_conditions_load(conditions, map, "unless", &detector->unless))
		return false;
	if (!detector->when)
		return nx_yaml_error(loader->err, map, "%s: needs `when`",
		                     detector->id);
	if (nx_yaml_get(map, "samples") == NULL)
		return nx_yaml_error(loader->err, map, "%s: needs `samples`",
		                     detector->id);
	detector->stage = loader->unsubscribe ? NX_DETECTOR_UNSUBSCRIBE
	                  : early             ? NX_DETECTOR_EARLY
	                                      : NX_DETECTOR_LATE;
	detector->source = map;
	return true;
}

static bool load_detectors(struct loader *loader, const struct nx_yaml *root)
{
	const struct nx_yaml *list = nx_yaml_get(root, "signs");
	struct nx_detectors *detectors = loader->detectors;
	if (!list)
		return true;
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(loader->err, list, "expected a list");
	detectors->item = talloc_realloc(detectors, detectors->item,
	                                 const struct nx_detector *,
	                                 detectors->count + list->count + 1);
	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		struct nx_detector *detector =
		        talloc_zero(detectors, struct nx_detector);
		if (!load_detector(loader, node, detector))
			return false;
		detectors->item[detectors->count++] = detector;
	}
	return true;
}

/* --- files ---------------------------------------------------------------- */

static bool load_automatic(struct loader *loader, const struct nx_yaml *root)
{
	static const char *const keys[] = {"bounces", "signs", NULL};
	return nx_yaml_check_keys(root, keys, loader->err) &&
	       nx_phrases_load(loader->detectors, nx_yaml_get(root, "bounces"),
	                       &loader->detectors->bounces, loader->err) &&
	       load_detectors(loader, root);
}

static bool load_sayings(struct loader *loader, const struct nx_yaml *root)
{
	struct nx_unsubscribe_rules *rules = &loader->detectors->unsubscribe;
	const struct {
		const char *key;
		struct nx_sentences *out;
	} lists[] = {
	        {"leave", &rules->leave},   {"together", &rules->together},
	        {"titled", &rules->titled}, {"unsaid", &rules->unsaid},
	        {"doubts", &rules->doubts}, {"openings", &rules->openings},
	        {"beside", &rules->beside},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (!nx_sentences_load(loader->detectors,
		                       loader->detectors->concepts,
		                       nx_yaml_get(root, lists[i].key),
		                       lists[i].out, loader->err))
			return false;
	return true;
}

static bool load_phrases(struct loader *loader, const struct nx_yaml *root)
{
	struct nx_unsubscribe_rules *rules = &loader->detectors->unsubscribe;
	const struct {
		const char *key;
		struct nx_phrases *out;
	} lists[] = {
	        {"alone", &rules->alone},
	        {"quotes", &rules->quotes},
	        {"addresses", &rules->addresses},
	        {"servers", &rules->servers},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (!nx_phrases_load(loader->detectors,
		                     nx_yaml_get(root, lists[i].key),
		                     lists[i].out, loader->err))
			return false;
	return true;
}

static bool load_unsubscribe(struct loader *loader, const struct nx_yaml *root)
{
	static const char *const keys[] = {
	        "addresses", "alone",   "beside",   "counterexamples",
	        "doubts",    "leave",   "openings", "quotes",
	        "samples",   "servers", "signs",    "titled",
	        "together",  "unless",  "unsaid",   NULL,
	};
	struct nx_unsubscribe_rules *rules = &loader->detectors->unsubscribe;

	rules->source = root;
	return nx_yaml_check_keys(root, keys, loader->err) &&
	       load_sayings(loader, root) && load_phrases(loader, root) &&
	       nx_conditions_load(&loader->conditions, root, "unless",
	                          &rules->unless) &&
	       load_detectors(loader, root);
}

static bool load_source(struct loader *loader, const struct nx_source *source)
{
	const struct nx_yaml *root;
	loader->unsubscribe = has_name(source->name, UNSUBSCRIBE);
	if (!nx_yaml_parse(loader->detectors, source->name, source->text,
	                   source->size, &root, loader->err))
		return false;
	if (has_name(source->name, REPORTS))
		return nx_wording_load(
		        loader->detectors, loader->detectors->concepts, root,
		        &loader->detectors->wording, loader->err);
	return loader->unsubscribe ? load_unsubscribe(loader, root)
	                           : load_automatic(loader, root);
}

bool nx_detectors_compile(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                          const struct nx_source *sources, size_t count,
                          const struct nx_detectors **out, struct nx_error *err)
{
	struct nx_detectors *detectors = talloc_zero(ctx, struct nx_detectors);
	struct loader loader = {
	        .conditions = {detectors, &detectors->names, false, err},
	        .detectors = detectors,
	        .err = err,
	};

	detectors->concepts = concepts;
	nx_header_names_begin(&detectors->names);
	for (size_t i = 0; i < count; i++) {
		if (!load_source(&loader, &sources[i])) {
			talloc_free(detectors);
			return false;
		}
	}
	*out = detectors;
	return true;
}
