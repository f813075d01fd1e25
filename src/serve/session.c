/* SPDX-License-Identifier: ISC */
#include "serve/session.h"

#include "serve/log.h"

#include <string.h>
#include <sys/socket.h>

enum {
	AWAY = 256, /* clients being turned away for lack of room, at a time */
	PENDING_SIZE = 64 * 1024,
	LINGER_MS = 2000,
	SESSION_MS = 3600 * 1000,
	PACE_MS = 30 * 1000, /* in which a message must grow by … */
	PACE_BYTES = 1024
};

static int64_t now_of(const struct nx_session *session)
{
	return (int64_t)uv_now(session->shared->loop);
}

/* --- the end -------------------------------------------------------------- */

static void free_session(struct nx_session *session)
{
	session->shared->held -= session->granted;
	session->shared->sessions--;
	*session->back = session->next;
	if (session->next != NULL)
		session->next->back = session->back;
	talloc_free(session);
}

static void peer_closed(uv_handle_t *handle)
{
	struct nx_session *session = handle->data;
	session->closed = true;
	if (!session->offered)
		free_session(session);
}

void nx_session_close(struct nx_session *session)
{
	if (session->closing)
		return;
	session->closing = true;
	uv_close(&session->peer.handle, peer_closed);
}

/* Closing a socket with unread bytes may discard our last reply. */
static void linger(struct nx_session *session)
{
	session->lingering = true;
	session->last_word = now_of(session);
	session->pending_size = 0;
	if (nx_lmtp_has_quit(session->lmtp) ||
	    uv_shutdown(&session->shutdown, &session->peer.stream, NULL) != 0)
		nx_session_close(session);
}

/* --- output --------------------------------------------------------------- */

static void advance(struct nx_session *session);

static void written(uv_write_t *write, int status)
{
	struct nx_session *session = write->data;
	session->writing = false;
	if (session->closing)
		return;
	if (status < 0)
		nx_session_close(session);
	else
		advance(session);
}

/* Writes what the socket accepts; the rest follows when it can. */
static void flush(struct nx_session *session)
{
	size_t size;
	const char *output = nx_lmtp_output(session->lmtp, &size);
	if (size == 0 || session->writing || session->closing)
		return;
	session->last_word = now_of(session);
	uv_buf_t buffer = uv_buf_init((char *)output, (unsigned)size);
	const int n = uv_try_write(&session->peer.stream, &buffer, 1);
	if (n < 0 && n != UV_EAGAIN) {
		nx_session_close(session);
		return;
	}
	nx_lmtp_sent(session->lmtp, n > 0 ? (size_t)n : 0);
	output = nx_lmtp_output(session->lmtp, &size);
	if (size == 0)
		return;
	buffer = uv_buf_init(talloc_memdup(session->lmtp, output, size),
	                     (unsigned)size);
	nx_lmtp_sent(session->lmtp, size);
	session->write.data = session;
	session->writing = uv_write(&session->write, &session->peer.stream,
	                            &buffer, 1, written) == 0;
	if (!session->writing)
		nx_session_close(session);
}

/* --- a whole message ------------------------------------------------------ */

/* False: the session is gone. */
static bool is_back(struct nx_session *session)
{
	session->offered = false;
	if (!session->closed)
		return true;
	free_session(session);
	return false;
}

static void answered(void *user, const enum nx_lmtp_answer *answer)
{
	struct nx_session *session = user;
	if (!is_back(session))
		return;
	nx_lmtp_answer(session->lmtp, answer);
	if (!session->closing)
		advance(session);
}

static void answered_at_door(void *user,
                             const struct nx_lmtp_door_answer *answer)
{
	struct nx_session *session = user;
	if (!is_back(session))
		return;
	nx_lmtp_answer_door(session->lmtp, answer);
	if (!session->closing)
		advance(session);
}

static void append_rest(struct nx_session *session)
{
	char mark[NX_LARGE_MESSAGE_MARK];
	const size_t size = nx_large_message_end(&session->large, mark);
	if (size > 0)
		nx_lmtp_append(session->lmtp, mark, size);
}

static struct nx_envelope *envelopes_of(TALLOC_CTX *ctx,
                                        const struct nx_lmtp_message *message)
{
	struct nx_envelope *envelope =
	        talloc_array(ctx, struct nx_envelope, message->recipients);
	for (size_t i = 0; i < message->recipients; i++)
		envelope[i] = (struct nx_envelope){
		        .sender = message->sender,
		        .sender_known = true,
		        .recipient = message->recipient[i].address,
		        .original_recipient = message->recipient[i].original,
		        .queue_id = message->queue_id,
		};
	return envelope;
}

static void defer(struct nx_session *session)
{
	enum nx_lmtp_answer answer[NX_LMTP_RECIPIENTS];
	for (size_t i = 0; i < NX_LMTP_RECIPIENTS; i++)
		answer[i] = NX_LMTP_FULL;
	nx_lmtp_answer(session->lmtp, answer);
}

