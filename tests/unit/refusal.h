/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_REFUSAL_H
#define NX_TESTS_REFUSAL_H

/* A refusal of mail from news@send.example to anna@kunde.example. */

#include "report/report.h"

static inline struct nx_report refusal_of(TALLOC_CTX *ctx,
                                          const char *diagnostic,
                                          struct nx_recipient *recipient)
{
	*recipient = (struct nx_recipient){
	        .address = "anna@kunde.example",
	        .original_recipient = "",
	        .final_recipient = "anna@kunde.example",
	        .actual_recipient = "",
	        .action = NX_ACTION_FAILED,
	        .remote_mta = "",
	        .diagnostic = diagnostic,
	};
	nx_reply_parse(ctx, diagnostic, &recipient->reply);
	recipient->status = recipient->reply.status;
	return (struct nx_report){
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "mx1.send.example",
	        .recipient = recipient,
	        .recipients = 1,
	        .original = {.return_path = "<b+1@rp.send.example>",
	                     .from = "News <news@send.example>"},
	};
}

#endif
