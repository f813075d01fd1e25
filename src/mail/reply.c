/* SPDX-License-Identifier: ISC */
#include "mail/reply.h"

#include "base/text.h"
#include "mail/fields.h"

#include <string.h>

/*
 * A diagnostic is read from left to right. Each three digits that may be a
 * reply code are a mark: what stands around them shows whether they are a new
 * reply, a further line of the one before, or just a number.
 */
struct mark {
	size_t at;     /* of the code */
	size_t behind; /* where the words start */
	int code;
	struct nx_status status;
	bool opens; /* a reply may start there */
	bool more;  /* "550-": a further line follows */
};

struct reply_reading {
	TALLOC_CTX *ctx;
	const char *text;
	bool typed;            /* the reporter marks it as a reply */
	struct nx_status lead; /* a status before everything else */
	size_t start;          /* after it */
	size_t phase_from;     /* where the account of this reply starts */
	struct mark mark;      /* the mark that opened the reply */
	struct mark last;      /* that of the last line */
	bool found;
	char *joined; /* the text so far, without codes of further lines */
	size_t size;
	size_t said;   /* where in joined the other side's words start */
	bool is_first; /* no reply before this one */
	size_t words;  /* where in joined the words of the reply start */
};

static bool is_word_char(char c)
{
	return nx_text_is_word(c) || (unsigned char)c >= 0x80;
}

static size_t skip_blanks(const char *text, size_t at)
{
	while (nx_text_is_blank(text[at]))
		at++;
	return at;
}

/* Three digits that are not part of anything longer. */
static bool is_code(const char *text, size_t at)
{
	if (text[at] < '2' || text[at] > '5')
		return false;
	if (!nx_text_is_digit(text[at + 1]) || !nx_text_is_digit(text[at + 2]))
		return false;
	char behind = text[at + 3];
	if (is_word_char(behind) || (at > 0 && is_word_char(text[at - 1])))
		return false;
	if ((at > 0 && strchr("./@%+$&\\[", text[at - 1]) != NULL) ||
	    (behind != '\0' && strchr("/@%]\\", behind) != NULL))
		return false;
	return (behind != '.' && behind != ',') ||
	       !nx_text_is_digit(text[at + 4]);
}

/* "[192.0.2.1]:465" and "mx.example.org:465" name ports. */
static bool is_port(const char *text, size_t colon)
{
	if (colon == 0 || text[colon] != ':')
		return false;
	if (text[colon - 1] == ']')
		return true;
	bool dotted = false;
	for (size_t at = colon; at > 0 && colon - at < 64; at--) {
		char c = text[at - 1];
		if (!is_word_char(c) && c != '.' && c != '-')
			break;
		dotted |= c == '.';
	}
	return dotted || nx_text_is_digit(text[colon - 1]);
}

/* Does the word that ends at end announce a reply? */
static bool is_announcement(const char *text, size_t end)
{
	static const char *const words[] = {
	        "code",     "error",   "said",      "reply",    "replied",
	        "response", "status",  "responded", "returned", "answered",
	        "says",     "refused", "me",        "responds",
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t size = strlen(words[i]);
		if (end < size || !nx_text_starts(text + end - size, words[i]))
			continue;
		/* "ResponseCode", "ERROR_CODE", but not "game" */
		if (i == 0 || end == size ||
		    !nx_text_is_alpha(text[end - size - 1]))
			return true;
	}
	return false;
}

/* "550 messages", "512 bytes": a number of things. */
static bool counts_things(const char *text, size_t behind)
{
	static const char *const units[] = {
	        "messages",  "mails",       "emails",    "recipients",
	        "bytes",     "kb",          "kB",        "KB",
	        "MB",        "mb",          "kilobytes", "octets",
	        "seconds",   "secs",        "minutes",   "hours",
	        "days",      "users",       "times",     "per",
	        "percent",   "ms",          "lines",     "addresses",
	        "attempts",  "connections", "sessions",  "characters",
	        "megabytes", "s",           "or",        "more",
	};
	size_t at = skip_blanks(text, behind);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t size = strlen(units[i]);
		if (strncmp(text + at, units[i], size) == 0 &&
		    !nx_text_is_alpha(text[at + size]))
			return true;
	}
	return false;
}

