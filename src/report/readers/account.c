/* SPDX-License-Identifier: ISC */
#include "report/readers/account.h"

#include "base/text.h"
#include "report/any.h"
#include "report/explanation.h"
#include "report/lines.h"
#include "report/readers/places.h"
#include "report/readers/reason.h"
#include "report/readers/transcript.h"

#include <stdlib.h>
#include <string.h>

enum {
	MENTIONS = 20, /* of an address that are examined */
	LIST = 1000    /* addresses in a row that share a reason */
};

struct nx_accounts {
	const struct nx_report *report;
	const struct nx_places *places; /* NULL until first used */
	const struct nx_transcript *transcript;
	struct nx_reasons *reasons;
	const char **host; /* named by the fields, sorted */
	size_t hosts;
	enum { SENDMAIL_UNKNOWN = 0, SENDMAIL_NO, SENDMAIL_YES } sendmail;
};

struct nx_accounts *nx_accounts_new(TALLOC_CTX *ctx,
                                    const struct nx_report *report)
{
	struct nx_accounts *accounts = talloc_zero(ctx, struct nx_accounts);

	accounts->report = report;
	accounts->reasons = nx_reasons_new(accounts, report);
	return accounts;
}

/* Called before any recipient is completed from the text. */
static void know_hosts(struct nx_accounts *accounts)
{
	const struct nx_report *report = accounts->report;

	accounts->host =
	        talloc_array(accounts, const char *, report->recipients + 1);
	for (size_t i = 0; i < report->recipients; i++)
		if (*report->recipient[i].remote_mta)
			accounts->host[accounts->hosts++] =
			        report->recipient[i].remote_mta;
	qsort(accounts->host, accounts->hosts, sizeof(*accounts->host),
	      nx_text_compare_caseless);
}

static void look(struct nx_accounts *accounts)
{
	const struct nx_report *report = accounts->report;

	if (accounts->places)
		return;
	know_hosts(accounts);
	accounts->places =
	        nx_places_find(accounts, report, nx_report_notice(report));
	accounts->transcript = nx_transcript_read(accounts, accounts->places,
	                                          nx_report_notice(report));
}

bool nx_accounts_are_sendmails(struct nx_accounts *accounts)
{
	if (accounts->sendmail == SENDMAIL_UNKNOWN)
		accounts->sendmail =
		        nx_transcript_is_in(nx_report_notice(accounts->report))
		                ? SENDMAIL_YES
		                : SENDMAIL_NO;
	return accounts->sendmail == SENDMAIL_YES;
}

/* The recipient that is asked about, and by which of its addresses. */
struct subject {
	const struct nx_recipient *recipient;
	const char *address;
};

/* --- a paragraph ---------------------------------------------------------- */

/* Commands of the transcript, and headers of the mail that is reported: they
 * name the recipient and say nothing of it. */
static bool says_nothing(struct nx_line line)
{
	static const char *const starts[] = {">>>",
	                                     "<<<",
	                                     "To:",
	                                     "Cc:",
	                                     "Bcc:",
	                                     "From:",
	                                     "Subject:",
	                                     "RCPT TO",
	                                     "Recipient:",
	                                     "Message-ID:",
	                                     "(expanded from",
	                                     NULL};

	return nx_any_starts(nx_line_trim(line).start, starts);
}

/* Where the words begin in the line that names the address: after the address
 * when the line starts with it, else at the start of the line. */
static const char *words_start(struct nx_line line, const char *mention,
                               size_t size)
{
	struct nx_line trimmed = nx_line_trim(line);
	const char *start = trimmed.start;
	start += strspn(start, "<\"'(");
	if (start != mention)
		return trimmed.start;
	start = mention + size;
	return start + strspn(start, ".>\"'): \t");
}

/* An address and nothing else: an entry of a list. */
static bool is_lone_address(struct nx_line line)
{
	line = nx_line_trim(line);
	size_t size = strcspn(line.start, " \t\n");
	return line.start + size == line.end && memchr(line.start, '@', size);
}

static bool is_called(struct subject subject, struct nx_line name)
{
	const struct nx_recipient *who = subject.recipient;
	const char *const names[] = {
	        subject.address, who->address, who->original_recipient,
	        who->final_recipient, who->actual_recipient};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (nx_places_spells(name, names[i]))
			return true;
	return false;
}

/* "452 mailbox full: bert@example.com": the line of another recipient. */
static bool is_of_another(const struct nx_accounts *accounts,
                          struct nx_line line, struct subject subject)
{
	struct nx_line name;
	bool another = false;

