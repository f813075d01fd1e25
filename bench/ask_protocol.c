/* SPDX-License-Identifier: ISC */
#include "ask_protocol.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *address_of(const struct question *question)
{
	return *question->line + 1;
}

static size_t line_of(const char *answer, size_t size)
{
	const char *end = memchr(answer, '\n', size);
	return end != NULL ? (size_t)(end - answer) + 1 : 0;
}

static size_t ask_socketmap(const struct question *question, char *out)
{
	const char *address = address_of(question);
	return (size_t)snprintf(out, ASK_BYTES, "%zu:%s %s,",
	                        strlen(question->map) + 1 + strlen(address),
	                        question->map, address);
}

static size_t whole_socketmap(const char *answer, size_t size)
{
	const char *colon = memchr(answer, ':', size);
	const size_t whole = colon != NULL ? (size_t)(colon - answer) + 2 +
	                                             strtoul(answer, NULL, 10)
	                                   : 0;
	return whole <= size ? whole : 0;
}

static size_t ask_tcp_table(const struct question *question, char *out)
{
	const char *address = address_of(question);
	return (size_t)snprintf(out, ASK_BYTES, "get %s\n", address);
}

/* What Postfix 3.7 sends at RCPT on the submission port. */
static size_t ask_policy(const struct question *question, char *out)
{
	const char *address = address_of(question);
	return (size_t)snprintf(
	        out, ASK_BYTES,
	        "request=smtpd_access_policy\nprotocol_state=RCPT\n"
	        "protocol_name=ESMTP\nclient_address=192.0.2.7\n"
	        "client_name=app.example.com\nclient_port=40712\n"
	        "reverse_client_name=app.example.com\n"
	        "server_address=192.0.2.1\nserver_port=587\n"
	        "helo_name=app.example.com\nsender=news@example.com\n"
	        "recipient=%s\nrecipient_count=0\nqueue_id=\n"
	        "instance=%x.%zx.8f0d3.0\nsize=0\netrn_domain=\n"
	        "stress=\nsasl_method=PLAIN\nsasl_username=app\nsasl_sender=\n"
	        "ccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
	        "ccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
	        "encryption_cipher=TLS_AES_256_GCM_SHA384\n"
	        "encryption_keysize=256\npolicy_context=submission\n\n",
	        address, (unsigned)getpid(), question->number);
}

static size_t whole_policy(const char *answer, size_t size)
{
	const char *end = memmem(answer, size, "\n\n", 2);
	return end != NULL ? (size_t)(end - answer) + 2 : 0;
}

static size_t ask_redis(const struct question *question, char *out)
{
	const char *address = address_of(question);
	return (size_t)snprintf(out, ASK_BYTES,
	                        "*2\r\n$3\r\nGET\r\n$%zu\r\n%s\r\n",
	                        strlen(address), address);
}

static size_t whole_redis(const char *answer, size_t size)
{
	const size_t line = line_of(answer, size);
	if (line == 0 || answer[1] == '-')
		return line;
	const size_t whole = line + strtoul(answer + 1, NULL, 10) + 2;
	return whole <= size ? whole : 0;
}

static size_t ask_http(const struct question *question, char *out)
{
	return (size_t)snprintf(out, ASK_BYTES,
	                        "GET %s%s HTTP/1.1\r\n"
	                        "Host: localhost\r\n\r\n",
	                        question->map, address_of(question));
}

static size_t ask_http_check(const struct question *question, char *out)
{
	enum { HEAD = 256 };
	size_t size = HEAD; /* the body first: the head says how long it is */
	for (size_t i = 0; i < question->lines; i++)
		size += (size_t)snprintf(out + size, ASK_EACH, "%s\"%s\"",
		                         i == 0 ? "{\"addresses\":[" : ",",
		                         question->line[i] + 1);
	size += (size_t)snprintf(out + size, ASK_EACH, "]}");
	const int head = snprintf(out, HEAD,
	                          "POST %s HTTP/1.1\r\nHost: localhost\r\n"
	                          "Content-Type: application/json\r\n"
	                          "Content-Length: %zu\r\n\r\n",
	                          question->map, size - HEAD);
	memmove(out + head, out + HEAD, size - HEAD);
	return size - HEAD + (size_t)head;
}

static size_t whole_http(const char *answer, size_t size)
{
	static const char name[] = "\r\nContent-Length: ";
	const char *end = memmem(answer, size, "\r\n\r\n", 4);
	if (end == NULL)
		return 0;
	const size_t head = (size_t)(end - answer) + 4;
	const char *length = memmem(answer, head, name, sizeof(name) - 1);
	if (length == NULL)
		errx(EXIT_FAILURE, "an answer does not say its length");
	const size_t whole =
	        head + strtoul(length + sizeof(name) - 1, NULL, 10);
	return whole <= size ? whole : 0;
}

static const struct ask_protocol protocols[] = {
        {"socketmap", ask_socketmap, whole_socketmap, 0},
        {"tcp_table", ask_tcp_table, line_of, 0},
        {"policy", ask_policy, whole_policy, 0},
        {"redis", ask_redis, whole_redis, 0},
        {"http", ask_http, whole_http, 16},
        {"http-check", ask_http_check, whole_http, 0}};

const struct ask_protocol *ask_protocol_of_name(const char *name)
{
	const size_t count = sizeof(protocols) / sizeof(*protocols);
	for (size_t i = 0; i < count; i++)
		if (strcmp(protocols[i].name, name) == 0)
			return &protocols[i];
	return NULL;
}
