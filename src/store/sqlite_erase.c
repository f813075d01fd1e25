/* SPDX-License-Identifier: ISC */
#include "store/erase.h"

#include "base/room.h"
#include "mail/naming.h"
#include "mail/prescan.h"
#include "store/original.h"
#include "store/subject.h"
#include "sys/clock.h"

#include <string.h>

/* Forgets an address. */

enum {
	PAGE = 2000,    /* rows that are looked at together */
	TOGETHER = 100, /* of them are written */
	QUICK_MS = 5    /* that what is removed together may take */
};

struct erasing {
	struct nx_store *store;
	TALLOC_CTX *ctx;
	const struct nx_naming *naming;
	struct nx_subject subject;
	bool all; /* also what holds */
	int64_t now;
	struct nx_erased *out;
	struct nx_error *err;
	bool failed; /* in a walk */
};

/* --- names() -------------------------------------------------------------- */

static void names(sqlite3_context *call, int count, sqlite3_value **value)
{
	const struct erasing *erasing = sqlite3_user_data(call);
	int is = 0;

	for (int i = 0; i < count && !is; i++) {
		const char *text = (const char *)sqlite3_value_text(value[i]);

		is = text && *text &&
		     nx_naming_is_in(erasing->naming, text,
		                     (size_t)sqlite3_value_bytes(value[i]));
	}
	sqlite3_result_int(call, is);
}

static bool define_names(struct erasing *erasing)
{
	sqlite3 *db = erasing->store->db;

	return sqlite3_create_function(
	               db, "names", -1,
	               SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
	               erasing, names, NULL, NULL) == SQLITE_OK ||
	       nx_sqlite_fail(erasing->store, erasing->err);
}

/* --- by key --------------------------------------------------------------- */

struct told_message { /* that told of the address */
	uint8_t digest[NX_DIGEST_SIZE];
	int64_t time; /* of its events */
};

struct told_messages {
	struct told_message *message;
	size_t count;
};

static bool read_told(struct erasing *erasing, struct told_messages *out)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(erasing->store, NX_SQL_ERASED_MESSAGES);

	nx_query_put_number(&query, erasing->subject.r);
	while ((answer = nx_query_step(&query, erasing->err)) == NX_STEP_ROW) {
		out->message = NX_ROOM(erasing->ctx, out->message,
		                       struct told_message, out->count);
		struct told_message *told = &out->message[out->count++];

		nx_query_bytes(&query, told->digest, NX_DIGEST_SIZE);
		told->time = nx_query_int(&query);
	}
	return answer == NX_STEP_DONE;
}

static bool run_for_key(struct erasing *erasing, enum nx_sql which,
                        int64_t *changes)
{
	NX_ENDS struct nx_query query = nx_query_begin(erasing->store, which);

	nx_query_put_number(&query, erasing->subject.r);
	if (!nx_query_run(&query, erasing->err))
		return false;
	if (changes)
		*changes += sqlite3_changes(erasing->store->db);
	return true;
}

static bool erase_standings(struct erasing *erasing)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(erasing->store, NX_SQL_ERASE_STANDINGS);

	nx_query_put_number(&query, erasing->subject.r);
	nx_query_put_number(&query, erasing->all);
	nx_query_put_number(&query, erasing->now);
	while ((answer = nx_query_step(&query, erasing->err)) == NX_STEP_ROW)
		if (!nx_sqlite_changes_note(erasing->store, erasing->subject.r,
		                            nx_query_int(&query), erasing->err))
			return false;
	return answer == NX_STEP_DONE;
}

static bool erase_notes(struct erasing *erasing)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(erasing->store, NX_SQL_ERASE_NOTES);

	nx_query_put_number(&query, erasing->subject.r);
	nx_query_put_number(&query, erasing->all);
	return nx_query_run(&query, erasing->err);
}

