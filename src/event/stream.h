/* SPDX-License-Identifier: ISC */
#ifndef NX_EVENT_STREAM_H
#define NX_EVENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Streams of mail: newsletters, receipts, the mail of one customer. A stream is
 * bulk, which people may want no more of, or transactional, which they asked
 * for. What is remembered of an address holds for some mail, and a question is
 * about some mail; whether the one covers the other is told here.
 */
enum nx_reach { /* for what mail something holds, the widest first */
	        NX_REACH_ALL = 0,
	        NX_REACH_BULK,   /* all bulk mail */
	        NX_REACH_DOMAIN, /* the bulk mail of one sending domain */
	        NX_REACH_STREAM  /* one stream */
};

struct nx_mail {
	enum nx_reach reach;
	const char *name; /* of the sending domain or stream; else "" */
	bool by_hand;     /* what was done by hand stands apart from what mail
	                     led to: neither takes the place of the other */
};

bool nx_mail_is_same(const struct nx_mail *one, const struct nx_mail *other);

enum nx_stream_kind {
	NX_STREAM_UNKNOWN = 0, /* nobody said which: only what holds for all
	                          mail counts */
	NX_STREAM_BULK,
	NX_STREAM_TRANSACTIONAL
};

struct nx_question {        /* may mail of this stream be sent? */
	const char *stream; /* its name, or "" */
	enum nx_stream_kind kind;
	const char *const *domain; /* that it is sent from, the last NULL; NULL
	                              or none: not known */
};

struct nx_stream { /* as configured: any of these makes mail of that stream */
	const char *name;
	enum nx_stream_kind kind;
	const char *const *recipient; /* that its reports are sent to; each list
	                                 ends with NULL */
	const char *const *tag;       /* in "local+tag@" of such a recipient */
	const char *const *list_id;
	const char *const *domain; /* that it is sent from */
	const char *const *login;  /* of whoever sends it by SMTP */
};

struct nx_streams {
	const struct nx_stream *stream;
	size_t count;         /* 0: all mail is one bulk stream */
	const char *fallback; /* of questions without a stream, or "" */
};

/* The stream of that name, or NULL. */
const struct nx_stream *nx_streams_find(const struct nx_streams *streams,
                                        const char *name);

struct nx_origin {             /* what a report tells of the mail it is about */
	const char *recipient; /* of the report */
	const char *list_id;
	const char *domain; /* that the mail was sent from */
};

/* The stream of that mail, by recipient, tag, List-Id and sending domain in
 * that order; NULL when none is known. */
const struct nx_stream *nx_streams_of(const struct nx_streams *streams,
                                      const struct nx_origin *origin);

struct nx_submitter {       /* of mail that is about to be sent */
	const char *login;  /* to SMTP, or "" */
	const char *sender; /* of the envelope, in normal form, or "" */
};

/* The stream of mail of that login; else, as a report about it would come to
 * its sender, of that recipient, tag or sending domain; NULL when none is
 * known. */
const struct nx_stream *nx_streams_of_submitter(
        const struct nx_streams *streams, const struct nx_submitter *submitter);

/* The question about mail of that stream; "" is the fallback. A name that is
 * not configured is a bulk stream. */
struct nx_question nx_question_of(const struct nx_streams *streams,
                                  const char *stream);

/* Whether what holds for that mail holds for the mail that is asked for. A
 * sending domain covers bulk streams that are sent from it, from domains below
 * it or from one that it is below, and those whose domains are not known. */
bool nx_question_covers(const struct nx_question *question,
                        const struct nx_mail *mail);

const char *nx_reach_name(enum nx_reach reach); /* "all", "bulk", … */
bool nx_reach_of_name(const char *name, enum nx_reach *out);

#endif
