/* SPDX-License-Identifier: ISC */
#include "pool/lane.h"

#include "pool/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	INPUT_SIZE = 2 * NX_ANSWER_SIZE,
	BUFFER_SIZE = 1024 * 1024 /* asked of the kernel; it may give less */
};

static struct nx_errand **at(struct nx_lane *lane, size_t index)
{
	return &lane->window[(lane->first + index) % NX_LANE_WINDOW];
}

static int close_channel(struct nx_lane *lane)
{
	close(lane->channel);
	return 0;
}

struct nx_lane *nx_lane_new(TALLOC_CTX *ctx, int place, int channel)
{
	struct nx_lane *lane = talloc_zero(ctx, struct nx_lane);
	lane->place = place;
	lane->channel = channel;
	lane->filling = true;
	lane->input = talloc_size(lane, INPUT_SIZE);
	talloc_set_destructor(lane, close_channel);
	const int size = BUFFER_SIZE;
	setsockopt(channel, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(channel, F_SETFL, O_NONBLOCK);
	return lane;
}

bool nx_lane_has_room(const struct nx_lane *lane,
                      const struct nx_errand *errand)
{
	return lane->filling && !lane->closing && !lane->hung_up &&
	       lane->cause == NULL && lane->count < NX_LANE_WINDOW &&
	       (lane->count == 0 ||
	        lane->bytes + nx_errand_size(errand) <= NX_LANE_BYTES);
}

void nx_lane_give(struct nx_lane *lane, struct nx_errand *errand)
{
	if (lane->count == 0)
		lane->silence = 0;
	nx_errand_pack(errand);
	*at(lane, lane->count) = errand;
	lane->count++;
	lane->given++;
	lane->bytes += nx_errand_size(errand);
	if (lane->count == NX_LANE_WINDOW)
		lane->filling = false;
}

void nx_lane_retire(struct nx_lane *lane)
{
	lane->closing = true;
}

/* The unsent rest of the window as a list of pieces. */
static int gather(struct nx_lane *lane, struct iovec piece[2 * NX_LANE_WINDOW])
{
	int pieces = 0;
	size_t skip = lane->offset;
	for (size_t i = lane->sent; i < lane->count; i++) {
		const struct nx_errand *errand = *at(lane, i);
		const struct iovec part[2] = {
		        {(void *)errand->head, errand->head_size},
		        {(void *)errand->scan.bytes, errand->scan.size}};
		for (int k = 0; k < 2; k++) {
			const size_t cut =
			        skip < part[k].iov_len ? skip : part[k].iov_len;
			skip -= cut;
			piece[pieces].iov_base = (char *)part[k].iov_base + cut;
			piece[pieces].iov_len = part[k].iov_len - cut;
			pieces += piece[pieces].iov_len > 0;
		}
	}
	return pieces;
}

static void mark_sent(struct nx_lane *lane, size_t bytes)
{
	lane->offset += bytes;
	while (lane->sent < lane->count) {
		const size_t size = nx_errand_size(*at(lane, lane->sent));
		if (lane->offset < size)
			return;
		lane->offset -= size;
		lane->sent++;
	}
}

bool nx_lane_send(struct nx_lane *lane)
{
	while (lane->sent < lane->count && !lane->hung_up) {
		struct iovec piece[2 * NX_LANE_WINDOW];
		const struct msghdr message = {
		        .msg_iov = piece,
		        .msg_iovlen = (size_t)gather(lane, piece)};
		const ssize_t n = sendmsg(lane->channel, &message,
		                          MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0)
			mark_sent(lane, (size_t)n);
		else if (errno == EAGAIN)
			return false;
		else if (errno != EINTR)
			return true; /* its end will be read */
	}
	if (lane->closing)
		shutdown(lane->channel, SHUT_WR);
	return true;
}

void nx_lane_receive(struct nx_lane *lane)
{
	lane->end -= lane->start;
	memmove(lane->input, lane->input + lane->start, lane->end);
	lane->start = 0;
	const ssize_t n = recv(lane->channel, lane->input + lane->end,
	                       INPUT_SIZE - lane->end, MSG_DONTWAIT);
	if (n > 0)
		lane->end += lane->deaf ? 0 : (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		lane->hung_up = true;
}

/* The first answer of all is empty: the sandbox stands. */
static bool is_greeting(struct nx_lane *lane, size_t size)
{
	const bool greeting = !lane->ready && size == 0;
	lane->ready |= greeting;
	return greeting;
}

enum nx_lane_news nx_lane_next(struct nx_lane *lane, const char **record,
                               size_t *size)
{
	do {
		const enum nx_frame_state state =
		        nx_answer_read(lane->input + lane->start,
		                       lane->end - lane->start, record, size);
		if (state == NX_FRAME_BAD)
			return NX_LANE_NONSENSE;
		if (state == NX_FRAME_PART)
			return NX_LANE_QUIET;
		lane->start += NX_ANSWER_HEAD + *size + 1;
	} while (is_greeting(lane, *size));
	lane->silence = 0;
	if (!lane->ready || lane->sent == 0 ||
	    !nx_answer_is_record(*record, *size))
		return NX_LANE_NONSENSE;
	lane->answered++;
	return NX_LANE_ANSWER;
}

static bool await_greeting(struct nx_lane *lane, int wait_ms)
{
	struct pollfd event = {.fd = lane->channel, .events = POLLIN};
	const char *record;
	size_t size;
	while (!lane->ready && !lane->hung_up && poll(&event, 1, wait_ms) > 0) {
		nx_lane_receive(lane);
		(void)nx_lane_next(lane, &record, &size);
	}
	return lane->ready;
}

bool nx_lane_await(struct nx_lane *lane, const struct nx_nursery *nursery,
                   int wait_ms, struct nx_error *err)
{
	if (await_greeting(lane, wait_ms))
		return true;
	const struct nx_nursery_report report =
	        nx_nursery_hear(nursery, wait_ms);
	if (report.news == NX_NURSERY_ENDED && WIFEXITED(report.status) &&
	    WEXITSTATUS(report.status) == NX_WORKER_NO_SANDBOX)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "the system refuses the sandbox (seccomp) "
		                    "that mail is read in");
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "the worker process does not start");
}