/* What holds stays under the key, for which the row of the address must. */
static bool erase_address(struct erasing *erasing)
{
	bool keeps;
	char key[sizeof("key:") + 16];
	struct nx_store *store = erasing->store;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_KEEPS_STANDING);

	nx_query_put_number(&query, erasing->subject.r);
	if (nx_query_step(&query, erasing->err) != NX_STEP_ROW)
		return false;
	keeps = nx_query_int(&query) != 0;
	nx_query_end(&query);
	if (!keeps)
		return run_for_key(erasing, NX_SQL_FORGET_RECIPIENT, NULL);
	snprintf(key, sizeof(key), "key:%016llx",
	         (unsigned long long)erasing->subject.r);
	query = nx_query_begin(store, NX_SQL_NAME_RECIPIENT);
	nx_query_put_number(&query, erasing->subject.r);
	nx_query_put_text(&query, key);
	return nx_query_run(&query, erasing->err) &&
	       nx_sqlite_changes_note_all(store, erasing->subject.r,
	                                  erasing->err);
}

static bool erase_told_events(struct erasing *erasing,
                              const struct told_message *told)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(erasing->store, NX_SQL_ERASE_TOLD);

	nx_query_put_number(&query, told->time);
	nx_query_put_bytes(&query, told->digest, NX_DIGEST_SIZE);
	if (!nx_query_run(&query, erasing->err))
		return false;
	erasing->out->texts += sqlite3_changes(erasing->store->db);
	return true;
}

static bool erase_message(struct erasing *erasing,
                          const uint8_t digest[NX_DIGEST_SIZE])
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(erasing->store, NX_SQL_ERASE_MESSAGE);

	nx_query_put_bytes(&query, digest, NX_DIGEST_SIZE);
	return nx_query_run(&query, erasing->err);
}

static bool drop_original(struct erasing *erasing,
                          const uint8_t digest[NX_DIGEST_SIZE])
{
	int64_t before, after;
	struct nx_store *store = erasing->store;

	if (!nx_query_number(store, NX_SQL_ORIGINAL_TOTAL, &before,
	                     erasing->err) ||
	    !nx_sqlite_drop_original(store, digest, erasing->err) ||
	    !nx_query_number(store, NX_SQL_ORIGINAL_TOTAL, &after,
	                     erasing->err))
		return false;
	erasing->out->originals += before - after;
	return true;
}

static bool erase_told(struct erasing *erasing,
                       const struct told_messages *told)
{
	for (size_t i = 0; i < told->count; i++)
		if (!erase_told_events(erasing, &told->message[i]) ||
		    !erase_message(erasing, told->message[i].digest) ||
		    !drop_original(erasing, told->message[i].digest))
			return false;
	return true;
}

/* Another address may have its key. */
static bool is_known(struct erasing *erasing, bool *is)
{
	const char *kept;

	if (!nx_subject_address(erasing->ctx, erasing->store,
	                        erasing->subject.r, &kept, erasing->err))
		return false;
	*is = erasing->store->hashed || nx_sqlite_is_key(kept) ||
	      strcmp(kept, erasing->subject.address) == 0;
	return true;
}

static bool erase_event(struct erasing *erasing,
                        const struct told_message *told)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(erasing->store, NX_SQL_ERASE_EVENT_TOLD);

	nx_query_put_number(&query, told->time);
	nx_query_put_bytes(&query, told->digest, NX_DIGEST_SIZE);
	nx_query_put_number(&query, erasing->subject.r);
	if (!nx_query_run(&query, erasing->err))
		return false;
	erasing->out->events += sqlite3_changes(erasing->store->db);
	return true;
}

/* Some of them, which may be a MiB each: as many as are gone soon. */
static bool erase_some(struct erasing *erasing,
                       const struct told_messages *told, size_t *at)
{
	const int64_t begun = nx_clock_milliseconds();

	do {
		const struct told_messages one = {&told->message[*at], 1};

		if (!erase_told(erasing, &one) ||
		    !erase_event(erasing, one.message))
			return false;
		++*at;
	} while (*at < told->count &&
	         nx_clock_milliseconds() - begun < QUICK_MS);
	return true;
}

