/* SPDX-License-Identifier: ISC */
#include "report/readers/usable.h"

#include "base/text.h"
#include "mail/address.h"
#include "report/conditions/detectors.h"
#include "report/conditions/fold.h"
#include "report/ours.h"

#include <string.h>

static bool is_one_of(TALLOC_CTX *ctx, const struct nx_phrases *phrases,
                      const char *text)
{
	return nx_phrases_hit(phrases, nx_fold(ctx, text, strlen(text)));
}

char *nx_usable_lead(TALLOC_CTX *ctx, const char *line, size_t size)
{
	char *text = talloc_strndup(ctx, line, size);

	while (size > 0 && strchr(" \t<\"'([*->|.,;", text[size - 1]))
		text[--size] = '\0';
	if (nx_text_ends(text, "smtp:") || nx_text_ends(text, "rfc822:"))
		*strrchr(text, ':') = '\0';
	return text + strspn(text, " \t<\"'([*->|");
}

bool nx_usable_address(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address, const char *before)
{
	const char *at = strrchr(address, '@');

	const struct nx_wording *wording = &report->detectors->wording;

	if (!at || !strchr(at, '.') ||
	    is_one_of(ctx, &wording->offices, address))
		return false;
	return (!*before ||
	        !is_one_of(ctx, &wording->others,
	                   nx_usable_lead(ctx, before, strlen(before)))) &&
	       nx_address_is_valid(ctx, address) &&
	       !nx_report_is_ours(ctx, report, address);
}
