/* SPDX-License-Identifier: ISC */
#ifndef NX_EXPORT_CSV_REPORT_H
#define NX_EXPORT_CSV_REPORT_H

#include "store/store.h"

#include <stdio.h>

/*
 * The CSV reports: RFC 4180 with safe cells (base/csv.h), and a first line
 * that names the columns. Columns keep their names and their order; new ones
 * are added after them.
 *
 * bounces       time, address, class, reason, fault, status, reply,
 *               diagnostic, remote_mta, reporting_mta, rule, trust, stream,
 *               message_id, event
 * complaints    time, address, reason, feedback_type, incidents, list_id,
 *               reporting_mta, trust, stream, message_id, event
 * unsubscribes  time, address, reason, list_id, reporting_mta, trust, stream,
 *               message_id, event
 * suppressions  address, holds_for, stream, class, reason, since, until,
 *               rung
 * blocked       time, address, stream, class, reason, since, until, sender,
 *               queue_id, source
 *
 * Times are RFC 3339 in UTC; "never" is the end of a lease that has no end;
 * what is absent is an empty cell. The class of a suppression and of a blocked
 * attempt is what the lease rests on: hard, soft, complaint, unsubscribe or
 * manual. rung counts from 1. event is the id of the event. blocked lists
 * refused attempts, with the stream to be mailed and the lease as the attempt
 * left it, who sent the mail and its queue id, where that is known, and where
 * it was asked: check, access, policy or door. bounces lists those of class
 * hard and soft, whatever the fault.
 */
bool nx_csv_report_is_known(const char *name);
const char *nx_csv_report_names(
        void); /* "bounces, complaints, …" for messages */

/* For [since, until), by the time nixie learnt of it; suppressions are those
 * that hold at until. */
NX_MUST_USE bool nx_csv_report_print(struct nx_store *store, const char *name,
                                     int64_t since, int64_t until, FILE *out,
                                     struct nx_error *err);

#endif
