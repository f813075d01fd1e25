/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address.h"
#include "report/readers.h"

#include <string.h>

/* Mail to the mailto side of List-Unsubscribe (RFC 2369): what mail programs
 * send when their user presses the button, and what people write themselves. */

enum { OWN_TEXT = 400 }; /* bytes; a longer mail is about something else */

static bool is_apple(const struct nx_message *message)
{
	return nx_text_equal(nx_message_header(message, "X-Apple-Unsubscribe"),
	                     "true");
}

/* The whole subject, in the words that cannot mean anything else. */
static bool is_wish(const char *subject)
{
	static const char *const words[] = {
	        "unsubscribe",
	        "unsubscribe me",
	        "please unsubscribe",
	        "please unsubscribe me",
	        "remove me",
	        "opt out",
	        "opt-out",
	        "stop",
	        "stop mailing",
	        "désabonner",
	        "se désabonner",
	        "désabonnement",
	        "désinscription",
	        "désinscrire",
	        "abmelden",
	        "abmeldung",
	        "abbestellen",
	        "austragen",
	        "darse de baja",
	        "dar de baja",
	        "baja",
	        "desuscribir",
	        "disiscriviti",
	        "cancellami",
	        "cancellazione",
	        "descadastrar",
	        "cancelar inscrição",
	        "uitschrijven",
	        "afmelden",
	        "avregistrera",
	        "avprenumerera",
	        "afmeld",
	        "avmeld",
	        "wypisz",
	        "odhlásit",
	        "отписаться",
	        "отписка",
	        "відписатися",
	        "leiratkozás",
	        "dezabonare",
	        "配信停止",
	        "購読解除",
	        "退订",
	        "取消订阅",
	        "退訂",
	        "수신거부",
	        "구독 취소",
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (nx_text_equal(subject, words[i]))
			return true;
	}
	return false;
}

static bool is_automatic(const struct nx_message *message)
{
	const char *value = nx_message_header(message, "Auto-Submitted");
	return (*value != '\0' && !nx_text_starts(value, "no")) ||
	       nx_fields_has(&message->headers, "X-Autoreply") ||
	       nx_fields_has(&message->headers, "X-Auto-Response-Suppress");
}

static bool is_null_sender(const struct nx_message *message)
{
	return message->envelope.sender_known &&
	       *message->envelope.sender == '\0';
}

static bool is_by_hand(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const struct nx_message *message = report->message;
	const char *subject = nx_message_header(message, "Subject");
	char *squeezed = nx_text_squeeze(ctx, subject, OWN_TEXT);
	squeezed[strcspn(squeezed, ".!")] = '\0';
	return is_wish(squeezed) && strlen(report->human) < OWN_TEXT &&
	       *message->report_type == '\0' && !is_null_sender(message) &&
	       !is_automatic(message);
}

static const char *writer(TALLOC_CTX *ctx, const struct nx_message *message)
{
	const char *sender = nx_address_of_field(ctx, message->envelope.sender);
	if (*sender != '\0')
		return sender;
	return nx_address_of_field(ctx, nx_message_header(message, "From"));
}

bool nx_report_unsubscribe(TALLOC_CTX *ctx, const struct nx_message *message,
                           struct nx_report *report)
{
	bool apple = is_apple(message);
	if (!apple && !is_by_hand(ctx, report))
		return false;
	report->kind = NX_KIND_UNSUBSCRIBE;
	report->format = apple ? "apple-unsubscribe" : "unsubscribe";
	const char *address = writer(ctx, message);
	if (*address != '\0')
		nx_report_add_recipient(ctx, report)->address = address;
	return true;
}
