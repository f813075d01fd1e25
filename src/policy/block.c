/* SPDX-License-Identifier: ISC */
#include "policy/block.h"

#include "base/text.h"
#include "classify/extract.h"
#include "classify/facts.h"
#include "mail/address.h"
#include "policy/mass.h"

#include <arpa/inet.h>
#include <string.h>

/* --- hosts in a text ------------------------------------------------------ */

struct host {
	const char *name; /* lower case */
	size_t start;     /* byte of the text */
	bool in_url;
};

static bool is_host_char(char c)
{
	return nx_text_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

/* Two labels or more, the last of letters: no number, no address. */
static bool is_name(const char *text, size_t size)
{
	const char *dot = memrchr(text, '.', size);
	const char *end = text + size;

	if (dot == NULL || dot == text || end - dot <= 2 || size > 253 ||
	    memmem(text, size, "..", 2) != NULL)
		return false;
	for (const char *at = dot + 1; at < end; at++)
		if (!nx_text_is_alpha(*at))
			return false;
	return true;
}

/* Whether a run of such characters is a whole word, or the host of a URL; not
 * part of an address, of a path or of another word. */
static bool stands_alone(const char *text, size_t start, size_t end,
                         bool *in_url)
{
	*in_url = start >= 2 && memcmp(text + start - 2, "//", 2) == 0;
	if (!*in_url && start > 0 &&
	    strchr(" \t([{<\"'`,;:|", text[start - 1]) == NULL)
		return false;
	if (text[end] == '/' || text[end] == '?')
		*in_url = true;
	return text[end] == '\0' ||
	       strchr(" \t)]}>\"'`,;:|!?/", text[end]) != NULL;
}

/* The next from *at on, which moves behind it. */
static bool next_host(TALLOC_CTX *ctx, const char *text, size_t *at,
                      struct host *out)
{
	while (text[*at] != '\0') {
		size_t start = *at, end;

		while (is_host_char(text[*at]))
			++*at;
		end = *at;
		if (end == start) {
			++*at;
			continue;
		}
		while (end > start && strchr(".-", text[end - 1]) != NULL)
			end--;
		if (!is_name(text + start, end - start) ||
		    !stands_alone(text, start, *at, &out->in_url))
			continue;
		out->start = start;
		out->name = nx_text_lower(
		        ctx, talloc_strndup(ctx, text + start, end - start));
		return true;
	}
	return false;
}

/* --- the list ------------------------------------------------------------- */

/* Without the blanks, colons and quotation marks before it. */
static size_t end_before(const char *text, size_t start)
{
	while (start > 0 && strchr(" :[(<\"'`", text[start - 1]) != NULL)
		start--;
	return start;
}

static bool names_list(const struct nx_tables *tables, const char *text,
                       const struct host *host)
{
	return nx_tables_zone(tables, host->name) != NULL ||
	       nx_tables_is_before_zone(tables, text,
	                                end_before(text, host->start));
}

/* The zone itself says more than the pages about it, of which there may be many
 * for one list. */
static const char *find_list(TALLOC_CTX *ctx, const struct nx_tables *tables,
                             const char *text)
{
	const char *of_url = "";
	struct host host;
	size_t at = 0;

	while (next_host(ctx, text, &at, &host)) {
		const char *zone = nx_tables_zone(tables, host.name);

		if (!host.in_url && names_list(tables, text, &host))
			return host.name;
		if (host.in_url && zone != NULL && *of_url == '\0')
			of_url = talloc_strdup(ctx, zone);
	}
	return of_url;
}

/* --- ours ----------------------------------------------------------------- */

/* One way to write it. */
static const char *normal_ip(TALLOC_CTX *ctx, const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char out[INET6_ADDRSTRLEN];
	const int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

	if (inet_pton(family, text, bytes) != 1 ||
	    inet_ntop(family, bytes, out, sizeof(out)) == NULL)
		return "";
	return talloc_strdup(ctx, out);
}

static bool is_below(const char *host, const char *domain)
{
	const size_t size = strlen(host), length = strlen(domain);

	return size >= length && strcmp(host + size - length, domain) == 0 &&
	       (size == length || host[size - length - 1] == '.');
}

/* An address of ours is not a host, but its domain is whose it is; in a URL it
 * is neither. */
static char *split_addresses(TALLOC_CTX *ctx, const char *text)
{
	char *words = talloc_strdup(ctx, text);
	bool in_url = false;

	for (char *c = words; *c != '\0'; c++) {
		in_url = !nx_text_is_blank(*c) &&
		         (in_url || strncmp(c, "://", 3) == 0);
		if (*c == '@' && !in_url)
			*c = ' ';
	}
	return words;
}

static const char *find_domain(TALLOC_CTX *ctx, const char *text,
                               const char *sending)
{
	const char *words = split_addresses(ctx, text);
	struct host host;
	size_t at = 0;

	while (next_host(ctx, words, &at, &host))
		if (!host.in_url && (is_below(host.name, sending) ||
		                     is_below(sending, host.name)))
			return host.name;
	return "";
}

static const char *find_ours(TALLOC_CTX *ctx, const struct nx_event *event,
                             const char *text)
{
	struct nx_match ip;

	if (nx_extract_ip(text, &ip))
		return normal_ip(ctx, talloc_strndup(ctx, text + ip.start,
		                                     ip.end - ip.start));
	if (*event->sending_domain == '\0' || event->is_sent_elsewhere)
		return "";
	return find_domain(ctx, text,
	                   nx_text_lower(ctx, event->sending_domain));
}

/* --- where to ask --------------------------------------------------------- */

static const char *url_in(TALLOC_CTX *ctx, const char *text)
{
	struct nx_match url;

	if (!nx_extract_url(text, &url) || url.end - url.start > NX_BLOCK_URL)
		return "";
	return talloc_strndup(ctx, text + url.start, url.end - url.start);
}

/* Anybody can send a report, so what a rule knows comes first. What names an
 * address is about the recipient; of a list that has ended nobody can ask. */
static const char *find_url(TALLOC_CTX *ctx, const char *advice,
                            const char *text)
{
	const char *url = url_in(ctx, advice);

	if (*url == '\0' && !nx_text_starts(advice, "none"))
		url = url_in(ctx, text);
	return strchr(url, '@') != NULL || nx_text_find(url, "%40") != NULL
	               ? ""
	               : url;
}

/* -------------------------------------------------------------------------- */

static const char *provider_of(TALLOC_CTX *ctx, const struct nx_event *event,
                               const char *domain)
{
	const char *host = nx_address_normal_domain(ctx, event->remote_mta);

	return nx_mass_provider(*host != '\0' ? host : domain);
}

/* What the other side said, without what the reporter put around it. */
static const char *said(TALLOC_CTX *ctx, const char *diagnostic)
{
	struct nx_reply reply;

	nx_reply_parse(ctx, diagnostic, &reply);
	return nx_text_squeeze(ctx,
	                       *reply.text != '\0' ? reply.text : diagnostic,
	                       NX_TEXT_ASKED);
}

bool nx_block_read(TALLOC_CTX *ctx, const struct nx_tables *tables,
                   const struct nx_event *event, struct nx_block_said *out)
{
	const struct nx_verdict *verdict = &event->verdict;
	const char *at = strrchr(event->address, '@');
	const struct nx_reason *reason =
	        tables != NULL && verdict->class != NX_CLASS_NONE &&
	                        verdict->fault == NX_FAULT_SENDER
	                ? nx_tables_reason(tables, verdict->reason)
	                : NULL;

	if (reason == NULL || reason->block == 0 || at == NULL)
		return false;

	const char *text = said(ctx, event->diagnostic);
	const char *list = find_list(ctx, tables, text);

	*out = (struct nx_block_said){
	        .provider = provider_of(ctx, event, at + 1),
	        .domain = at + 1,
	        .ours = find_ours(ctx, event, text),
	        /* or of the page that a rule on the name of the list knows */
	        .list = *list != '\0' ? list
	                              : find_list(ctx, tables, verdict->advice),
	        .url = find_url(ctx, verdict->advice, text),
	        .lasts = reason->block};
	return true;
}
