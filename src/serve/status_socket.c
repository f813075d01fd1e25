/* SPDX-License-Identifier: ISC */
#include "serve/status_socket.h"

#include "sys/file.h"
#include "sys/unix_client.h"

#include <string.h>

enum { BACKLOG = 8 };

struct nx_status_socket {
	struct nx_status_socket_options options;
	struct nx_listener listener;
	uv_pipe_t pipe;
	bool closing;
	size_t open; /* handles */
};

struct status_client {
	struct nx_status_socket *status_socket;
	uv_pipe_t pipe;
};

static void one_less(struct nx_status_socket *status_socket)
{
	status_socket->open--;
	if (status_socket->closing && status_socket->open == 0)
		talloc_free(status_socket);
}

static void caller_closed(uv_handle_t *handle)
{
	struct status_client *caller = handle->data;
	struct nx_status_socket *status_socket = caller->status_socket;
	talloc_free(caller);
	one_less(status_socket);
}

static void tell(struct status_client *caller)
{
	const struct nx_status_socket_options *options =
	        &caller->status_socket->options;
	struct nx_json_out *out = nx_json_out_new(caller);
	options->tell(options->user, out);
	nx_json_out_end(out);
	char *line = talloc_asprintf(caller, "%s\n", out->text);
	uv_buf_t buffer = uv_buf_init(line, (unsigned)strlen(line));
	/* one line fits into the buffer of a new socket */
	(void)uv_try_write((uv_stream_t *)&caller->pipe, &buffer, 1);
}

static void on_caller(uv_stream_t *stream, int result)
{
	struct nx_status_socket *status_socket = stream->data;
	if (result < 0)
		return;
	struct status_client *caller =
	        talloc_zero(status_socket, struct status_client);
	caller->status_socket = status_socket;
	uv_pipe_init(status_socket->options.loop, &caller->pipe, 0);
	caller->pipe.data = caller;
	status_socket->open++;
	if (uv_accept(stream, (uv_stream_t *)&caller->pipe) == 0)
		tell(caller);
	uv_close((uv_handle_t *)&caller->pipe, caller_closed);
}

static void listen_socket_closed(uv_handle_t *handle)
{
	one_less(handle->data);
}

bool nx_status_socket_open(TALLOC_CTX *ctx,
                           const struct nx_status_socket_options *options,
                           const struct nx_listener *listener,
                           struct nx_status_socket **out, struct nx_error *err)
{
	struct nx_status_socket *status_socket =
	        talloc_zero(ctx, struct nx_status_socket);
	status_socket->options = *options;
	status_socket->listener = *listener;
	status_socket->listener.path =
	        talloc_strdup(status_socket, listener->path);
	uv_pipe_init(options->loop, &status_socket->pipe, 0);
	status_socket->pipe.data = status_socket;
	status_socket->open = 1;
	if (uv_pipe_open(&status_socket->pipe, listener->descriptor) == 0 &&
	    uv_listen((uv_stream_t *)&status_socket->pipe, BACKLOG,
	              on_caller) == 0) {
		*out = status_socket;
		return true;
	}
	nx_status_socket_close(status_socket);
	return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: cannot listen",
	                    listener->path);
}

void nx_status_socket_close(struct nx_status_socket *status_socket)
{
	if (status_socket == NULL)
		return;
	nx_listen_remove(&status_socket->listener);
	status_socket->closing = true;
	uv_close((uv_handle_t *)&status_socket->pipe, listen_socket_closed);
}

/* --- asking --------------------------------------------------------------- */

bool nx_status_socket_query(TALLOC_CTX *ctx, const char *path, char **line,
                            struct nx_error *err)
{
	size_t size;
	NX_CLOSES int descriptor = -1;
	if (!nx_unix_client_connect(path, &descriptor, err) ||
	    !nx_file_read_all(ctx, descriptor, line, &size, err))
		return false;
	if (size == 0 || (*line)[size - 1] != '\n')
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: no whole answer", path);
	(*line)[size - 1] = '\0';
	return true;
}