/* What is allocated here is freed with the transaction. */
static void hand_over(struct nx_session *session,
                      const struct nx_lmtp_message *message)
{
	TALLOC_CTX *ctx = nx_lmtp_context(session->lmtp);
	append_rest(session);
	session->submission = (struct nx_submission){
	        .bytes = message->bytes,
	        .size = message->size,
	        .whole = message->total,
	        .envelope = envelopes_of(ctx, message),
	        .recipients = message->recipients,
	        .source = "lmtp",
	};
	session->offered = true;
	nx_pipeline_submit(session->shared->pipeline, &session->submission,
	                   answered, session);
}

static void ask_at_door(struct nx_session *session,
                        const struct nx_lmtp_message *message)
{
	const struct nx_lmtp_door_answer *at_once = nx_door_ask(
	        nx_lmtp_context(session->lmtp), session->shared->pipeline,
	        &session->door, message, answered_at_door, session);
	session->offered = at_once == NULL;
	if (at_once != NULL)
		nx_lmtp_answer_door(session->lmtp, at_once);
}

/* --- input ---------------------------------------------------------------- */

/* Releases bytes that were held for a message when it is gone. */
static void settle(struct nx_session *session)
{
	const int64_t held = (int64_t)nx_lmtp_held(session->lmtp);
	session->shared->held -= session->granted - held;
	session->granted = held;
}

static void note_pace(struct nx_session *session)
{
	if (!nx_lmtp_is_in_data(session->lmtp)) {
		session->data_since = 0;
		return;
	}
	if (session->data_since > 0)
		return;
	session->data_since = session->data_mark = now_of(session);
	session->data_marked = 0;
	session->large = (struct nx_large_message){.size = 0};
}

static void after_feeding(struct nx_session *session)
{
	const struct nx_lmtp_message *message = nx_lmtp_message(session->lmtp);
	if (message == NULL || session->offered)
		message = NULL;
	else if (session->is_door)
		ask_at_door(session, message);
	else if (message->lost)
		defer(session);
	else
		hand_over(session, message);
	if (session->shared->draining && !session->offered &&
	    !nx_lmtp_is_in_data(session->lmtp) &&
	    !nx_lmtp_is_over(session->lmtp))
		nx_lmtp_shut(session->lmtp, "4.3.2 ending, come again");
	note_pace(session);
	settle(session);
	flush(session);
}

static bool is_busy(const struct nx_session *session)
{
	return session->offered || session->writing || session->closing ||
	       session->lingering;
}

static void read_on(struct nx_session *session);

/* Uses what was read, as far as it can be used now. */
static void advance(struct nx_session *session)
{
	after_feeding(session);
	while (session->pending_size > 0 && !is_busy(session) &&
	       !nx_lmtp_is_over(session->lmtp)) {
		const size_t used = nx_lmtp_feed(
		        session->lmtp, session->pending, session->pending_size);
		session->pending_size -= used;
		memmove(session->pending, session->pending + used,
		        session->pending_size);
		after_feeding(session);
	}
	if (nx_lmtp_is_over(session->lmtp) && !is_busy(session))
		linger(session);
	read_on(session);
}

static void put_aside(struct nx_session *session, const char *bytes,
                      size_t size)
{
	const size_t wanted = session->pending_size + size;
	if (wanted > session->pending_room) {
		session->pending_room = wanted;
		session->pending =
		        talloc_realloc(session, session->pending, char, wanted);
	}
	memcpy(session->pending + session->pending_size, bytes, size);
	session->pending_size = wanted;
}

static void take_bytes(struct nx_session *session, const char *bytes,
                       size_t size)
{
	if (session->lingering)
		return;
	size_t used = 0;
	if (!is_busy(session) && session->pending_size == 0)
		used = nx_lmtp_feed(session->lmtp, bytes, size);
	if (used < size && !nx_lmtp_is_over(session->lmtp))
		put_aside(session, bytes + used, size - used);
	advance(session);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct nx_session *session = stream->data;
	if (n > 0)
		take_bytes(session, buffer->base, (size_t)n);
	else if (n < 0)
		nx_session_close(session);
}

static void give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	const struct nx_session *session = handle->data;
	(void)wanted;
	*out = uv_buf_init(session->shared->input, NX_SESSION_READ);
}

/* Does not read from a client that does not read, or that sends ahead without
 * end. */
static void read_on(struct nx_session *session)
{
	const bool wanted = !session->closing && !session->writing &&
	                    session->pending_size < PENDING_SIZE;
	if (session->closing || wanted == session->reading)
		return;
	session->reading = wanted;
	if (wanted)
		uv_read_start(&session->peer.stream, give_buffer, on_read);
	else
		uv_read_stop(&session->peer.stream);
}

/* --- the beginning -------------------------------------------------------- */

static bool take_room(void *user, size_t more)
{
	struct nx_session *session = user;
	struct nx_lmtp_shared *shared = session->shared;
	if (shared->held + (int64_t)more > shared->limits.memory)
		return false;
	shared->held += (int64_t)more;
	session->granted += (int64_t)more;
	return true;
}

