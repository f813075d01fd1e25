/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "report/report.h"

#include <string.h>

/* The tables of words that a report uses about itself: its kind, the action of
 * a recipient, the type of feedback; and which of our addresses it names. */

static const char *const action_keys[] = {
        "action", "digit", "reason", "class", "fault", "advice", NULL,
};
static const char *const ours_keys[] = {
        "ours", "reason", "class", "fault", "advice", NULL,
};
static const char *const kind_keys[] = {
        "kind", "reason", "class", "fault", "advice", NULL,
};
static const char *const feedback_keys[] = {
        "type", "reason", "class", "fault", "advice", NULL,
};

/* A report about mail that is not lost never judges its recipient. */
static bool quiet(struct nx_loader *loader, const struct nx_yaml *row,
                  struct nx_rule *rule)
{
	if (rule->has_class && rule->class != NX_CLASS_NONE)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "class"),
		                     "%s may have no class other than none",
		                     rule->id);
	rule->has_class = true;
	rule->class = NX_CLASS_NONE;
	return true;
}

/* What action or address a rule is about is found by its key. */
static bool load_word(struct nx_loader *loader, const struct nx_yaml *row,
                      enum nx_table table, const char *id, long key,
                      const char *word)
{
	bool lost = table != NX_TABLE_ACTION && table != NX_TABLE_OURS;
	struct nx_rule *rule = nx_load_rule(loader, row, table, id);

	if (rule == NULL)
		return false;
	rule->key = key;
	rule->code = nx_load_keep(loader, word);
	return nx_load_check_advice(loader, row, rule) &&
	       (lost || quiet(loader, row, rule));
}

static bool read_digit(struct nx_loader *loader, const struct nx_yaml *row,
                       bool failed, int64_t *digit)
{
	if (nx_yaml_get(row, "digit") == NULL)
		return true;
	if (!failed)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "digit"),
		                     "only action failed may have a digit");
	return nx_yaml_number(row, "digit", 4, 5, digit, loader->err);
}

static const char *action_id(struct nx_loader *loader, const char *name,
                             int64_t digit)
{
	if (digit == 0)
		return talloc_asprintf(loader->scratch, "action/%s", name);
	return talloc_asprintf(loader->scratch, "action/%s-%d", name,
	                       (int)digit);
}

bool nx_load_action(struct nx_loader *loader, const struct nx_yaml *row)
{
	const char *name;

	if (!nx_yaml_check_keys(row, action_keys, loader->err) ||
	    !nx_yaml_need_text(row, "action", &name, loader->err))
		return false;

	enum nx_action action = nx_action_of_name(name);
	bool failed = action == NX_ACTION_FAILED;
	int64_t digit = 0;

	if (action == NX_ACTION_NONE)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "action"),
		                     "action \"%s\" is none of failed, "
		                     "delayed, delivered, relayed, expanded",
		                     name);
	if (!read_digit(loader, row, failed, &digit))
		return false;

	return load_word(loader, row,
	                 failed ? NX_TABLE_FAILURE : NX_TABLE_ACTION,
	                 action_id(loader, name, digit),
	                 nx_key_of_action(action, (int)digit), name);
}

bool nx_load_ours(struct nx_loader *loader, const struct nx_yaml *row)
{
	const char *name;

	if (!nx_yaml_check_keys(row, ours_keys, loader->err) ||
	    !nx_yaml_need_text(row, "ours", &name, loader->err))
		return false;

	enum nx_ours ours = nx_ours_of_name(name);

	if (ours == NX_OURS_NOT)
		return nx_yaml_error(
		        loader->err, nx_yaml_get(row, "ours"),
		        "ours \"%s\" is none of return-path, "
		        "sender, bounces, mail-system, postmaster, list, "
		        "protected",
		        name);

	return load_word(loader, row, NX_TABLE_OURS,
	                 talloc_asprintf(loader->scratch, "ours/%s", name),
	                 (long)ours, name);
}

static bool read_kind(struct nx_loader *loader, const struct nx_yaml *row,
                      const char *name, enum nx_kind *out)
{
	static const enum nx_kind kinds[] = {NX_KIND_UNSUBSCRIBE,
	                                     NX_KIND_AUTO_REPLY, NX_KIND_OTHER,
	                                     NX_KIND_UNPARSED};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		*out = kinds[i];
		if (strcmp(nx_kind_name(kinds[i]), name) == 0)
			return true;
	}
	return nx_yaml_error(loader->err, nx_yaml_get(row, "kind"),
	                     "kind \"%s\" is none of unsubscribe, auto-reply, "
	                     "other, unparsed",
	                     name);
}

bool nx_load_kind(struct nx_loader *loader, const struct nx_yaml *row)
{
	const char *name;
	enum nx_kind kind;

	if (!nx_yaml_check_keys(row, kind_keys, loader->err) ||
	    !nx_yaml_need_text(row, "kind", &name, loader->err) ||
	    !read_kind(loader, row, name, &kind))
		return false;

	return load_word(loader, row, NX_TABLE_KIND,
	                 talloc_asprintf(loader->scratch, "kind/%s", name),
	                 (long)kind, name);
}

bool nx_load_feedback(struct nx_loader *loader, const struct nx_yaml *row)
{
	const char *type;

	if (!nx_yaml_check_keys(row, feedback_keys, loader->err) ||
	    !nx_yaml_need_text(row, "type", &type, loader->err))
		return false;
	if (strcmp(type, "*") != 0 &&
	    !nx_load_id(loader, row, "type", false, &type))
		return false;

	return load_word(loader, row, NX_TABLE_FEEDBACK,
	                 talloc_asprintf(loader->scratch, "feedback/%s", type),
	                 0, type);
}
