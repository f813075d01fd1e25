/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_MACHINE_H
#define NX_REPORT_READERS_MACHINE_H

#include "report/conditions/formats.h"
#include "report/lines.h"
#include "report/readers/recipient.h"

/*
 * The line machine at work on one message with one format: shared by its files
 * only.
 */
struct nx_listing {   /* where a recipient was named */
	bool named;   /* in the text, and not only in a header */
	bool above;   /* all that is known of it stands above (`before`) */
	size_t words; /* lines with words before it: there are none between two
	                 of a list */
};

struct nx_machine {
	TALLOC_CTX *ctx;
	const struct nx_formats *formats;
	const struct nx_format *format;
	const char *text; /* the account, and the line above it */
	struct nx_report *report;
	struct nx_recipient *current; /* the subject of a diagnostic line */
	struct nx_recipient pending;  /* with `before`: for those to come */
	struct nx_line list;   /* addresses that the current line names */
	const char *alias;     /* … and one for use when no other is named */
	enum nx_action action; /* of the recipients named in this section */
	size_t indent;         /* of the line that named the current one */
	size_t words;          /* lines with words that were taken so far */
	struct nx_listing *listing; /* one per recipient */
	size_t of_header;           /* recipients that a header names */
	struct nx_line asked;       /* the last address that was asked about */
	enum nx_other other;        /* and whose it is */
	bool used;                  /* pending belongs to a recipient already */
	bool stopped; /* the current recipient gets no more words */
};

/* --- what a line says (machine_fields.c) -----------------------------------
 */

/* The address that words in a text are, as written; "" when they are not an
 * address, or when it does not stand there as a whole. */
const char *nx_machine_whole_address(struct nx_machine *machine,
                                     const char *text, struct nx_line words,
                                     struct nx_line *place);

/* The recipient of that address, or a new one; NULL when the report is full. */
struct nx_recipient *nx_machine_recipient(struct nx_machine *machine,
                                          const char *address);

/* Adds what one line says to what is known of a recipient. */
void nx_machine_merge(struct nx_machine *machine,
                      struct nx_recipient *recipient,
                      const struct nx_recipient *told);

/* What the pattern reads from the line; false when it does not match. */
bool nx_machine_tell(struct nx_machine *machine,
                     const struct nx_pattern *pattern, struct nx_line line,
                     struct nx_recipient *told);

/* The recipient that the line names, or "". */
const char *nx_machine_address(const struct nx_machine *machine,
                               const struct nx_recipient *told);

/* Makes the address the current recipient and merges told into it. */
void nx_machine_take(struct nx_machine *machine, const char *address,
                     const struct nx_recipient *told);

/* The entry of where this recipient was named. */
struct nx_listing *nx_machine_list(struct nx_machine *machine,
                                   const struct nx_recipient *recipient);

/* "a@example.com, b@example.com": the same is said of all. */
bool nx_machine_take_list(struct nx_machine *machine,
                          const struct nx_recipient *told);

/* --- whose words are whose (machine_whose.c) -------------------------------
 */

/* Whose the address at that place in the text is. A line and the pattern that
 * takes it ask about the same one, and the answer costs much. */
enum nx_other nx_machine_other(struct nx_machine *machine,
                               struct nx_line place);

/* The line begins with an address that is neither the current recipient's nor
 * ours: the words of the current recipient end. */
bool nx_machine_begins_another(struct nx_machine *machine, struct nx_line line);

/* The line names the sender or a contact, or introduces a line that does, and
 * says nothing about what happened. */
bool nx_machine_names_others(struct nx_machine *machine, struct nx_line line);

/* If the text names recipients that no header names, the text is right: drops
 * those that only a header names. Otherwise the text may leave some out. */
void nx_machine_drop_unnamed(struct nx_machine *machine);

/* Gives one reason to the whole list directly above it. */
void nx_machine_share(struct nx_machine *machine);

/* Where the reason stands above the recipients: those that it does not name,
 * although it names others, lose it. */
void nx_machine_withdraw(struct nx_machine *machine);

/* --- the whole (machine_read.c) --------------------------------------------
 */

/* Reads the account in the text; false when it names no recipient. */
bool nx_machine_read(struct nx_machine *machine, char *text);

#endif
