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
	if (equals && nx_text_starts(local.start, "prvs=")) {
		const char *behind = equals + 1;
		equals = memchr(behind, '=', (size_t)(local.end - behind));
		if (equals)
			local.start = equals + 1;
	}
	const char *plus =
	        memchr(local.start, '+', (size_t)(local.end - local.start));
	const char *end = plus ? plus : local.end;
	const size_t size = (size_t)(end - local.start);
	const char *dash = memchr(local.start, '-', size);
	equals = memchr(local.start, '=', size);
	if (equals && dash && dash < equals)
		end = dash;
	if (end > local.start)
		local.end = end;
	return local;
}

/* After that many "=", or NULL. */
static const char *behind_equals(const char *text, int count)
{
	for (; text && count > 0; count--) {
		text = strchr(text, '=');
		text = text ? text + 1 : NULL;
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
	return behind ? behind_equals(behind + 2, 2) : NULL;
}

const char *nx_own_bare(TALLOC_CTX *ctx, const char *normal)
{
	const char *at = strrchr(normal, '@');
	if (!at)
		return "";
	const char *domain = forwarded_for(normal);
	const char *name = behind_equals(domain, 1);
	if (name && name < at) {
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
	if (!*value)
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
		line = nx_line_next(line);
	return *line.start;
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

static void put_addresses(struct nx_own *own, const char *out[NX_OWN],
                          const char *const value[NX_OWN])
{
	for (size_t i = 0; i < NX_OWN; i++)
		out[i] = value[i] ? own_address(own, value[i]) : "";
}

static void look_for_addresses(struct nx_own *own,
                               const struct nx_message *message)
{
	const struct nx_envelope *envelope = &message->envelope;
	const struct nx_fields *headers = &own->headers;
	const char *const path[NX_OWN] = {
	        envelope->recipient,
	        envelope->original_recipient,
	        nx_fields_get(headers, "Return-Path"),
	        nx_fields_get(headers, "X-Envelope-From"),
	        nx_fields_get(headers, "Envelope-From"),
	        nx_fields_get(headers, "Errors-To"),
	};
	const char *const sender[NX_OWN] = {nx_fields_get(headers, "From"),
	                                    nx_fields_get(headers, "Sender")};

	put_addresses(own, own->return_path, path);
	put_addresses(own, own->sender, sender);
}

/* To says where a report went that came without an envelope. */
static void look_for_domains(struct nx_own *own,
                             const struct nx_message *message)
{
	const char *to = *message->envelope.recipient
	                         ? ""
	                         : nx_message_header(message, "To");
	const char *const address[NX_OWN] = {
	        own->return_path[0], own->return_path[1],  own->return_path[2],
	        own->sender[0],      own_address(own, to), "",
	};

	for (size_t i = 0; i < NX_OWN; i++)
		own->domain[i] = nx_address_domain(own, address[i]);
}

static void look_for_lists(struct nx_own *own)
{
	static const char *const names[NX_OWN] = {
	        "List-Post",    "List-Owner",     "X-BeenThere",
	        "Mailing-List", "X-Mailing-List", "Reply-To",
	};

	for (size_t i = 0; i < NX_OWN; i++)
		own->spread_by[i] = nx_fields_get(&own->headers, names[i]);
}

const struct nx_own *nx_own_of(const struct nx_report *report)
{
	struct nx_own *own = report->own;

	if (own->known)
		return own;
	own->known = true;
	own->headers = headers_of(own, report);
	look_for_addresses(own, report->message);
	look_for_domains(own, report->message);
	look_for_lists(own);
	return own;
}

const char *const *nx_own_reporters(const struct nx_report *report)
{
	struct nx_own *own = report->own;
	const struct nx_message *message = report->message;

	if (own->reporter[0])
		return own->reporter;
	const char *const value[NX_OWN] = {
	        message->envelope.sender,
	        nx_message_header(message, "From"),
	        nx_message_header(message, "To"),
	};

	put_addresses(own, own->reporter, value);
	return own->reporter;
}

bool nx_own_has(const char *const list[NX_OWN], const char *text)
{
	for (size_t i = 0; i < NX_OWN; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}
