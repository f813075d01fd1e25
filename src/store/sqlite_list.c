/* SPDX-License-Identifier: ISC */
#include "store/pages.h"

#include "base/room.h"
#include "store/subject.h"

#include <stdlib.h>
#include <string.h>

/* Lists what is suppressed. */

/* --- standings ------------------------------------------------------------ */

enum { PAGE = 1000 };

struct pages {
	struct nx_store *store;
	TALLOC_CTX *ctx; /* of the states that were read and not given yet */
	const struct nx_question *question; /* NULL: any mail */
	int64_t now;
	int64_t r, mail; /* after which the next page begins */
	struct nx_subject_state *state;
	size_t states;
	bool is_end;
};

static void keep_state(struct pages *pages,
                       const struct nx_subject_state *state)
{
	struct nx_subject_state *kept;

	pages->state = NX_ROOM(pages->ctx, pages->state,
	                       struct nx_subject_state, pages->states);
	kept = &pages->state[pages->states++];
	*kept = *state;
	kept->address = talloc_strdup(pages->ctx, state->address);
	kept->mail.name = talloc_strdup(pages->ctx, state->mail.name);
}

static bool read_page(struct pages *pages, struct nx_error *err)
{
	struct nx_standing_row row;
	int rows = 0;
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(pages->store, NX_SQL_LIST);

	nx_query_put_number(&query, pages->r);
	nx_query_put_number(&query, pages->mail);
	nx_query_put_number(&query, pages->now);
	nx_query_put_number(&query, PAGE);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		struct nx_subject_state state;

		if (!nx_state_read(&query, &row, &state, err))
			return false;
		pages->r = row.r;
		pages->mail = row.mail;
		rows++;
		if (!pages->question ||
		    nx_question_covers(pages->question, &state.mail))
			keep_state(pages, &state);
	}
	pages->is_end = rows < PAGE;
	return answer == NX_STEP_DONE;
}

static int compare_states(const void *a, const void *b)
{
	const struct nx_subject_state *left = a, *right = b;
	int order = (int)left->mail.reach - (int)right->mail.reach;

	if (order == 0)
		order = strcmp(left->mail.name, right->mail.name);
	if (order == 0)
		order = strcmp(left->address, right->address);
	return order != 0 ? order
	                  : (int)left->mail.by_hand - (int)right->mail.by_hand;
}

/* Gives what was read; false: no more is wanted. */
static bool give(struct pages *pages,
                 bool (*row)(void *user, const struct nx_subject_state *state),
                 void *user)
{
	for (size_t i = 0; i < pages->states; i++)
		if (!row(user, &pages->state[i]))
			return false;
	talloc_free_children(pages->ctx);
	pages->state = NULL;
	pages->states = 0;
	return true;
}

static bool list(struct pages *pages,
                 bool (*row)(void *user, const struct nx_subject_state *state),
                 void *user, struct nx_error *err)
{
	while (!pages->is_end && pages->states < NX_LIST_SORTED)
		if (!read_page(pages, err))
			return false;
	if (pages->is_end && pages->states > 1)
		qsort(pages->state, pages->states, sizeof(*pages->state),
		      compare_states);
	while (give(pages, row, user) && !pages->is_end)
		if (!read_page(pages, err))
			return false;
	return true;
}

bool nx_store_list(struct nx_store *store, const struct nx_question *question,
                   int64_t now,
                   bool (*row)(void *user,
                               const struct nx_subject_state *state),
                   void *user, struct nx_error *err)
{
	struct pages pages = {.store = store,
	                      .ctx = talloc_new(NULL),
	                      .question = question,
	                      .now = now,
	                      .r = INT64_MIN,
	                      .mail = -1};
	const bool done = list(&pages, row, user, err);

	talloc_free(pages.ctx);
	return done;
}

/* --- a page --------------------------------------------------------------- */

static bool is_wanted(const struct nx_list_filter *filter,
                      const struct nx_subject_state *state)
{
	const struct nx_standing *standing = &state->standing;
	const char *domain = strrchr(state->address, '@');

	return standing->cause != NX_CAUSE_NONE &&
	       standing->until > filter->now &&
	       (filter->cause == NX_CAUSE_NONE ||
	        standing->cause == filter->cause) &&
	       (!*filter->reason ||
	        strcmp(standing->reason, filter->reason) == 0) &&
	       (!*filter->domain ||
	        (domain && strcmp(domain + 1, filter->domain) == 0)) &&
	       standing->since >= filter->since &&
	       standing->since < filter->until &&
	       (!filter->question ||
	        nx_question_covers(filter->question, &state->mail));
}

static bool read_some(struct pages *pages, const struct nx_list_filter *filter,
                      size_t limit, struct nx_error *err)
{
	struct nx_standing_row row;
	struct nx_subject_state state;
	enum nx_step_answer answer = NX_STEP_ROW;
	int rows = 0;
	const int64_t r = pages->r, mail = pages->mail;
	NX_ENDS struct nx_query query =
	        nx_query_begin(pages->store, NX_SQL_LIST);

	nx_query_put_number(&query, r);
	nx_query_put_number(&query, mail);
	nx_query_put_number(&query, INT64_MIN);
	nx_query_put_number(&query, NX_LIST_LOOKED);
	while (pages->states < limit &&
	       (answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		if (!nx_state_read(&query, &row, &state, err))
			return false;
		pages->r = row.r;
		pages->mail = row.mail;
		rows++;
		if (is_wanted(filter, &state))
			keep_state(pages, &state);
	}
	pages->is_end = answer == NX_STEP_DONE && rows < NX_LIST_LOOKED;
	return answer != NX_STEP_FAILED;
}

bool nx_store_list_page(TALLOC_CTX *ctx, struct nx_store *store,
                        const struct nx_list_filter *filter, size_t limit,
                        struct nx_list_place *place, struct nx_list_page *out,
                        struct nx_error *err)
{
	struct pages pages = {.store = store,
	                      .ctx = ctx,
	                      .r = place->begun ? place->r : INT64_MIN,
	                      .mail = place->begun ? place->mail : -1};

	if (!read_some(&pages, filter, limit, err))
		return false;
	*place = (struct nx_list_place){true, pages.r, pages.mail};
	*out = (struct nx_list_page){pages.state, pages.states, pages.is_end};
	return true;
}