/* An address that very much was told of. Each message goes with its events of
 * the address: by these it is found again when this ends on the way. */
static bool erase_reports(struct erasing *erasing)
{
	struct nx_store *store = erasing->store;
	struct told_messages told = {.count = 0};
	bool is;

	if (!is_known(erasing, &is))
		return false;
	if (!is)
		return true;
	if (!read_told(erasing, &told))
		return false;
	for (size_t at = 0; at < told.count;)
		if (!nx_sqlite_enter(store, erasing->err) ||
		    !nx_sqlite_leave(store, erase_some(erasing, &told, &at),
		                     erasing->err))
			return false;
	return true;
}

/* All that is left. */
static bool erase_key(struct erasing *erasing)
{
	bool is, any;
	struct told_messages told = {.count = 0};
	struct nx_erased *out = erasing->out;

	if (!is_known(erasing, &is))
		return false;
	return !is ||
	       (read_told(erasing, &told) &&
	        run_for_key(erasing, NX_SQL_ERASE_EVENTS, &out->events) &&
	        run_for_key(erasing, NX_SQL_ERASE_ATTEMPTS, &out->attempts) &&
	        nx_sqlite_forget_held(erasing->store, erasing->subject.r, &any,
	                              erasing->err) &&
	        run_for_key(erasing, NX_SQL_ERASE_TOMBSTONES, NULL) &&
	        run_for_key(erasing, NX_SQL_ERASE_UNDO, NULL) &&
	        run_for_key(erasing, NX_SQL_ERASE_VERDICTS, NULL) &&
	        erase_standings(erasing) && erase_notes(erasing) &&
	        erase_address(erasing) && erase_told(erasing, &told));
}

/* --- what is kept whole --------------------------------------------------- */

/* No statement is under way while a walk gives a row. */
static bool take_original(void *user, const struct nx_kept_original *original)
{
	struct erasing *erasing = user;
	struct nx_store *store = erasing->store;

	if (!nx_naming_is_in_mail(erasing->naming, &original->envelope,
	                          original->bytes, original->kept))
		return true;
	erasing->failed =
	        !nx_sqlite_enter(store, erasing->err) ||
	        !nx_sqlite_leave(store,
	                         drop_original(erasing, original->digest),
	                         erasing->err);
	return !erasing->failed;
}

static bool take_quarantined(void *user, const struct nx_quarantined *message)
{
	struct erasing *erasing = user;

	if (!nx_naming_is_in_mail(erasing->naming, &message->envelope,
	                          message->bytes, message->kept))
		return true;
	erasing->failed = !nx_quarantine_drop(erasing->store, message->digest,
	                                      erasing->err);
	erasing->out->quarantined += !erasing->failed;
	return !erasing->failed;
}

/* --- texts of others ------------------------------------------------------ */

/* A table whose rows are looked at in pages, without a transaction that writes;
 * then what names the address is written. */
struct texts {
	enum nx_sql look, erase;
	bool by_digest; /* not by serial */
};

struct row_key {
	int64_t serial;
	uint8_t digest[NX_DIGEST_SIZE];
};

struct text_page {
	struct row_key last;        /* that was looked at */
	struct row_key found[PAGE]; /* rows that name it */
	size_t rows, founds;
};

static void put_key(struct nx_query *query, const struct texts *texts,
                    const struct row_key *key)
{
	if (texts->by_digest)
		nx_query_put_bytes(query, key->digest, NX_DIGEST_SIZE);
	else
		nx_query_put_number(query, key->serial);
}

static struct row_key key_of(struct nx_query *query, const struct texts *texts)
{
	struct row_key key = {.serial = 0};

	if (texts->by_digest)
		nx_query_bytes(query, key.digest, NX_DIGEST_SIZE);
	else
		key.serial = nx_query_int(query);
	return key;
}

