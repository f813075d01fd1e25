/* SPDX-License-Identifier: ISC */
#include "api/entry.h"
#include "api/page.h"
#include "api/routes.h"
#include "base/room.h"
#include "base/text.h"
#include "export/block_json.h"
#include "export/history_json.h"
#include "mail/address.h"
#include "store/hash.h"
#include "store/pages.h"

#include <stdlib.h>
#include <string.h>

/* Lists in pages. */

struct list {
	size_t limit;
	bool begins; /* no cursor was given */
	int64_t number[NX_API_CURSOR];
	struct nx_question question;
	struct nx_list_filter standings; /* but for its now */
	bool has_ended;                  /* those that do not hold, too */
	struct nx_history_filter history;
	int64_t since;
};

static struct list *list_new(struct nx_api_call *call)
{
	struct list *list = talloc_zero(call, struct list);
	list->since = INT64_MIN;
	call->prepared = list;
	return list;
}

static bool read_page(struct nx_api_call *call, struct list *list,
                      size_t numbers)
{
	return nx_api_limit(call, &list->limit) &&
	       nx_api_cursor(call, list->number, numbers, &list->begins);
}

/* --- suppressions --------------------------------------------------------- */

static bool read_ended(struct nx_api_call *call, bool *out)
{
	const char *text = nx_api_query(call, "include_ended");
	*out = strcmp(text, "true") == 0;
	return *out || !nx_api_has_query(call, "include_ended") ||
	       strcmp(text, "false") == 0 ||
	       nx_api_problem(call, 400, "", "include_ended",
	                      "include_ended %s: not true or false",
	                      nx_text_escape(call, text, true));
}

static bool read_domain(struct nx_api_call *call, const char **out)
{
	const char *text = nx_api_query(call, "domain");
	*out = nx_address_normal_domain(call, text);
	return **out != '\0' || !nx_api_has_query(call, "domain") ||
	       nx_api_problem(call, 400, "", "domain",
	                      "domain %s: not a domain",
	                      nx_text_escape(call, text, true));
}

bool nx_route_prepare_list(struct nx_api_call *call)
{
	struct list *list = list_new(call);
	struct nx_list_filter *filter = &list->standings;
	*filter =
	        (struct nx_list_filter){.reason = nx_api_query(call, "reason"),
	                                .since = INT64_MIN,
	                                .until = INT64_MAX};
	if (!nx_api_class(call, &filter->cause) ||
	    !nx_api_time(call, "since", &filter->since) ||
	    !nx_api_time(call, "until", &filter->until) ||
	    !read_domain(call, &filter->domain) ||
	    !read_ended(call, &list->has_ended) || !read_page(call, list, 2))
		return false;
	if (*nx_api_query(call, "stream") == '\0')
		return true;
	list->question = nx_api_question(call, nx_api_query(call, "stream"));
	filter->question = &list->question;
	return true;
}

bool nx_route_read_list(struct nx_api_call *call, struct nx_error *err)
{
	struct list *list = call->prepared;
	struct nx_state_telling telling = {.store = call->store,
	                                   .now = call->now};
	struct nx_list_place place = {!list->begins, list->number[0],
	                              list->number[1]};
	struct nx_list_page page;
	list->standings.now = list->has_ended ? 0 : call->now;
	if (*list->standings.domain != '\0' && nx_store_is_hashed(call->store))
		return !nx_api_problem(call, 400, "", "domain",
		                       "domain: the store is hashed");
	if (!nx_store_list_page(call, call->store, &list->standings,
	                        list->limit, &place, &page, err))
		return false;
	struct nx_json_out *object = nx_api_page_begin(call);
	for (size_t i = 0; i < page.states; i++) {
		nx_json_out_object(object, NULL);
		nx_api_entry_json(object, &telling, &page.state[i]);
		nx_json_out_end(object);
	}
	const int64_t next[] = {place.r, place.mail};
	nx_api_page_end(call, object,
	                page.is_end ? NULL : nx_api_cursor_text(call, next, 2));
	*err = telling.err;
	return err->kind == NX_ERROR_NONE;
}

/* --- events --------------------------------------------------------------- */

/* The classes of reports are those of what blocks, and none; what is by hand
 * blocks alone. */
static bool read_classes(struct nx_api_call *call,
                         struct nx_history_filter *filter)
{
	enum nx_cause cause;
	enum nx_class class;
	const char *name = nx_api_query(call, "class");
	filter->classes = filter->causes = ~0U;
	if (!nx_api_has_query(call, "class"))
		return true;
	const bool is_class = *name != '\0' && nx_class_of_name(name, &class);
	if (!is_class && !nx_api_class(call, &cause))
		return false;
	filter->classes = is_class ? 1U << class : 0;
	filter->causes = *name != '\0' && nx_cause_of_name(name, &cause)
	                         ? 1U << cause
	                         : 0;
	return true;
}

