/* SPDX-License-Identifier: ISC */
#include "report/ours.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/conditions/detectors.h"
#include "report/conditions/fold.h"
#include "report/own.h"

#include <string.h>

struct asked { /* the address that is judged */
	TALLOC_CTX *ctx;
	const struct nx_report *report;
	const struct nx_own *own;
	const char *whole; /* in normal form */
	const char *bare;  /* without what we add to return paths */
	const char *local; /* of bare */
	const char *domain;
};

static bool is_return_path(const struct asked *asked)
{
	return nx_own_has(asked->own->return_path, asked->bare);
}

static bool is_sender(const struct asked *asked)
{
	return nx_own_has(asked->own->sender, asked->bare);
}

static bool is_reporter(const struct asked *asked)
{
	return nx_own_has(nx_own_reporters(asked->report), asked->bare);
}

static bool is_our_domain(const struct asked *asked)
{
	return nx_own_has(asked->own->domain, asked->domain) ||
	       nx_site_names_has(&asked->report->site->domains, asked->domain);
}

static bool is_below(const char *domain, const char *above)
{
	const size_t size = strlen(domain);
	const size_t rest = strlen(above);
	return size >= rest && nx_text_equal(domain + size - rest, above) &&
	       (size == rest || domain[size - rest - 1] == '.');
}

/* At one of our domains, or a subdomain: b+token@bounces.example.org. */
static bool is_under_ours(const struct asked *asked)
{
	const char *const *domain = asked->own->domain;

	for (size_t i = 0; i < NX_OWN; i++)
		if (*domain[i] && is_below(asked->domain, domain[i]))
			return true;
	return is_our_domain(asked);
}

/* --- names for bounces at our domains ------------------------------------- */

static bool is_bounces(const struct asked *asked)
{
	if (!is_under_ours(asked))
		return false;
	const char *at = strrchr(asked->whole, '@');

	return nx_phrases_hit(
	        &asked->report->detectors->wording.bounces,
	        nx_fold(asked->ctx, asked->whole, (size_t)(at - asked->whole)));
}

/* RFC 5321 section 4.5.1, and the names that mail systems send from; at any
 * domain. */
static bool is_mail_system(const struct asked *asked)
{
	return strcmp(asked->local, "postmaster") == 0 ||
	       strcmp(asked->local, "mailer-daemon") == 0;
}

/* --- lists ---------------------------------------------------------------- */

static bool is_word_of_address(char c)
{
	return c && strchr("<>(),;: \t\"'?&", c) == NULL;
}

/* The address stands there as a whole. */
static bool holds_address(const char *value, const char *address)
{
	const size_t size = strlen(address);
	for (const char *at = value; (at = nx_text_find(at, address)); at++)
		if ((at == value || !is_word_of_address(at[-1])) &&
		    !is_word_of_address(at[size]))
			return true;
	return false;
}

/* "News <news.lists.example.org>" (RFC 2919) is news@lists.example.org, or
 * news@example.org. Mail to the list's subscribers has a List-Id, too. */
static bool is_spelled(const struct asked *asked, const char *list_id)
{
	const char *open = strrchr(list_id, '<');
	const char *id = open ? open + 1 : list_id;
	const size_t size = strlen(asked->local);
	if (!nx_text_starts(id, asked->local) || id[size] != '.')
		return false;
	const char *rest = id + size + 1;
	rest = talloc_strndup(asked->ctx, rest, strcspn(rest, "> \t"));
	return is_below(rest, asked->domain) || is_below(asked->domain, rest);
}

/* Mail to a list is addressed to the list, not to its subscriber. */
static bool is_list(const struct asked *asked)
{
	const char *const *list = asked->own->spread_by;

	for (size_t i = 0; i < NX_OWN; i++)
		if (holds_address(list[i], asked->whole))
			return true;
	return is_spelled(asked,
	                  nx_fields_get(&asked->own->headers, "List-Id"));
}

static bool is_protected(const struct asked *asked)
{
	const struct nx_site_names *protect = &asked->report->site->protect;
	return nx_site_names_has(protect, asked->whole) ||
	       nx_site_names_has(protect, asked->bare) ||
	       nx_site_names_has(protect, strrchr(asked->whole, '@'));
}

