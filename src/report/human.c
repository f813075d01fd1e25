/* SPDX-License-Identifier: ISC */
#include "report/human.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "mail/plain.h"
#include "report/lines.h"
#include "report/transcript.h"

#include <string.h>

enum {
	ACCOUNT_SIZE = 2048, /* of what is said about one recipient */
	MENTIONS = 20,       /* of an address that are looked at */
	WORD = 3             /* letters in a row that make a word */
};

/* A type that ends in "/" stands for all that begin so. */
static const char *part_text(const struct nx_message *message, const char *type)
{
	bool is_class = type[strlen(type) - 1] == '/';
	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		bool matches = is_class ? nx_text_starts(part->type, type)
		                        : strcmp(part->type, type) == 0;
		if (matches && part->text[strspn(part->text, " \t\n")] != '\0')
			return part->text;
	}
	return "";
}

const char *nx_human_text(TALLOC_CTX *ctx, const struct nx_message *message)
{
	const char *text = part_text(message, "text/plain");
	if (*text != '\0')
		return text;
	const char *html = part_text(message, "text/html");
	/* a multipart without parts has its text itself */
	return *html != '\0' ? nx_plain_of_html(ctx, html)
	                     : part_text(message, "multipart/");
}

/* --- the account of one recipient ---------------------------------------- */

static struct nx_line line_around(const char *text, const char *at)
{
	while (at > text && at[-1] != '\n')
		at--;
	return nx_line_at(at);
}

/* Commands of the transcript, and headers of the mail that is written about:
 * they name the recipient and say nothing of him. */
static bool says_nothing(struct nx_line line)
{
	static const char *const starts[] = {
	        ">>>",
	        "<<<",
	        "To:",
	        "Cc:",
	        "Bcc:",
	        "From:",
	        "Subject:",
	        "RCPT TO",
	        "Recipient:",
	        "Message-ID:",
	        "(expanded from",
	};
	line = nx_line_trim(line);
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		if (nx_text_starts(line.start, starts[i]))
			return true;
	}
	return false;
}

/* Where the words begin in the line that names the address: behind it when
 * the line starts with it, else with the line. */
static const char *words_start(struct nx_line line, const char *mention,
                               size_t size)
{
	struct nx_line trimmed = nx_line_trim(line);
	const char *start = trimmed.start;
	start += strspn(start, "<\"'(");
	if (start != mention)
		return trimmed.start;
	start = mention + size;
	return start + strspn(start, ".>\"'): \t");
}

/* An address and nothing else: the next one of a list. */
static bool is_lone_address(struct nx_line line)
{
	line = nx_line_trim(line);
	size_t size = strcspn(line.start, " \t\n");
	return line.start + size == line.end &&
	       memchr(line.start, '@', size) != NULL;
}

/* Text from start to the next blank line or the next recipient. */
static const char *paragraph(TALLOC_CTX *ctx, const char *start)
{
	struct nx_line line = nx_line_at(start);
	for (;;) {
		struct nx_line next = nx_line_at(nx_line_after(line));
		struct nx_line content = nx_line_trim(next);
		if (content.start == content.end || *next.start == '<')
			break;
		if (says_nothing(next) || is_lone_address(next))
			break;
		if (next.end - start > ACCOUNT_SIZE)
			break;
		line = next;
	}
	char *raw = talloc_strndup(ctx, start, (size_t)(line.end - start));
	return nx_text_squeeze(ctx, raw, ACCOUNT_SIZE);
}

/* "550 5.1.1 <anna@example.com>: ..." says more than "to anna@example.com". */
static bool tells_code(const char *text)
{
	return (*text == '4' || *text == '5') && nx_text_is_digit(text[1]) &&
	       nx_text_is_digit(text[2]) && !nx_text_is_digit(text[3]);
}

static const char *paragraph_of(TALLOC_CTX *ctx, const char *human,
                                const char *address)
{
	struct nx_line rest = {human, human + strlen(human)};
	const char *first = "";
	for (int i = 0; i < MENTIONS; i++) {
		const char *at = nx_line_mention(rest, address);
		if (at == NULL)
			return first;
		struct nx_line line = line_around(human, at);
		if (!says_nothing(line)) {
			const char *start =
			        words_start(line, at, strlen(address));
			const char *text = paragraph(ctx, start);
			if (nx_human_has_words(text) && tells_code(text))
				return text;
			if (nx_human_has_words(text) && *first == '\0')
				first = text;
		}
		rest.start = at + strlen(address);
	}
	return first;
}

