/* SPDX-License-Identifier: ISC */
#include "report/conditions/fold.h"

#include "base/text.h"

#include <string.h>

static bool is_within(uint32_t code, uint32_t low, uint32_t high)
{
	return code >= low && code <= high;
}

/* Characters that keyboards and programs use for an ASCII one. */
static uint32_t narrow(uint32_t code)
{
	switch (code) {
	case 0xA0:   /* no-break space */
	case 0x202F: /* narrow no-break space */
	case 0x3000: /* ideographic space */
		return ' ';
	case 0x2018:
	case 0x2019:
		return '\'';
	case 0x3010: /* lenticular brackets */
		return '[';
	case 0x3011:
		return ']';
	}
	/* the wide forms of ASCII */
	return is_within(code, 0xFF01, 0xFF5E) ? code - 0xFEE0 : code;
}

/* Folds the character at in; returns its size, and that of what was written. */
static size_t fold_one(const char *in, size_t left, char *out, size_t *size)
{
	uint32_t code;
	size_t used = nx_text_decode(in, left, &code);
	if (used == 0) { /* cut off by the limit */
		*size = 0;
		return left;
	}
	*size = nx_text_encode(nx_text_lower_letter(narrow(code)), out);
	return used;
}

char *nx_fold(TALLOC_CTX *ctx, const char *text, size_t limit)
{
	size_t left = strnlen(text, limit);
	char *out = talloc_size(ctx, left + 1);
	size_t at = 0;
	while (left > 0) {
		size_t size = 1;
		size_t used = 1;
		if ((unsigned char)*text < 0x80)
			out[at] = nx_text_to_lower(*text);
		else
			used = fold_one(text, left, out + at, &size);
		text += used;
		left -= used;
		bool is_blank = size == 1 && nx_text_is_blank(out[at]);
		if (is_blank && (at == 0 || out[at - 1] == ' '))
			continue;
		if (is_blank)
			out[at] = ' ';
		at += size;
	}
	at -= at > 0 && out[at - 1] == ' ';
	out[at] = '\0';
	return out;
}

/* --- subjects ------------------------------------------------------------- */

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

static const char *behind_brackets(const char *subject)
{
	return subject + strspn(subject, " [(<*\"'-=");
}

bool nx_fold_subject_is_answer(const char *subject)
{
	return answer_size(behind_brackets(subject)) > 0;
}

const char *nx_fold_subject_words(const char *subject)
{
	for (;;) {
		subject = behind_brackets(subject);
		size_t size = answer_size(subject);
		if (size == 0)
			return subject;
		subject += size;
	}
}
