/* SPDX-License-Identifier: ISC */
#include "config/read_listeners.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { MAIL_PORT = 25, MOST_PORT = 65535 };

/* --- one socket ----------------------------------------------------------- */

/* Every client that can connect to the port can send anything: there is no
 * login. */
static bool is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static bool parse_path(const struct nx_yaml *node, struct nx_listen *out,
                       struct nx_error *err)
{
	const struct sockaddr_un *address = NULL;
	out->path = out->name + strlen("unix:");
	if (*out->path != '/')
		return nx_yaml_error(
		        err, node, "%s: the path must begin with /", out->name);
	if (strlen(out->path) >= sizeof(address->sun_path))
		return nx_yaml_error(err, node,
		                     "%s: longer than a socket's path may be",
		                     out->name);
	return true;
}

static bool parse_host(TALLOC_CTX *ctx, const struct nx_yaml *node,
                       struct nx_listen *out, struct nx_error *err)
{
	const char *colon = strrchr(out->name, ':');
	char *end = NULL;
	const char *host = out->name;
	size_t size = colon != NULL ? (size_t)(colon - host) : 0;
	if (size > 2 && host[0] == '[' && host[size - 1] == ']') {
		host++;
		size -= 2;
	}
	out->host = talloc_strndup(ctx, host, size);
	const long port = colon != NULL ? strtol(colon + 1, &end, 10) : 0;
	if (colon == NULL || end == colon + 1 || *end != '\0' || port < 0 ||
	    port > MOST_PORT)
		return nx_yaml_error(err, node,
		                     "%s: neither unix:PATH nor HOST:PORT",
		                     out->name);
	out->port = (int)port;
	if (port == MAIL_PORT)
		return nx_yaml_error(err, node,
		                     "%s: port 25 is for SMTP alone (RFC 2033)",
		                     out->name);
	return true;
}

static bool parse_mode(const struct nx_yaml *map, struct nx_listen *out,
                       struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "mode");
	if (node == NULL)
		return true;
	char *end = NULL;
	const long mode = strtol(node->text, &end, 8);
	if (end == node->text || *end != '\0' || mode < 0 || mode > 0777)
		return nx_yaml_error(
		        err, node, "mode: an octal number is wanted, as 0660");
	if ((mode & S_IWOTH) != 0)
		return nx_yaml_error(err, node,
		                     "mode: with %s anybody on this host could "
		                     "connect: name a group instead",
		                     node->text);
	out->mode = (int)mode;
	return true;
}

static bool has_file_keys(const struct nx_yaml *map)
{
	return nx_yaml_get(map, "owner") != NULL ||
	       nx_yaml_get(map, "group") != NULL ||
	       nx_yaml_get(map, "mode") != NULL;
}

struct sockets {
	const char *key;
	const char *const *keys; /* of an entry */
	bool is_anywhere;        /* not only on loopback … */
	const char *hint;        /* … or why not, behind the error; or NULL */
	struct nx_listen *listen;
	size_t count;
};

static bool read_listen(TALLOC_CTX *ctx, const struct nx_yaml *map,
                        const struct sockets *sockets, struct nx_listen *out,
                        struct nx_error *err)
{
	*out = (struct nx_listen){
	        .path = "", .host = "", .owner = "", .group = "", .mode = 0660};
	if (!nx_yaml_need_text(map, "listen", &out->name, err) ||
	    !nx_yaml_take_text(map, "owner", &out->owner, err) ||
	    !nx_yaml_take_text(map, "group", &out->group, err) ||
	    !parse_mode(map, out, err))
		return false;
	const struct nx_yaml *node = nx_yaml_get(map, "listen");
	if (nx_text_starts(out->name, "unix:"))
		return parse_path(node, out, err);
	if (has_file_keys(map))
		return nx_yaml_error(err, node,
		                     "%s: owner, group and mode are for unix "
		                     "sockets",
		                     out->name);
	return parse_host(ctx, node, out, err) &&
	       (sockets->is_anywhere || is_loopback(out->host) ||
	        nx_yaml_error(err, node,
	                      "%s: not a loopback address (127.0.0.1 or "
	                      "[::1])%s",
	                      out->name,
	                      sockets->hint != NULL ? sockets->hint : ""));
}

/* --- lists of them -------------------------------------------------------- */

static bool is_among(const struct nx_listen *listen, size_t count,
                     const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(listen[i].name, name) == 0)
			return true;
	return false;
}

/* The list, or NULL when there is none; false: it is none. */
static bool find_list(TALLOC_CTX *ctx, const struct nx_yaml *root,
                      struct sockets *sockets, const struct nx_yaml **out,
                      struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(root, sockets->key);
	*out = list;
	if (list == NULL)
		return true;
	sockets->listen = talloc_array(ctx, struct nx_listen, list->count);
	if (list->kind != NX_YAML_LIST)
		return nx_yaml_error(err, list, "%s: must be a list",
		                     sockets->key);
	return true;
}

