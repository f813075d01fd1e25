/* SPDX-License-Identifier: ISC */
#include "pool/errand.h"

#include "pool/frame.h"

#include <string.h>

struct nx_errand *nx_errand_new(TALLOC_CTX *ctx, struct nx_job *job)
{
	struct nx_errand *errand = talloc_zero(ctx, struct nx_errand);
	errand->job = job;
	return errand;
}

void nx_errand_pack(struct nx_errand *errand)
{
	const struct nx_job *job = errand->job;
	if (errand->head != NULL)
		return;
	nx_scan_message(errand, job->bytes, job->size, &errand->scan);
	if (errand->scan.size > NX_FRAME_BYTES) {
		errand->scan.size = errand->scan.whole = NX_FRAME_BYTES;
		errand->scan.capped = true;
	}
	const struct nx_input input = {
	        .scan = errand->scan,
	        .envelope = job->envelope,
	        .explain = job->explain,
	};
	errand->head = nx_frame_write(errand, &input, &errand->head_size);
}

size_t nx_errand_size(const struct nx_errand *errand)
{
	return errand->head != NULL ? errand->head_size + errand->scan.size
	                            : errand->job->size;
}

void nx_errand_answer(struct nx_errand *errand, const char *line, size_t size)
{
	errand->job->done(errand->job, line, size, false);
	talloc_free(errand);
}

void nx_errand_give_up(struct nx_errand *errand, const char *cause)
{
	const char *line = nx_record_unparsed(errand, cause);
	errand->job->done(errand->job, line, strlen(line), true);
	talloc_free(errand);
}

void nx_errand_drop(struct nx_errand *errand)
{
	errand->job->done(errand->job, "", 0, false);
	talloc_free(errand);
}

void nx_queue_append(struct nx_queue *queue, struct nx_errand *errand)
{
	errand->next = NULL;
	if (queue->first == NULL)
		queue->first = errand;
	else
		queue->last->next = errand;
	queue->last = errand;
}

void nx_queue_prepend(struct nx_queue *queue, struct nx_errand *errand)
{
	errand->next = queue->first;
	if (queue->first == NULL)
		queue->last = errand;
	queue->first = errand;
}

struct nx_errand *nx_queue_take(struct nx_queue *queue)
{
	struct nx_errand *errand = queue->first;
	if (errand != NULL)
		queue->first = errand->next;
	return errand;
}
