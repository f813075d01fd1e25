/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/signs_rules.h"

#include <string.h>

/* From rules/automatic.yaml and rules/unsubscribe.yaml to struct nx_signs. */

static const char AUTOMATIC[] = "automatic.yaml";
static const char UNSUBSCRIBE[] = "unsubscribe.yaml";

struct loader {
	struct nx_signs *signs;
	struct nx_error *err;
	bool unsubscribe; /* the file that is read */
};

static bool has_name(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	return strcmp(slash != NULL ? slash + 1 : path, name) == 0;
}

bool nx_signs_is_source(const char *name)
{
	return has_name(name, AUTOMATIC) || has_name(name, UNSUBSCRIBE);
}

/* --- conditions ----------------------------------------------------------- */

static bool number_header(struct loader *loader, const struct nx_yaml *node,
                          const char *name, size_t *out)
{
	struct nx_signs *signs = loader->signs;
	*out = nx_signs_header(signs, name);
	if (*out < NX_SIGN_HEADERS)
		return true;
	if (signs->headers == NX_SIGN_HEADERS)
		return nx_yaml_error(loader->err, node,
		                     "more than %d names of headers",
		                     NX_SIGN_HEADERS);
	size_t hash = nx_signs_hash(name);
	*out = signs->headers++;
	signs->header[*out] = name;
	signs->chain[*out] = signs->bucket[hash];
	signs->bucket[hash] = (unsigned char)(*out + 1);
	return true;
}

static bool add_mark(struct loader *loader, struct nx_sign_group *group,
                     enum nx_mark_kind kind, const char *header,
                     const struct nx_yaml *node)
{
	struct nx_mark *mark = talloc_zero(loader->signs, struct nx_mark);
	mark->kind = kind;
	mark->next = group->first;
	group->first = mark;
	group->marks++;
	return number_header(loader, node, header, &mark->header) &&
	       nx_phrases_load(loader->signs, node, &mark->phrases,
	                       loader->err);
}

static bool add_headers(struct loader *loader, struct nx_sign_group *group,
                        const struct nx_yaml *map)
{
	if (map->kind != NX_YAML_MAP)
		return nx_yaml_error(loader->err, map,
		                     "expected a map of header names");
	for (const struct nx_yaml *node = map->first; node; node = node->next) {
		if (!add_mark(loader, group, NX_MARK_HEADER, node->key, node))
			return false;
	}
	return true;
}

static bool add_sender(struct loader *loader, struct nx_sign_group *group,
                       const struct nx_yaml *node)
{
	if (strcmp(node->text, "null") != 0)
		return nx_yaml_error(loader->err, node,
		                     "sender can only be null");
	return add_mark(loader, group, NX_MARK_NULL_SENDER, "Subject", node);
}

static bool add_member(struct loader *loader, struct nx_sign_group *group,
                       const struct nx_yaml *node)
{
	static const struct {
		const char *key;
		enum nx_mark_kind kind;
		const char *header;
	} members[] = {
	        {"body", NX_MARK_BODY, "Subject"},
	        {"type", NX_MARK_TYPE, "Subject"},
	        {"report-type", NX_MARK_REPORT_TYPE, "Subject"},
	        {"subject-begins", NX_MARK_FRONT, "Subject"},
	        {"subject", NX_MARK_HEADER, "Subject"},
	        {"from", NX_MARK_HEADER, "From"},
	        {"to", NX_MARK_HEADER, "To"},
	};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		if (strcmp(node->key, members[i].key) == 0)
			return add_mark(loader, group, members[i].kind,
			                members[i].header, node);
	}
	return strcmp(node->key, "header") == 0
	               ? add_headers(loader, group, node)
	               : add_sender(loader, group, node);
}

/* Marks are put in front: so the dear ones first, to be asked last. */
static bool load_group(struct loader *loader, const struct nx_yaml *map,
                       struct nx_sign_group *group)
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
	if (group->marks == 0)
		return nx_yaml_error(loader->err, map,
		                     "a group needs a condition");
	int64_t needed = (int64_t)group->marks;
	if (!nx_yaml_number(map, "count", 1, needed, &needed, loader->err))
		return false;
	group->needed = (size_t)needed;
	return true;
}

static bool load_groups(struct loader *loader, const struct nx_yaml *map,
                        const char *key, const struct nx_sign_group **out)
{
	const struct nx_yaml *list = nx_yaml_get(map, key);
	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST || list->first == NULL)
		return nx_yaml_error(loader->err, list,
		                     "%s: expected a list of groups", key);
	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		struct nx_sign_group *group =
		        talloc_zero(loader->signs, struct nx_sign_group);
		if (!load_group(loader, node, group))
			return false;
		*out = group;
		out = &group->next;
	}
	return true;
}

/* --- signs ---------------------------------------------------------------- */

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
                      struct nx_sign *sign)
{
	const struct nx_yaml *node = nx_yaml_get(map, "kind");
	const char *name = nx_yaml_text(map, "kind",
	                                loader->unsubscribe ? "unsubscribe"
	                                                    : "auto-reply");
	sign->kind = nx_kind_of_name(name);
	bool is_right = loader->unsubscribe
	                        ? sign->kind == NX_KIND_UNSUBSCRIBE
	                        : sign->kind == NX_KIND_AUTO_REPLY ||
	                                  sign->kind == NX_KIND_OTHER;
	if (is_right)
		return true;
	return nx_yaml_error(loader->err, node, "kind: expected %s",
	                     loader->unsubscribe ? "unsubscribe"
	                                         : "auto-reply or other");
}

