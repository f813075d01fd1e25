/* SPDX-License-Identifier: ISC */
#include "report/readers/unsubscribe_text.h"

#include "base/text.h"
#include "concepts/clause.h"
#include "report/conditions/fold.h"

#include <string.h>

enum {
	SUBJECT = 200,
	WORD = 3,        /* bytes; what is shorter says nothing */
	SIGNED_LINES = 3 /* a word that stands alone, and a name below it */
};

/* --- a text and what is marked in it -------------------------------------- */

struct speech {
	TALLOC_CTX *ctx;
	const struct nx_unsubscribe_rules *rules;
	struct nx_spoken spoken;
	bool is_subject, any_list;
};

static struct speech listen(TALLOC_CTX *ctx,
                            const struct nx_detectors *detectors,
                            const char *text)
{
	const struct nx_unsubscribe_rules *rules = &detectors->unsubscribe;
	struct speech speech = {.ctx = ctx, .rules = rules};
	const uint64_t of = rules->leave.need | rules->together.need |
	                    rules->titled.need | rules->unsaid.need |
	                    rules->doubts.need | rules->openings.need |
	                    rules->beside.need;

	speech.spoken =
	        nx_spoken_of(ctx, detectors->concepts, of, text, strlen(text));
	return speech;
}

static bool is_of(const struct nx_concept_mark *mark,
                  const struct nx_sentences *sentences)
{
	return (mark->concepts & sentences->need) != 0;
}

static bool is_within(const struct nx_concept_mark *mark, struct nx_match range)
{
	return mark->start >= range.start && mark->end <= range.end;
}

static bool has_mark(const struct speech *speech, struct nx_match range,
                     const struct nx_sentences *sentences)
{
	const struct nx_spoken *spoken = &speech->spoken;

	for (size_t i = 0; i < spoken->marks; i++)
		if (is_within(&spoken->mark[i], range) &&
		    is_of(&spoken->mark[i], sentences))
			return true;
	return false;
}

static bool is_said(const struct speech *speech, struct nx_match range,
                    const struct nx_sentences *sentences)
{
	struct nx_saying at;

	return nx_sentences_find_in(sentences, &speech->spoken, range,
	                            UINT64_MAX, 0, &at);
}

/* --- what else a clause says ---------------------------------------------- */

/* The name of a list or a token, not a word of a sentence. */
static bool is_name(const char *text)
{
	return strpbrk(text, "0123456789-._@=+:/") && !strchr(text, '?');
}

/* The marks leave no more than a letter or an ending of it. */
static bool is_marked(const struct speech *speech, size_t start, size_t end)
{
	const struct nx_spoken *spoken = &speech->spoken;
	bool any = false;

	for (size_t i = 0; i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if (mark->end <= start || mark->start > start + WORD ||
		    mark->start >= end ||
		    !(is_of(mark, &speech->rules->beside) ||
		      is_of(mark, &speech->rules->leave)))
			continue;
		start = mark->end;
		any = true;
	}
	return any && start + WORD >= end;
}

static size_t without_punctuation(const char *text, size_t from, size_t *to)
{
	static const char marks[] = ".,:;!?*\"'()[]<>|-_=#~+/";

	while (from < *to && strchr(marks, text[from]) != NULL)
		from++;
	while (*to > from && strchr(marks, text[*to - 1]) != NULL)
		--*to;
	return from;
}

/* "unsubscribe:news-weekly" */
static size_t behind_leave(const struct speech *speech, size_t start)
{
	const struct nx_spoken *spoken = &speech->spoken;

	for (size_t i = 0; i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if (mark->start == start &&
		    is_of(mark, &speech->rules->leave) &&
		    strchr(":=", spoken->text[mark->end]) != NULL)
			return mark->end + (spoken->text[mark->end] != '\0');
	}
	return start;
}

/* Counts a word that is no part of a wish; a name among them is the list. */
static bool take_rest(const struct speech *speech, const char *word,
                      size_t *words, const char **list)
{
	if (!is_name(word) && !(speech->any_list && *words == 0))
		return false;
	if (nx_text_starts(word, "list="))
		word += strlen("list=");
	++*words;
	if (*words == 1 || strchr(word, '@') == NULL)
		*list = word;
	return *words <= 2;
}

/* Whether a clause says only the wish, politely, and perhaps from which list
 * and for which address. */
static bool is_bare(const struct speech *speech, struct nx_match clause,
                    const char **list)
{
	const char *text = speech->spoken.text;
	size_t words = 0;

	for (size_t at = clause.start; at < clause.end;) {
		size_t size = strcspn(text + at, " ");
		size_t end = at + size < clause.end ? at + size : clause.end;
		size_t last = end;
		size_t first = without_punctuation(text, at, &last);

		at = end + 1;
		first = behind_leave(speech, first);
		if (last < first + WORD || is_marked(speech, first, last))
			continue;
		if (!take_rest(speech,
		               talloc_strndup(speech->ctx, text + first,
		                              last - first),
		               &words, list))
			return false;
	}
	return true;
}

/* --- the wish ------------------------------------------------------------- */