	for (struct nx_line rest = line;
	     nx_places_in(accounts->places, rest, &name);
	     rest.start = name.end) {
		if (is_called(subject, name))
			return false;
		another |= nx_places_is_known(accounts->places, name);
	}
	return another;
}

/* The text continues on the next line. */
static bool goes_on(const struct nx_accounts *accounts, struct nx_line next,
                    size_t indent, struct subject subject)
{
	return !nx_line_is_blank(next) && *next.start != '<' &&
	       !says_nothing(next) && !is_lone_address(next) &&
	       !is_of_another(accounts, next, subject) &&
	       !nx_places_begins_another(accounts->places, next, indent,
	                                 subject.address);
}

/* Text from start to the next blank line or the next recipient. */
static struct nx_line paragraph(const struct nx_accounts *accounts,
                                const char *start, size_t indent,
                                struct subject subject)
{
	struct nx_line line = nx_line_at(start);

	for (;;) {
		struct nx_line next = nx_line_next(line);

		if (next.end - start > NX_LINE_SAID ||
		    !goes_on(accounts, next, indent, subject))
			return (struct nx_line){start, line.end};
		line = next;
	}
}

/* One reason for the list directly above it. */
static struct nx_line below_list(const struct nx_accounts *accounts,
                                 struct nx_line line, struct subject subject)
{
	size_t indent = nx_line_indent(line);
	int passed = 0;

	do
		line = nx_line_next(line);
	while (is_lone_address(line) && ++passed < LIST);
	if (passed == 0 || *nx_line_trim(line).start == '(' ||
	    !goes_on(accounts, line, indent, subject))
		return (struct nx_line){line.start, line.start};
	return paragraph(accounts, line.start, indent, subject);
}

/* What the line that names the address at mention says of it. */
static const char *words_at(TALLOC_CTX *ctx, const struct nx_accounts *accounts,
                            struct nx_line line, const char *mention,
                            struct subject subject)
{
	const char *start = words_start(line, mention, strlen(subject.address));
	struct nx_line words =
	        paragraph(accounts, start, nx_line_indent(line), subject);

	if (start == line.end && words.end == start)
		words = below_list(accounts, line, subject);
	if (words.start > line.end &&
	    nx_places_another(accounts->places, words, subject.address))
		return "";
	return nx_line_squeeze(ctx, words);
}

/* The words of the first line that names the address and has a code, else of
 * the first that says something; *translated is set to Sendmail's translation
 * of a reply. */
static const char *paragraph_of(TALLOC_CTX *ctx,
                                const struct nx_accounts *accounts,
                                struct subject subject, const char **translated)
{
	const char *explanation = nx_report_notice(accounts->report);
	const char *at = explanation;
	const char *first = "";

	for (int i = 0; i < MENTIONS; i++) {
		at = nx_places_next(accounts->places, subject.address, at);
		if (!at)
			return first;
		struct nx_line line = nx_line_around(explanation, at);
		const char *text =
		        says_nothing(line)
		                ? ""
		                : words_at(ctx, accounts, line, at, subject);

		at += strlen(subject.address);
		if (!nx_explanation_has_words(text))
			continue;
		if (nx_transcript_is_translation(line)) {
			*translated = text;
			continue;
		}
		/* "550 <anna@example.com>: …" says more than "to anna@…" */
		if (nx_line_is_refusal(text))
			return text;
		if (!*first)
			first = text;
	}
	return first;
}

/* "host mx.example.net[192.0.2.1] said: ..." */
static const char *named_host(TALLOC_CTX *ctx, const char *text)
{
	static const char word[] = "host ";

	for (const char *at = text; (at = strstr(at, word));) {
		at += strlen(word);
		size_t size = strcspn(at, " \t\n[:,;");
		const char *next = at + size + strspn(at + size, " ");

		if (*next == '[' && memchr(at, '.', size))
			return talloc_strndup(ctx, at, size);
	}
	return "";
}

/* --- the account of one --------------------------------------------------- */

/* Another host was asked and its reply is not shown: Sendmail's wording of its
 * code is not evidence. If no host was asked, the words are a local
 * mailer's. */
static bool was_remote(const struct nx_accounts *accounts,
                       const struct nx_recipient *recipient,
                       const char *address)
{
	return *recipient->remote_mta || *recipient->diagnostic ||
	       nx_transcript_was_asked(accounts->transcript, address);
}

