/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_REPORT_H
#define NX_REPORT_REPORT_H

#include "mail/fields.h"
#include "mail/message.h"
#include "mail/reply.h"
#include "report/site.h"

#include <stdint.h>

/*
 * What a message says about earlier mail: its kind and one entry per recipient.
 * Facts as reported, not judged. Absent text is "".
 */
enum nx_kind {
	NX_KIND_UNPARSED = 0, /* the worker could not read it */
	NX_KIND_OTHER,        /* ordinary mail, or nothing we recognise */
	NX_KIND_DELIVERY_REPORT,
	NX_KIND_FEEDBACK_REPORT,
	NX_KIND_UNSUBSCRIBE,
	NX_KIND_AUTO_REPLY
};

/* RFC 3464 section 2.3.3 */
enum nx_action {
	NX_ACTION_NONE = 0,
	NX_ACTION_FAILED,
	NX_ACTION_DELAYED,
	NX_ACTION_DELIVERED,
	NX_ACTION_RELAYED,
	NX_ACTION_EXPANDED
};

/* Which address of ours it is, if no report can be about it. */
enum nx_ours {
	NX_OURS_NOT = 0,
	NX_OURS_RETURN_PATH, /* the report came there, or the mail named it */
	NX_OURS_SENDER,      /* From or Sender of the returned message */
	NX_OURS_BOUNCES, /* "bounces", "owner-…" and the like, our domain */
	NX_OURS_MAIL_SYSTEM, /* postmaster and MAILER-DAEMON of any domain */
	NX_OURS_POSTMASTER,  /* the same, and the mail had no other recipient */
	NX_OURS_LIST,        /* a list that spread the returned message */
	NX_OURS_PROTECTED    /* the administrator protects it */
};

struct nx_recipient {
	/* the address that our list has, as the reader's best guess: original
	 * before final; spelling kept */
	const char *address;
	const char *original_recipient; /* RFC 3464 section 2.3.1, no type */
	const char *final_recipient;    /* RFC 3464 section 2.3.2, no type */
	const char *actual_recipient;   /* X-Actual-Recipient */
	enum nx_action action;
	/* the Status field, or the code in the reply where that is more
	 * precise: "5.0.0" in the field, "5.1.1" in the reply */
	struct nx_status status;
	struct nx_status status_field; /* the Status field as it is */
	bool status_is_translated;     /* made up by the reporter for a reply
	                                  without an enhanced code: it proves
	                                  nothing */
	/* RFC 3464 section 2.3.5, no type and no comment; or the host that the
	 * human part names */
	const char *remote_mta;
	const char *diagnostic_type; /* "smtp", "x-unix", …, lower case */
	/* RFC 3464 section 2.3.6; if that has no words, what the human part
	 * says of this recipient */
	const char *diagnostic;
	struct nx_reply reply; /* read from the diagnostic */
	int64_t last_attempt_date;
	const char *final_log_id;
	int64_t will_retry_until;
	bool redacted;     /* a complaint whose reporter hides the complainer:
	                      address is "" */
	enum nx_ours ours; /* set when the whole report has been read */
};

/* RFC 5965 section 3; if a field that may appear once is repeated, the first
 * counts. */
struct nx_feedback {
	const char *feedback_type; /* lower case */
	const char *user_agent;
	const char *version;
	const char *original_envelope_id;
	const char *original_mail_from;
	int64_t arrival_date; /* or Received-Date */
	const char *reporting_mta;
	const char *source_ip;
	const char *source_port;
	int64_t incidents; /* 1 when absent */
	/* every field, repeated ones too: Authentication-Results,
	 * Original-Rcpt-To, Reported-Domain, Redacted-Address, … */
	struct nx_fields all;
	/* When redacted: headers by which its sender may recognise it. */
	struct nx_fields clues;
};

/* Headers of the returned message, decoded. */
struct nx_original {
	const char *message_id;
	const char *return_path;
	const char *from;
	const char *to;
	const char *subject;
	const char *date;
	const char *list_id;
	const char *list_unsubscribe;
	const char *feedback_id;
	struct nx_fields headers; /* all of them */
};
struct nx_original nx_original_of(struct nx_fields headers);

enum { NX_OWN = 6 };

/* What a report shows of our own side (report/own.h); "" where there is
 * none. */
struct nx_own {
	bool known;
	/* of the returned message: from a part, or as they stand in the text
	 * after the notice */
	struct nx_fields headers;
	/* addresses in normal form without extensions */
	const char *return_path[NX_OWN];
	const char *sender[NX_OWN];
	const char *reporter[NX_OWN]; /* NULL until asked for */
	const char *domain[NX_OWN];
	const char *spread_by[NX_OWN]; /* headers that name a list */
};

enum { NX_REPORT_RECIPIENTS = 1000 };

struct nx_report {
	enum nx_kind kind;
	const char *format; /* "rfc3464", "rfc5965", "rfc3834", …, or "" */
	const char *original_envelope_id; /* RFC 3464 section 2.2 */
	const char *reporting_mta;
	const char *dsn_gateway;
	const char *received_from_mta;
	int64_t arrival_date;
	struct nx_recipient *recipient;
	size_t recipients;
	const struct nx_feedback *feedback; /* NULL unless a feedback report */
	struct nx_original original;
	const char *list; /* the list or stream an unsubscribe names, or "" */
	const char *explanation;  /* the report's text for people */
	struct nx_notice *notice; /* … what of it is judged */
	const struct nx_message *message;
	struct nx_view *view;                 /* … as detectors see it */
	const struct nx_detectors *detectors; /* read with these */
	const struct nx_formats *formats;     /* and these, or NULL */
	const struct nx_site *site;           /* never NULL */
	struct nx_own *own;
	bool was_own_refusal; /* … as was judged when there was a message */
	/* Some of what it says of earlier mail was cut off: parts, headers,
	 * prose or recipients. What it returns does not count. */
	bool truncated;
	/* … of the prose that it was read from: reading more of it is
	 * worthwhile. */
	bool wants_prose;
};

const char *nx_kind_name(enum nx_kind kind);       /* "delivery-report", … */
const char *nx_action_name(enum nx_action action); /* "failed", …, "" */
enum nx_kind nx_kind_of_name(const char *name);
enum nx_action nx_action_of_name(const char *name);
const char *nx_ours_name(enum nx_ours ours); /* "return-path", …, "" */
enum nx_ours nx_ours_of_name(const char *name);

/* A report before any reader has tried it. formats, detectors and site may be
 * NULL: none, and nothing is known of what is ours. */
struct nx_report *nx_report_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const struct nx_detectors *detectors,
                                const struct nx_site *site,
                                const struct nx_message *message);

/* Of whom nothing is known yet: every text is "" and every number 0. */
struct nx_recipient nx_recipient_empty(void);

/* Such an entry; NULL when the report is full. Pointers from earlier calls
 * become invalid. */
struct nx_recipient *nx_report_add_recipient(TALLOC_CTX *ctx,
                                             struct nx_report *report);

/* The recipient with that address, or NULL. */
struct nx_recipient *nx_report_find_recipient(const struct nx_report *report,
                                              const char *address);

/* Its text for people without the returned message: report/notice.h. */
const char *nx_report_notice(const struct nx_report *report);

/* From a mailer-daemon or postmaster, or null sender and the subject of a
 * bounce: written by the mail system, not a vacation notice. */
bool nx_report_is_from_system(const struct nx_report *report);

/* By its subject an answer to a bounce, or a forwarded bounce. */
bool nx_report_is_answer(const struct nx_report *report);

#endif