/* --- the question --------------------------------------------------------- */

static bool ask(TALLOC_CTX *ctx, const struct nx_report *report,
                const char *address, struct asked *out)
{
	const char *whole = nx_address_normal(ctx, address);
	const char *at = strrchr(whole, '@');
	if (!at)
		return false;
	const char *bare = nx_own_bare(ctx, whole);
	*out = (struct asked){
	        .ctx = ctx,
	        .report = report,
	        .own = nx_own_of(report),
	        .whole = whole,
	        .bare = bare,
	        .local = talloc_strndup(ctx, bare, strcspn(bare, "@")),
	        .domain = at + 1,
	};
	return true;
}

static enum nx_ours whose(const struct asked *asked)
{
	static const struct {
		bool (*holds)(const struct asked *asked);
		enum nx_ours ours;
	} questions[] = {
	        {is_return_path, NX_OURS_RETURN_PATH},
	        {is_sender, NX_OURS_SENDER},
	        {is_bounces, NX_OURS_BOUNCES},
	        {is_mail_system, NX_OURS_MAIL_SYSTEM},
	        {is_list, NX_OURS_LIST},
	        {is_protected, NX_OURS_PROTECTED},
	};
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (questions[i].holds(asked))
			return questions[i].ours;
	return NX_OURS_NOT;
}

bool nx_report_is_ours(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address)
{
	struct asked asked;
	return ask(ctx, report, address, &asked) &&
	       (is_reporter(&asked) || whose(&asked) != NX_OURS_NOT);
}

bool nx_report_is_home(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address)
{
	struct asked asked;
	return ask(ctx, report, address, &asked) && is_our_domain(&asked);
}

bool nx_report_is_deliverable(TALLOC_CTX *ctx, const struct nx_report *report,
                              const char *address)
{
	const char *domain = nx_address_domain(ctx, address);
	const char *dot = strchr(domain, '.');
	if (dot && !dot[1])
		domain = talloc_strndup(ctx, domain, (size_t)(dot - domain));
	return strchr(domain, '.') || *domain == '[' ||
	       nx_site_names_has(&report->site->local_domains, domain);
}

/* --- hosts ---------------------------------------------------------------- */

static bool is_own_host(TALLOC_CTX *ctx, const struct nx_report *report,
                        const char *name)
{
	struct asked asked = {.ctx = ctx,
	                      .report = report,
	                      .domain = nx_address_normal_domain(ctx, name)};

	if (!*asked.domain)
		return false;
	for (size_t i = 0; i < report->site->domains.count; i++)
		if (is_below(asked.domain, report->site->domains.name[i]))
			return true;
	asked.own = nx_own_of(report);
	return nx_site_names_has(&report->site->own_hosts, asked.domain) ||
	       is_under_ours(&asked);
}

/* By name, address or path of a socket; or it has no name. */
static bool is_this_host(const char *name)
{
	static const char *const names[] = {
	        "localhost", "localhost.localdomain", "::1", "[::1]"};
	const char *address = name + (*name == '[');

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (nx_text_equal(name, names[i]))
			return true;
	return *name == '\0' || *name == '/' ||
	       (nx_text_starts(address, "127.") &&
	        address[strspn(address, "0123456789.]")] == '\0');
}

bool nx_report_is_own_refusal(TALLOC_CTX *ctx, const struct nx_report *report,
                              const struct nx_recipient *recipient)
{
	if (!report->message)
		return report->was_own_refusal;
	return is_own_host(ctx, report, report->reporting_mta) &&
	       (is_this_host(recipient->remote_mta) ||
	        is_own_host(ctx, report, recipient->remote_mta));
}

const char *nx_report_only_address(TALLOC_CTX *ctx, const char *value)
{
	size_t at;
	const char *address = nx_address_find(ctx, value, &at);
	if (!*address || *nx_address_of_field(ctx, value) == '\0')
		return ""; /* else it is the end of a broken address */
	/* a second "@" after the first address may be a second address */
	const char *rest = value + at + strlen(address);
	return strchr(rest, '@') == NULL ? address : "";
}

/* --- the end of reading --------------------------------------------------- */

