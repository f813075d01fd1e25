/* SPDX-License-Identifier: ISC */
#include "proto/lmtp_session.h"

#include "base/text.h"
#include "mail/address.h"
#include "proto/lmtp_path.h"

#include <string.h>

/* Carries out the commands. */

enum {
	FIRST_RECIPIENTS = 4,
	RECIPIENT = 2048 /* octets that one occupies until it is answered */
};

/* --- LHLO ----------------------------------------------------------------- */

static const char *do_lhlo(struct nx_lmtp *session, const char *rest)
{
	if (*rest == '\0')
		return nx_lmtp_refused(session, "501 5.5.4 LHLO needs a name");
	nx_lmtp_forget(session);
	nx_lmtp_put(session, "250-%s", session->options.host);
	nx_lmtp_put(session, "250-PIPELINING");
	nx_lmtp_put(session, "250-8BITMIME");
	nx_lmtp_put(session, "250-SMTPUTF8");
	nx_lmtp_put(session, "250-DSN");
	if (session->options.size > 0)
		nx_lmtp_put(session, "250-SIZE %zu", session->options.size);
	else
		nx_lmtp_put(session, "250-SIZE");
	nx_lmtp_put(session, "250-XFORWARD ADDR PORT PROTO HELO IDENT SOURCE");
	return "250 ENHANCEDSTATUSCODES";
}

/* --- MAIL ----------------------------------------------------------------- */

static const char *decode(TALLOC_CTX *ctx, const char *xtext)
{
	const char *bytes = nx_address_xtext(ctx, xtext);
	const size_t size = strlen(bytes);
	return nx_text_repair(ctx, bytes, size, size);
}

/* An unknown parameter is ignored: a refusal would lose the message. */
static void take_mail_parameter(void *user, const char *name, const char *value)
{
	struct nx_lmtp *session = user;
	if (nx_text_equal(name, "ENVID"))
		session->message.envelope_id =
		        decode(session->transaction, value);
}

static bool read_path(struct nx_lmtp *session, const char *text,
                      const char *label,
                      void (*take)(void *user, const char *name,
                                   const char *value),
                      const char **address)
{
	const struct nx_lmtp_path_reader reader = {
	        .label = label, .take = take, .user = session};
	return nx_lmtp_path_parse(session->transaction, text, &reader, address);
}

static const char NO_PATH[] = "501 5.5.4 syntax: MAIL FROM:<a>, RCPT TO:<a>";

static bool begin_mail(struct nx_lmtp *session, const char *rest)
{
	session->transaction = talloc_new(session);
	session->message = (struct nx_lmtp_message){
	        .sender = "",
	        .envelope_id = "",
	        .queue_id = talloc_strdup(
	                session->transaction,
	                session->queue_id != NULL ? session->queue_id : ""),
	};
	return read_path(session, rest, "FROM:", take_mail_parameter,
	                 &session->message.sender);
}

static const char *do_mail(struct nx_lmtp *session, const char *rest)
{
	if (session->state == NX_LMTP_FRESH)
		return nx_lmtp_refused(session, "503 5.5.1 LHLO first");
	if (session->state != NX_LMTP_READY)
		return nx_lmtp_refused(session,
		                       "503 5.5.1 one sender at a time");
	if (!begin_mail(session, rest)) {
		nx_lmtp_forget(session);
		return nx_lmtp_refused(session, NO_PATH);
	}
	session->state = NX_LMTP_MAIL;
	return "250 2.1.0 sender taken";
}

/* --- RCPT ----------------------------------------------------------------- */

static void take_recipient_parameter(void *user, const char *name,
                                     const char *value)
{
	struct nx_lmtp *session = user;
	if (!nx_text_equal(name, "ORCPT"))
		return;
	const char *address = strchr(value, ';');
	session->recipient[session->message.recipients].original = decode(
	        session->transaction, address != NULL ? address + 1 : "");
}

static void grow_recipients(struct nx_lmtp *session)
{
	if (session->message.recipients < session->recipient_room)
		return;
	session->recipient_room = session->recipient_room > 0
	                                  ? 2 * session->recipient_room
	                                  : FIRST_RECIPIENTS;
	session->recipient = talloc_realloc(
	        session->transaction, session->recipient,
	        struct nx_lmtp_recipient, session->recipient_room);
}

/* The one whose parameters are being read. */
static struct nx_lmtp_recipient *last_recipient(const struct nx_lmtp *session)
{
	return &session->recipient[session->message.recipients];
}

static bool read_recipient(struct nx_lmtp *session, const char *rest)
{
	grow_recipients(session);
	struct nx_lmtp_recipient *last = last_recipient(session);
	*last = (struct nx_lmtp_recipient){"", ""};
	return read_path(session, rest, "TO:", take_recipient_parameter,
	                 &last->address);
}

static bool is_ours(const struct nx_lmtp *session, const char *address)
{
	const struct nx_lmtp_options *options = &session->options;
	const char *at = strrchr(address, '@');
	return options->is_ours == NULL || at == NULL ||
	       options->is_ours(
	               options->user,
	               nx_address_normal_domain(session->transaction, at + 1));
}

