/* SPDX-License-Identifier: ISC */
#include "serve/lmtp_listener.h"

#include "serve/session.h"

#include <unistd.h>

enum { HOST_SIZE = 256 };

struct nx_lmtp_listener {
	bool is_door;
	struct nx_lmtp_shared *shared;
	int64_t refused;
};

/* A client beyond the limit is told so; it needs no room, since it is not read
 * from. */
void nx_lmtp_listener_accept(void *user, uv_stream_t *from,
                             const struct nx_listener *listener)
{
	struct nx_lmtp_listener *lmtp_listener = user;
	struct nx_lmtp_shared *shared = lmtp_listener->shared;
	struct nx_session *session = nx_session_accept(shared, from, listener);
	if (session != NULL &&
	    (int64_t)shared->sessions > shared->limits.sessions)
		lmtp_listener->refused++;
}

static void take_domains(struct nx_lmtp_shared *shared,
                         const struct nx_config *config)
{
	const struct nx_site_names *domains = &config->site.domains;
	talloc_free(shared->domain);
	shared->domain = talloc_array(shared, const char *, domains->count);
	shared->domains = domains->count;
	for (size_t i = 0; i < domains->count; i++)
		shared->domain[i] =
		        talloc_strdup(shared->domain, domains->name[i]);
}

/* At least one, so that there is an array. */
static void take_doors(struct nx_lmtp_shared *shared,
                       const struct nx_config *config)
{
	struct nx_door *door =
	        talloc_array(shared, struct nx_door, config->doors + 1);
	for (size_t i = 0; i < config->doors; i++)
		door[i] = (struct nx_door){
		        .name = talloc_strdup(door, config->door[i].name),
		        .swallows = config->door[i].swallows,
		        .stream = talloc_strdup(door, config->door[i].stream)};
	talloc_free((void *)shared->door);
	shared->door = door;
	shared->doors = config->doors;
}

void nx_lmtp_listener_configure(struct nx_lmtp_listener *lmtp_listener,
                                const struct nx_config *config)
{
	char host[HOST_SIZE] = "localhost";
	struct nx_lmtp_shared *shared = lmtp_listener->shared;
	gethostname(host, sizeof(host) - 1);
	talloc_free(shared->host);
	shared->host =
	        talloc_strdup(shared, *config->host ? config->host : host);
	shared->limits = config->limits;
	take_domains(shared, config);
	if (lmtp_listener->is_door)
		take_doors(shared, config);
}

struct nx_lmtp_listener *nx_lmtp_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                              struct nx_pipeline *pipeline,
                                              const struct nx_config *config,
                                              bool is_door)
{
	struct nx_lmtp_listener *lmtp_listener =
	        talloc_zero(ctx, struct nx_lmtp_listener);
	lmtp_listener->is_door = is_door;
	lmtp_listener->shared =
	        talloc_zero(lmtp_listener, struct nx_lmtp_shared);
	lmtp_listener->shared->loop = loop;
	lmtp_listener->shared->pipeline = pipeline;
	nx_lmtp_listener_configure(lmtp_listener, config);
	return lmtp_listener;
}

void nx_lmtp_listener_drain(struct nx_lmtp_listener *lmtp_listener,
                            bool at_once)
{
	struct nx_session *next;
	lmtp_listener->shared->draining = true;
	for (struct nx_session *session = lmtp_listener->shared->first;
	     session != NULL; session = next) {
		next = session->next;
		nx_session_drain(session, at_once);
	}
}

size_t nx_lmtp_listener_sessions(const struct nx_lmtp_listener *lmtp_listener)
{
	return lmtp_listener->shared->sessions;
}

int64_t nx_lmtp_listener_refused(const struct nx_lmtp_listener *lmtp_listener)
{
	return lmtp_listener->refused;
}

void nx_lmtp_listener_tick(struct nx_lmtp_listener *lmtp_listener)
{
	const int64_t now = (int64_t)uv_now(lmtp_listener->shared->loop);
	struct nx_session *next;
	for (struct nx_session *session = lmtp_listener->shared->first;
	     session != NULL; session = next) {
		next = session->next;
		nx_session_tick(session, now);
	}
}

bool nx_lmtp_listener_is_empty(const struct nx_lmtp_listener *lmtp_listener)
{
	return lmtp_listener->shared->sessions == 0;
}
