/* SPDX-License-Identifier: ISC */
#ifndef NX_ENGINE_H
#define NX_ENGINE_H

#include "base/error.h"
#include "classify/classify.h"
#include "mail/message.h"
#include "report/site.h"
#include "snapshot/image.h"

/*
 * The core composed, from bytes to verdicts; this is what a worker process
 * runs. The engine is immutable: the rules are loaded once and read any number
 * of messages.
 */
struct nx_engine;
extern const struct nx_image_layout nx_engine_layout; /* snapshot/image.h */

NX_MUST_USE bool nx_engine_compile(TALLOC_CTX *ctx,
                                   const struct nx_source *sources,
                                   size_t count, const struct nx_engine **out,
                                   struct nx_error *err);
/* The same rules with another site, which says what is ours. The result hangs
 * on ctx and needs both engine and site. */
const struct nx_engine *nx_engine_at(TALLOC_CTX *ctx,
                                     const struct nx_engine *engine,
                                     const struct nx_site *site);

const struct nx_tables *nx_engine_tables(const struct nx_engine *engine);
const struct nx_formats *nx_engine_formats(const struct nx_engine *engine);
const struct nx_detectors *nx_engine_detectors(const struct nx_engine *engine);

struct nx_input {
	struct nx_prescan prescan; /* the message to read */
	struct nx_envelope envelope;
	bool explain; /* keep a trace */
};

struct nx_result {
	const struct nx_report *report;
	const struct nx_verdict *verdict; /* one per recipient; exactly one when
	                                     the report has none */
	size_t verdicts;
	const struct nx_trace *trace; /* one per verdict, NULL unless asked */
};

/* Total. The result hangs on ctx. A sender or recipient that the envelope does
 * not give is taken from Return-Path, Delivered-To, Envelope-To and the last
 * hop's X-Original-To. */
const struct nx_result *nx_engine_read(TALLOC_CTX *ctx,
                                       const struct nx_engine *engine,
                                       const struct nx_input *input);

#endif
