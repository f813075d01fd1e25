/* SPDX-License-Identifier: ISC */
#include "store/sent.h"

#include "base/date.h"
#include "mail/address.h"
#include "policy/mass.h"
#include "store/subject.h"

#include <string.h>

/* Counts what was sent. */

static bool tidy(struct nx_store *store, int64_t before, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_OLD_SENT);

	nx_query_put_number(&query, before);
	return nx_query_run(&query, err);
}

static bool add(struct nx_store *store, const char *domain, int64_t hour,
                int64_t mails, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADD_SENT);

	nx_query_put_number(&query, hour);
	nx_query_put_text(&query, domain);
	nx_query_put_number(&query, mails);
	return nx_query_run(&query, err);
}

/* --- counts --------------------------------------------------------------- */

/* Of the mails those before that time. */
static int64_t mails_before(const struct nx_sent_count *count, int64_t time)
{
	if (time <= count->from)
		return 0;
	if (time >= count->to)
		return count->mails;
	return count->mails * (time - count->from) / (count->to - count->from);
}

static bool add_count(struct nx_store *store, const struct nx_sent_count *count,
                      int64_t now, struct nx_error *err)
{
	const int64_t oldest = now / NX_HOUR - NX_MASS_SENT;
	int64_t hour = count->from / NX_HOUR;

	if (hour < oldest)
		hour = oldest;
	for (; hour * NX_HOUR < count->to; hour++) {
		const int64_t mails =
		        mails_before(count, (hour + 1) * NX_HOUR) -
		        mails_before(count, hour * NX_HOUR);

		if (mails > 0 && !add(store, count->domain, hour, mails, err))
			return false;
	}
	return tidy(store, oldest, err);
}

bool nx_store_sent_count(struct nx_store *store,
                         const struct nx_sent_count *count, int64_t now,
                         struct nx_error *err)
{
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store, add_count(store, count, now, err), err);
}

/* --- messages ------------------------------------------------------------- */

/* With its angle brackets or without. */
static int64_t message_key(const struct nx_store *store, const char *id)
{
	size_t length = strlen(id);
	const bool quoted = length > 1 && id[0] == '<' && id[length - 1] == '>';
	char *bare = quoted ? talloc_strndup(NULL, id + 1, length - 2)
	                    : talloc_strdup(NULL, id);
	const int64_t key = nx_digest_recipient(&store->key, bare);

	talloc_free(bare);
	return key;
}

static bool note(struct nx_store *store, const struct nx_sent_message *message,
                 bool *is_new, struct nx_error *err)
{
	const struct nx_mail of = {.reach = *message->stream ? NX_REACH_STREAM
	                                                     : NX_REACH_ALL,
	                           .name = message->stream};
	int64_t mail;

	if (!nx_mail_add(store, &of, &mail, err))
		return false;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_SENT_MESSAGE);
	nx_query_put_number(&query, nx_subject_of(store, message->recipient).r);
	nx_query_put_number(&query, message_key(store, message->message_id));
	nx_query_put_number(&query, mail);
	nx_query_put_number(&query, message->time);
	if (!nx_query_run(&query, err))
		return false;
	*is_new = sqlite3_changes(store->db) > 0;
	return true;
}

static bool add_message(struct nx_store *store,
                        const struct nx_sent_message *message, int64_t now,
                        bool *is_new, struct nx_error *err)
{
	const char *at = strrchr(message->recipient, '@');
	const int64_t hour = message->time / NX_HOUR;

	if (!note(store, message, is_new, err))
		return false;
	return !*is_new || hour < now / NX_HOUR - NX_MASS_SENT ||
	       (add(store, at ? at + 1 : "", hour, 1, err) &&
	        tidy(store, hour - NX_MASS_SENT, err));
}

bool nx_store_sent_message(struct nx_store *store,
                           const struct nx_sent_message *message, int64_t now,
                           bool *is_new, struct nx_error *err)
{
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store,
	                       add_message(store, message, now, is_new, err),
	                       err);
}

bool nx_store_sent_to(struct nx_store *store, const char *address,
                      void (*row)(void *user, int64_t time, const char *stream),
                      void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_SENT_TO);

	nx_query_put_number(&query, nx_subject_of(store, address).r);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		const int64_t time = nx_query_int(&query);

		row(user, time, nx_query_text(&query));
	}
	return answer == NX_STEP_DONE;
}
