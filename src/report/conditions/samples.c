/* SPDX-License-Identifier: ISC */
#include "report/conditions/samples.h"

#include <string.h>

enum { FIELDS = 3 };

static struct nx_fields headers_of(TALLOC_CTX *ctx, const struct nx_yaml *node,
                                   const char *subject)
{
	const struct nx_yaml *more = nx_yaml_get(node, "header");
	struct nx_field *field = talloc_array(
	        ctx, struct nx_field, FIELDS + (more ? more->count : 0));
	size_t used = FIELDS;

	field[0] = (struct nx_field){"From", nx_yaml_text(node, "from", "")};
	field[1] = (struct nx_field){"To", nx_yaml_text(node, "to", "")};
	field[2] = (struct nx_field){
	        "Subject",
	        subject ? subject : nx_yaml_text(node, "subject", "")};
	for (node = more ? more->first : NULL; node; node = node->next)
		field[used++] = (struct nx_field){node->key, node->text};
	return (struct nx_fields){field, used};
}

const struct nx_message *nx_samples_message(TALLOC_CTX *ctx,
                                            const struct nx_yaml *node,
                                            const char *subject)
{
	struct nx_message *message = talloc_zero(ctx, struct nx_message);
	struct nx_part *part = talloc_zero(message, struct nx_part);

	part->type = nx_yaml_text(node, "type", "text/plain");
	part->disposition = part->file_name = part->description = "";
	part->text = nx_yaml_text(node, "body", "");
	message->envelope = (struct nx_envelope){
	        .sender = "",
	        .sender_known = nx_yaml_get(node, "sender"),
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	message->headers = headers_of(message, node, subject);
	message->report_type = nx_yaml_text(node, "report-type", "");
	message->part = part;
	message->parts = 1;
	return message;
}

bool nx_samples_prove(const struct nx_yaml *map, const char *key,
                      const char *const *keys,
                      bool (*prove)(const struct nx_sample *sample,
                                    const void *of, struct nx_error *err),
                      const void *of, size_t *samples, struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(map, key);
	const struct nx_yaml *node = list ? list->first : NULL;
	bool right = true;

	for (; right && node; node = node->next, ++*samples) {
		if (!nx_yaml_check_keys(node, keys, err))
			return false;
		TALLOC_CTX *ctx = talloc_new(NULL);
		const struct nx_sample sample = {
		        ctx, node, nx_samples_message(ctx, node, NULL),
		        strcmp(key, "counterexamples") == 0};

		right = prove(&sample, of, err);
		talloc_free(ctx);
	}
	return right;
}
