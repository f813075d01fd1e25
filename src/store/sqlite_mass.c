/* SPDX-License-Identifier: ISC */
#include "store/held.h"
#include "store/subject.h"

#include "base/date.h"
#include "mail/address.h"

#include <string.h>

/* Counts failures by the hour, and holds what is too much. */

struct failing {            /* a domain of recipients, or of a provider */
	const char *domain; /* NULL: not known */
	int64_t hour;
	int64_t failures;
	int64_t limit;
	bool is_share; /* the limit is one of what was sent */
};

/* --- counts --------------------------------------------------------------- */

static bool tidy(struct nx_store *store, enum nx_sql which, int64_t before,
                 struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_number(&query, before);
	return nx_query_run(&query, err);
}

/* With the first of a domain and an hour: often enough, and not too often. */
static bool tidy_all(struct nx_store *store, int64_t hour, int64_t now,
                     struct nx_error *err)
{
	return tidy(store, NX_SQL_OLD_FAILURES, hour - NX_MASS_HOURS, err) &&
	       tidy(store, NX_SQL_OLD_SENT, hour - NX_MASS_SENT, err) &&
	       tidy(store, NX_SQL_OLD_HELD, now, err);
}

static bool add_one(struct nx_store *store, enum nx_sql which,
                    const struct failing *of, int64_t *count,
                    struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);

	nx_query_put_number(&query, of->hour);
	nx_query_put_text(&query, of->domain);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*count = nx_query_int(&query);
	return true;
}

static struct nx_query ask_hours(struct nx_store *store, enum nx_sql which,
                                 int64_t last, int64_t hours,
                                 const char *domain)
{
	struct nx_query query = nx_query_begin(store, which);

	nx_query_put_number(&query, last);
	nx_query_put_number(&query, last - hours + 1);
	nx_query_put_text(&query, domain);
	return query;
}

static bool read_sent(struct nx_store *store, const struct failing *of,
                      struct nx_mass_counts *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = ask_hours(store, NX_SQL_SENT, of->hour,
	                                          NX_MASS_SENT, of->domain);

	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_ROW) {
		out->sent = nx_query_int(&query);
		out->leases = nx_query_int(&query);
	}
	return answer != NX_STEP_FAILED;
}

static bool count_median(struct nx_store *store, const struct failing *of,
                         int64_t *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = ask_hours(
	        store, NX_SQL_MEDIAN, of->hour - 1, NX_MASS_HOURS, of->domain);
	const enum nx_step_answer answer = nx_query_step(&query, err);

	*out = answer == NX_STEP_ROW ? nx_query_int(&query) : 0;
	return answer != NX_STEP_FAILED;
}

/* Kept while the hour lasts: all of a mass asks for the same, and several may
 * come at once. */
static bool read_median(struct nx_store *store, const struct failing *of,
                        int64_t *out, struct nx_error *err)
{
	struct nx_median *median = store->median;

	for (size_t i = 0; i < NX_MEDIANS && median[i].domain; i++)
		if (median[i].hour == of->hour &&
		    strcmp(median[i].domain, of->domain) == 0) {
			*out = median[i].failures;
			return true;
		}
	if (!count_median(store, of, out, err))
		return false;
	median += store->next_median++ % NX_MEDIANS;
	talloc_free(median->domain);
	*median = (struct nx_median){.domain = talloc_strdup(store, of->domain),
	                             .hour = of->hour,
	                             .failures = *out};
	return true;
}

/* What takes longer to count is counted only when it may matter. */
static bool read_limit(struct nx_store *store,
                       const struct nx_mass_terms *terms, struct failing *of,
                       struct nx_error *err)
{
	struct nx_mass_counts counts = {0};

	if (!read_sent(store, of, &counts, err))
		return false;
	of->is_share = counts.sent > 0;
	of->limit = nx_mass_limit(terms, &counts);
	if (of->failures <= of->limit || of->is_share)
		return true;
	if (!read_median(store, of, &counts.median, err))
		return false;
	of->limit = nx_mass_limit(terms, &counts);
	return true;
}

