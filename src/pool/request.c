/* SPDX-License-Identifier: ISC */
#include "pool/request.h"

#include "pool/frame.h"

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
