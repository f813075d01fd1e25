/* SPDX-License-Identifier: ISC */
#include "proto/ask_session.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void put(struct nx_ask *session, const char *text)
{
	nx_ask_session_put(session, &session->output, text, strlen(text));
}

/* --- what is sent of a text ----------------------------------------------- */

/* Whole characters of what an answer may have. */
static size_t size_of(const char *text)
{
	size_t size = strnlen(text, NX_ASK_TEXT + 1);
	if (size <= NX_ASK_TEXT)
		return size;
	size = NX_ASK_TEXT;
	while (size > 0 && nx_text_continues(text[size]))
		size--;
	return size;
}

static bool is_control(unsigned char c)
{
	return c < ' ' || c == 0x7F;
}

/* A line end would end the answer, or what the client makes of it. */
static void put_text(struct nx_ask *session, const char *text, size_t size)
{
	char plain[NX_ASK_TEXT];
	memcpy(plain, text, size);
	for (size_t i = 0; i < size; i++)
		if (is_control((unsigned char)plain[i]))
			plain[i] = ' ';
	nx_ask_session_put(session, &session->output, plain, size);
}

static void put_encoded(struct nx_ask *session, const char *text, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";
	char encoded[3 * NX_ASK_TEXT];
	size_t kept = 0;
	for (size_t i = 0; i < size; i++) {
		const unsigned char c = (unsigned char)text[i];
		if (c > ' ' && c < 0x7F && c != '%') {
			encoded[kept++] = text[i];
			continue;
		}
		encoded[kept++] = '%';
		encoded[kept++] = digits[c / 16];
		encoded[kept++] = digits[c % 16];
	}
	nx_ask_session_put(session, &session->output, encoded, kept);
}

/* --- answers -------------------------------------------------------------- */

static void write_netstring(struct nx_ask *session, const char *word,
                            const char *text)
{
	char length[16];
	const size_t size = size_of(text);
	(void)snprintf(length, sizeof(length), "%zu:", strlen(word) + size);
	put(session, length);
	put(session, word);
	put_text(session, text, size);
	put(session, ",");
}

static bool write_socketmap(struct nx_ask *session, enum nx_ask_answer answer,
                            const char *text)
{
	switch (answer) {
	case NX_ASK_NONE:
		put(session, "9:NOTFOUND ,");
		break;
	case NX_ASK_FOUND:
		write_netstring(session, "OK ", text);
		break;
	case NX_ASK_TROUBLE:
		write_netstring(session, "TEMP ", text);
		break;
	case NX_ASK_REFUSED:
		write_netstring(session, "PERM ", text);
		break;
	}
	return true;
}

/* 400 is what Postfix takes for an error; 500 says that nothing is known. */
static bool write_tcp_table(struct nx_ask *session, enum nx_ask_answer answer,
                            const char *text)
{
	switch (answer) {
	case NX_ASK_NONE:
		put(session, "500 none\n");
		return true;
	case NX_ASK_FOUND:
		put(session, "200 ");
		break;
	case NX_ASK_TROUBLE:
	case NX_ASK_REFUSED:
		put(session, "400 ");
		break;
	}
	put_encoded(session, text, size_of(text));
	put(session, "\n");
	return true;
}

static bool write_policy(struct nx_ask *session, enum nx_ask_answer answer,
                         const char *text)
{
	switch (answer) {
	case NX_ASK_NONE:
		put(session, "action=DUNNO\n\n");
		return true;
	case NX_ASK_FOUND:
		put(session, "action=");
		put_text(session, text, size_of(text));
		put(session, "\n\n");
		return true;
	case NX_ASK_TROUBLE:
	case NX_ASK_REFUSED:
		break;
	}
	return false;
}

bool nx_ask_write(struct nx_ask *session, enum nx_ask_answer answer,
                  const char *text)
{
	switch (session->protocol) {
	case NX_ASK_SOCKETMAP:
		return write_socketmap(session, answer, text);
	case NX_ASK_TCP_TABLE:
		return write_tcp_table(session, answer, text);
	case NX_ASK_POLICY:
		break;
	}
	return write_policy(session, answer, text);
}