/* Between quotation marks, with something in front of them: somebody else's
 * words. */
static bool is_cited(const struct speech *speech, size_t at)
{
	static const char *const opening[] = {"\"", "“", "„", "«", "「", "»"};
	static const char *const closing[] = {"\"", "”", "“", "»", "」", "«"};
	const char *text = speech->spoken.text;

	for (size_t i = 0; i < sizeof(opening) / sizeof(*opening); i++) {
		size_t size = strlen(opening[i]);
		const char *open = strstr(text, opening[i]);

		while (open != NULL && (size_t)(open - text) < at) {
			const char *close = strstr(open + size, closing[i]);

			if (close == NULL)
				break;
			if ((size_t)(close - text) > at)
				return open > text;
			open = strstr(close + strlen(closing[i]), opening[i]);
		}
	}
	return false;
}

/* Several words; of a script without blanks, four letters. */
static bool is_expression(const char *text, size_t size)
{
	enum { FIRST = 0xE3 /* of the bytes of kana, hanzi, hangul */ };

	return memchr(text, ' ', size) != NULL ||
	       ((unsigned char)*text >= FIRST && size >= 12);
}

/* A single word means other things as well: it needs more. */
static bool has_expression(const struct speech *speech, struct nx_match clause)
{
	const struct nx_spoken *spoken = &speech->spoken;

	for (size_t i = 0; i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if (is_within(mark, clause) &&
		    is_of(mark, &speech->rules->leave) &&
		    is_expression(spoken->text + mark->start,
		                  mark->end - mark->start))
			return true;
	}
	return false;
}

static bool is_question(const struct speech *speech, struct nx_match clause)
{
	const char *text = speech->spoken.text;

	for (size_t at = clause.start; at < clause.end; at++)
		if (text[at] == '?' || strncmp(text + at, "؟", 2) == 0)
			return true;
	return false;
}

/* Also where the words of the request are part of those of the wish. */
static bool is_request(const struct speech *speech, struct nx_match clause)
{
	const struct nx_spoken *spoken = &speech->spoken;
	size_t marks;

	nx_concepts_mark(
	        speech->ctx, spoken->concepts, speech->rules->openings.need,
	        spoken->text + clause.start, clause.end - clause.start, &marks);
	return marks > 0;
}

static bool is_cited_only(const struct speech *speech, struct nx_match clause)
{
	const struct nx_spoken *spoken = &speech->spoken;

	for (size_t i = 0; i < spoken->marks; i++)
		if (is_within(&spoken->mark[i], clause) &&
		    is_of(&spoken->mark[i], &speech->rules->leave) &&
		    !is_cited(speech, spoken->mark[i].start))
			return false;
	return true;
}

/* What a clause says, if it is not asked. */
static bool says_wish(const struct speech *speech, struct nx_match clause,
                      struct nx_wish *out)
{
	const struct nx_unsubscribe_rules *rules = speech->rules;
	const bool has_word = has_mark(speech, clause, &rules->leave);

	if (has_word && is_cited_only(speech, clause))
		return false;
	out->is_bare = has_word && is_bare(speech, clause, &out->list);
	if (!out->is_bare)
		out->list = "";
	if (has_expression(speech, clause)) {
		out->is_bare = false;
		return true;
	}
	return out->is_bare ||
	       is_said(speech, clause,
	               speech->is_subject ? &rules->titled : &rules->together);
}

static bool is_wish(const struct speech *speech, struct nx_match clause,
                    struct nx_wish *out)
{
	const struct nx_unsubscribe_rules *rules = speech->rules;

	*out = (struct nx_wish){.said = "", .list = ""};
	if (is_said(speech, clause, &rules->unsaid) ||
	    !says_wish(speech, clause, out))
		return false;
	if (is_question(speech, clause) &&
	    (!is_request(speech, clause) ||
	     has_mark(speech, clause, &rules->doubts)))
		return false;
	out->said =
	        talloc_strndup(speech->ctx, speech->spoken.text + clause.start,
	                       clause.end - clause.start);
	return true;
}

static bool may_wish(const struct speech *speech, struct nx_match range)
{
	return has_mark(speech, range, &speech->rules->leave) ||
	       is_said(speech, range, &speech->rules->together);
}

/* Where a clause ends before its end, since a request begins: "I never asked
 * for this, please remove me". Not after "how" and the like. */
static size_t opening(const struct speech *speech, struct nx_match clause)
{
	const struct nx_spoken *spoken = &speech->spoken;
	const struct nx_unsubscribe_rules *rules = speech->rules;

	for (size_t i = 0; i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if (!is_within(mark, clause))
			continue;
		if (is_of(mark, &rules->doubts))
			break;
		if (mark->start > clause.start &&
		    is_of(mark, &rules->openings) &&
		    may_wish(speech, (struct nx_match){mark->end, clause.end}))
			return mark->start;
	}
	return clause.end;
}

static bool is_wish_or_has(const struct speech *speech, struct nx_match clause,
                           struct nx_wish *out)
{
	const size_t end = clause.end;