static bool is_the_only_one(const struct nx_report *report,
                            const struct nx_recipient *recipient)
{
	for (size_t i = 0; i < report->recipients; i++) {
		const char *other = report->recipient[i].address;
		if (strcmp(other, recipient->address) != 0 &&
		    !nx_text_equal(other, recipient->address))
			return false;
	}
	return true;
}

/* A header that names that address and no other; also "anna" alone, in a mail
 * that did not leave the machine. */
static bool names_only(const struct asked *asked, const char *header)
{
	TALLOC_CTX *ctx = asked->ctx;
	const char *only = nx_report_only_address(ctx, header);
	return strcmp(nx_address_normal(ctx, only), asked->whole) == 0 ||
	       nx_text_equal(nx_text_trim(ctx, header), asked->local);
}

/* The mail was to this address and no other. A text that returns nothing of the
 * mail is judged by the addresses it names. */
static bool is_addressee(const struct asked *asked)
{
	const struct nx_message *message = asked->report->message;
	const struct nx_fields *headers = &asked->own->headers;
	const bool is_bare = headers->count == 0 && !*message->report_type;
	return names_only(asked, is_bare ? nx_message_header(message, "To")
	                                 : nx_fields_get(headers, "To"));
}

static bool is_from(const struct asked *asked)
{
	const struct nx_fields *headers = &asked->own->headers;
	const char *from = nx_fields_get(headers, "From");
	return headers->count == 0 ||
	       strcmp(nx_own_normal(asked->ctx, from), asked->whole) == 0;
}

/* The returned message stands in the text for people. */
static bool is_quoted(const struct nx_report *report)
{
	return report->original.headers.count == 0 &&
	       nx_own_of(report)->headers.count > 0;
}

/* The report says this only of the sender, who must therefore be meant: the
 * sender wrote to themselves, or the mail stands in a text, where From may be
 * anybody's. */
static bool means_sender(const struct asked *asked, enum nx_ours ours)
{
	if (ours == NX_OURS_SENDER && is_quoted(asked->report))
		return true;
	return (ours == NX_OURS_SENDER || ours == NX_OURS_RETURN_PATH) &&
	       is_addressee(asked) && is_from(asked);
}

enum nx_ours nx_report_whose(TALLOC_CTX *ctx, const struct nx_report *report,
                             const struct nx_recipient *recipient)
{
	struct asked asked;
	if (!ask(ctx, report, recipient->address, &asked))
		return NX_OURS_NOT;
	enum nx_ours ours = whose(&asked);
	if (ours == NX_OURS_NOT || !is_the_only_one(report, recipient))
		return ours;
	if (ours == NX_OURS_MAIL_SYSTEM && is_addressee(&asked))
		return NX_OURS_POSTMASTER;
	return means_sender(&asked, ours) ? NX_OURS_NOT : ours;
}

/* A list, or an alias of ours, passed the mail on to a recipient that
 * failed. */
static bool take_final(TALLOC_CTX *ctx, const struct nx_report *report,
                       struct nx_recipient *recipient)
{
	const char *address = recipient->final_recipient;
	struct asked asked;
	if (!ask(ctx, report, address, &asked) ||
	    !nx_report_is_deliverable(ctx, report, address) ||
	    whose(&asked) != NX_OURS_NOT)
		return false;
	recipient->address = address;
	return true;
}

static void mark(TALLOC_CTX *ctx, const struct nx_report *report,
                 struct nx_recipient *recipient)
{
	recipient->ours = nx_report_whose(ctx, report, recipient);
	if (recipient->ours != NX_OURS_NOT &&
	    recipient->ours != NX_OURS_PROTECTED &&
	    take_final(ctx, report, recipient))
		recipient->ours = NX_OURS_NOT;
}

/* An unsubscribe is about its author. */
void nx_report_mark_ours(TALLOC_CTX *ctx, struct nx_report *report)
{
	const bool is_about_others = report->kind == NX_KIND_DELIVERY_REPORT ||
	                             report->kind == NX_KIND_FEEDBACK_REPORT;
	for (size_t i = 0; i < report->recipients; i++) {
		struct nx_recipient *recipient = &report->recipient[i];
		if (!nx_report_is_deliverable(ctx, report, recipient->address))
			recipient->address = "";
		else if (is_about_others)
			mark(ctx, report, recipient);
	}
}
