/* SPDX-License-Identifier: ISC */
#include "pool/request.h"

#include "pool/frame.h"

#include <string.h>

struct nx_request *nx_request_new(TALLOC_CTX *ctx, struct nx_job *job)
{
	struct nx_request *request = talloc_zero(ctx, struct nx_request);
	request->job = job;
	return request;
}

void nx_request_pack(struct nx_request *request)
{
	const struct nx_job *job = request->job;
	if (request->head != NULL)
		return;
	nx_prescan_message(request, job->bytes, job->size, &request->prescan);
	if (request->prescan.size > NX_FRAME_BYTES) {
		request->prescan.size = request->prescan.whole = NX_FRAME_BYTES;
		request->prescan.capped = true;
	}
	const struct nx_input input = {
	        .prescan = request->prescan,
	        .envelope = job->envelope,
	        .explain = job->explain,
	};
	request->head = nx_frame_write(request, &input, &request->head_size);
}

size_t nx_request_size(const struct nx_request *request)
{
	return request->head != NULL
	               ? request->head_size + request->prescan.size
	               : request->job->size;
}

void nx_request_answer(struct nx_request *request, const char *line,
                       size_t size)
{
	request->job->done(request->job, line, size, false);
	talloc_free(request);
}

void nx_request_give_up(struct nx_request *request, const char *cause)
{
	const char *line = nx_record_unparsed(request, cause);
	request->job->done(request->job, line, strlen(line), true);
	talloc_free(request);
}

void nx_request_drop(struct nx_request *request)
{
	request->job->done(request->job, "", 0, false);
	talloc_free(request);
}

void nx_queue_append(struct nx_queue *queue, struct nx_request *request)
{
	request->next = NULL;
	if (queue->first == NULL)
		queue->first = request;
	else
		queue->last->next = request;
	queue->last = request;
}

void nx_queue_prepend(struct nx_queue *queue, struct nx_request *request)
{
	request->next = queue->first;
	if (queue->first == NULL)
		queue->last = request;
	queue->first = request;
}

struct nx_request *nx_queue_take(struct nx_queue *queue)
{
	struct nx_request *request = queue->first;
	if (request != NULL)
		queue->first = request->next;
	return request;
}
