/* SPDX-License-Identifier: ISC */
/*
 * transcripts FILE...: holds conversations against the LMTP session, each fed
 * whole, byte by byte, and cut in two at every place. A line of a file is one
 * letter, a colon, a blank and a text:
 *
 *   O  options: keep=, size= and room= are numbers; ours= is the only domain
 *      that is ours; "whole" feeds only whole
 *   C  the client sends this and CRLF
 *   R  the client sends this and nothing else
 *   S  the server's next line
 *   M  a message is complete: its envelope
 *   B  its content
 *   A  it is answered: taken, known, trouble, full, one a recipient
 *   E  the session is over, and nothing more is to be sent
 *
 * In C, R and B: \r \n \0 \\ \xHH; %{TEXT*N} is TEXT N times. C*N and S*N
 * stand for N such lines. What is sent between two lines of the others goes
 * out at once, as a client that pipelines would send it.
 */
#include "proto/lmtp.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 65536 };

struct text {
	char *bytes;
	size_t size;
};

struct talk {
	const char *file;
	int line;
	size_t cut; /* 0: whole; 1: every byte; else a first piece of cut - 1 */
	size_t longest; /* run of the client's bytes */
	struct nx_lmtp *session;
	struct nx_lmtp_options options;
	size_t left; /* room */
	char ours[256];
	struct text pending;
	bool whole_only;
	bool failed;
};

static void fail(struct talk *talk, const char *what, const char *wanted,
                 const char *got)
{
	fprintf(stderr, "%s:%d (cut %zu): %s: wanted \"%s\", got \"%s\"\n",
	        talk->file, talk->line, talk->cut, what, wanted, got);
	talk->failed = true;
}

