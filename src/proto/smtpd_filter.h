/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_SMTPD_FILTER_H
#define NX_PROTO_SMTPD_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The side of a filter in the protocol of OpenSMTPD's filters
 * (smtpd-filters(7), versions 0.5 to 0.7, which say the same of what is used),
 * as a session without descriptors: lines in, recipients that are asked about,
 * lines out. It registers for RCPT TO alone, when it is attached to a listener,
 * and keeps nothing of a session of SMTP but who waits for an answer. What it
 * cannot read it ignores: whatever comes, it goes on.
 *
 * It is linked into a program of libc only, and asks for no memory.
 */
enum {
	NX_SMTPD_FILTER_LINE = 2048, /* octets of a line that are kept; a
	                                recipient that is longer passes */
	NX_SMTPD_FILTER_ID = 32,     /* octets of a session's id, of a token */
	NX_SMTPD_FILTER_REPLY = 256, /* octets of a reply, with its NUL */
	NX_SMTPD_FILTER_WAITING = 256,
	NX_SMTPD_FILTER_ANSWER =
	        2 * NX_SMTPD_FILTER_ID + NX_SMTPD_FILTER_REPLY + 32
};

struct nx_smtpd_filter_asker {
	char session[NX_SMTPD_FILTER_ID + 1], token[NX_SMTPD_FILTER_ID + 1];
	int64_t until;
};

struct nx_smtpd_filter { /* all zero at first */
	char line[NX_SMTPD_FILTER_LINE];
	size_t size;
	bool cut;              /* the line is longer */
	bool attached, ready;  /* to a listener; registered */
	const char *recipient; /* in the line; NULL: nobody asks */
	struct nx_smtpd_filter_asker waiting[NX_SMTPD_FILTER_WAITING];
	size_t first, count;
	char output[(NX_SMTPD_FILTER_WAITING + 2) * NX_SMTPD_FILTER_ANSWER];
	size_t filled;
};

/* Takes bytes of smtpd; returns how many were used: less than size when
 * somebody asks, or when so many wait, or so much output, that there is no room
 * for one more. Total. */
size_t nx_smtpd_filter_feed(struct nx_smtpd_filter *filter, const char *bytes,
                            size_t size);

/* The recipient that is asked about, as the client wrote it and without a NUL
 * at its end, until _wait; or NULL. */
const char *nx_smtpd_filter_recipient(const struct nx_smtpd_filter *filter,
                                      size_t *size);

/* Who asks waits behind all others; until is the owner's. */
void nx_smtpd_filter_wait(struct nx_smtpd_filter *filter, int64_t until);

/* Whether somebody waits; *until is of the one that waits longest. */
bool nx_smtpd_filter_is_waiting(const struct nx_smtpd_filter *filter,
                                int64_t *until);

/* Answers the one that waits longest. The reply is one of SMTP with its code,
 * 4xx or 5xx; "" lets the recipient pass. */
void nx_smtpd_filter_answer(struct nx_smtpd_filter *filter, const char *reply);

/* Makes a reply of SMTP out of a value of an access table: "REJECT text", whose
 * text may begin with an enhanced status code, or one that begins with a code
 * of SMTP; "" of DUNNO. False: it is none of them. */
bool nx_smtpd_filter_reply_of(const char *value,
                              char out[NX_SMTPD_FILTER_REPLY]);

/* The bytes to be sent; _sent drops so many of them. */
const char *nx_smtpd_filter_output(const struct nx_smtpd_filter *filter,
                                   size_t *size);
void nx_smtpd_filter_sent(struct nx_smtpd_filter *filter, size_t size);

#endif
