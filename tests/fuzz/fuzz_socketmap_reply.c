/* SPDX-License-Identifier: ISC */

/*
 * What a server of a socketmap may answer: the first byte says how it is split
 * into packets. However it is, the answers are the same.
 */
#include "fuzz.h"
#include "proto/socketmap_reply.h"

#include <string.h>
#include <talloc.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static char *read_all(const char *bytes, size_t size, size_t packet)
{
	struct nx_socketmap_reply reply = {.answer = NX_SOCKETMAP_NONE};
	char *told = talloc_strdup(NULL, "");
	size_t used = 0;
	while (used < size && reply.answer != NX_SOCKETMAP_BROKEN) {
		const size_t left = size - used;
		nx_socketmap_reply_next(&reply);
		while (used < size && reply.answer == NX_SOCKETMAP_NONE)
			used += nx_socketmap_reply_feed(
			        &reply, bytes + used,
			        size - used < packet ? size - used : packet);
		need(used > size - left);
		if (reply.answer == NX_SOCKETMAP_NONE ||
		    reply.answer == NX_SOCKETMAP_BROKEN)
			continue;
		const char *text = nx_socketmap_reply_text(&reply);
		need(strlen(text) < NX_SOCKETMAP_TEXT);
		told = talloc_asprintf_append(told, "%d<%s>", (int)reply.answer,
		                              text);
	}
	return talloc_asprintf_append(told, "%d", (int)reply.answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const char *bytes = (const char *)data + 1;
	char *whole = read_all(bytes, size - 1, size);
	char *split = read_all(bytes, size - 1, data[0] > 0 ? data[0] : 1);
	need(strcmp(whole, split) == 0);
	talloc_free(whole);
	talloc_free(split);
	return 0;
}