/* No socket is for two services. */
static bool read_entry(TALLOC_CTX *ctx, const struct nx_yaml *item,
                       const struct nx_config *before, struct sockets *sockets,
                       struct nx_error *err)
{
	struct nx_listen *out = &sockets->listen[sockets->count];
	if (!nx_yaml_check_keys(item, sockets->keys, err) ||
	    !read_listen(ctx, item, sockets, out, err))
		return false;
	if (is_among(before->lmtp, before->lmtps, out->name) ||
	    is_among(before->ask, before->asks, out->name) ||
	    is_among(before->blocked, before->doors, out->name) ||
	    is_among(sockets->listen, sockets->count++, out->name))
		return nx_yaml_error(err, item, "%s is there twice", out->name);
	return true;
}

static bool read_lmtp(TALLOC_CTX *ctx, const struct nx_yaml *root,
                      struct nx_config *out, struct nx_error *err)
{
	static const char *const keys[] = {"listen", "owner", "group", "mode",
	                                   NULL};
	struct sockets sockets = {.key = "lmtp", .keys = keys};
	const struct nx_yaml *list;
	if (!find_list(ctx, root, &sockets, &list, err))
		return false;
	for (const struct nx_yaml *item = list != NULL ? list->first : NULL;
	     item != NULL; item = item->next)
		if (!read_entry(ctx, item, out, &sockets, err))
			return false;
	out->lmtp = sockets.listen;
	out->lmtps = sockets.count;
	return true;
}

/* --- ask ------------------------------------------------------------------ */

static bool parse_protocol(const struct nx_yaml *map, struct nx_asked *out,
                           struct nx_error *err)
{
	const char *name;
	if (!nx_yaml_need_text(map, "protocol", &name, err))
		return false;
	return nx_asked_protocol_of_name(name, &out->protocol) ||
	       nx_yaml_error(err, nx_yaml_get(map, "protocol"),
	                     "protocol: socketmap, tcp_table or policy");
}

/* Whose protocol names no map is told it here. */
static bool parse_map(const struct nx_yaml *map, struct nx_asked *out,
                      struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "map");
	if (out->protocol != NX_ASK_TCP_TABLE)
		return node == NULL ||
		       nx_yaml_error(err, node, "map: is for tcp_table alone");
	if (!nx_yaml_need_text(map, "map", &out->map, err))
		return false;
	const size_t size = strcspn(out->map, ":/");
	return nx_asked_map_of_name(out->map, size) != NX_ASKED_UNKNOWN ||
	       nx_yaml_error(err, node,
	                     "map: access, transport or check, and :STREAM "
	                     "where it is for one");
}

static bool parse_transport(const struct nx_yaml *map, struct nx_asked *out,
                            struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, "transport");
	if (!nx_yaml_take_text(map, "transport", &out->transport, err))
		return false;
	if (node != NULL && out->protocol == NX_ASK_POLICY)
		return nx_yaml_error(err, node, "transport: is not for policy");
	for (const char *at = out->transport; *at != '\0'; at++)
		if ((unsigned char)*at <= ' ')
			return nx_yaml_error(err, node,
			                     "transport: TRANSPORT:NEXTHOP is "
			                     "wanted, without blanks");
	return strlen(out->transport) < NX_ASK_TEXT ||
	       nx_yaml_error(err, node, "transport: it is too long");
}

static bool parse_trouble(const struct nx_yaml *map, struct nx_asked *out,
                          struct nx_error *err)
{
	const char *name = "closed";
	if (!nx_yaml_take_text(map, "on_trouble", &name, err))
		return false;
	out->open = strcmp(name, "open") == 0;
	return out->open || strcmp(name, "closed") == 0 ||
	       nx_yaml_error(err, nx_yaml_get(map, "on_trouble"),
	                     "on_trouble: open or closed");
}

static bool read_asked(const struct nx_yaml *map, struct nx_asked *out,
                       struct nx_error *err)
{
	*out = (struct nx_asked){.map = "", .transport = NX_ASKED_NEXT_HOP};
	return parse_protocol(map, out, err) && parse_map(map, out, err) &&
	       parse_transport(map, out, err) && parse_trouble(map, out, err);
}

