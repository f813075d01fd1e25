/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/detectors_rules.h"

#include <string.h>

/* From rules/automatic.yaml, rules/unsubscribe.yaml to struct nx_detectors. */

static const char AUTOMATIC[] = "automatic.yaml";
static const char UNSUBSCRIBE[] = "unsubscribe.yaml";

struct loader {
	struct nx_detectors *detectors;
	struct nx_error *err;
	bool unsubscribe; /* the file that is being read */
};

static bool has_name(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	return strcmp(slash != NULL ? slash + 1 : path, name) == 0;
}

bool nx_detectors_is_source(const char *name)
{
	return has_name(name, AUTOMATIC) || has_name(name, UNSUBSCRIBE);
}

/* --- conditions ----------------------------------------------------------- */

static bool number_header(struct loader *loader, const struct nx_yaml *node,
                          const char *name, size_t *out)
{
	struct nx_detectors *detectors = loader->detectors;
	*out = nx_detectors_header(detectors, name);
	if (*out < NX_DETECTOR_HEADERS)
		return true;
	if (detectors->headers == NX_DETECTOR_HEADERS)
		return nx_yaml_error(loader->err, node,
		                     "more than %d names of headers",
		                     NX_DETECTOR_HEADERS);
	size_t hash = nx_detectors_hash(name);
	*out = detectors->headers++;
	detectors->header[*out] = name;
	detectors->chain[*out] = detectors->bucket[hash];
	detectors->bucket[hash] = (unsigned char)(*out + 1);
	return true;
}

static bool add_condition(struct loader *loader,
                          struct nx_detector_group *group,
                          enum nx_detector_condition_kind kind,
                          const char *header, const struct nx_yaml *node)
{
	struct nx_detector_condition *condition =
	        talloc_zero(loader->detectors, struct nx_detector_condition);
	condition->kind = kind;
	condition->next = group->first;
	group->first = condition;
	group->conditions++;
	return number_header(loader, node, header, &condition->header) &&
	       nx_phrases_load(loader->detectors, node, &condition->phrases,
	                       loader->err);
}

static bool add_headers(struct loader *loader, struct nx_detector_group *group,
                        const struct nx_yaml *map)
{
	if (map->kind != NX_YAML_MAP)
		return nx_yaml_error(loader->err, map,
		                     "expected a map of header names");
	for (const struct nx_yaml *node = map->first; node; node = node->next) {
		if (!add_condition(loader, group, NX_DETECTOR_CONDITION_HEADER,
		                   node->key, node))
			return false;
	}
	return true;
}

static bool add_sender(struct loader *loader, struct nx_detector_group *group,
                       const struct nx_yaml *node)
{
	if (strcmp(node->text, "null") != 0)
		return nx_yaml_error(loader->err, node,
		                     "sender can only be null");
	return add_condition(loader, group, NX_DETECTOR_CONDITION_NULL_SENDER,
	                     "Subject", node);
}

static bool add_member(struct loader *loader, struct nx_detector_group *group,
                       const struct nx_yaml *node)
{
	static const struct {
		const char *key;
		enum nx_detector_condition_kind kind;
		const char *header;
	} members[] = {
	        {"body", NX_DETECTOR_CONDITION_BODY, "Subject"},
	        {"type", NX_DETECTOR_CONDITION_TYPE, "Subject"},
	        {"report-type", NX_DETECTOR_CONDITION_REPORT_TYPE, "Subject"},
	        {"subject-begins", NX_DETECTOR_CONDITION_FRONT, "Subject"},
	        {"subject", NX_DETECTOR_CONDITION_HEADER, "Subject"},
	        {"from", NX_DETECTOR_CONDITION_HEADER, "From"},
	        {"to", NX_DETECTOR_CONDITION_HEADER, "To"},
	};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		if (strcmp(node->key, members[i].key) == 0)
			return add_condition(loader, group, members[i].kind,
			                     members[i].header, node);
	}
	return strcmp(node->key, "header") == 0
	               ? add_headers(loader, group, node)
	               : add_sender(loader, group, node);
}

/* Conditions are put in front, so the expensive ones are added first, to be
 * tested last. */
static bool load_group(struct loader *loader, const struct nx_yaml *map,
                       struct nx_detector_group *group)
{
	static const char *const order[] = {
	        "body",        "type", "subject-begins", "subject", "header",
	        "report-type", "to",   "from",           "sender",  NULL,
	};
	static const char *const keys[] = {
	        "body",        "count",  "from",    "header",
	        "report-type", "sender", "subject", "subject-begins",
	        "to",          "type",   NULL,
	};
	if (!nx_yaml_check_keys(map, keys, loader->err))
		return false;
	for (size_t i = 0; order[i] != NULL; i++) {
		const struct nx_yaml *node = nx_yaml_get(map, order[i]);
		if (node != NULL && !add_member(loader, group, node))
			return false;
	}
	if (group->conditions == 0)
		return nx_yaml_error(loader->err, map,
		                     "a group needs a condition");
	int64_t needed = (int64_t)group->conditions;
	if (!nx_yaml_number(map, "count", 1, needed, &needed, loader->err))
		return false;
	group->needed = (size_t)needed;
	return true;
}