bool nx_route_prepare_events(struct nx_api_call *call)
{
	struct list *list = list_new(call);
	struct nx_history_filter *filter = &list->history;
	const char *address = nx_api_query(call, "address");
	*filter = (struct nx_history_filter){.address = "", .until = INT64_MAX};
	if (nx_api_has_query(call, "address"))
		filter->address = nx_api_subject(call, "address", address);
	return filter->address != NULL && read_classes(call, filter) &&
	       nx_api_time(call, "since", &list->since) &&
	       nx_api_time(call, "until", &filter->until) &&
	       read_page(call, list, 4);
}

bool nx_route_read_events(struct nx_api_call *call, struct nx_error *err)
{
	const struct list *list = call->prepared;
	const int64_t *at = list->number;
	struct nx_history_place place[] = {{at[0], at[1]}, {at[2], at[3]}};
	struct nx_history_page page;
	if (list->begins)
		place[0] = place[1] = nx_history_since(list->since);
	if (!nx_history_page(call, call->store, &list->history, list->limit,
	                     place, &page, err))
		return false;
	struct nx_json_out *object = nx_api_page_begin(call);
	for (size_t i = 0; i < page.rows; i++) {
		nx_json_out_object(object, NULL);
		nx_json_out_whole(object, "address", page.history[i].address);
		nx_history_json(object, &page.history[i]);
		nx_json_out_end(object);
	}
	const int64_t next[] = {place[0].time, place[0].serial, place[1].time,
	                        place[1].serial};
	nx_api_page_end(call, object,
	                page.is_end ? NULL : nx_api_cursor_text(call, next, 4));
	return true;
}

/* --- what is held --------------------------------------------------------- */

struct hold_list { /* all of them: there are few domains */
	struct nx_hold *hold;
	size_t count;
};

static bool keep_hold(void *user, const struct nx_hold *hold)
{
	struct hold_list *all = user;
	all->hold = NX_ROOM(all, all->hold, struct nx_hold, all->count);
	all->hold[all->count] = *hold;
	all->hold[all->count++].domain = talloc_strdup(all, hold->domain);
	return true;
}

static int compare_holds(const void *a, const void *b)
{
	const struct nx_hold *left = a, *right = b;
	return strcmp(left->domain, right->domain);
}

bool nx_route_prepare_held(struct nx_api_call *call)
{
	return nx_api_limit(call, &list_new(call)->limit);
}

/* The cursor is the last domain. */
bool nx_route_read_held(struct nx_api_call *call, struct nx_error *err)
{
	const struct list *list = call->prepared;
	struct hold_list *all = talloc_zero(call, struct hold_list);
	const char *after = nx_api_query(call, "cursor"), *last = NULL;
	size_t told = 0, i = 0;
	if (!nx_held_list(call->store, NULL, call->now, keep_hold, all, err))
		return false;
	if (all->count > 1)
		qsort(all->hold, all->count, sizeof(*all->hold), compare_holds);
	struct nx_json_out *object = nx_api_page_begin(call);
	for (; i < all->count && told < list->limit; i++) {
		if (strcmp(all->hold[i].domain, after) <= 0)
			continue;
		last = all->hold[i].domain;
		nx_json_out_object(object, NULL);
		nx_hold_json(object, &all->hold[i]);
		nx_json_out_end(object);
		told++;
	}
	nx_api_page_end(call, object, i < all->count ? last : NULL);
	return true;
}

/* --- who refuses us ------------------------------------------------------- */

struct blocks_page {
	const struct list *list;
	struct nx_json_out *object;
	int64_t last[2]; /* that was told: its last report, and its id */
	size_t told;
	bool more;
};

static bool add_block(void *user, const struct nx_block *block)
{
	struct blocks_page *page = user;
	const int64_t *after = page->list->number;
	if (!page->list->begins &&
	    (block->last > after[0] ||
	     (block->last == after[0] && block->id >= after[1])))
		return true;
	page->more = page->told == page->list->limit;
	if (page->more)
		return false;
	nx_json_out_object(page->object, NULL);
	nx_block_json(page->object, block, "");
	nx_json_out_end(page->object);
	page->last[0] = block->last;
	page->last[1] = block->id;
	page->told++;
	return true;
}

bool nx_route_prepare_blocks(struct nx_api_call *call)
{
	return read_page(call, list_new(call), 2);
}

bool nx_route_read_blocks(struct nx_api_call *call, struct nx_error *err)
{
	struct blocks_page page = {.list = call->prepared,
	                           .object = nx_api_page_begin(call)};
	if (!nx_blocks_list(call->store, false, call->now, add_block, &page,
	                    err))
		return false;
	nx_api_page_end(call, page.object,
	                page.more ? nx_api_cursor_text(call, page.last, 2)
	                          : NULL);
	return true;
}
