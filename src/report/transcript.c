/* SPDX-License-Identifier: ISC */
#include "report/transcript.h"

#include "report/lines.h"

enum { ACCOUNT_SIZE = 2048 };

struct reader {
	TALLOC_CTX *ctx;
	const char *address;
	bool in_transcript;   /* behind the line that announces it */
	bool at_rcpt;         /* the last command was RCPT … */
	bool at_other_rcpt;   /* … and for somebody else */
	struct nx_line host;  /* of the last "while talking to" */
	struct nx_line words; /* the last line, when a program wrote it */
	struct nx_line own, own_host;
	struct nx_line agent;
	struct nx_line shared, shared_host;
};

/* A reply that refuses; but not the "503 need RCPT" that follows a refused
 * recipient. */
static bool is_refusal(const char *code)
{
	return (*code == '4' || *code == '5') && nx_text_is_digit(code[1]) &&
	       nx_text_is_digit(code[2]) && !nx_text_is_digit(code[3]) &&
	       strncmp(code, "503", 3) != 0;
}

/* The lines of one reply are one refusal. */
static void note_refusal(struct nx_line *refusal, struct nx_line *host,
                         const struct reader *reader, struct nx_line line)
{
	bool goes_on = refusal->end != NULL && *refusal->end == '\n' &&
	               refusal->end + 1 == line.start;
	if (goes_on)
		refusal->end = line.end;
	else
		*refusal = line;
	*host = reader->host;
}

static void read_reply(struct reader *reader, struct nx_line line)
{
	const char *code = line.start + strlen("<<<");
	if (!is_refusal(code + strspn(code, " \t")))
		return;
	if ((reader->at_rcpt && !reader->at_other_rcpt) ||
	    nx_line_mention(line, reader->address) != NULL)
		note_refusal(&reader->own, &reader->own_host, reader, line);
	else if (!reader->at_other_rcpt)
		note_refusal(&reader->shared, &reader->shared_host, reader,
		             line);
}

static void read_command(struct reader *reader, struct nx_line line)
{
	const char *command = line.start + strlen(">>>");
	command += strspn(command, " \t");
	reader->at_rcpt = nx_text_starts(command, "RCPT");
	reader->at_other_rcpt = reader->at_rcpt &&
	                        nx_line_mention(line, reader->address) == NULL;
}

/* "mail.local: unknown user: anna", and then what Sendmail makes of it: "554
 * <anna@example.com>... Service unavailable". */
static void read_words(struct reader *reader, struct nx_line line)
{
	if (is_refusal(line.start)) {
		if (reader->words.start != NULL &&
		    nx_line_mention(line, reader->address) != NULL)
			reader->agent =
			        (struct nx_line){reader->words.start, line.end};
		reader->words = (struct nx_line){NULL, NULL};
	} else if (reader->in_transcript && line.start < line.end) {
		reader->words = line;
	}
}

static void read_line(struct reader *reader, struct nx_line line)
{
	static const char talking[] = "while talking to ";
	if (nx_line_starts(line, ">>>")) {
		read_command(reader, line);
	} else if (nx_line_starts(line, "<<<")) {
		read_reply(reader, line);
	} else if (nx_line_starts(line, "...")) {
		const char *at = nx_line_find(line, talking);
		if (at != NULL)
			reader->host = (struct nx_line){at + strlen(talking),
			                                line.end};
	} else if (nx_line_starts(nx_line_trim(line), "-----")) {
		reader->in_transcript =
		        nx_line_find(line, "Transcript of session") != NULL;
	} else {
		read_words(reader, line);
		return;
	}
	reader->words = (struct nx_line){NULL, NULL};
}

/* A refusal without the marks of the transcript. */
static const char *text_of(TALLOC_CTX *ctx, struct nx_line refusal)
{
	if (refusal.start == NULL)
		return "";
	char *text = talloc_strndup(ctx, refusal.start,
	                            (size_t)(refusal.end - refusal.start));
	for (char *at = text; (at = strstr(at, "<<<")) != NULL; at += 3) {
		if (at == text || at[-1] == '\n')
			memset(at, ' ', strlen("<<<"));
	}
	return nx_text_squeeze(ctx, text, ACCOUNT_SIZE);
}

static const char *host_of(TALLOC_CTX *ctx, struct nx_line host)
{
	if (host.start == NULL)
		return "";
	size_t size = (size_t)(host.end - host.start);
	size_t name = strcspn(host.start, " \t\n:[");
	if (name < size)
		size = name;
	while (size > 0 && host.start[size - 1] == '.')
		size--;
	return talloc_strndup(ctx, host.start, size);
}

void nx_transcript_read(TALLOC_CTX *ctx, const char *text, const char *address,
                        struct nx_transcript *out)
{
	struct reader reader = {.ctx = ctx, .address = address};
	if (strstr(text, "\n<<<") != NULL ||
	    strstr(text, "Transcript of session") != NULL) {
		for (struct nx_line line = nx_line_at(text);
		     *line.start != '\0';
		     line = nx_line_at(nx_line_after(line)))
			read_line(&reader, line);
	}
	*out = (struct nx_transcript){
	        .own = text_of(ctx, reader.own),
	        .own_mta = host_of(ctx, reader.own_host),
	        .agent = text_of(ctx, reader.agent),
	        .shared = text_of(ctx, reader.shared),
	        .shared_mta = host_of(ctx, reader.shared_host),
	};
}