static void append(TALLOC_CTX *ctx, struct text *text, const char *bytes,
                   size_t size)
{
	text->bytes =
	        talloc_realloc(ctx, text->bytes, char, text->size + size + 1);
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

static bool take_room(void *user, size_t more)
{
	struct talk *talk = user;
	if (more > talk->left)
		return false;
	talk->left -= more;
	return true;
}

static bool is_ours(void *user, const char *domain)
{
	const struct talk *talk = user;
	return strcmp(domain, talk->ours) == 0;
}

/* --- what a line means ---------------------------------------------------- */

static char escaped(const char **at)
{
	char code[3] = "";
	const char c = **at;
	++*at;
	switch (c) {
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	case '0':
		return '\0';
	case 'x':
		memcpy(code, *at, 2);
		*at += 2;
		return (char)strtol(code, NULL, 16);
	default:
		return c;
	}
}

static struct text expand(TALLOC_CTX *ctx, const char *at)
{
	struct text out = {talloc_strdup(ctx, ""), 0};
	while (*at != '\0') {
		const char c = *at++;
		if (c == '\\') {
			const char byte = escaped(&at);
			append(ctx, &out, &byte, 1);
		} else if (c == '%' && *at == '{') {
			const char *star = strchr(at, '*');
			long times = strtol(star + 1, (char **)&at, 10);
			const char *begin = star;
			while (begin[-2] != '%' || begin[-1] != '{')
				begin--;
			while (times-- > 0)
				append(ctx, &out, begin,
				       (size_t)(star - begin));
			at++;
		} else {
			append(ctx, &out, &c, 1);
		}
	}
	return out;
}

/* --- feeding -------------------------------------------------------------- */

static size_t piece(const struct talk *talk, size_t done, size_t size)
{
	if (talk->cut == 0)
		return size - done;
	if (talk->cut == 1)
		return 1;
	const size_t first = talk->cut - 1;
	return done < first && first < size ? first - done : size - done;
}

/* Feeds until a message waits or all is said; the rest stays. */
static void flush(struct talk *talk)
{
	struct text *pending = &talk->pending;
	size_t done = 0;
	if (pending->size > talk->longest)
		talk->longest = pending->size;
	while (done < pending->size) {
		const size_t size = piece(talk, done, pending->size);
		const size_t used = nx_lmtp_feed(talk->session,
		                                 pending->bytes + done, size);
		done += used;
		if (used < size)
			break;
	}
	if (nx_lmtp_is_over(talk->session))
		done = pending->size;
	pending->size -= done;
	if (done > 0)
		memmove(pending->bytes, pending->bytes + done, pending->size);
}

/* --- steps ---------------------------------------------------------------- */

static void expect_line(struct talk *talk, const char *wanted)
{
	size_t size;
	flush(talk);
	const char *output = nx_lmtp_output(talk->session, &size);
	const char *end = size > 0 ? memchr(output, '\n', size) : NULL;
	const size_t length = end != NULL ? (size_t)(end - output) + 1 : 0;
	char *line = talloc_strndup(talk->session, size > 0 ? output : "",
	                            length > 2 ? length - 2 : 0);
	if (strcmp(line, wanted) != 0)
		fail(talk, "reply", wanted, line);
	nx_lmtp_sent(talk->session, length);
	talloc_free(line);
}

static void expect_message(struct talk *talk, const char *wanted)
{
	flush(talk);
	const struct nx_lmtp_message *message = nx_lmtp_message(talk->session);
	if (message == NULL) {
		fail(talk, "message", wanted, "none");
		return;
	}
	char *got = talloc_asprintf(talk->session, "from=<%s> id=%s envid=%s",
	                            message->sender, message->queue_id,
	                            message->envelope_id);
	for (size_t i = 0; i < message->recipients; i++)
		got = talloc_asprintf_append(got, " to=<%s>(%s)",
		                             message->recipient[i].address,
		                             message->recipient[i].original);
	if (message->lost)
		got = talloc_strdup_append(got, " lost");
	got = talloc_asprintf_append(got, " total=%zu", message->total);
	if (strcmp(got, wanted) != 0)
		fail(talk, "message", wanted, got);
	talloc_free(got);
}

static void expect_content(struct talk *talk, const char *text)
{
	flush(talk);
	const struct nx_lmtp_message *message = nx_lmtp_message(talk->session);
	const struct text wanted = expand(talk->session, text);
	if (message == NULL)
		fail(talk, "content", text, "no message");
	else if (message->size != wanted.size ||
	         memcmp(message->bytes, wanted.bytes, wanted.size) != 0)
		fail(talk, "content", text,
		     talloc_strndup(talk->session, message->bytes,
		                    message->size));
	talloc_free(wanted.bytes);
}

static void answer(struct talk *talk, char *text)
{
	static const char *const names[] = {"taken", "known", "trouble",
	                                    "full"};
	enum nx_lmtp_answer answers[NX_LMTP_RECIPIENTS] = {NX_LMTP_TAKEN};
	size_t count = 0;
	flush(talk);
	for (char *word = strtok(text, " "); word != NULL;
	     word = strtok(NULL, " ")) {
		for (int i = 0; i < 4; i++)
			if (strcmp(names[i], word) == 0)
				answers[count] = (enum nx_lmtp_answer)i;
		count++;
	}
	if (nx_lmtp_message(talk->session) == NULL)
		fail(talk, "answer", text, "no message");
	else
		nx_lmtp_answer(talk->session, answers);
}

static void expect_end(struct talk *talk)
{
	size_t size;
	flush(talk);
	const char *output = nx_lmtp_output(talk->session, &size);
	if (!nx_lmtp_is_over(talk->session))
		fail(talk, "end", "over", "not over");
	if (size > 0)
		fail(talk, "end", "",
		     talloc_strndup(talk->session, output, size));
}

static void set_ours(struct talk *talk, const char *domain)
{
	snprintf(talk->ours, sizeof(talk->ours), "%s", domain);
	talk->options.is_ours = is_ours;
}

static void set_options(struct talk *talk, char *text)
{
	for (char *word = strtok(text, " "); word != NULL;
	     word = strtok(NULL, " ")) {
		if (strncmp(word, "keep=", 5) == 0)
			talk->options.keep = strtoul(word + 5, NULL, 10);
		else if (strncmp(word, "size=", 5) == 0)
			talk->options.size = strtoul(word + 5, NULL, 10);
		else if (strncmp(word, "room=", 5) == 0)
			talk->left = strtoul(word + 5, NULL, 10);
		else if (strncmp(word, "ours=", 5) == 0)
			set_ours(talk, word + 5);
		else if (strcmp(word, "whole") == 0)
			talk->whole_only = true;
		else
			fail(talk, "option", "a known one", word);
	}
}

static void send_text(struct talk *talk, const char *text, bool line)
{
	const struct text bytes = expand(talk->session, text);
	append(talk->session, &talk->pending, bytes.bytes, bytes.size);
	if (line)
		append(talk->session, &talk->pending, "\r\n", 2);
	talloc_free(bytes.bytes);
}

static void step(struct talk *talk, char what, char *text)
{
	if (what == 'O') {
		set_options(talk, text);
		return;
	}
	if (talk->session == NULL)
		talk->session = nx_lmtp_new(NULL, &talk->options);
	switch (what) {
	case 'C':
	case 'R':
		send_text(talk, text, what == 'C');
		break;
	case 'S':
		expect_line(talk, text);
		break;
	case 'M':
		expect_message(talk, text);
		break;
	case 'B':
		expect_content(talk, text);
		break;
	case 'A':
		answer(talk, text);
		break;
	case 'E':
		expect_end(talk);
		break;
	default:
		fail(talk, "line", "one of OCRSMBAE", text);
	}
}

static void do_line(struct talk *talk, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (*line == '\0' || *line == '#')
		return;
	char *colon = strchr(line, ':');
	long times = 1;
	if (colon == NULL) {
		fail(talk, "line", "a colon", line);
		return;
	}
	if (line[1] == '*')
		times = strtol(line + 2, NULL, 10);
	char *text = colon[1] == ' ' ? colon + 2 : colon + 1;
	while (times-- > 0 && !talk->failed)
		step(talk, *line, text);
}

static struct talk hold(const char *file, size_t cut)
{
	static char line[LINE_SIZE];
	struct talk talk = {.file = file, .cut = cut, .left = SIZE_MAX};
	talk.options = (struct nx_lmtp_options){.host = "mx.example.org",
	                                        .keep = 1024 * 1024,
	                                        .room = take_room,
	                                        .user = &talk};
	FILE *input = fopen(file, "r");
	if (input == NULL) {
		fail(&talk, "file", "readable", file);
		return talk;
	}
	while (!talk.failed && fgets(line, sizeof(line), input) != NULL) {
		talk.line++;
		do_line(&talk, line);
	}
	fclose(input);
	if (talk.session == NULL)
		fail(&talk, "file", "a conversation", "nothing");
	talloc_free(talk.session);
	return talk;
}

int main(int argc, char **argv)
{
	enum { MOST_CUTS = 300 };
	int failed = 0;
	size_t talks = 0;
	for (int i = 1; i < argc; i++) {
		struct talk talk = hold(argv[i], 0);
		size_t cuts = talk.whole_only ? 0 : talk.longest + 1;
		if (cuts > MOST_CUTS)
			cuts = MOST_CUTS;
		talks++;
		for (size_t cut = 1; cut <= cuts && !talk.failed; cut++) {
			talk = hold(argv[i], cut);
			talks++;
		}
		failed += talk.failed;
	}
	printf("%zu conversations, %d of %d files failed\n", talks, failed,
	       argc - 1);
	return failed > 0 || argc < 2;
}
