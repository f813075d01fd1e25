/* SPDX-License-Identifier: ISC */

/* An LMTP client: the first byte says how its bytes are split into packets. */
#include "../utf8.h"
#include "base/text.h"
#include "fuzz.h"
#include "proto/lmtp.h"

#include <string.h>

enum { KEEP = 4096, ROOM = 64 * 1024 };

struct client {
	struct nx_lmtp *session;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static bool take_room(void *user, size_t more)
{
	const struct client *client = user;
	return nx_lmtp_held(client->session) + more <= ROOM;
}

static size_t lines_of(const char *output, size_t size)
{
	size_t lines = 0;
	need(size == 0 || memcmp(output + size - 2, "\r\n", 2) == 0);
	for (size_t i = 0; i < size; i++)
		lines += output[i] == '\n';
	return lines;
}

static void drain(struct client *client)
{
	size_t size;
	const char *output = nx_lmtp_output(client->session, &size);
	(void)lines_of(output, size);
	nx_lmtp_sent(client->session, size);
}

/* One line per recipient, whatever the answers are. */
static void answer(struct client *client)
{
	static const enum nx_lmtp_answer answers[NX_LMTP_RECIPIENTS];
	const struct nx_lmtp_message *message =
	        nx_lmtp_message(client->session);
	if (message == NULL)
		return;
	const size_t recipients = message->recipients;
	need(recipients > 0 && recipients <= NX_LMTP_RECIPIENTS);
	need(message->size <= KEEP && message->size <= message->total);
	for (size_t i = 0; i < recipients; i++)
		need(is_utf8(message->recipient[i].address));
	need(is_utf8(message->sender));
	drain(client);
	nx_lmtp_answer(client->session, answers);
	size_t size;
	const char *output = nx_lmtp_output(client->session, &size);
	need(lines_of(output, size) == recipients);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct client client = {0};
	const struct nx_lmtp_options options = {.host = "mx.example.org",
	                                        .keep = KEEP,
	                                        .room = take_room,
	                                        .user = &client};
	const size_t packet = size > 0 && data[0] > 0 ? data[0] : size;
	client.session = nx_lmtp_new(NULL, &options);
	size_t at = 1;
	while (at < size && !nx_lmtp_is_over(client.session)) {
		const size_t left = size - at;
		at += nx_lmtp_feed(client.session, (const char *)data + at,
		                   left < packet ? left : packet);
		answer(&client);
		drain(&client);
	}
	talloc_free(client.session);
	return 0;
}
