/* SPDX-License-Identifier: ISC */
#include "serve/http_settings.h"

#include "mail/prescan.h"

#include <string.h>

static bool is_taken(const struct nx_bearer *token, size_t count,
                     const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(token[i].name, name) == 0)
			return true;
	return false;
}

static bool load_face(TALLOC_CTX *ctx, const struct nx_http *http,
                      struct nx_http_face *out, struct nx_error *err)
{
	struct nx_bearer *token =
	        talloc_array(ctx, struct nx_bearer, http->tokens);
	out->token = token;
	for (size_t i = 0; i < http->tokens; i++) {
		struct nx_bearer *one = &token[i];
		if (!nx_token_file_load(ctx, http->token[i], one, err))
			return false;
		if (is_taken(token, i, one->name))
			return nx_error_set(err, NX_ERROR_CONFIG,
			                    "%s: another token of this socket "
			                    "has the name %s",
			                    http->token[i], one->name);
		out->tokens++;
	}
	return true;
}

static size_t message_size(const struct nx_limits *limits)
{
	return limits->size > 0 ? (size_t)limits->size : SIZE_MAX;
}

bool nx_http_settings_load(TALLOC_CTX *ctx, const struct nx_config *config,
                           TALLOC_CTX *texts, struct nx_http_settings **out,
                           struct nx_error *err)
{
	struct nx_http_settings *settings =
	        talloc_zero(ctx, struct nx_http_settings);
	struct nx_http_face *face =
	        talloc_zero_array(settings, struct nx_http_face, config->https);
	for (size_t i = 0; i < config->https; i++) {
		face[i].name = config->http[i].name;
		if (load_face(settings, &config->asked_by_http[i], &face[i],
		              err))
			continue;
		talloc_free(settings);
		return false;
	}
	(void)talloc_reference(settings, texts);
	settings->api = (struct nx_api_settings){
	        .streams = config->streams,
	        .stream = config->stream,
	        .message_size = message_size(&config->limits)};
	settings->face = face;
	settings->faces = config->https;
	settings->limits = config->limits;
	settings->full_addresses = config->full_addresses;
	*out = settings;
	return true;
}

const struct nx_http_face *nx_http_settings_face(
        const struct nx_http_settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->faces; i++)
		if (strcmp(settings->face[i].name, name) == 0)
			return &settings->face[i];
	return NULL;
}
