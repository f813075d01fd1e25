/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_READERS_H
#define NX_REPORT_READERS_READERS_H

#include "report/report.h"

/*
 * The readers that nx_report_read tries, one per file. A reader that recognises
 * the message fills the report (kind, format, what the format says) and returns
 * true; one that does not leaves it unchanged and returns false.
 */

/* A report before any reader has tried it: message, human, notice, original,
 * site and view are filled. formats, detectors and site may be NULL. */
struct nx_formats;
struct nx_report *nx_report_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const struct nx_detectors *detectors,
                                const struct nx_site *site,
                                const struct nx_message *message);

bool nx_reader_feedback(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_report *report);
bool nx_reader_delivery(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_report *report);

/* A delivery report that a notice returns in its text, part headers included:
 * tried only where the notice itself names no recipient, since otherwise it is
 * the mail that failed. */
bool nx_reader_passed_on(TALLOC_CTX *ctx, struct nx_report *report);
bool nx_reader_unsubscribe(TALLOC_CTX *ctx, struct nx_report *report);
bool nx_reader_automatic(struct nx_report *report);

/* Mail that looks like a delivery report, or quotes refusals, and is about no
 * recipient: challenges, messages of a mail server to its postmaster. Tried
 * before delivery reports. */
bool nx_reader_disguised(struct nx_report *report);

/* Mail from the mail system that no format recognises: the addresses that its
 * text calls unreachable. */
bool nx_reader_heuristic(TALLOC_CTX *ctx, struct nx_report *report);

/* The same, for a text that names no address at all: it is about the one
 * recipient that the returned message had. Tried when no other reader
 * recognises the mail. */
bool nx_reader_unnamed(TALLOC_CTX *ctx, struct nx_report *report);

struct nx_formats;
/* Adds to a delivery report the recipients that only its text reports as
 * failed. */
void nx_report_add_left_out(TALLOC_CTX *ctx, const struct nx_formats *formats,
                            struct nx_report *report);

/* What is known of a complaint without fields: its type. */
const struct nx_feedback *nx_report_feedback_of(TALLOC_CTX *ctx,
                                                const char *type);

/* Headers of the returned message, from a message/rfc822, message/global,
 * text/rfc822-headers or message/global-headers part. */
void nx_report_original(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_original *out);

/* An entry with every text "" and every number 0; NULL when the report is full
 * (NX_REPORT_RECIPIENTS). Pointers from earlier calls become invalid. */
struct nx_recipient *nx_report_add_recipient(TALLOC_CTX *ctx,
                                             struct nx_report *report);

/* The address belongs to the reporter or to us: one that the report was sent
 * to, that the returned message came from (report/ours.h), a list's, or one
 * that the administrator protects. No report is about it. */
bool nx_report_is_ours(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address);

/* The only address that a header such as To names; "" when there is none, and
 * when there are several. */
const char *nx_report_only_address(TALLOC_CTX *ctx, const char *value);

/* By its subject an answer to a bounce, or a forwarded bounce. */
bool nx_report_is_answer(TALLOC_CTX *ctx, const struct nx_report *report);

/* From a mailer-daemon or postmaster, or null sender and the subject of a
 * bounce: written by the mail system, not a vacation notice. */
bool nx_report_is_from_system(TALLOC_CTX *ctx, const struct nx_report *report);

#endif
