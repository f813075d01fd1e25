/* SPDX-License-Identifier: ISC */
#include "cli/tally.h"

#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

struct tally_row {
	enum nx_class class;
	const char *reason;
	size_t count;
};

struct nx_tally {
	struct tally_row *row;
	size_t rows;
};

struct nx_tally *nx_tally_new(TALLOC_CTX *ctx)
{
	return talloc_zero(ctx, struct nx_tally);
}

static void add_one(struct nx_tally *tally, const struct nx_verdict *verdict)
{
	for (size_t i = 0; i < tally->rows; i++) {
		struct tally_row *row = &tally->row[i];
		if (row->class == verdict->class &&
		    strcmp(row->reason, verdict->reason) == 0) {
			row->count++;
			return;
		}
	}
	tally->row = talloc_realloc(tally, tally->row, struct tally_row,
	                            (unsigned)tally->rows + 1);
	tally->row[tally->rows++] = (struct tally_row){
	        verdict->class, talloc_strdup(tally, verdict->reason), 1};
}

void nx_tally_add(struct nx_tally *tally, const struct nx_record *record)
{
	for (size_t i = 0; i < record->recipients; i++)
		add_one(tally, &record->recipient[i].verdict);
	if (record->recipients == 0)
		add_one(tally, &record->verdict);
}

static const int rank[] = {
        [NX_CLASS_HARD] = 0,      [NX_CLASS_SOFT] = 1,
        [NX_CLASS_COMPLAINT] = 2, [NX_CLASS_UNSUBSCRIBE] = 3,
        [NX_CLASS_NONE] = 4,
};

static int compare(const void *a, const void *b)
{
	const struct tally_row *left = a;
	const struct tally_row *right = b;
	if (left->class != right->class)
		return rank[left->class] - rank[right->class];
	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return strcmp(left->reason, right->reason);
}

void nx_tally_print(struct nx_tally *tally)
{
	if (tally->rows == 0)
		return;
	qsort(tally->row, tally->rows, sizeof(struct tally_row), compare);
	printf("\n%-12s %-24s %10s\n", "class", "reason", "recipients");
	for (size_t i = 0; i < tally->rows; i++) {
		const struct tally_row *row = &tally->row[i];
		printf("%-12s %-24s %10zu\n", nx_class_name(row->class),
		       nx_cli_escape(tally, row->reason), row->count);
	}
}
