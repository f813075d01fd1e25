/* SPDX-License-Identifier: ISC */
/*
 * transcripts FILE...: holds conversations against a session without sockets,
 * each fed whole, byte by byte, and cut in two at every place. The end of its
 * name says what a file speaks: .lmtp, .socketmap, .tcp_table, .policy or
 * .smtpd_filter. A line of it is one letter, a colon, a blank and a text:
 *
 *   O  options; "whole" feeds only whole
 *   C  the client sends this, with its end: CR LF in LMTP, a netstring in
 *      socketmap, else LF
 *   R  the client sends this and nothing else
 *   S  the server's next line, or the text of its next netstring
 *   E  the session is over, and nothing more is to be sent
 *
 * Of LMTP, whose options are keep=, size= and room= with numbers, and ours=,
 * the only domain that is ours, and "door", where mail of ours is stopped:
 *
 *   M  a message is complete: its envelope
 *   B  its content
 *   A  it is answered: taken, known, trouble, full, one a recipient
 *   D  the same as a door answers: trouble, free, swallowed, refused
 *
 * Of a filter of OpenSMTPD, where the client is smtpd:
 *
 *   Q  a recipient is asked about
 *   A  who waits longest is answered: pass, or a value of an access table
 *   I  nobody asks or waits
 *
 * Of the others, whose option is map=:
 *
 *   Q  a question is complete: what is known of it
 *   A  it is answered: none, or found, trouble, refused with a text
 *   I  the session is idle, and so is not over
 *
 * In C, R, B, Q and A of a question: \r \n \0 \\ \xHH; %{TEXT*N} is TEXT N
 * times. C*N and S*N stand for N such lines. What is sent between two lines of
 * the others goes out at once, as a client that pipelines would send it.
 */
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 65536 };

void talk_fail(struct talk *talk, const char *what, const char *wanted,
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

void talk_send(struct talk *talk, const char *bytes, size_t size)
{
	append(talk->ctx, &talk->pending, bytes, size);
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

struct text talk_expand(TALLOC_CTX *ctx, const char *at)
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

/* Feeds until a message or a question waits or all is said; the rest stays. */
static void flush(struct talk *talk)
{
	struct text *pending = &talk->pending;
	size_t done = 0;
	if (pending->size > talk->longest)
		talk->longest = pending->size;
	while (done < pending->size) {
		const size_t size = piece(talk, done, pending->size);
		const size_t used = talk->speaker->feed(
		        talk->session, pending->bytes + done, size);
		done += used;
		if (used < size)
			break;
	}
	if (talk->speaker->is_over(talk->session))
		done = pending->size;
	pending->size -= done;
	if (done > 0)
		memmove(pending->bytes, pending->bytes + done, pending->size);
}

/* --- steps ---------------------------------------------------------------- */

static void expect_reply(struct talk *talk, const char *wanted)
{
	size_t size;
	struct text text = {NULL, 0};
	const char *output = talk->speaker->output(talk->session, &size);
	const size_t taken =
	        size > 0 ? talk->speaker->reply(output, size, &text) : 0;
	char *got = taken > 0 ? talloc_strndup(talk->ctx, text.bytes, text.size)
	                      : talloc_strndup(talk->ctx, output, size);
	if (taken == 0 || strcmp(got, wanted) != 0)
		talk_fail(talk, "reply", wanted, got);
	talk->speaker->sent(talk->session, taken);
	talloc_free(got);
}

static void expect_end(struct talk *talk)
{
	size_t size;
	const char *output = talk->speaker->output(talk->session, &size);
	if (!talk->speaker->is_over(talk->session))
		talk_fail(talk, "end", "over", "not over");
	if (size > 0)
		talk_fail(talk, "end", "",
		          talloc_strndup(talk->ctx, output, size));
}

static void set_options(struct talk *talk, char *text)
{
	for (char *word = strtok(text, " "); word != NULL;
	     word = strtok(NULL, " ")) {
		if (strcmp(word, "whole") == 0)
			talk->whole_only = true;
		else if (!talk->speaker->option(talk, word))
			talk_fail(talk, "option", "a known one", word);
	}
}

static void say(struct talk *talk, char what, const char *text)
{
	const struct text bytes = talk_expand(talk->ctx, text);
	if (what == 'C')
		talk->speaker->say(talk, &bytes);
	else
		talk_send(talk, bytes.bytes, bytes.size);
	talloc_free(bytes.bytes);
}

static void step(struct talk *talk, char what, char *text)
{
	if (what == 'O') {
		set_options(talk, text);
		return;
	}
	if (talk->session == NULL)
		talk->session = talk->speaker->begin(talk);
	if (what == 'C' || what == 'R') {
		say(talk, what, text);
		return;
	}
	flush(talk);
	if (what == 'S')
		expect_reply(talk, text);
	else if (what == 'E')
		expect_end(talk);
	else if (!talk->speaker->step(talk, what, text))
		talk_fail(talk, "line", "a known letter", text);
}

static void do_line(struct talk *talk, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (*line == '\0' || *line == '#')
		return;
	char *colon = strchr(line, ':');
	long times = 1;
	if (colon == NULL) {
		talk_fail(talk, "line", "a colon", line);
		return;
	}
	if (line[1] == '*')
		times = strtol(line + 2, NULL, 10);
	char *text = colon[1] == ' ' ? colon + 2 : colon + 1;
	while (times-- > 0 && !talk->failed)
		step(talk, *line, text);
}

static const struct speaker *speaker_of(const char *file)
{
	static const struct speaker *const known[] = {
	        &talk_lmtp, &talk_socketmap, &talk_tcp_table, &talk_policy,
	        &talk_smtpd_filter};
	const char *dot = strrchr(file, '.');
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (dot != NULL && strcmp(dot, known[i]->ending) == 0)
			return known[i];
	fprintf(stderr, "%s: it speaks nothing that is known\n", file);
	exit(EXIT_FAILURE);
}

static struct talk hold(const char *file, size_t cut)
{
	static char line[LINE_SIZE];
	struct talk talk = {.file = file,
	                    .cut = cut,
	                    .speaker = speaker_of(file),
	                    .ctx = talloc_new(NULL)};
	FILE *input = fopen(file, "r");
	if (input == NULL) {
		talk_fail(&talk, "file", "readable", file);
		return talk;
	}
	talk.options = talk.speaker->prepare(talk.ctx);
	while (!talk.failed && fgets(line, sizeof(line), input) != NULL) {
		talk.line++;
		do_line(&talk, line);
	}
	fclose(input);
	if (talk.session == NULL)
		talk_fail(&talk, "file", "a conversation", "nothing");
	talloc_free(talk.ctx);
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
