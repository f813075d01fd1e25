/* SPDX-License-Identifier: ISC */
#include "pool/channel.h"

#include "pool/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	INPUT_SIZE = 2 * NX_ANSWER_SIZE,
	BUFFER_SIZE = 1024 * 1024 /* asked of the kernel, which may give less */
};

static struct nx_request **at(struct nx_channel *channel, size_t index)
{
	return &channel->window[(channel->first + index) % NX_CHANNEL_WINDOW];
}

static int close_channel(struct nx_channel *channel)
{
	close(channel->descriptor);
	return 0;
}

struct nx_channel *nx_channel_new(TALLOC_CTX *ctx, int place, int descriptor)
{
	struct nx_channel *channel = talloc_zero(ctx, struct nx_channel);
	channel->place = place;
	channel->descriptor = descriptor;
	channel->filling = true;
	channel->input = talloc_size(channel, INPUT_SIZE);
	talloc_set_destructor(channel, close_channel);
	const int size = BUFFER_SIZE;
	setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(descriptor, F_SETFL, O_NONBLOCK);
	return channel;
}

bool nx_channel_has_room(const struct nx_channel *channel,
                         const struct nx_request *request)
{
	return channel->filling && !channel->closing && !channel->hung_up &&
	       channel->cause == NULL && channel->count < NX_CHANNEL_WINDOW &&
	       (channel->count == 0 ||
	        channel->bytes + nx_request_size(request) <= NX_CHANNEL_BYTES);
}

void nx_channel_give(struct nx_channel *channel, struct nx_request *request)
{
	if (channel->count == 0)
		channel->silence = 0;
	nx_request_pack(request);
	*at(channel, channel->count) = request;
	channel->count++;
	channel->given++;
	channel->bytes += nx_request_size(request);
	if (channel->count == NX_CHANNEL_WINDOW)
		channel->filling = false;
}

void nx_channel_retire(struct nx_channel *channel)
{
	channel->closing = true;
}

/* Lists the unsent rest of the window as pieces. */
static int gather(struct nx_channel *channel,
                  struct iovec piece[2 * NX_CHANNEL_WINDOW])
{
	int pieces = 0;
	size_t skip = channel->offset;
	for (size_t i = channel->sent; i < channel->count; i++) {
		const struct nx_request *request = *at(channel, i);
		const struct iovec part[2] = {
		        {(void *)request->head, request->head_size},
		        {(void *)request->prescan.bytes,
		         request->prescan.size}};
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

static void mark_sent(struct nx_channel *channel, size_t bytes)
{
	channel->offset += bytes;
	while (channel->sent < channel->count) {
		const size_t size =
		        nx_request_size(*at(channel, channel->sent));
		if (channel->offset < size)
			return;
		channel->offset -= size;
		channel->sent++;
	}
}

bool nx_channel_send(struct nx_channel *channel)
{
	while (channel->sent < channel->count && !channel->hung_up) {
		struct iovec piece[2 * NX_CHANNEL_WINDOW];
		const struct msghdr message = {
		        .msg_iov = piece,
		        .msg_iovlen = (size_t)gather(channel, piece)};
		const ssize_t n = sendmsg(channel->descriptor, &message,
		                          MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0)
			mark_sent(channel, (size_t)n);
		else if (errno == EAGAIN)
			return false;
		else if (errno != EINTR)
			return true; /* its end will be noticed when reading */
	}
	if (channel->closing)
		shutdown(channel->descriptor, SHUT_WR);
	return true;
}

void nx_channel_receive(struct nx_channel *channel)
{
	channel->end -= channel->start;
	memmove(channel->input, channel->input + channel->start, channel->end);
	channel->start = 0;
	const ssize_t n =
	        recv(channel->descriptor, channel->input + channel->end,
	             INPUT_SIZE - channel->end, MSG_DONTWAIT);
	if (n > 0)
		channel->end += channel->muted ? 0 : (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		channel->hung_up = true;
}

/* The very first answer is empty: the worker is in its sandbox. */
static bool is_greeting(struct nx_channel *channel, size_t size)
{
	const bool greeting = !channel->ready && size == 0;
	channel->ready |= greeting;
	return greeting;
}

enum nx_channel_result nx_channel_next(struct nx_channel *channel,
                                       const char **record, size_t *size)
{
	do {
		const enum nx_frame_state state = nx_answer_read(
		        channel->input + channel->start,
		        channel->end - channel->start, record, size);
		if (state == NX_FRAME_BAD)
			return NX_CHANNEL_NONSENSE;
		if (state == NX_FRAME_PART)
			return NX_CHANNEL_QUIET;
		channel->start += NX_ANSWER_HEAD + *size + 1;
	} while (is_greeting(channel, *size));
	channel->silence = 0;
	if (!channel->ready || channel->sent == 0 ||
	    !nx_answer_is_record(*record, *size))
		return NX_CHANNEL_NONSENSE;
	channel->answered++;
	return NX_CHANNEL_ANSWER;
}

static bool await_greeting(struct nx_channel *channel, int wait_ms)
{
	const char *record;
	size_t size;
	while (!channel->ready && !channel->hung_up &&
	       nx_worker_host_await(channel->descriptor, wait_ms)) {
		nx_channel_receive(channel);
		(void)nx_channel_next(channel, &record, &size);
	}
	return channel->ready;
}

bool nx_channel_await(struct nx_channel *channel,
                      const struct nx_worker_host *host, int wait_ms,
                      struct nx_error *err)
{
	if (await_greeting(channel, wait_ms))
		return true;
	const struct nx_worker_host_report report =
	        nx_worker_host_receive(host, wait_ms);
	if (report.event == NX_WORKER_HOST_ENDED && WIFEXITED(report.status) &&
	    WEXITSTATUS(report.status) == NX_WORKER_NO_SANDBOX)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "the system refuses the sandbox (seccomp) "
		                    "that mail is read in");
	if (report.event == NX_WORKER_HOST_SPAWN_FAILED)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no worker process can be had: %s",
		                    strerror(report.status));
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "the worker process does not start");
}

