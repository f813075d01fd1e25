/* SPDX-License-Identifier: ISC */
#include "report/own.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/lines.h"

#include <string.h>

/* --- addresses ------------------------------------------------------------ */

/* The local part without additions: of "b+token" b, of "news-anna=example.com"
 * (VERP) news, of "prvs=0123456789=news" (BATV) news. */
static struct nx_line bare_local(struct nx_line local)
{
	const size_t whole = (size_t)(local.end - local.start);
	const char *equals = memchr(local.start, '=', whole);
	if (equals != NULL && nx_text_starts(local.start, "prvs=")) {
		const char *behind = equals + 1;
		equals = memchr(behind, '=', (size_t)(local.end - behind));
		if (equals != NULL)
			local.start = equals + 1;
	}
	const char *plus =
	        memchr(local.start, '+', (size_t)(local.end - local.start));
	const char *end = plus != NULL ? plus : local.end;
	const size_t size = (size_t)(end - local.start);
	const char *dash = memchr(local.start, '-', size);
	equals = memchr(local.start, '=', size);
	if (equals != NULL && dash != NULL && dash < equals)
		end = dash;
	if (end > local.start)
		local.end = end;
	return local;
}

/* After that many "=", or NULL. */
static const char *behind_equals(const char *text, int count)
{
	for (; text != NULL && count > 0; count--) {
		text = strchr(text, '=');
		text = text != NULL ? text + 1 : NULL;
	}
	return text;
}

/* A forwarder's return path contains the original return path (SRS): in
 * "srs0=hash=day=example.org=news@fwd.example", and in "srs1=hash=host=="
 * followed by "hash=day=example.org=news". Returns what starts with the domain;
 * NULL for other addresses. */
static const char *forwarded_for(const char *normal)
{
	if (strncmp(normal, "srs0", 4) == 0 && strchr("=+-", normal[4]))
		return behind_equals(normal + 5, 2);
	if (strncmp(normal, "srs1", 4) != 0)
		return NULL;
	const char *behind = strstr(normal, "==");
	return behind != NULL ? behind_equals(behind + 2, 2) : NULL;
}

const char *nx_own_bare(TALLOC_CTX *ctx, const char *normal)
{
	const char *at = strrchr(normal, '@');
	if (at == NULL)
		return "";
	const char *domain = forwarded_for(normal);
	const char *name = behind_equals(domain, 1);
	if (name != NULL && name < at) {
		struct nx_line sender = bare_local((struct nx_line){name, at});
		return talloc_asprintf(
		        ctx, "%.*s@%.*s", (int)(sender.end - sender.start),
		        sender.start, (int)(name - 1 - domain), domain);
	}
	struct nx_line local = bare_local((struct nx_line){normal, at});
	if (local.end == at)
		return local.start;
	const size_t size = (size_t)(local.end - local.start);
	return talloc_strdup_append(talloc_strndup(ctx, local.start, size), at);
}

/* "" when the value of the header or of the envelope has no address. */
const char *nx_own_normal(TALLOC_CTX *ctx, const char *value)
{
	if (*value == '\0')
		return "";
	return nx_address_normal(ctx, nx_address_of_header(ctx, value));
}

/* --- what is known of a report -------------------------------------------- */

static bool is_header(struct nx_line line)
{
	size_t size = 0;

	while (nx_text_is_alpha(line.start[size]) || line.start[size] == '-')
		size++;
	return size > 1 && line.start[size] == ':';
}

static bool has_header(const char *text)
{
	struct nx_line line = nx_line_at(text);

	while (*line.start && !is_header(line))
		line = nx_line_at(nx_line_after(line));
	return *line.start != '\0';
}

/* The line at which the notice ends may be a header, or only announce
 * headers. */
static const char *behind_notice(const struct nx_report *report)
{
	const char *text =
	        report->explanation + strlen(nx_report_notice(report));
	int passed = 0;

	while (*text && !is_header(nx_line_at(text)) && passed++ < 10)
		text = nx_line_after(nx_line_at(text));
	return text;
}

/* Most texts have no line like a header; finding where the notice ends is more
 * expensive than checking that. */
