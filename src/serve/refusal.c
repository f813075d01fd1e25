/* SPDX-License-Identifier: ISC */
#include "serve/refusal.h"

#include <string.h>

const char *nx_refusal_text(TALLOC_CTX *ctx, enum nx_cause cause,
                            const char *reason)
{
	const char *class = nx_cause_name(cause);
	const bool is_told = *reason && strcmp(reason, class) != 0;

	return talloc_asprintf(ctx, "5.7.1 suppressed by nixie (%s%s%.*s)",
	                       class, is_told ? " " : "",
	                       is_told ? NX_REFUSAL_REASON : 0, reason);
}