/* "host mx.example.net[192.0.2.1] said: ..." */
static const char *named_host(TALLOC_CTX *ctx, const char *text)
{
	static const char word[] = "host ";
	for (const char *at = text; (at = strstr(at, word)) != NULL;) {
		at += strlen(word);
		size_t size = strcspn(at, " \t\n[:,;");
		const char *next = at + size + strspn(at + size, " ");
		if (*next == '[' && memchr(at, '.', size) != NULL)
			return talloc_strndup(ctx, at, size);
	}
	return "";
}

void nx_human_account(TALLOC_CTX *ctx, const char *human, const char *address,
                      struct nx_account *out)
{
	*out = (struct nx_account){.text = "", .mta = ""};
	if (*human == '\0' || *address == '\0')
		return;
	struct nx_transcript transcript;
	nx_transcript_read(ctx, human, address, &transcript);
	const char *words = paragraph_of(ctx, human, address);
	const struct nx_account by_rank[] = {
	        {transcript.own, transcript.own_mta},
	        {transcript.agent, ""},
	        {words, named_host(ctx, words)},
	        {transcript.shared, transcript.shared_mta},
	};
	for (size_t i = 0; i < sizeof by_rank / sizeof *by_rank; i++) {
		if (*by_rank[i].text == '\0')
			continue;
		*out = by_rank[i];
		return;
	}
}

const char *nx_human_only_address(TALLOC_CTX *ctx, const char *human)
{
	const char *found = "";
	for (struct nx_line line = nx_line_at(human); *line.start != '\0';
	     line = nx_line_at(nx_line_after(line))) {
		struct nx_line content = nx_line_trim(line);
		const char *close =
		        memchr(content.start, '>',
		               (size_t)(content.end - content.start));
		if (*content.start != '<' || close == NULL || close[1] != ':')
			continue;
		char *text =
		        talloc_strndup(ctx, content.start,
		                       (size_t)(close - content.start) + 1);
		const char *address = nx_address_of_field(ctx, text);
		if (*found != '\0' && !nx_text_equal(found, address))
			return "";
		if (*address != '\0')
			found = address;
	}
	return found;
}

/* --- words --------------------------------------------------------------- */

static bool has_any(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (nx_text_find(text, words[i]) != NULL)
			return true;
	}
	return false;
}

bool nx_human_tells_delay(const char *text)
{
	static const char *const words[] = {
	        "still being retried",
	        "will be retried",
	        "will retry",
	        "keep trying",
	        "continue to try",
	        "continue trying",
	        "still undelivered",
	        "could not send message for past",
	        "delayed mail",
	        "has been delayed",
	        "delivery delayed",
	        "delivery is delayed",
	        "Delivery Status Notification (Delay)",
	        "delivery incomplete",
	        "you do not need to resend",
	        "this is a warning message only",
	        "no action is required on your part",
	};
	return has_any(text, words, sizeof words / sizeof *words);
}

bool nx_human_tells_failure(const char *text)
{
	static const char *const words[] = {
	        "could not be delivered",
	        "could not deliver",
	        "couldn't be delivered",
	        "cannot be delivered",
	        "not be delivered",
	        "was not delivered",
	        "wasn't delivered",
	        "not delivered",
	        "not able to be delivered",
	        "unable to deliver",
	        "undeliver",
	        "failed",
	        "failure",
	        "returned mail",
	        "returned to sender",
	        "returning message to sender",
	        "giving up",
	        "permanent error",
	        "permanent fatal error",
	};
	return has_any(text, words, sizeof words / sizeof *words);
}

bool nx_human_has_words(const char *text)
{
	size_t letters = 0;
	for (; *text != '\0'; text++) {
		char lower = nx_text_to_lower(*text);
		bool is_letter = (lower >= 'a' && lower <= 'z') ||
		                 (unsigned char)*text >= 0x80;
		letters = is_letter ? letters + 1 : 0;
		if (letters == WORD)
			return true;
	}
	return false;
}