/* The host's replies to others are shown, but none to this recipient. */
static bool is_of_others(const struct nx_accounts *accounts,
                         const struct nx_recipient *recipient, const char *host)
{
	return accounts->hosts && *host && !*recipient->remote_mta &&
	       bsearch(&host, accounts->host, accounts->hosts,
	               sizeof(*accounts->host), nx_text_compare_caseless);
}

static struct nx_said shared(TALLOC_CTX *ctx,
                             const struct nx_accounts *accounts,
                             const struct nx_recipient *recipient)
{
	struct nx_said said = nx_transcript_shared(ctx, accounts->transcript,
	                                           recipient->remote_mta);

	return is_of_others(accounts, recipient, said.mta)
	               ? (struct nx_said){"", ""}
	               : said;
}

static struct nx_said account_of(TALLOC_CTX *ctx,
                                 const struct nx_accounts *accounts,
                                 const struct nx_recipient *recipient,
                                 const char *address)
{
	const struct nx_transcript *transcript = accounts->transcript;
	const char *translated = "";
	const char *words =
	        paragraph_of(ctx, accounts,
	                     (struct subject){recipient, address}, &translated);
	bool is_remote = was_remote(accounts, recipient, address);
	const struct nx_said by_rank[] = {
	        nx_transcript_own(ctx, transcript, address),
	        nx_transcript_agent(ctx, transcript, address),
	        {words, named_host(ctx, words)},
	        shared(ctx, accounts, recipient),
	        {is_remote ? "" : translated, ""},
	};

	for (size_t i = 0; i < sizeof by_rank / sizeof *by_rank; i++)
		if (*by_rank[i].text)
			return by_rank[i];
	return (struct nx_said){"", ""};
}

static bool has_reply(TALLOC_CTX *ctx, const char *text)
{
	struct nx_reply reply;

	nx_reply_parse(ctx, text, &reply);
	return reply.code >= 400;
}

/* A reply among what is said of either of the recipient's addresses, else what
 * comes first. */
static struct nx_said account_by_place(TALLOC_CTX *ctx,
                                       const struct nx_accounts *accounts,
                                       const struct nx_recipient *recipient)
{
	struct nx_said first = {"", ""};
	const char *names[] = {recipient->address, recipient->final_recipient};

	for (size_t i = 0; i < 2; i++) {
		if (!strchr(names[i], '@') ||
		    (i > 0 && nx_text_equal(names[0], names[1])))
			continue;
		struct nx_said account =
		        account_of(ctx, accounts, recipient, names[i]);

		if (has_reply(ctx, account.text))
			return account;
		if (!*first.text)
			first = account;
	}
	return first;
}

/* What stands at the address may only say that mail failed. A transcript is
 * read by its own lines alone: Sendmail's words for a code are none. */
struct nx_said nx_accounts_of(TALLOC_CTX *ctx, struct nx_accounts *accounts,
                              const struct nx_recipient *recipient)
{
	if (!*nx_report_notice(accounts->report))
		return (struct nx_said){"", ""};
	look(accounts);
	struct nx_said said = account_by_place(ctx, accounts, recipient);

	if (nx_accounts_are_sendmails(accounts) ||
	    nx_reason_is_in(ctx, accounts->report, said.text))
		return said;
	const char *reason = nx_reasons_of(ctx, accounts->reasons, recipient);

	return *reason ? (struct nx_said){reason, named_host(ctx, reason)}
	               : said;
}

/* Sendmail's wording if another host was asked; "" if none was. */
static const char *code_alone(TALLOC_CTX *ctx,
                              const struct nx_accounts *accounts,
                              const struct nx_recipient *recipient)
{
	return nx_transcript_was_asked(accounts->transcript, recipient->address)
	               ? talloc_strndup(ctx, recipient->diagnostic, 3)
	               : "";
}

struct nx_said nx_accounts_session(TALLOC_CTX *ctx,
                                   struct nx_accounts *accounts,
                                   const struct nx_recipient *recipient)
{
	const char *words = recipient->diagnostic;
	bool translated = nx_transcript_is_translation(nx_line_at(words));

	look(accounts);
	struct nx_said said = nx_transcript_own(ctx, accounts->transcript,
	                                        recipient->address);

	if (!*said.text)
		said = nx_transcript_agent(ctx, accounts->transcript,
		                           recipient->address);
	if (!*said.text && (translated || !*words))
		said = shared(ctx, accounts, recipient);
	if (!*said.text && translated)
		said.text = code_alone(ctx, accounts, recipient);
	return said;
}
