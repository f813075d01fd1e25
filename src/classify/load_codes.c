/* SPDX-License-Identifier: ISC */
#include "classify/load.h"

#include "base/text.h"

/* The tables of numbers: enhanced status codes and SMTP replies. */

static const char *const keys[] = {
        "code", "name", "reason",  "class", "fault",  "advice",
        "weak", "firm", "confirm", "note",  "source", NULL,
};

/* Up to three digits at *text, which moves; -1 when there are none. */
static int read_number(const char **text)
{
	int number = -1;

	for (int i = 0; i < 3 && nx_text_is_digit(**text); i++, (*text)++)
		number = (number < 0 ? 0 : number * 10) + (**text - '0');
	return number;
}

/* "x.y.z" or "x.y"; 0 when it is neither. */
static long status_key(const char *text)
{
	int class = read_number(&text);
	int subject = *text == '.' ? (text++, read_number(&text)) : -1;
	int detail = NX_ANY_DETAIL;

	if (*text == '.') {
		text++;
		detail = read_number(&text);
	}
	if (class != 2 && class != 4 && class != 5)
		return 0;
	if (subject < 0 || detail < 0 || *text != '\0')
		return 0;
	return nx_key_of_status(class, subject, detail);
}

static long reply_key(const char *text)
{
	int code = read_number(&text);

	return code >= 200 && code <= 599 && *text == '\0' ? code : 0;
}

static bool is_status(enum nx_table table)
{
	return table == NX_TABLE_STATUS || table == NX_TABLE_PROFILE_STATUS;
}

bool nx_load_code(struct nx_loader *loader, const struct nx_yaml *row,
                  enum nx_table table, const char *prefix)
{
	const char *code;

	if (!nx_yaml_need_text(row, "code", &code, loader->err))
		return false;

	long key = is_status(table) ? status_key(code) : reply_key(code);

	if (key == 0)
		return nx_yaml_error(loader->err, nx_yaml_get(row, "code"),
		                     "code \"%s\" must be %s", code,
		                     is_status(table)
		                             ? "x.y.z or x.y, where x is 2, 4 "
		                               "or 5"
		                             : "a number from 200 to 599");

	struct nx_rule *rule = nx_load_rule(
	        loader, row, table,
	        talloc_asprintf(loader->scratch, "%s/%s", prefix, code));

	if (rule == NULL)
		return false;
	rule->key = key;
	rule->code = nx_load_keep(loader, code);
	return nx_yaml_flag(row, "weak", &rule->weak, loader->err) &&
	       nx_yaml_flag(row, "firm", &rule->firm, loader->err) &&
	       nx_load_check_advice(loader, row, rule) &&
	       nx_load_confirm(loader, row, rule);
}

bool nx_load_status(struct nx_loader *loader, const struct nx_yaml *row)
{
	return nx_yaml_check_keys(row, keys, loader->err) &&
	       nx_load_code(loader, row, NX_TABLE_STATUS, "status");
}

bool nx_load_reply(struct nx_loader *loader, const struct nx_yaml *row)
{
	return nx_yaml_check_keys(row, keys, loader->err) &&
	       nx_load_code(loader, row, NX_TABLE_REPLY, "reply");
}