static bool is_ours(void *user, const char *domain)
{
	const struct nx_session *session = user;
	const struct nx_lmtp_shared *shared = session->shared;
	for (size_t i = 0; i < shared->domains; i++)
		if (strcmp(shared->domain[i], domain) == 0)
			return true;
	return shared->domains == 0;
}

static void take_beyond(void *user, const char *bytes, size_t size)
{
	struct nx_session *session = user;
	nx_large_message_add(&session->large, bytes, size);
}

/* That of the socket; one that the configuration does not name refuses. */
static void find_door(struct nx_session *session, const char *name)
{
	const struct nx_lmtp_shared *shared = session->shared;
	session->is_door = shared->door != NULL;
	session->door = (struct nx_door){.stream = ""};
	for (size_t i = 0; session->is_door && i < shared->doors; i++)
		if (strcmp(shared->door[i].name, name) == 0)
			session->door = shared->door[i];
	session->door.stream = talloc_strdup(session, session->door.stream);
}

static void begin(struct nx_session *session)
{
	struct nx_lmtp_shared *shared = session->shared;
	const bool is_door = session->is_door;
	const struct nx_lmtp_options options = {
	        .host = talloc_strdup(session, shared->host),
	        .keep = is_door ? NX_DOOR_KEEP : NX_PRESCAN_BYTES,
	        .size = is_door ? 0 : (size_t)shared->limits.size,
	        .beyond = is_door ? NULL : take_beyond,
	        .room = take_room,
	        .is_ours = is_door ? NULL : is_ours,
	        .is_door = is_door,
	        .user = session,
	};
	session->lmtp = nx_lmtp_new(session, &options);
	session->since = session->last_word = now_of(session);
	session->next = shared->first;
	session->back = &shared->first;
	if (shared->first != NULL)
		shared->first->back = &session->next;
	shared->first = session;
	shared->sessions++;
	if ((int64_t)shared->sessions > shared->limits.sessions)
		nx_lmtp_turn_away(session->lmtp, "4.3.2 too many sessions");
}

/* LMTP has no login; for a local client the kernel knows the user. */
static void log_peer(const struct nx_session *session)
{
	uv_os_fd_t descriptor;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	struct nx_log log;
	if (uv_fileno(&session->peer.handle, &descriptor) != 0 ||
	    getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return;
	TALLOC_CTX *ctx = talloc_new(NULL);
	nx_log_init(ctx, &log, false);
	nx_log_begin(&log, "session");
	nx_log_number(&log, "pid", peer.pid);
	nx_log_number(&log, "uid", peer.uid);
	nx_log_number(&log, "gid", peer.gid);
	nx_log_end(&log);
	nx_log_flush(&log);
	talloc_free(ctx);
}

struct nx_session *nx_session_accept(struct nx_lmtp_shared *shared,
                                     uv_stream_t *from,
                                     const struct nx_listener *listener)
{
	struct nx_session *session = talloc_zero(shared, struct nx_session);
	session->shared = shared;
	const int status = nx_listen_accept(shared->loop, from,
	                                    listener->is_unix, &session->peer);
	session->peer.handle.data = session;
	find_door(session, listener->wanted);
	begin(session);
	if (status != 0 ||
	    (int64_t)shared->sessions > shared->limits.sessions + AWAY) {
		nx_session_close(session);
		return NULL;
	}
	if (listener->is_unix && !nx_lmtp_is_over(session->lmtp))
		log_peer(session);
	advance(session);
	return session;
}

/* --- patience ------------------------------------------------------------- */

void nx_session_shut(struct nx_session *session, const char *text)
{
	if (nx_lmtp_is_over(session->lmtp) || session->offered)
		return;
	nx_lmtp_shut(session->lmtp, text);
	advance(session);
}

void nx_session_drain(struct nx_session *session, bool at_once)
{
	if (at_once || !nx_lmtp_is_in_data(session->lmtp))
		nx_session_shut(session, "4.3.2 ending, come again");
}

static bool is_too_slow(struct nx_session *session, int64_t now)
{
	const struct nx_limits *limits = &session->shared->limits;
	if (session->data_since == 0)
		return now - session->last_word > limits->idle * 1000;
	const size_t total = nx_lmtp_total(session->lmtp);
	if (now - session->data_since > limits->data * 1000)
		return true;
	if (now - session->data_mark < PACE_MS)
		return false;
	const bool slow = total - session->data_marked < PACE_BYTES;
	session->data_mark = now;
	session->data_marked = total;
	return slow;
}

/* A client that does not even read its replies is closed without one. */
void nx_session_tick(struct nx_session *session, int64_t now)
{
	if (session->closing || session->offered)
		return;
	if (session->lingering) {
		if (now - session->last_word > LINGER_MS)
			nx_session_close(session);
		return;
	}
	const bool slow = is_too_slow(session, now);
	if (session->writing) {
		if (slow)
			nx_session_close(session);
		return;
	}
	if (slow)
		nx_session_shut(session, "4.4.2 too slow, come again");
	else if (now - session->since > SESSION_MS && session->data_since == 0)
		nx_session_shut(session, "4.4.2 that was long, come again");
}