static struct nx_fields headers_of(TALLOC_CTX *ctx,
                                   const struct nx_report *report)
{
	if (report->original.headers.count)
		return report->original.headers;
	if (!has_header(report->explanation))
		return (struct nx_fields){0};
	return nx_fields_parse(ctx, behind_notice(report), NULL);
}

static const char *own_address(struct nx_own *own, const char *value)
{
	return nx_own_bare(own, nx_own_normal(own, value));
}

static void put_addresses(struct nx_own *own, struct nx_own_list *list,
                          const char *const value[NX_OWN])
{
	for (size_t i = 0; i < NX_OWN; i++)
		list->item[i] =
		        value[i] != NULL ? own_address(own, value[i]) : "";
	list->known = true;
}

const struct nx_fields *nx_own_headers(const struct nx_report *report)
{
	struct nx_own *own = report->own;
	if (!own->known)
		own->headers = headers_of(own, report);
	own->known = true;
	return &own->headers;
}

const struct nx_own_list *nx_own_return_paths(const struct nx_report *report)
{
	struct nx_own *own = report->own;
	if (own->return_path.known)
		return &own->return_path;
	const struct nx_envelope *envelope = &report->message->envelope;
	const struct nx_fields *headers = nx_own_headers(report);
	const char *const value[NX_OWN] = {
	        envelope->recipient,
	        envelope->original_recipient,
	        nx_fields_get(headers, "Return-Path"),
	        nx_fields_get(headers, "X-Envelope-From"),
	        nx_fields_get(headers, "Envelope-From"),
	        nx_fields_get(headers, "Errors-To"),
	};
	put_addresses(own, &own->return_path, value);
	return &own->return_path;
}

const struct nx_own_list *nx_own_senders(const struct nx_report *report)
{
	struct nx_own *own = report->own;
	if (own->sender.known)
		return &own->sender;
	const struct nx_fields *headers = nx_own_headers(report);
	const char *const value[NX_OWN] = {nx_fields_get(headers, "From"),
	                                   nx_fields_get(headers, "Sender")};
	put_addresses(own, &own->sender, value);
	return &own->sender;
}

const struct nx_own_list *nx_own_reporters(const struct nx_report *report)
{
	struct nx_own *own = report->own;
	if (own->reporter.known)
		return &own->reporter;
	const struct nx_message *message = report->message;
	const char *const value[NX_OWN] = {
	        message->envelope.sender,
	        nx_message_header(message, "From"),
	        nx_message_header(message, "To"),
	};
	put_addresses(own, &own->reporter, value);
	return &own->reporter;
}

/* To says where a report went that came without an envelope. */
static const char *went_to(const struct nx_report *report)
{
	if (*report->message->envelope.recipient != '\0')
		return "";
	return own_address(report->own,
	                   nx_message_header(report->message, "To"));
}

const struct nx_own_list *nx_own_domains(const struct nx_report *report)
{
	struct nx_own *own = report->own;
	if (own->domain.known)
		return &own->domain;
	const struct nx_own_list *path = nx_own_return_paths(report);
	const char *const address[NX_OWN] = {
	        path->item[0],   path->item[1],
	        path->item[2],   nx_own_senders(report)->item[0],
	        went_to(report), "",
	};
	for (size_t i = 0; i < NX_OWN; i++)
		own->domain.item[i] = nx_address_domain(own, address[i]);
	own->domain.known = true;
	return &own->domain;
}

const struct nx_own_list *nx_own_lists(const struct nx_report *report)
{
	static const char *const names[NX_OWN] = {
	        "List-Post",    "List-Owner",     "X-BeenThere",
	        "Mailing-List", "X-Mailing-List", "Reply-To",
	};
	struct nx_own *own = report->own;
	if (own->spread_by.known)
		return &own->spread_by;
	const struct nx_fields *headers = nx_own_headers(report);
	for (size_t i = 0; i < NX_OWN; i++)
		own->spread_by.item[i] = nx_fields_get(headers, names[i]);
	own->spread_by.known = true;
	return &own->spread_by;
}

bool nx_own_has(const struct nx_own_list *list, const char *text)
{
	for (size_t i = 0; i < NX_OWN; i++)
		if (strcmp(list->item[i], text) == 0)
			return true;
	return false;
}
