/* SPDX-License-Identifier: ISC */
#include "proto/socketmap_reply.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS = 6 }; /* of a length: socketmap has at most 100,000 octets */

size_t nx_socketmap_ask(char out[NX_SOCKETMAP_ROOM], const char *map,
                        const char *key, size_t size)
{
	const size_t length = strlen(map) + 1 + size;
	if (length + DIGITS + 2 > NX_SOCKETMAP_ROOM)
		return 0;
	const int before =
	        snprintf(out, NX_SOCKETMAP_ROOM, "%zu:%s ", length, map);
	memcpy(out + before, key, size);
	out[(size_t)before + size] = ',';
	return (size_t)before + size + 1;
}

/* --- replies -------------------------------------------------------------- */

static void length_byte(struct nx_socketmap_reply *reply, char c)
{
	if (c == ':' && reply->digits > 0)
		reply->announced = true;
	else if (c >= '0' && c <= '9' && reply->digits++ < DIGITS)
		reply->length = reply->length * 10 + (size_t)(c - '0');
	else
		reply->answer = NX_SOCKETMAP_BROKEN;
}

static enum nx_socketmap_answer answer_of(const char *text)
{
	static const struct {
		const char *word;
		enum nx_socketmap_answer answer;
	} words[] = {
	        {"OK ", NX_SOCKETMAP_FOUND},
	        {"NOTFOUND ", NX_SOCKETMAP_NOT_FOUND},
	        {"TEMP ", NX_SOCKETMAP_TROUBLE},
	        {"TIMEOUT ", NX_SOCKETMAP_TROUBLE},
	        {"PERM ", NX_SOCKETMAP_TROUBLE},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(text, words[i].word, strlen(words[i].word)) == 0)
			return words[i].answer;
	return NX_SOCKETMAP_BROKEN;
}

static void text_byte(struct nx_socketmap_reply *reply, char c)
{
	if (reply->read == reply->length)
		reply->answer =
		        c == ',' ? answer_of(reply->text) : NX_SOCKETMAP_BROKEN;
	else if (reply->read + 1 < sizeof(reply->text))
		reply->text[reply->read] = c;
	reply->read++;
}

size_t nx_socketmap_reply_feed(struct nx_socketmap_reply *reply,
                               const char *bytes, size_t size)
{
	size_t used = 0;
	while (used < size && reply->answer == NX_SOCKETMAP_NONE) {
		const char c = bytes[used++];
		if (reply->announced)
			text_byte(reply, c);
		else
			length_byte(reply, c);
	}
	return used;
}

const char *nx_socketmap_reply_text(const struct nx_socketmap_reply *reply)
{
	const char *blank = strchr(reply->text, ' ');
	return blank != NULL ? blank + 1 : "";
}

void nx_socketmap_reply_next(struct nx_socketmap_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
}