struct nx_request *nx_channel_take(struct nx_channel *channel)
{
	if (channel->count == 0)
		return NULL;
	struct nx_request *request = *at(channel, 0);
	channel->first = (channel->first + 1) % NX_CHANNEL_WINDOW;
	channel->count--;
	channel->bytes -= nx_request_size(request);
	if (channel->sent > 0)
		channel->sent--;
	if (channel->count <= NX_CHANNEL_WINDOW / 2)
		channel->filling = true;
	return request;
}

static struct nx_request *take_out(struct nx_channel *channel, size_t index)
{
	struct nx_request *request = *at(channel, index);
	for (size_t i = index; i > 0; i--)
		*at(channel, i) = *at(channel, i - 1);
	*at(channel, 0) = request;
	return nx_channel_take(channel);
}

struct nx_request *nx_channel_take_failed(struct nx_channel *channel,
                                          const struct nx_worker_slot *slot)
{
	const unsigned begun = atomic_load(&slot->begun);
	const unsigned finished = atomic_load(&slot->finished);
	/* Answers that it held back are lost, which is not the fault of their
	 * messages. */
	const unsigned index = finished - channel->answered;
	if (channel->muted || begun == finished || index >= channel->sent ||
	    nx_worker_lacked_charsets(channel->status))
		return NULL;
	return take_out(channel, index);
}

/* The limit of processor time sends SIGXCPU first. */
bool nx_channel_was_shot(const struct nx_channel *channel)
{
	return channel->cause == NULL && WIFSIGNALED(channel->status) &&
	       WTERMSIG(channel->status) == SIGKILL;
}

const char *nx_channel_cause(TALLOC_CTX *ctx, const struct nx_channel *channel)
{
	if (channel->cause != NULL)
		return channel->cause;
	if (WIFSIGNALED(channel->status) &&
	    WTERMSIG(channel->status) == SIGXCPU)
		return "took too long";
	if (WIFSIGNALED(channel->status))
		return talloc_asprintf(ctx, "killed by signal %d",
		                       WTERMSIG(channel->status));
	if (WEXITSTATUS(channel->status) == NX_WORKER_NO_MEMORY)
		return "out of memory";
	return talloc_asprintf(ctx, "ended with status %d",
	                       WEXITSTATUS(channel->status));
}