static bool is_known(const struct nx_signs *signs, const char *id)
{
	for (size_t i = 0; i < signs->count; i++) {
		if (strcmp(signs->item[i]->id, id) == 0)
			return true;
	}
	return false;
}

static bool load_id(struct loader *loader, const struct nx_yaml *map,
                    struct nx_sign *sign)
{
	if (!nx_yaml_need_text(map, "id", &sign->id, loader->err) ||
	    !nx_yaml_need_text(map, "format", &sign->format, loader->err))
		return false;
	if (is_known(loader->signs, sign->id))
		return nx_yaml_error(loader->err, nx_yaml_get(map, "id"),
		                     "there is another sign \"%s\"", sign->id);
	return true;
}

static bool load_sign(struct loader *loader, const struct nx_yaml *map,
                      struct nx_sign *sign)
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
	    !load_id(loader, map, sign) || !load_kind(loader, map, sign) ||
	    !load_flag(loader, map, "early", &early) ||
	    !load_flag(loader, map, "system", &sign->system) ||
	    !load_groups(loader, map, "when", &sign->when) ||
	    !load_groups(loader, map, "with", &sign->with) ||
	    !load_groups(loader, map, "unless", &sign->unless))
		return false;
	if (sign->when == NULL)
		return nx_yaml_error(loader->err, map, "%s: needs `when`",
		                     sign->id);
	if (nx_yaml_get(map, "samples") == NULL)
		return nx_yaml_error(loader->err, map, "%s: needs `samples`",
		                     sign->id);
	sign->stage = loader->unsubscribe ? NX_SIGN_UNSUBSCRIBE
	              : early             ? NX_SIGN_EARLY
	                                  : NX_SIGN_LATE;
	sign->source = map;
	return true;
}

static bool load_signs(struct loader *loader, const struct nx_yaml *root)
{
	const struct nx_yaml *list = nx_yaml_get(root, "signs");
	struct nx_signs *signs = loader->signs;
	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(loader->err, list, "expected a list");
	signs->item = talloc_realloc(signs, signs->item, const struct nx_sign *,
	                             signs->count + list->count + 1);
	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		struct nx_sign *sign = talloc_zero(signs, struct nx_sign);
		if (!load_sign(loader, node, sign))
			return false;
		signs->item[signs->count++] = sign;
	}
	return true;
}

/* --- files ---------------------------------------------------------------- */

static bool load_automatic(struct loader *loader, const struct nx_yaml *root)
{
	static const char *const keys[] = {"bounces", "signs", NULL};
	return nx_yaml_check_keys(root, keys, loader->err) &&
	       nx_phrases_load(loader->signs, nx_yaml_get(root, "bounces"),
	                       &loader->signs->bounces, loader->err) &&
	       load_signs(loader, root);
}

static bool load_unsubscribe(struct loader *loader, const struct nx_yaml *root)
{
	static const char *const keys[] = {
	        "addresses", "alone",  "beginnings", "counterexamples",
	        "polite",    "quotes", "samples",    "signs",
	        "unless",    "words",  NULL,
	};
	struct nx_wishes *wishes = &loader->signs->wishes;
	const struct {
		const char *key;
		struct nx_phrases *out;
	} lists[] = {
	        {"words", &wishes->words},
	        {"alone", &wishes->alone},
	        {"beginnings", &wishes->beginnings},
	        {"polite", &wishes->polite},
	        {"quotes", &wishes->quotes},
	        {"addresses", &wishes->addresses},
	};
	if (!nx_yaml_check_keys(root, keys, loader->err))
		return false;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		if (!nx_phrases_load(loader->signs,
		                     nx_yaml_get(root, lists[i].key),
		                     lists[i].out, loader->err))
			return false;
	}
	wishes->source = root;
	return load_groups(loader, root, "unless", &wishes->unless) &&
	       load_signs(loader, root);
}

static bool load_source(struct loader *loader, const struct nx_source *source)
{
	const struct nx_yaml *root;
	loader->unsubscribe = has_name(source->name, UNSUBSCRIBE);
	if (!nx_yaml_parse(loader->signs, source->name, source->text,
	                   source->size, &root, loader->err))
		return false;
	return loader->unsubscribe ? load_unsubscribe(loader, root)
	                           : load_automatic(loader, root);
}

bool nx_signs_compile(TALLOC_CTX *ctx, const struct nx_source *sources,
                      size_t count, const struct nx_signs **out,
                      struct nx_error *err)
{
	struct nx_signs *signs = talloc_zero(ctx, struct nx_signs);
	struct loader loader = {.signs = signs, .err = err};
	signs->header[NX_SIGN_SUBJECT] = "Subject";
	signs->headers = 1;
	signs->bucket[nx_signs_hash("Subject")] = NX_SIGN_SUBJECT + 1;
	for (size_t i = 0; i < count; i++) {
		if (!load_source(&loader, &sources[i])) {
			talloc_free(signs);
			return false;
		}
	}
	*out = signs;
	return true;
}