struct nx_errand *nx_lane_take(struct nx_lane *lane)
{
	if (lane->count == 0)
		return NULL;
	struct nx_errand *errand = *at(lane, 0);
	lane->first = (lane->first + 1) % NX_LANE_WINDOW;
	lane->count--;
	lane->bytes -= nx_errand_size(errand);
	if (lane->sent > 0)
		lane->sent--;
	if (lane->count <= NX_LANE_WINDOW / 2)
		lane->filling = true;
	return errand;
}

static struct nx_errand *take_out(struct nx_lane *lane, size_t index)
{
	struct nx_errand *errand = *at(lane, index);
	for (size_t i = index; i > 0; i--)
		*at(lane, i) = *at(lane, i - 1);
	*at(lane, 0) = errand;
	return nx_lane_take(lane);
}

struct nx_errand *nx_lane_take_culprit(struct nx_lane *lane,
                                       const struct nx_seat *seat)
{
	const unsigned begun = atomic_load(&seat->begun);
	const unsigned finished = atomic_load(&seat->finished);
	/* Answers that it held back are lost, and not for any fault of their
	 * messages. */
	const unsigned index = finished - lane->answered;
	if (lane->deaf || begun == finished || index >= lane->sent ||
	    nx_worker_lacked_charsets(lane->status))
		return NULL;
	return take_out(lane, index);
}

/* The limit of processor time says SIGXCPU first. */
bool nx_lane_was_shot(const struct nx_lane *lane)
{
	return lane->cause == NULL && WIFSIGNALED(lane->status) &&
	       WTERMSIG(lane->status) == SIGKILL;
}

const char *nx_lane_cause(TALLOC_CTX *ctx, const struct nx_lane *lane)
{
	if (lane->cause != NULL)
		return lane->cause;
	if (WIFSIGNALED(lane->status) && WTERMSIG(lane->status) == SIGXCPU)
		return "took too long";
	if (WIFSIGNALED(lane->status))
		return talloc_asprintf(ctx, "killed by signal %d",
		                       WTERMSIG(lane->status));
	return talloc_asprintf(ctx, "ended with status %d",
	                       WEXITSTATUS(lane->status));
}
