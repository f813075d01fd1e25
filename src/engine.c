/* SPDX-License-Identifier: ISC */
#include "engine.h"

#include "mail/address_find.h"
#include "report/conditions/detectors.h"
#include "report/conditions/formats.h"
#include "report/read.h"
#include "snapshot/layouts.h"

#include <string.h>

struct nx_engine {
	const struct nx_concepts *concepts;
	const struct nx_formats *formats;
	const struct nx_detectors *detectors;
	const struct nx_tables *tables;
	const struct nx_site *site; /* NULL: nothing is known of it */
};

NX_LAYOUT(nx_engine_layout, struct nx_engine,
          NX_ONE(struct nx_engine, concepts, nx_concepts_layout),
          NX_ONE(struct nx_engine, formats, nx_formats_layout),
          NX_ONE(struct nx_engine, detectors, nx_detectors_layout),
          NX_ONE(struct nx_engine, tables, nx_tables_layout),
          NX_ABSENT(struct nx_engine, site));

enum holds { TABLES, FORMATS, DETECTORS, CONCEPTS };

/* Formats and words are in folders of their own, concepts and detectors in
 * files with fixed names; everything else is tables. */
static enum holds what_holds(const struct nx_source *source)
{
	if (strstr(source->name, "formats/") != NULL)
		return FORMATS;
	if (nx_concepts_is_source(source->name))
		return CONCEPTS;
	return nx_detectors_is_source(source->name) ? DETECTORS : TABLES;
}

static size_t pick(const struct nx_source *sources, size_t count,
                   enum holds holds, struct nx_source *out)
{
	size_t picked = 0;

	for (size_t i = 0; i < count; i++)
		if (what_holds(&sources[i]) == holds)
			out[picked++] = sources[i];
	return picked;
}

static bool compile(struct nx_engine *engine, const struct nx_source *sources,
                    size_t count, struct nx_error *err)
{
	struct nx_source *some = talloc_array(engine, struct nx_source, count);
	size_t picked = pick(sources, count, CONCEPTS, some);

	if (!nx_concepts_compile(engine, some, picked, &engine->concepts, err))
		return false;
	picked = pick(sources, count, TABLES, some);
	if (!nx_tables_compile(engine, engine->concepts, some, picked,
	                       &engine->tables, err))
		return false;
	picked = pick(sources, count, DETECTORS, some);
	if (!nx_detectors_compile(engine, engine->concepts, some, picked,
	                          &engine->detectors, err))
		return false;
	picked = pick(sources, count, FORMATS, some);
	return nx_formats_compile(engine, some, picked, &engine->formats, err);
}

bool nx_engine_compile(TALLOC_CTX *ctx, const struct nx_source *sources,
                       size_t count, const struct nx_engine **out,
                       struct nx_error *err)
{
	struct nx_engine *engine = talloc_zero(ctx, struct nx_engine);

	if (!compile(engine, sources, count, err)) {
		talloc_free(engine);
		return false;
	}
	*out = engine;
	return true;
}

const struct nx_engine *nx_engine_at(TALLOC_CTX *ctx,
                                     const struct nx_engine *engine,
                                     const struct nx_site *site)
{
	struct nx_engine *here = talloc(ctx, struct nx_engine);

	*here = *engine;
	here->site = site;
	return here;
}

const struct nx_formats *nx_engine_formats(const struct nx_engine *engine)
{
	return engine->formats;
}

const struct nx_detectors *nx_engine_detectors(const struct nx_engine *engine)
{
	return engine->detectors;
}

const struct nx_tables *nx_engine_tables(const struct nx_engine *engine)
{
	return engine->tables;
}

static const char *header_address(TALLOC_CTX *ctx,
                                  const struct nx_message *message,
                                  const char *name)
{
	return nx_address_of_header(ctx, nx_message_header(message, name));
}

/* A bounce of the DragonFly mail agent has an X-Original-To of its own lower
 * down, which names the recipient that failed. */
static const char *original_to(TALLOC_CTX *ctx,
                               const struct nx_message *message)
{
	const struct nx_fields hop = nx_fields_of_last_hop(&message->headers);
	return nx_address_of_header(ctx, nx_fields_get(&hop, "X-Original-To"));
}

/* The headers that the last hop wrote are used when there is no envelope.
 * "Return-Path: <>" is a known sender, the null one. */
static void complete_envelope(TALLOC_CTX *ctx, struct nx_message *message)
{
	struct nx_envelope *envelope = &message->envelope;
	if (!envelope->sender_known &&
	    nx_fields_has(&message->headers, "Return-Path")) {
		envelope->sender = header_address(ctx, message, "Return-Path");
		envelope->sender_known = true;
	}
	static const char *const names[] = {"Delivered-To", "Envelope-To"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (*envelope->recipient == '\0')
			envelope->recipient =
			        header_address(ctx, message, names[i]);
	}
	if (*envelope->recipient == '\0')
		envelope->recipient = original_to(ctx, message);
	if (*envelope->original_recipient == '\0')
		envelope->original_recipient = original_to(ctx, message);
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* The only place where a caller may leave the envelope zeroed. */
static struct nx_envelope whole(struct nx_envelope envelope)
{
	envelope.sender = or_empty(envelope.sender);
	envelope.recipient = or_empty(envelope.recipient);
	envelope.original_recipient = or_empty(envelope.original_recipient);
	envelope.queue_id = or_empty(envelope.queue_id);
	return envelope;
}

static void classify_all(TALLOC_CTX *ctx, const struct nx_engine *engine,
                         const struct nx_report *report, bool explain,
                         struct nx_result *result)
{
	size_t count = report->recipients > 0 ? report->recipients : 1;
	struct nx_verdict *verdict =
	        talloc_array(ctx, struct nx_verdict, count);
	struct nx_trace *trace =
	        explain ? talloc_zero_array(ctx, struct nx_trace, count) : NULL;
	for (size_t i = 0; i < count; i++)
		verdict[i] = nx_classify(ctx, engine->tables, report, i,
		                         explain ? &trace[i] : NULL);
	result->verdict = verdict;
	result->verdicts = count;
	result->trace = trace;
}

static const struct nx_report *read_report(TALLOC_CTX *ctx,
                                           const struct nx_engine *engine,
                                           const struct nx_input *input,
                                           size_t prose)
{
	struct nx_envelope envelope = whole(input->envelope);
	struct nx_message *message = talloc(ctx, struct nx_message);
	*message = *nx_message_read(ctx, &input->prescan, prose, &envelope);
	complete_envelope(ctx, message);
	return nx_report_read(ctx, engine->formats, engine->detectors,
	                      engine->site, message);
}

const struct nx_result *nx_engine_read(TALLOC_CTX *ctx,
                                       const struct nx_engine *engine,
                                       const struct nx_input *input)
{
	struct nx_result *result = talloc_zero(ctx, struct nx_result);
	result->report =
	        read_report(result, engine, input, NX_MESSAGE_PART_TEXT);
	if (result->report->wants_prose)
		result->report = read_report(result, engine, input,
		                             NX_MESSAGE_LONG_TEXT);
	classify_all(result, engine, result->report, input->explain, result);
	return result;
}