static bool read_ask(TALLOC_CTX *ctx, const struct nx_yaml *root,
                     struct nx_config *out, struct nx_error *err)
{
	static const char *const keys[] = {"listen",    "protocol",   "map",
	                                   "transport", "on_trouble", "owner",
	                                   "group",     "mode",       NULL};
	struct sockets sockets = {.key = "ask", .keys = keys};
	const struct nx_yaml *list;
	if (!find_list(ctx, root, &sockets, &list, err))
		return false;
	struct nx_asked *asked = talloc_array(ctx, struct nx_asked,
	                                      list != NULL ? list->count : 0);
	for (const struct nx_yaml *item = list != NULL ? list->first : NULL;
	     item != NULL; item = item->next) {
		const size_t i = sockets.count;
		if (!read_entry(ctx, item, out, &sockets, err) ||
		    !read_asked(item, &asked[i], err))
			return false;
	}
	out->ask = sockets.listen;
	out->asked = asked;
	out->asks = sockets.count;
	return true;
}

/* --- blocked -------------------------------------------------------------- */

static bool read_door(const struct nx_yaml *map, struct nx_door *out,
                      struct nx_error *err)
{
	const char *answer = "refuse";
	out->stream = "";
	if (!nx_yaml_take_text(map, "answer", &answer, err) ||
	    !nx_yaml_take_text(map, "stream", &out->stream, err))
		return false;
	out->swallows = strcmp(answer, "swallow") == 0;
	return out->swallows || strcmp(answer, "refuse") == 0 ||
	       nx_yaml_error(err, nx_yaml_get(map, "answer"),
	                     "answer: refuse or swallow");
}

static bool read_blocked(TALLOC_CTX *ctx, const struct nx_yaml *root,
                         struct nx_config *out, struct nx_error *err)
{
	static const char *const keys[] = {
	        "listen", "answer", "stream", "owner", "group", "mode", NULL};
	struct sockets sockets = {.key = "blocked", .keys = keys};
	const struct nx_yaml *list;
	if (!find_list(ctx, root, &sockets, &list, err))
		return false;
	struct nx_door *door = talloc_array(ctx, struct nx_door,
	                                    list != NULL ? list->count : 0);
	for (const struct nx_yaml *item = list != NULL ? list->first : NULL;
	     item != NULL; item = item->next) {
		const size_t i = sockets.count;
		if (!read_entry(ctx, item, out, &sockets, err) ||
		    !read_door(item, &door[i], err))
			return false;
		door[i].name = sockets.listen[i].name;
	}
	out->blocked = sockets.listen;
	out->door = door;
	out->doors = sockets.count;
	return true;
}

/* --- http ----------------------------------------------------------------- */

static bool read_tokens(TALLOC_CTX *ctx, const struct nx_yaml *map,
                        struct nx_http *out, struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(map, "tokens");
	*out = (struct nx_http){.tokens = 0};
	if (list == NULL)
		return true;
	if (list->kind != NX_YAML_LIST || list->count == 0)
		return nx_yaml_error(err, list,
		                     "tokens: a list of files is wanted");
	const char **token = talloc_array(ctx, const char *, list->count);
	for (const struct nx_yaml *item = list->first; item != NULL;
	     item = item->next) {
		if (*item->text != '/')
			return nx_yaml_error(err, item,
			                     "tokens: the path of a file is "
			                     "wanted, which begins with /");
		token[out->tokens++] = item->text;
	}
	out->token = token;
	return true;
}

static bool read_http(TALLOC_CTX *ctx, const struct nx_yaml *root,
                      struct nx_config *out, struct nx_error *err)
{
	static const char *const keys[] = {"listen", "tokens", "owner",
	                                   "group",  "mode",   NULL};
	struct sockets sockets = {.key = "http",
	                          .keys = keys,
	                          .hint = ": who asks from elsewhere must show "
	                                  "one of its tokens"};
	const struct nx_yaml *list;
	if (!find_list(ctx, root, &sockets, &list, err))
		return false;
	struct nx_http *http = talloc_array(ctx, struct nx_http,
	                                    list != NULL ? list->count : 0);
	for (const struct nx_yaml *item = list != NULL ? list->first : NULL;
	     item != NULL; item = item->next) {
		struct nx_http *one = &http[sockets.count];
		if (!read_tokens(ctx, item, one, err))
			return false;
		sockets.is_anywhere = one->tokens > 0;
		if (!read_entry(ctx, item, out, &sockets, err))
			return false;
	}
	out->http = sockets.listen;
	out->asked_by_http = http;
	out->https = sockets.count;
	return true;
}

bool nx_config_read_listeners(TALLOC_CTX *ctx, const struct nx_yaml *root,
                              struct nx_config *out, struct nx_error *err)
{
	return read_lmtp(ctx, root, out, err) &&
	       read_ask(ctx, root, out, err) &&
	       read_blocked(ctx, root, out, err) &&
	       read_http(ctx, root, out, err);
}
