/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include <string.h>

const char *nx_load_keep(struct nx_loader *loader, const char *text)
{
	return talloc_strdup(loader->tables, text);
}

bool nx_load_list(struct nx_loader *loader, const struct nx_yaml *root,
                  const char *key, const struct nx_yaml **out)
{
	*out = nx_yaml_get(root, key);
	if (*out == NULL)
		return nx_yaml_error(loader->err, root,
		                     "no \"%s:\" here; this file is a list "
		                     "under that key",
		                     key);
	if ((*out)->kind != NX_YAML_LIST)
		return nx_yaml_error(loader->err, *out,
		                     "\"%s\" must be a list of rows", key);
	return true;
}

bool nx_load_rows(struct nx_loader *loader, const struct nx_yaml *root,
                  const char *key,
                  bool (*load)(struct nx_loader *loader,
                               const struct nx_yaml *row))
{
	const char *const keys[] = {key, NULL};
	const struct nx_yaml *list;

	if (!nx_yaml_check_keys(root, keys, loader->err) ||
	    !nx_load_list(loader, root, key, &list))
		return false;
	for (const struct nx_yaml *row = list->first; row; row = row->next) {
		if (!load(loader, row))
			return false;
	}
	return true;
}

static bool is_id(const char *text, bool slash)
{
	const char *letters = slash ? "abcdefghijklmnopqrstuvwxyz0123456789-/"
	                            : "abcdefghijklmnopqrstuvwxyz0123456789-";

	return *text != '\0' && text[strspn(text, letters)] == '\0';
}

bool nx_load_id(struct nx_loader *loader, const struct nx_yaml *row,
                const char *key, bool slash, const char **out)
{
	if (!nx_yaml_need_text(row, key, out, loader->err))
		return false;
	if (is_id(*out, slash))
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(row, key),
	                     "%s \"%s\" may only be made of a-z, 0-9%s and -",
	                     key, *out, slash ? ", /" : "");
}

/* An optional member that, if present, must be a text that is not empty. */
static bool optional_text(struct nx_loader *loader, const struct nx_yaml *row,
                          const char *key, const char **out, bool *given)
{
	*given = nx_yaml_get(row, key) != NULL;
	return nx_yaml_take_text(row, key, out, loader->err);
}

bool nx_load_class(struct nx_loader *loader, const struct nx_yaml *row,
                   const char *key, enum nx_class *out, bool *given)
{
	const char *name;

	if (!optional_text(loader, row, key, &name, given))
		return false;
	if (!*given || nx_class_of_name(name, out))
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(row, key),
	                     "%s \"%s\" is none of hard, soft, complaint, "
	                     "unsubscribe, none",
	                     key, name);
}

bool nx_load_fault(struct nx_loader *loader, const struct nx_yaml *row,
                   enum nx_fault *out, bool *given)
{
	const char *name;

	if (!optional_text(loader, row, "fault", &name, given))
		return false;
	if (!*given || nx_fault_of_name(name, out))
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(row, "fault"),
	                     "fault \"%s\" is none of recipient, sender, "
	                     "message, network, unknown",
	                     name);
}

/* "2 days" to "7 days". */
static int read_days(const char *text)
{
	bool good = *text >= '2' && *text <= '0' + NX_CONFIRM_DAYS &&
	            strcmp(text + 1, " days") == 0;

	return good ? *text - '0' : 0;
}

bool nx_load_confirm(struct nx_loader *loader, const struct nx_yaml *row,
                     struct nx_rule *rule)
{
	const struct nx_yaml *node = nx_yaml_get(row, "confirm");
	const char *text;
	bool given;

	if (!optional_text(loader, row, "confirm", &text, &given))
		return false;
	if (!given)
		return true;
	if (nx_rule_class(rule, false) != NX_CLASS_HARD ||
	    rule->fault != NX_FAULT_RECIPIENT)
		return nx_yaml_error(loader->err, node,
		                     "confirm: only what is hard and the "
		                     "recipient's fault can be confirmed; give "
		                     "class and fault");
	rule->confirm_days = read_days(text);
	if (rule->confirm_days > 0)
		return true;
	return nx_yaml_error(loader->err, node,
	                     "confirm \"%s\" must be \"2 days\" to \"%d days\"",
	                     text, NX_CONFIRM_DAYS);
}

bool nx_load_phase(const struct nx_yaml *map, enum nx_phase *out,
                   struct nx_error *err)
{
	const char *name;

	if (nx_yaml_get(map, "phase") == NULL)
		return true;
	if (!nx_yaml_need_text(map, "phase", &name, err))
		return false;
	for (int phase = NX_PHASE_CONNECT; phase <= NX_PHASE_AUTH; phase++) {
		*out = (enum nx_phase)phase;
		if (strcmp(nx_phase_name(*out), name) == 0)
			return true;
	}
	return nx_yaml_error(err, nx_yaml_get(map, "phase"),
	                     "phase \"%s\" is none of connect, helo, mail, "
	                     "rcpt, data, auth",
	                     name);
}

static bool load_reason(struct nx_loader *loader, const struct nx_yaml *row,
                        struct nx_rule *rule)
{
	const char *id;

	if (!nx_yaml_need_text(row, "reason", &id, loader->err))
		return false;
	rule->reason = nx_tables_reason(loader->tables, id);
	if (rule->reason != NULL)
		return true;
	return nx_yaml_error(loader->err, nx_yaml_get(row, "reason"),
	                     "reason \"%s\" is not declared; add it to "
	                     "reasons.yaml or name one that is there",
	                     id);
}

static bool load_judgement(struct nx_loader *loader, const struct nx_yaml *row,
                           struct nx_rule *rule)
{
	bool given;

	if (!load_reason(loader, row, rule))
		return false;
	rule->fault = rule->reason->fault;
	rule->advice = rule->reason->advice;
	return nx_load_class(loader, row, "class", &rule->class,
	                     &rule->has_class) &&
	       nx_load_fault(loader, row, &rule->fault, &given) &&
	       nx_load_advice(loader, row, &rule->advice, &given);
}

/* Rules of one file share the copy of its name. */
static const char *keep_file(struct nx_loader *loader, const char *file)
{
	if (loader->rules > 0) {
		const char *last = loader->rule[loader->rules - 1]->file;

		if (strcmp(last, file) == 0)
			return last;
	}
	return nx_load_keep(loader, file);
}

static void init_when(struct nx_when *when)
{
	when->text.source = "";
	when->not_text.source = "";
	when->nowhere.source = "";
	when->says.source = "";
	when->unless.source = "";
	when->status.source = "";
	when->reply.source = "";
	when->mta.source = "";
	when->domain.source = "";
}

struct nx_rule *nx_load_rule(struct nx_loader *loader,
                             const struct nx_yaml *row, enum nx_table table,
                             const char *id)
{
	struct nx_rule *rule = talloc_zero(loader->tables, struct nx_rule);

	rule->id = nx_load_keep(loader, id);
	rule->file = keep_file(loader, row->file);
	rule->source = row;
	rule->line = row->line;
	rule->column = row->column;
	rule->site = loader->site;
	rule->table = table;
	rule->code = "";
	init_when(&rule->when);
	if (!load_judgement(loader, row, rule))
		return NULL;
	loader->rule = talloc_realloc(loader->scratch, loader->rule,
	                              struct nx_rule *, loader->rules + 1);
	loader->rule[loader->rules++] = rule;
	return rule;
}