/* Judges by what stands before a code: does a reply start there? */
static bool is_opened(const struct reply_reading *reading, size_t at,
                      size_t behind)
{
	const char *text = reading->text;
	if (at == reading->start)
		return reading->typed || !counts_things(text, behind);
	size_t end = at;
	while (end > reading->start && nx_text_is_blank(text[end - 1]))
		end--;
	if (end == reading->start)
		return reading->typed || !counts_things(text, behind);
	char before = text[end - 1];
	if (before == ':' && end == at && is_port(text, end - 1))
		return false;
	if (is_announcement(text, before == ':' ? end - 1 : end))
		return true;
	bool trusted = before == '>' || before == ']' ||
	               (before == ':' && end >= 2 &&
	                strchr(">])", text[end - 2]) != NULL);
	if (trusted)
		return true;
	if (counts_things(text, behind))
		return false;
	bool quoted = end == at && strchr("'\"<(", before) != NULL &&
	              text[behind] != ')';
	bool line = memchr(text + end, '\n', at - end) != NULL;
	return quoted || line || before == ':' || before == ';';
}

/* "host mx.example.org[192.0.2.1] said: 550", "host mx [192.0.2.1]: 550",
 * "after RCPT TO:<a@b>: 550" */
static bool is_quoted(const struct reply_reading *reading, size_t at)
{
	const char *text = reading->text;
	size_t end = at;
	while (end > reading->start && nx_text_is_blank(text[end - 1]))
		end--;
	if (end > reading->start && text[end - 1] == ':')
		end--;
	return end > reading->start &&
	       (text[end - 1] == ']' || is_announcement(text, end) ||
	        (end >= 3 && strncmp(text + end - 3, "<<<", 3) == 0) ||
	        nx_phase_find(text, end) != NX_PHASE_NONE);
}

/* The status after a code: "550 5.1.1", "550-5.1.1", "550 #5.1.0",
 * "550-'5.2.2", "550= 5.3.5". Returns where the words start. */
static size_t read_status(const char *text, size_t at, struct nx_status *out)
{
	size_t from = at;
	while (text[from] != '\0' && strchr(" \t\r\n-=:#('\"", text[from]) &&
	       from - at < 6)
		from++;
	size_t size = nx_status_parse(text + from, out);
	if (size == 0)
		return at;
	at = from + size;
	if (text[at] == ')' || text[at] == ':' || text[at] == '=')
		at++;
	return at;
}

static bool read_mark(const struct reply_reading *reading, size_t at,
                      struct mark *out)
{
	const char *text = reading->text;
	if (!is_code(text, at))
		return false;
	*out = (struct mark){.at = at, .more = text[at + 3] == '-'};
	for (int i = 0; i < 3; i++)
		out->code = out->code * 10 + (text[at + (size_t)i] - '0');
	size_t behind = at + 3;
	out->opens = is_opened(reading, at, behind);
	out->behind = read_status(text, behind, &out->status);
	if (out->behind == behind &&
	    (text[behind] == '-' || text[behind] == ':' || text[behind] == '='))
		out->behind++;
	/* RFC 5321 section 4.2: the second digit is 0 to 5 */
	bool odd = text[at + 1] > '5' && at != reading->start &&
	           nx_status_is_none(out->status);
	return !odd;
}

/* Whether it is a further line of the reply that is being read: only a code
 * that is announced by nothing except a line end. */
