/* SPDX-License-Identifier: ISC */

/*
 * What smtpd may say to its filter: the first byte says how it is split into
 * packets, and after how many questions they are answered. However it is split,
 * whoever asks is answered once, in order, by lines that are whole.
 */
#include "fuzz.h"
#include "proto/smtpd_filter.h"

#include <string.h>
#include <talloc.h>

struct smtpd {
	struct nx_smtpd_filter *filter;
	char *told;
	size_t asked, answered, behind;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

/* Answers all who wait. */
static void answer(struct smtpd *smtpd)
{
	char reply[NX_SMTPD_FILTER_REPLY];
	int64_t until;
	while (nx_smtpd_filter_is_waiting(smtpd->filter, &until)) {
		need(until == (int64_t)smtpd->answered);
		const bool refuse = smtpd->answered % 2 == 1;
		if (refuse)
			need(nx_smtpd_filter_reply_of("REJECT no", reply));
		nx_smtpd_filter_answer(smtpd->filter, refuse ? reply : "");
		smtpd->answered++;
	}
}

static void take_output(struct smtpd *smtpd)
{
	size_t size;
	const char *output = nx_smtpd_filter_output(smtpd->filter, &size);
	if (size == 0)
		return;
	need(output[size - 1] == '\n');
	for (size_t i = 0; i < size; i++)
		need(output[i] == '\n' || (output[i] > 0 && output[i] != '\r'));
	need(strncmp(output, "filter-result|", 14) == 0 ||
	     strncmp(output, "register|", 9) == 0);
	smtpd->told = talloc_strndup_append(smtpd->told, output, size);
	nx_smtpd_filter_sent(smtpd->filter, size);
}

static void take_question(struct smtpd *smtpd)
{
	size_t size;
	if (nx_smtpd_filter_recipient(smtpd->filter, &size) == NULL)
		return;
	need(size < NX_SMTPD_FILTER_LINE);
	nx_smtpd_filter_wait(smtpd->filter, (int64_t)smtpd->asked);
	smtpd->asked++;
	if (smtpd->asked - smtpd->answered > smtpd->behind)
		answer(smtpd);
}

static char *converse(const char *bytes, size_t size, size_t packet,
                      size_t behind)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct smtpd smtpd = {.filter =
	                              talloc_zero(ctx, struct nx_smtpd_filter),
	                      .told = talloc_strdup(NULL, ""),
	                      .behind = behind};
	size_t used = 0;
	while (used < size) {
		const size_t left = size - used;
		const size_t taken =
		        nx_smtpd_filter_feed(smtpd.filter, bytes + used,
		                             left < packet ? left : packet);
		used += taken;
		take_question(&smtpd);
		if (taken == 0)
			answer(&smtpd);
		take_output(&smtpd);
	}
	answer(&smtpd);
	take_output(&smtpd);
	need(smtpd.asked == smtpd.answered);
	talloc_free(ctx);
	return smtpd.told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const char *bytes = (const char *)data + 1;
	const size_t behind = data[0] % 3;
	char *whole = converse(bytes, size - 1, size, behind);
	char *split = converse(bytes, size - 1, data[0] / 3 + 1, behind);
	need(strcmp(whole, split) == 0);
	talloc_free(whole);
	talloc_free(split);
	return 0;
}