static bool look(struct erasing *erasing, const struct texts *texts,
                 struct text_page *page)
{
	enum nx_step_answer answer;
	const struct row_key after = page->last;
	NX_ENDS struct nx_query query =
	        nx_query_begin(erasing->store, texts->look);

	put_key(&query, texts, &after);
	nx_query_put_number(&query, PAGE);
	page->rows = page->founds = 0;
	while ((answer = nx_query_step(&query, erasing->err)) == NX_STEP_ROW) {
		page->last = key_of(&query, texts);
		page->rows++;
		if (nx_query_int(&query) != 0)
			page->found[page->founds++] = page->last;
	}
	return answer == NX_STEP_DONE;
}

static bool erase_rows(struct erasing *erasing, const struct texts *texts,
                       const struct row_key *key, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		NX_ENDS struct nx_query query =
		        nx_query_begin(erasing->store, texts->erase);

		put_key(&query, texts, &key[i]);
		if (!nx_query_run(&query, erasing->err))
			return false;
	}
	erasing->out->texts += (int64_t)count;
	return true;
}

static bool erase_found(struct erasing *erasing, const struct texts *texts,
                        const struct text_page *page)
{
	struct nx_store *store = erasing->store;

	for (size_t at = 0; at < page->founds; at += TOGETHER) {
		const size_t left = page->founds - at;

		if (!nx_sqlite_enter(store, erasing->err) ||
		    !nx_sqlite_leave(
		            store,
		            erase_rows(erasing, texts, &page->found[at],
		                       left < TOGETHER ? left : TOGETHER),
		            erasing->err))
			return false;
	}
	return true;
}

static bool erase_texts(struct erasing *erasing, const struct texts *texts)
{
	struct text_page *page = talloc_zero(erasing->ctx, struct text_page);

	do
		if (!look(erasing, texts, page) ||
		    !erase_found(erasing, texts, page))
			return false;
	while (page->rows == PAGE);
	return true;
}

static bool erase_all_texts(struct erasing *erasing)
{
	static const struct texts texts[] = {
	        {NX_SQL_NAMING_EVENTS, NX_SQL_ERASE_EVENT, false},
	        {NX_SQL_NAMING_MESSAGES, NX_SQL_ERASE_MESSAGE, true},
	        {NX_SQL_NAMING_ACTS, NX_SQL_ERASE_ACT, false},
	        {NX_SQL_NAMING_ATTEMPTS, NX_SQL_ERASE_ATTEMPT, false},
	        {NX_SQL_NAMING_BLOCKS, NX_SQL_ERASE_BLOCK, false}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!erase_texts(erasing, &texts[i]))
			return false;
	return true;
}

/* -------------------------------------------------------------------------- */

static bool erase(struct erasing *erasing)
{
	struct nx_store *store = erasing->store;

	return define_names(erasing) && erase_reports(erasing) &&
	       nx_sqlite_enter(store, erasing->err) &&
	       nx_sqlite_leave(store,
	                       run_for_key(erasing, NX_SQL_ERASE_SENT, NULL) &&
	                               erase_key(erasing),
	                       erasing->err) &&
	       nx_original_walk(store, take_original, erasing, erasing->err) &&
	       !erasing->failed &&
	       nx_quarantine_list(store, NX_PRESCAN_BYTES, take_quarantined,
	                          erasing, erasing->err) &&
	       !erasing->failed && erase_all_texts(erasing);
}

bool nx_store_erase(struct nx_store *store, const char *address, bool all,
                    int64_t now, struct nx_erased *out, struct nx_error *err)
{
	struct erasing erasing = {.store = store,
	                          .ctx = talloc_new(NULL),
	                          .subject = nx_subject_of(store, address),
	                          .all = all,
	                          .now = now,
	                          .out = out,
	                          .err = err};

	*out = (struct nx_erased){0};
	erasing.naming = nx_naming_new(erasing.ctx, address);
	const bool done = erase(&erasing);
	talloc_free(erasing.ctx);
	return done;
}