static const char *do_rcpt(struct nx_lmtp *session, const char *rest)
{
	if (session->state != NX_LMTP_MAIL)
		return nx_lmtp_refused(session, "503 5.5.1 MAIL first");
	if (session->message.recipients == NX_LMTP_RECIPIENTS)
		return "452 4.5.3 too many recipients";
	if (!nx_lmtp_hold(session, 2 * strlen(rest) + RECIPIENT))
		return "452 4.3.1 no room, try again";
	if (!read_recipient(session, rest))
		return nx_lmtp_refused(session, NO_PATH);
	if (!is_ours(session, last_recipient(session)->address))
		return "550 5.7.1 not a domain of ours";
	session->message.recipients++;
	return "250 2.1.5 recipient taken";
}

/* --- the others ----------------------------------------------------------- */

/* Without a recipient there is nothing to answer: an MTA that pipelines sends
 * DATA after recipients that were refused. */
static const char *do_data(struct nx_lmtp *session, const char *rest)
{
	if (*rest != '\0')
		return nx_lmtp_refused(session, "501 5.5.4 DATA stands alone");
	if (session->state != NX_LMTP_MAIL || session->message.recipients == 0)
		return "503 5.5.1 no valid recipients";
	session->state = NX_LMTP_DATA;
	nx_lmtp_data_begin(&session->data);
	return NX_LMTP_GO_AHEAD;
}

static void note_attribute(struct nx_lmtp *session, TALLOC_CTX *ctx,
                           const char *attribute)
{
	static const char IDENT[] = "IDENT=";
	const char *value = attribute + strlen(IDENT);
	if (!nx_text_starts(attribute, IDENT) ||
	    nx_text_equal(value, "[UNAVAILABLE]"))
		return;
	TALLOC_FREE(session->queue_id);
	session->queue_id = talloc_strdup(session, decode(ctx, value));
}

/* Postfix passes on data about its own client; the queue id in it is kept. */
static const char *do_xforward(struct nx_lmtp *session, const char *rest)
{
	if (session->state == NX_LMTP_MAIL || *rest == '\0')
		return nx_lmtp_refused(
		        session, *rest == '\0' ? "501 5.5.4 of whom?"
		                               : "503 5.5.1 not in a mail");
	TALLOC_CTX *ctx = talloc_new(session);
	while (*(rest += strspn(rest, " ")) != '\0') {
		const size_t size = strcspn(rest, " ");
		note_attribute(session, ctx, talloc_strndup(ctx, rest, size));
		rest += size;
	}
	talloc_free(ctx);
	return "250 2.0.0 noted";
}

/* What follows BDAT is content, and would be read as commands. */
static const char *do_bdat(struct nx_lmtp *session)
{
	session->state = NX_LMTP_OVER;
	return "502 5.5.1 no BDAT here";
}

static const char *do_rset(struct nx_lmtp *session)
{
	if (session->state != NX_LMTP_FRESH)
		nx_lmtp_forget(session);
	return "250 2.0.0 forgotten";
}

static const char *do_quit(struct nx_lmtp *session)
{
	session->quit = true;
	session->state = NX_LMTP_OVER;
	return "221 2.0.0 bye";
}

/* --- which ---------------------------------------------------------------- */

/* The rest of the line after the verb, or NULL when it is another verb. */
static const char *verb(const char *line, const char *name)
{
	const size_t size = strlen(name);
	if (!nx_text_starts(line, name))
		return NULL;
	if (line[size] == '\0')
		return line + size;
	return line[size] == ' ' ? line + size + 1 : NULL;
}

const char *nx_lmtp_session_command(struct nx_lmtp *session, const char *line)
{
	const char *rest;
	if ((rest = verb(line, "LHLO")) != NULL)
		return do_lhlo(session, rest);
	if ((rest = verb(line, "MAIL")) != NULL)
		return do_mail(session, rest);
	if ((rest = verb(line, "RCPT")) != NULL)
		return do_rcpt(session, rest);
	if ((rest = verb(line, "DATA")) != NULL)
		return do_data(session, rest);
	if ((rest = verb(line, "XFORWARD")) != NULL)
		return do_xforward(session, rest);
	if (verb(line, "RSET") != NULL)
		return do_rset(session);
	if (verb(line, "NOOP") != NULL)
		return "250 2.0.0 nothing done";
	if (verb(line, "VRFY") != NULL)
		return "252 2.1.5 try it";
	if (verb(line, "QUIT") != NULL)
		return do_quit(session);
	if (verb(line, "BDAT") != NULL)
		return do_bdat(session);
	if (verb(line, "EHLO") != NULL || verb(line, "HELO") != NULL)
		return nx_lmtp_refused(session, "500 5.5.1 this is LMTP: LHLO");
	return nx_lmtp_refused(session, "500 5.5.2 unknown command");
}
