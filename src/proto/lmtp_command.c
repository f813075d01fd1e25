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

static void put_size(struct nx_lmtp *session)
{
	char *line =
	        talloc_asprintf(session, "250-SIZE %zu", session->options.size);
	nx_lmtp_put(session, session->options.size > 0 ? line : "250-SIZE");
	talloc_free(line);
}

static void do_lhlo(struct nx_lmtp *session, const char *rest)
{
	if (*rest == '\0') {
		nx_lmtp_refuse(session, "501 5.5.4 LHLO needs a name");
		return;
	}
	nx_lmtp_forget(session);
	char *hello = talloc_asprintf(session, "250-%s", session->options.host);
	nx_lmtp_put(session, hello);
	talloc_free(hello);
	nx_lmtp_put(session, "250-PIPELINING");
	nx_lmtp_put(session, "250-8BITMIME");
	nx_lmtp_put(session, "250-SMTPUTF8");
	nx_lmtp_put(session, "250-DSN");
	put_size(session);
	nx_lmtp_put(session, "250-XFORWARD ADDR PORT PROTO HELO IDENT SOURCE");
	nx_lmtp_put(session, "250 ENHANCEDSTATUSCODES");
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

static void do_mail(struct nx_lmtp *session, const char *rest)
{
	if (session->state == NX_LMTP_FRESH) {
		nx_lmtp_refuse(session, "503 5.5.1 LHLO first");
		return;
	}
	if (session->state != NX_LMTP_READY) {
		nx_lmtp_refuse(session, "503 5.5.1 one sender at a time");
		return;
	}
	if (!begin_mail(session, rest)) {
		nx_lmtp_forget(session);
		nx_lmtp_refuse(session, NO_PATH);
		return;
	}
	session->state = NX_LMTP_MAIL;
	nx_lmtp_put(session, "250 2.1.0 sender taken");
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

static void do_rcpt(struct nx_lmtp *session, const char *rest)
{
	if (session->state != NX_LMTP_MAIL) {
		nx_lmtp_refuse(session, "503 5.5.1 MAIL first");
		return;
	}
	if (session->message.recipients == NX_LMTP_RECIPIENTS) {
		nx_lmtp_put(session, "452 4.5.3 too many recipients");
		return;
	}
	if (!nx_lmtp_hold(session, 2 * strlen(rest) + RECIPIENT)) {
		nx_lmtp_put(session, "452 4.3.1 no room, try again");
		return;
	}
	if (!read_recipient(session, rest)) {
		nx_lmtp_refuse(session, NO_PATH);
		return;
	}
	if (!is_ours(session, last_recipient(session)->address)) {
		nx_lmtp_put(session, "550 5.7.1 not a domain of ours");
		return;
	}
	session->message.recipients++;
	nx_lmtp_put(session, "250 2.1.5 recipient taken");
}

/* --- the others ----------------------------------------------------------- */

/* Without a recipient there is nothing to answer: an MTA that pipelines sends
 * DATA after recipients that were refused. */
static void do_data(struct nx_lmtp *session, const char *rest)
{
	if (*rest != '\0') {
		nx_lmtp_refuse(session, "501 5.5.4 DATA stands alone");
		return;
	}
	if (session->state != NX_LMTP_MAIL ||
	    session->message.recipients == 0) {
		nx_lmtp_put(session, "503 5.5.1 no valid recipients");
		return;
	}
	session->state = NX_LMTP_DATA;
	nx_lmtp_data_begin(&session->data);
	nx_lmtp_put(session, NX_LMTP_GO_AHEAD);
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
static void do_xforward(struct nx_lmtp *session, const char *rest)
{
	if (session->state == NX_LMTP_MAIL || *rest == '\0') {
		nx_lmtp_refuse(session, *rest == '\0'
		                                ? "501 5.5.4 of whom?"
		                                : "503 5.5.1 not in a mail");
		return;
	}
	TALLOC_CTX *ctx = talloc_new(session);
	while (*(rest += strspn(rest, " ")) != '\0') {
		const size_t size = strcspn(rest, " ");
		note_attribute(session, ctx, talloc_strndup(ctx, rest, size));
		rest += size;
	}
	talloc_free(ctx);
	nx_lmtp_put(session, "250 2.0.0 noted");
}

/* What follows BDAT is content, and would be read as commands. */
static void do_bdat(struct nx_lmtp *session)
{
	nx_lmtp_put(session, "502 5.5.1 no BDAT here");
	session->state = NX_LMTP_OVER;
}

static void do_rset(struct nx_lmtp *session)
{
	if (session->state != NX_LMTP_FRESH)
		nx_lmtp_forget(session);
	nx_lmtp_put(session, "250 2.0.0 forgotten");
}

static void do_quit(struct nx_lmtp *session)
{
	nx_lmtp_put(session, "221 2.0.0 bye");
	session->quit = true;
	session->state = NX_LMTP_OVER;
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

static bool is_mail_command(struct nx_lmtp *session, const char *line)
{
	const char *rest;
	if ((rest = verb(line, "LHLO")) != NULL)
		do_lhlo(session, rest);
	else if ((rest = verb(line, "MAIL")) != NULL)
		do_mail(session, rest);
	else if ((rest = verb(line, "RCPT")) != NULL)
		do_rcpt(session, rest);
	else if ((rest = verb(line, "DATA")) != NULL)
		do_data(session, rest);
	else if ((rest = verb(line, "XFORWARD")) != NULL)
		do_xforward(session, rest);
	else
		return false;
	return true;
}

void nx_lmtp_session_command(struct nx_lmtp *session, const char *line)
{
	if (is_mail_command(session, line))
		return;
	if (verb(line, "RSET") != NULL)
		do_rset(session);
	else if (verb(line, "NOOP") != NULL)
		nx_lmtp_put(session, "250 2.0.0 nothing done");
	else if (verb(line, "VRFY") != NULL)
		nx_lmtp_put(session, "252 2.1.5 try it");
	else if (verb(line, "QUIT") != NULL)
		do_quit(session);
	else if (verb(line, "BDAT") != NULL)
		do_bdat(session);
	else if (verb(line, "EHLO") != NULL || verb(line, "HELO") != NULL)
		nx_lmtp_refuse(session, "500 5.5.1 this is LMTP: LHLO");
	else
		nx_lmtp_refuse(session, "500 5.5.2 unknown command");
}