static bool continues(const struct reply_reading *reading,
                      const struct mark *mark)
{
	if (!reading->found || mark->code != reading->mark.code)
		return false;
	size_t end = mark->at;
	while (end > 0 && nx_text_is_blank(reading->text[end - 1]))
		end--;
	if (end == mark->at)
		return false;
	if (mark->opens &&
	    memchr(reading->text + end, '\n', mark->at - end) == NULL &&
	    !reading->last.more)
		return false;
	if (nx_status_is_none(mark->status))
		return reading->last.more;
	return nx_status_equal(mark->status, reading->mark.status) ||
	       nx_status_is_none(reading->mark.status);
}

static bool is_refusal(int code)
{
	return code >= 400;
}

/* Whether it is a new reply: a code that is announced, or that a status
 * follows. The last refusal counts, so a later "250" does not replace it. */
static bool begins(const struct reply_reading *reading, const struct mark *mark)
{
	if (!mark->opens && nx_status_is_none(mark->status))
		return false;
	if (!mark->opens && mark->status.class != mark->code / 100)
		return false;
	if (!reading->found || is_refusal(mark->code))
		return true;
	return !is_refusal(reading->mark.code);
}

static void join(struct reply_reading *reading, size_t from, size_t to)
{
	memcpy(reading->joined + reading->size, reading->text + from,
	       to - from);
	reading->size += to - from;
}

static void begin(struct reply_reading *reading, const struct mark *mark)
{
	reading->phase_from = reading->found ? reading->last.behind : 0;
	reading->found = true;
	reading->mark = *mark;
	reading->last = *mark;
}

/* True for the first host that is quoted, or another one after "(in reply to
 * RCPT TO command)", "; host …" or in the next line of a transcript, but not
 * for one that a refusal quotes in turn. */
static bool speaks_anew(const struct reply_reading *reading, size_t from,
                        size_t to)
{
	static const char *const ends[] = {"(in reply to ", "; host ", "<<<"};
	if (!reading->found)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const char *at = nx_text_find(reading->text + from, ends[i]);
		if (at != NULL && at < reading->text + to)
			return true;
	}
	return false;
}

/* Goes through the marks; only those of further lines are dropped. */
static void read_marks(struct reply_reading *reading)
{
	size_t done = 0;
	for (size_t at = reading->start; reading->text[at] != '\0'; at++) {
		struct mark mark;
		if (!nx_text_is_digit(reading->text[at]))
			continue;
		if (!read_mark(reading, at, &mark))
			continue;
		if (continues(reading, &mark)) {
			join(reading, done, at);
			if (nx_status_is_none(reading->mark.status))
				reading->mark.status = mark.status;
			reading->last = mark;
		} else if (begins(reading, &mark)) {
			if (speaks_anew(reading, done, at) && mark.opens &&
			    is_quoted(reading, at)) {
				reading->is_first = !reading->found;
				reading->said = reading->size + at - done;
			}
			begin(reading, &mark);
			join(reading, done, mark.behind);
			reading->words = reading->size;
		} else {
			continue;
		}
		done = mark.behind;
		at = mark.behind - 1;
	}
	join(reading, done, done + strlen(reading->text + done));
	reading->joined[reading->size] = '\0';
}

/* A status inside the words: "(#5.1.1)" always, others when they agree with
 * the code. */
static struct nx_status inner_status(const struct reply_reading *reading,
                                     const char *words)
{
	struct nx_status status;
	size_t at = 0;
	if (!nx_status_find(words, &status, &at))
		return (struct nx_status){0};
	bool marked = at > 0 && words[at - 1] == '#';
	if (marked || !reading->found ||
	    status.class == reading->mark.code / 100)
		return status;
	return (struct nx_status){0};
}

/* Removes "(in reply to RCPT TO command)", wherever it stands. */
static void cut_brackets(char *text)
{
	static const char *const starts[] = {"(in reply to ",
	                                     "(delivery attempts: "};
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		const char *at = text;
		while ((at = nx_text_find(at, starts[i])) != NULL) {
			const char *end = strchr(at, ')');
			if (end == NULL)
				break;
			memset(text + (at - text), ' ', (size_t)(end - at) + 1);
		}
	}
}