static bool load_groups(struct loader *loader, const struct nx_yaml *map,
                        const char *key, const struct nx_detector_group **out)
{
	const struct nx_yaml *list = nx_yaml_get(map, key);
	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST || list->first == NULL)
		return nx_yaml_error(loader->err, list,
		                     "%s: expected a list of groups", key);
	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		struct nx_detector_group *group = talloc_zero(
		        loader->detectors, struct nx_detector_group);
		if (!load_group(loader, node, group))
			return false;
		*out = group;
		out = &group->next;
	}
	return true;
}

/* --- detectors ------------------------------------------------------------ */

static bool load_flag(struct loader *loader, const struct nx_yaml *map,
                      const char *key, bool *out)
{
	const char *text = nx_yaml_text(map, key, "false");
	*out = strcmp(text, "true") == 0;
	if (*out || strcmp(text, "false") == 0)
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(map, key),
	                     "%s: expected true or false", key);
}

static bool load_kind(struct loader *loader, const struct nx_yaml *map,
                      struct nx_detector *detector)
{
	const struct nx_yaml *node = nx_yaml_get(map, "kind");
	const char *name = nx_yaml_text(map, "kind",
	                                loader->unsubscribe ? "unsubscribe"
	                                                    : "auto-reply");
	detector->kind = nx_kind_of_name(name);
	bool is_right = loader->unsubscribe
	                        ? detector->kind == NX_KIND_UNSUBSCRIBE
	                        : detector->kind == NX_KIND_AUTO_REPLY ||
	                                  detector->kind == NX_KIND_OTHER;
	if (is_right)
		return true;
	return nx_yaml_error(loader->err, node, "kind: expected %s",
	                     loader->unsubscribe ? "unsubscribe"
	                                         : "auto-reply or other");
}

static bool is_known(const struct nx_detectors *detectors, const char *id)
{
	for (size_t i = 0; i < detectors->count; i++) {
		if (strcmp(detectors->item[i]->id, id) == 0)
			return true;
	}
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
	bool early = false;
	if (!nx_yaml_check_keys(map, keys, loader->err) ||
	    !load_id(loader, map, detector) ||
	    !load_kind(loader, map, detector) ||
	    !load_flag(loader, map, "early", &early) ||
	    !load_flag(loader, map, "system", &detector->system) ||
	    !load_groups(loader, map, "when", &detector->when) ||
	    !load_groups(loader, map, "with", &detector->with) ||
	    !load_groups(loader, map, "unless", &detector->unless))
		return false;
	if (detector->when == NULL)
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
	if (list == NULL)
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

static bool load_unsubscribe(struct loader *loader, const struct nx_yaml *root)
{
	static const char *const keys[] = {
	        "addresses", "alone",  "beginnings", "counterexamples",
	        "polite",    "quotes", "samples",    "signs",
	        "unless",    "words",  NULL,
	};
	struct nx_unsubscribe_phrases *unsubscribe_phrases =
	        &loader->detectors->unsubscribe_phrases;
	const struct {
		const char *key;
		struct nx_phrases *out;
	} lists[] = {
	        {"words", &unsubscribe_phrases->words},
	        {"alone", &unsubscribe_phrases->alone},
	        {"beginnings", &unsubscribe_phrases->beginnings},
	        {"polite", &unsubscribe_phrases->polite},
	        {"quotes", &unsubscribe_phrases->quotes},
	        {"addresses", &unsubscribe_phrases->addresses},
	};
	if (!nx_yaml_check_keys(root, keys, loader->err))
		return false;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		if (!nx_phrases_load(loader->detectors,
		                     nx_yaml_get(root, lists[i].key),
		                     lists[i].out, loader->err))
			return false;
	}
	unsubscribe_phrases->source = root;
	return load_groups(loader, root, "unless",
	                   &unsubscribe_phrases->unless) &&
	       load_detectors(loader, root);
}

static bool load_source(struct loader *loader, const struct nx_source *source)
{
	const struct nx_yaml *root;
	loader->unsubscribe = has_name(source->name, UNSUBSCRIBE);
	if (!nx_yaml_parse(loader->detectors, source->name, source->text,
	                   source->size, &root, loader->err))
		return false;
	return loader->unsubscribe ? load_unsubscribe(loader, root)
	                           : load_automatic(loader, root);
}

bool nx_detectors_compile(TALLOC_CTX *ctx, const struct nx_source *sources,
                          size_t count, const struct nx_detectors **out,
                          struct nx_error *err)
{
	struct nx_detectors *detectors = talloc_zero(ctx, struct nx_detectors);
	struct loader loader = {.detectors = detectors, .err = err};
	detectors->header[NX_DETECTOR_SUBJECT] = "Subject";
	detectors->headers = 1;
	detectors->bucket[nx_detectors_hash("Subject")] =
	        NX_DETECTOR_SUBJECT + 1;
	for (size_t i = 0; i < count; i++) {
		if (!load_source(&loader, &sources[i])) {
			talloc_free(detectors);
			return false;
		}
	}
	*out = detectors;
	return true;
}