	if (is_wish(speech, clause, out))
		return true;
	while ((clause.end = opening(speech, clause)) < end) {
		if (is_wish(speech, clause, out))
			return true;
		clause = (struct nx_match){clause.end, end};
	}
	return is_wish(speech, clause, out);
}

static bool find_wish(const struct speech *speech, struct nx_wish *out)
{
	const struct nx_spoken *spoken = &speech->spoken;

	for (size_t i = 0; i < spoken->clauses; i++)
		if (is_wish_or_has(speech, spoken->clause[i], out))
			return true;
	*out = (struct nx_wish){.said = "", .list = ""};
	return false;
}

/* One of the short words that mean other things as well, and politeness. */
static bool is_alone(struct speech *speech, const char *text)
{
	const struct nx_unsubscribe_rules *rules = speech->rules;
	const struct nx_spoken *spoken = &speech->spoken;
	char *core = talloc_strdup(speech->ctx, "");
	size_t at = 0;

	if (nx_phrases_are(&rules->alone, text))
		return true;
	for (size_t i = 0; i <= spoken->marks; i++) {
		bool is_end = i == spoken->marks;
		size_t next = is_end ? strlen(text) : spoken->mark[i].start;

		if (!is_end && !is_of(&spoken->mark[i], &rules->beside))
			continue;
		core = talloc_asprintf_append_buffer(
		        core, "%.*s", (int)(next - at), text + at);
		at = is_end ? next : spoken->mark[i].end;
	}
	size_t end = strlen(core);
	while (end > 0 && strchr(" .,:;!*\"'-", core[end - 1]) != NULL)
		core[--end] = '\0';
	return nx_phrases_are(&rules->alone,
	                      core + strspn(core, " .,:;!*\"'-"));
}

bool nx_wish_of_subject(TALLOC_CTX *ctx, const struct nx_detectors *detectors,
                        const char *subject, bool any_list, struct nx_wish *out)
{
	const char *text =
	        nx_fold_subject_words(nx_fold(ctx, subject, SUBJECT));
	struct speech speech = listen(ctx, detectors, text);
	struct nx_match whole = {0, strlen(text)};

	speech.is_subject = true;
	speech.any_list = any_list;
	speech.spoken.clause = &whole;
	speech.spoken.clauses = 1;
	if (is_alone(&speech, text)) {
		*out = (struct nx_wish){text, "", true};
		return true;
	}
	if (!find_wish(&speech, out))
		return false;
	/* with the original spelling */
	const char *at = nx_text_find(subject, out->list);
	if (at != NULL)
		out->list = talloc_strndup(ctx, at, strlen(out->list));
	return true;
}

/* One word or two. */
static bool is_terse(const char *text)
{
	const char *blank = strchr(text, ' ');

	return blank == NULL || strchr(blank + 1, ' ') == NULL;
}

bool nx_wish_of_text(TALLOC_CTX *ctx, const struct nx_detectors *detectors,
                     const struct nx_own_text *own, bool any_list,
                     struct nx_wish *out)
{
	*out = (struct nx_wish){.said = "", .list = ""};
	if (!own->is_whole || own->lines == 0)
		return false;
	if (own->lines <= SIGNED_LINES) {
		struct speech first = listen(ctx, detectors, own->first);

		if (is_alone(&first, own->first)) {
			*out = (struct nx_wish){own->first, "", true};
			return true;
		}
	}

	struct speech speech = listen(ctx, detectors, own->text);

	speech.any_list = any_list;
	speech.spoken.clause = nx_clauses_find(
	        ctx, own->text, strlen(own->text), &speech.spoken.clauses);
	if (!find_wish(&speech, out))
		return false;
	out->is_bare = out->is_bare && own->lines == 1 && is_terse(own->first);
	return true;
}

/* --- addresses of ours ---------------------------------------------------- */

static bool is_made_for_it(const struct nx_phrase *phrase, const char *local,
                           const char **at)
{
	size_t size = strlen(local);
	*at = phrase->begins ? local : strstr(local, phrase->text);
	if (phrase->ends && !phrase->begins && size >= phrase->size)
		*at = local + size - phrase->size;
	return *at && strncmp(*at, phrase->text, phrase->size) == 0 &&
	       (!phrase->ends || (*at)[phrase->size] == '\0');
}

bool nx_unsubscribe_text_of_address(TALLOC_CTX *ctx,
                                    const struct nx_unsubscribe_rules *rules,
                                    const char *address,
                                    struct nx_unsubscribe_address *out)
{
	const char *detector = strrchr(address, '@');
	if (!detector)
		return false;
	const char *local =
	        talloc_strndup(ctx, address, (size_t)(detector - address));
	const char *lower = nx_text_lower(ctx, local);
	for (size_t i = 0; i < rules->addresses.count; i++) {
		const struct nx_phrase *phrase = &rules->addresses.item[i];
		const char *at;
		if (!is_made_for_it(phrase, lower, &at))
			continue;
		size_t before = (size_t)(at - lower);
		out->list = talloc_strndup(ctx, local, before);
		out->tag = local + before + phrase->size;
		return true;
	}
	return false;
}