/* qmail's last line. */
static void cut_giving_up(char *text)
{
	static const char start[] = "Giving up on ";
	const char *at = nx_text_find(text, start);
	while (at != NULL) {
		const char *host = at + strlen(start);
		size_t size = strcspn(host, " \t\r\n");
		if (memchr(host, '.', size) == NULL &&
		    memchr(host, ':', size) == NULL)
			return;
		memset(text + (at - text), ' ', strlen(start) + size);
		at = nx_text_find(host, start);
	}
}

/* Where the other side's words start without a code: "Remote host said: no such
 * domain", "… after RCPT TO:<a@b>: no such domain"; 0 when no such words are
 * found. */
static size_t quoted_words(const char *text)
{
	static const struct {
		const char *start, *end;
	} frames[] = {
	        {"host said", ": "},
	        {"] said", ": "},
	        {"SMTP error from remote mail server after RCPT TO", ">: "},
	        {"SMTP error from remote mail server after", ": "},
	};
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		const char *at = nx_text_find(text, frames[i].start);
		if (at != NULL)
			at = strstr(at, frames[i].end);
		if (at != NULL)
			return (size_t)(at - text) + strlen(frames[i].end);
	}
	return 0;
}

/* What may stand before everything else: "smtp;", "#<", a status. */
static void skip_front(struct reply_reading *reading)
{
	const char *text = reading->text;
	size_t at = 0;
	for (;;) {
		while (text[at] != '\0' && strchr(" \t\r\n#<-(", text[at]))
			at++;
		struct nx_status status;
		size_t size = nx_status_parse(text + at, &status);
		if (size > 0 && nx_status_is_none(reading->lead)) {
			reading->lead = status;
			at += size;
			continue;
		}
		if (!nx_text_starts(text + at, "smtp;"))
			break;
		reading->typed = true;
		at += 5;
	}
	reading->start = at;
}

static bool is_number_of_system(const char *type)
{
	return strcmp(type, "x-unix") == 0 || strcmp(type, "unix") == 0;
}

static void find_phase(const struct reply_reading *reading,
                       struct nx_reply *out)
{
	const char *text = reading->text;
	const char *from = text + reading->phase_from;
	out->phase = nx_phase_find(from, strlen(from));
	if (out->phase == NX_PHASE_NONE && reading->phase_from > 0)
		out->phase = nx_phase_find(text, strlen(text));
}

static void finish(struct reply_reading *reading, struct nx_reply *out)
{
	if (reading->found) {
		out->code = reading->mark.code;
		out->status = reading->mark.status;
	}
	if (nx_status_is_none(out->status))
		out->status =
		        inner_status(reading, reading->joined + reading->words);
	bool at_start = !reading->found || reading->mark.at == reading->start;
	if (nx_status_is_none(out->status) && at_start)
		out->status = reading->lead;
	if (!reading->found)
		reading->said = quoted_words(reading->joined);
	if (reading->found || reading->said > 0) {
		cut_brackets(reading->joined);
		cut_giving_up(reading->joined);
	}
	out->text =
	        nx_text_squeeze(reading->ctx, reading->joined + reading->said,
	                        reading->size - reading->said);
	reading->joined[reading->said] = '\0';
	if (reading->said > 0 && (reading->is_first || !reading->found))
		out->front = nx_text_squeeze(reading->ctx, reading->joined,
		                             reading->said);
}

void nx_reply_parse(TALLOC_CTX *ctx, const char *diagnostic,
                    struct nx_reply *out)
{
	const char *type = "";
	struct reply_reading reading = {.ctx = ctx};
	*out = (struct nx_reply){.text = "", .front = ""};
	reading.text = nx_fields_typed(ctx, diagnostic, &type);
	reading.typed = *type != '\0';
	if (is_number_of_system(type)) {
		out->text = reading.text;
		return;
	}
	skip_front(&reading);
	reading.joined = talloc_size(ctx, strlen(reading.text) + 1);
	read_marks(&reading);
	find_phase(&reading, out);
	finish(&reading, out);
}