static bool count(struct nx_store *store, const struct nx_mass_terms *terms,
                  struct failing *of, int64_t now, struct nx_error *err)
{
	if (!of->domain)
		return true;
	of->limit = nx_mass_least(terms);
	if (!add_one(store, NX_SQL_ADD_FAILURE, of, &of->failures, err) ||
	    (of->failures == 1 && !tidy_all(store, of->hour, now, err)))
		return false;
	return of->failures <= of->limit || read_limit(store, terms, of, err);
}

/* --- holding -------------------------------------------------------------- */

static bool hold(struct nx_store *store, const struct nx_mass_terms *terms,
                 const struct nx_failure *failure, const struct failing *domain,
                 const struct failing *over, struct nx_error *err)
{
	const struct nx_verdict *verdict = &failure->event->verdict;
	const int64_t now = failure->now;
	const int64_t drops = terms->drop_after < NX_FOREVER - now
	                              ? now + terms->drop_after
	                              : NX_FOREVER;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_HOLD);

	nx_query_put_number(&query, failure->subject->r);
	nx_query_put_number(&query, failure->mail);
	nx_query_put_text(&query, domain->domain);
	nx_query_put_text(&query, over->domain);
	nx_query_put_number(&query, now);
	nx_query_put_number(&query, drops);
	nx_query_put_number(&query, failure->event->time);
	nx_query_put_text(&query, nx_class_name(verdict->class));
	nx_query_put_text(&query, verdict->reason);
	nx_query_put_number(&query, verdict->confirm_days);
	nx_query_put_number(&query, failure->event->trust);
	return nx_query_run(&query, err);
}

/* Which of the two has too many, or NULL. Where it is known what was sent to
 * the domain, that is the better measure; else the provider comes first: it is
 * one hold then, however many domains it serves. */
static const struct failing *find_over(const struct failing *domain,
                                       const struct failing *provider)
{
	if (provider->domain && !domain->is_share &&
	    provider->failures > provider->limit)
		return provider;
	return domain->failures > domain->limit ? domain : NULL;
}

static void note_begin(const struct failing *over, int64_t held,
                       struct nx_outcome *out)
{
	if (held != 1)
		return;
	memcpy(out->hold.domain, over->domain,
	       strnlen(over->domain, sizeof(out->hold.domain) - 1) + 1);
	out->hold.domain[sizeof(out->hold.domain) - 1] = '\0';
	out->hold.leases = over->failures - 1;
}

static bool count_held(struct nx_store *store, const struct failing *of,
                       const struct failing *over, struct nx_outcome *out,
                       struct nx_error *err)
{
	int64_t held;

	if (!of->domain)
		return true;
	if (!add_one(store, NX_SQL_COUNT_HELD, of, &held, err))
		return false;
	if (of == over)
		note_begin(over, held, out);
	return true;
}

static const char *provider_of(TALLOC_CTX *ctx, const struct nx_event *event,
                               const char *domain)
{
	const char *host = nx_address_normal_domain(ctx, event->remote_mta);
	const char *provider = nx_mass_provider(host);

	return *provider && strcmp(provider, domain) != 0 ? provider : NULL;
}

bool nx_sqlite_count_failure(struct nx_store *store,
                             const struct nx_policy *policy,
                             const struct nx_failure *failure, bool *held,
                             struct nx_outcome *out, struct nx_error *err)
{
	const struct nx_mass_terms *terms = nx_policy_mass(policy);
	const char *at = strrchr(failure->event->address, '@');
	struct failing domain = {.hour = failure->now / NX_HOUR,
	                         .domain = at ? at + 1 : ""};
	struct failing provider = {.hour = domain.hour};

	*held = false;
	if (terms->off)
		return true;
	TALLOC_CTX *ctx = talloc_new(NULL);
	provider.domain = provider_of(ctx, failure->event, domain.domain);
	bool done = count(store, terms, &domain, failure->now, err) &&
	            count(store, terms, &provider, failure->now, err);
	const struct failing *over = find_over(&domain, &provider);
	if (done && over) {
		*held = true;
		out->held++;
		done = hold(store, terms, failure, &domain, over, err) &&
		       count_held(store, &domain, over, out, err) &&
		       count_held(store, &provider, over, out, err);
	}
	talloc_free(ctx);
	return done;
}
