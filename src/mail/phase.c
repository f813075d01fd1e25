/* SPDX-License-Identifier: ISC */
#include "mail/reply.h"

#include "base/text.h"

#include <string.h>

/* Words before a command, and then the command; and complete phrases. A command
 * that is also an English word counts in capitals only. */
static const char *const openings[] = {
        "in reply to ",
        "in response to ",
        "after pipelined ",
        "after sending ",
        "after receiving ",
        "after ",
        "while sending ",
        "while performing the ",
        "while receiving the ",
        "sent >>> ",
        ">>> ",
        "sent: ",
};

struct command {
	const char *words;
	enum nx_phase phase;
	bool exact; /* capitals matter */
};

static const struct command commands[] = {
        {"initial connection", NX_PHASE_CONNECT, false},
        {"initial server greeting", NX_PHASE_CONNECT, false},
        {"ehlo", NX_PHASE_HELO, false},
        {"helo", NX_PHASE_HELO, false},
        {"lhlo", NX_PHASE_HELO, false},
        {"starttls", NX_PHASE_HELO, false},
        {"mail from", NX_PHASE_MAIL, false},
        {"MAIL", NX_PHASE_MAIL, true},
        {"rcpt", NX_PHASE_RCPT, false},
        {"end of data", NX_PHASE_DATA, false},
        {"message body", NX_PHASE_DATA, false},
        {"data block", NX_PHASE_DATA, false},
        {"DATA", NX_PHASE_DATA, true},
        {"BDAT", NX_PHASE_DATA, true},
        {"auth command", NX_PHASE_AUTH, false},
        {"AUTH", NX_PHASE_AUTH, true},
};

static const struct command phrases[] = {
        {"refused to talk to me", NX_PHASE_CONNECT, false},
        {"but greeting failed", NX_PHASE_CONNECT, false},
        {"but my name was rejected", NX_PHASE_HELO, false},
        {"ehlo command failed", NX_PHASE_HELO, false},
        {"helo command failed", NX_PHASE_HELO, false},
        {"but sender was rejected", NX_PHASE_MAIL, false},
        {"mail from command failed", NX_PHASE_MAIL, false},
        {"mail from failed", NX_PHASE_MAIL, false},
        {"does not like recipient", NX_PHASE_RCPT, false},
        {"rcpt to command failed", NX_PHASE_RCPT, false},
        {"rcpt to failed", NX_PHASE_RCPT, false},
        {"failed on data command", NX_PHASE_DATA, false},
        {"failed after i sent the message", NX_PHASE_DATA, false},
        {"data command failed", NX_PHASE_DATA, false},
        {"auth command failed", NX_PHASE_AUTH, false},
};

enum {
	OPENINGS = sizeof(openings) / sizeof(*openings),
	COMMANDS = sizeof(commands) / sizeof(*commands),
	PHRASES = sizeof(phrases) / sizeof(*phrases)
};

static bool matches(const char *text, const struct command *command)
{
	if (!nx_text_starts(text, command->words))
		return false;
	size_t size = strlen(command->words);
	return !nx_text_is_alnum(text[size]) &&
	       (!command->exact || memcmp(text, command->words, size) == 0);
}

static enum nx_phase first_match(const char *text,
                                 const struct command *command, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (matches(text, &command[i]))
			return command[i].phase;
	return NX_PHASE_NONE;
}

/* The phase that the words starting here name. */
static enum nx_phase phase_at(const char *text)
{
	for (size_t i = 0; i < OPENINGS; i++) {
		if (!nx_text_starts(text, openings[i]))
			continue;
		const char *behind = text + strlen(openings[i]);
		enum nx_phase phase = first_match(behind, commands, COMMANDS);
		if (phase != NX_PHASE_NONE)
			return phase;
	}
	return first_match(text, phrases, PHRASES);
}

/* The first two letters of openings and phrases: for each first letter, the
 * possible second ones. Most words start with none of them and are skipped
 * quickly. */
static bool may_open(const char *text)
{
	static const char seconds[128][3] = {
	        ['>'] = ">", ['a'] = "fu", ['b'] = "u", ['d'] = "ao",
	        ['e'] = "h", ['f'] = "a",  ['h'] = "e", ['i'] = "n",
	        ['m'] = "a", ['r'] = "ce", ['s'] = "e", ['w'] = "h",
	};
	const unsigned char first = (unsigned char)nx_text_to_lower(text[0]);
	const char second = nx_text_to_lower(text[1]);
	return first < 0x80 && second != '\0' &&
	       (second == seconds[first][0] || second == seconds[first][1]);
}

enum nx_phase nx_phase_find(const char *text, size_t size)
{
	enum nx_phase last = NX_PHASE_NONE;
	for (size_t at = 0; at < size; at++) {
		if (!may_open(text + at) ||
		    (at > 0 && nx_text_is_alnum(text[at - 1])))
			continue;
		enum nx_phase phase = phase_at(text + at);
		if (phase != NX_PHASE_NONE)
			last = phase;
	}
	return last;
}

const char *nx_phase_name(enum nx_phase phase)
{
	switch (phase) {
	case NX_PHASE_NONE:
		return "";
	case NX_PHASE_CONNECT:
		return "connect";
	case NX_PHASE_HELO:
		return "helo";
	case NX_PHASE_MAIL:
		return "mail";
	case NX_PHASE_RCPT:
		return "rcpt";
	case NX_PHASE_DATA:
		return "data";
	case NX_PHASE_AUTH:
		return "auth";
	}
	return "";
}
