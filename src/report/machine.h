/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_MACHINE_H
#define NX_REPORT_MACHINE_H

#include "report/format_rules.h"
#include "report/lines.h"

/*
 * The line machine at work on one message with one format: shared by its
 * files, nobody else.
 */
struct nx_listing {   /* where a recipient was named */
	bool named;   /* in the text, and not only in a header */
	bool above;   /* all that is known of him stands above (`before`) */
	size_t words; /* lines with words before it: none are between two of
	                 a list */
};

struct nx_machine {
	TALLOC_CTX *ctx;
	const struct nx_formats *formats;
	const struct nx_format *format;
	const char *text; /* the account, and the line above it */
	struct nx_report *report;
	struct nx_recipient *current; /* whom a diagnostic line is about */
	struct nx_recipient pending;  /* with `before`: told of those to come */
	struct nx_line list;   /* addresses that the line at hand names */
	const char *alias;     /* … and one for when nobody else is named */
	enum nx_action action; /* of the recipients named in this section */
	size_t indent;         /* of the line that named the current one */
	size_t words;          /* lines with words that were taken so far */
	struct nx_listing *listing; /* of each recipient */
	size_t of_header;           /* recipients that a header names */
	struct nx_line asked;       /* the last address that was asked about */
	enum nx_other other;        /* and whose it is */
	bool used;                  /* pending belongs to a recipient already */
	bool stopped;               /* no more words of the current recipient */
};

/* --- text (format_lines.c) ------------------------------------------------ */

/* A line as patterns see it: not longer than they can bear. */
size_t nx_machine_line_size(struct nx_line line);
bool nx_machine_is_cut(struct nx_line line);

/* Whether one of the patterns takes the line. */
bool nx_machine_takes(const struct nx_patterns *patterns, struct nx_line line);

/* The first line that a pattern takes, or NULL. */
const char *nx_machine_find_line(const struct nx_patterns *patterns,
                                 const char *text);

/* The text before the first line that a pattern takes. */
char *nx_machine_cut(TALLOC_CTX *ctx, const struct nx_patterns *patterns,
                     char *text);

/* The text with a line end wherever the format splits it. */
char *nx_machine_split(struct nx_machine *machine, char *text);

/* --- what a line tells (format_told.c) ------------------------------------ */

/* The address that words in a text are, as written; "" when they are none, and
 * when it does not stand there as a whole. */
const char *nx_machine_whole_address(struct nx_machine *machine,
                                     const char *text, struct nx_line words,
                                     struct nx_line *place);

/* A recipient who knows nothing yet. */
struct nx_recipient nx_machine_nothing(void);

/* The recipient of that address when there is one, or NULL. */
struct nx_recipient *nx_machine_known(const struct nx_machine *machine,
                                      const char *address);

/* The same, or a new one; NULL when the report is full. */
struct nx_recipient *nx_machine_recipient(struct nx_machine *machine,
                                          const char *address);

/* Adds what one line told to what is known of a recipient. */
void nx_machine_merge(struct nx_machine *machine,
                      struct nx_recipient *recipient,
                      const struct nx_recipient *told);

/* What the pattern makes of the line; false when it does not take it. */
bool nx_machine_tell(struct nx_machine *machine,
                     const struct nx_pattern *pattern, struct nx_line line,
                     struct nx_recipient *told);

/* Whom the line names, or "". */
const char *nx_machine_address(const struct nx_machine *machine,
                               const struct nx_recipient *told);

/* The address becomes the current recipient and is told the same. */
void nx_machine_take(struct nx_machine *machine, const char *address,
                     const struct nx_recipient *told);

/* The recipient is named here. */
struct nx_listing *nx_machine_list(struct nx_machine *machine,
                                   const struct nx_recipient *recipient);

/* "a@example.com, b@example.com": all are told the same. */
bool nx_machine_take_list(struct nx_machine *machine,
                          const struct nx_recipient *told);

/* --- whose words are whose (format_whose.c) ------------------------------- */

/* Whose the address at that place in the text is. A line and the pattern that
 * takes it ask about the same one, and the answer costs much. */
enum nx_other nx_machine_other(struct nx_machine *machine,
                               struct nx_line place);

/* The line begins with an address that is neither the current recipient's nor
 * ours: no more words of his. */
bool nx_machine_begins_another(struct nx_machine *machine, struct nx_line line);

/* The line names the sender or somebody to ask, or leads up to one that does,
 * and has no word of what happened. */
bool nx_machine_names_others(struct nx_machine *machine, struct nx_line line);

/* A header and the text that name different people: the text is right. Of those
 * who are in the header the text may leave out some. */
void nx_machine_drop_unnamed(struct nx_machine *machine);

/* One reason for the list right above it. */
void nx_machine_share(struct nx_machine *machine);

/* Of those whose reason stands above them, whom it does not name when it names
 * others have none. */
void nx_machine_withdraw(struct nx_machine *machine);

/* --- the whole (format_read.c) -------------------------------------------- */

/* Reads the account in the text; false when it names nobody. */
bool nx_machine_read(struct nx_machine *machine, char *text);

#endif
