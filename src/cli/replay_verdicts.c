/* SPDX-License-Identifier: ISC */
#include "cli/replay_verdicts.h"

#include "base/room.h"
#include "event/attribute.h"
#include "event/judge_again.h"
#include "store/original.h"

#include <stdlib.h>
#include <string.h>

struct reading { /* what an original says of one address; or of none */
	uint8_t digest[NX_DIGEST_SIZE];
	const char *address; /* "" for the message itself */
	enum nx_kind kind;
	struct nx_verdict verdict;
};

struct nx_replay_verdicts {
	struct nx_cli *cli;
	struct nx_error *err;
	bool failed;
	uint8_t (*digest)[NX_DIGEST_SIZE]; /* of the originals */
	size_t digests, next;
	struct reading *reading; /* sorted when all are read */
	size_t readings;
	int64_t originals; /* that were read */
};

struct nx_replay_verdicts *nx_replay_verdicts_new(struct nx_cli *cli)
{
	struct nx_replay_verdicts *verdicts =
	        talloc_zero(cli, struct nx_replay_verdicts);

	verdicts->cli = cli;
	return verdicts;
}

int64_t nx_replay_verdicts_originals(const struct nx_replay_verdicts *verdicts)
{
	return verdicts->originals;
}

/* --- originals ------------------------------------------------------------ */

static void add_digest(void *user, const uint8_t digest[NX_DIGEST_SIZE])
{
	struct nx_replay_verdicts *run = user;

	if ((run->digests & (run->digests - 1)) == 0)
		run->digest = talloc_realloc_size(
		        run, run->digest,
		        (run->digests ? 2 * run->digests : 1) * NX_DIGEST_SIZE);
	memcpy(run->digest[run->digests++], digest, NX_DIGEST_SIZE);
}

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct nx_replay_verdicts *run = user;
	bool found = false;

	while (run->next < run->digests && !run->failed && !found) {
		struct nx_kept_original *kept =
		        talloc_zero(ctx, struct nx_kept_original);

		run->failed = !nx_original_find(kept, run->cli->store,
		                                run->digest[run->next++], kept,
		                                &found, run->err);
		found = found && !run->failed;
		if (!found)
			continue; /* the oldest may have gone meanwhile */
		job->bytes = kept->bytes;
		/* the NUL behind tells the worker that more followed */
		job->size = kept->kept + ((int64_t)kept->kept < kept->size);
		job->envelope = kept->envelope;
		job->user = kept;
	}
	return found;
}

static struct nx_verdict copy_of(TALLOC_CTX *ctx,
                                 const struct nx_verdict *verdict)
{
	struct nx_verdict copy = *verdict;

	copy.reason = talloc_strdup(ctx, verdict->reason);
	copy.advice = talloc_strdup(ctx, verdict->advice);
	copy.rule = talloc_strdup(ctx, verdict->rule);
	copy.matched = talloc_strdup(ctx, verdict->matched);
	return copy;
}

static void add_reading(struct nx_replay_verdicts *run,
                        const struct nx_kept_original *kept,
                        const struct nx_record *record, const char *address,
                        const struct nx_verdict *verdict)
{
	run->reading =
	        NX_ROOM(run, run->reading, struct reading, run->readings);
	struct reading *reading = &run->reading[run->readings++];
	*reading = (struct reading){.address = talloc_strdup(run, address),
	                            .kind = record->kind,
	                            .verdict = copy_of(run, verdict)};
	memcpy(reading->digest, kept->digest, NX_DIGEST_SIZE);
}

static void take_record(struct nx_replay_verdicts *run, TALLOC_CTX *ctx,
                        const struct nx_kept_original *kept,
                        const struct nx_record *record)
{
	const struct nx_attribution to = {run->cli->config.streams,
	                                  run->cli->config.stream};
	const struct nx_event_source source = {.to = &to, .time = kept->time};
	const struct nx_verdict none = {
	        .reason = "", .advice = "none", .rule = "", .matched = ""};
	size_t count;
	const struct nx_event *event =
	        nx_event_of_record(ctx, record, &source, &count);

	run->originals++;
	add_reading(run, kept, record, "", &none);
	for (size_t i = 0; i < count; i++)
		add_reading(run, kept, record, event[i].address,
		            &event[i].verdict);
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct nx_replay_verdicts *run = user;
	struct nx_record record;
	struct nx_error err;

	(void)killed; /* the record shows it */
	if (size == 0) {
		run->failed = true;
		return nx_error_set(run->err, NX_ERROR_TEMPORARY,
		                    "no worker answered");
	}
	/* what cannot be read now says nothing new */
	if (nx_record_read(ctx, line, size, &record, &err) &&
	    record.kind != NX_KIND_UNPARSED)
		take_record(run, ctx, job->user, &record);
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct reading *left = a, *right = b;
	const int order = memcmp(left->digest, right->digest, NX_DIGEST_SIZE);

	return order != 0 ? order : strcmp(left->address, right->address);
}

bool nx_replay_verdicts_read(struct nx_replay_verdicts *verdicts, int64_t since,
                             struct nx_error *err)
{
	const struct nx_batch_source source = {on_next, on_answer, verdicts};

	verdicts->err = err;
	if (!nx_bulk_originals(verdicts->cli->store, since, add_digest,
	                       verdicts, err))
		return false;
	nx_batch_run(verdicts->cli->workers, &source);
	if (verdicts->readings > 1)
		qsort(verdicts->reading, verdicts->readings,
		      sizeof(*verdicts->reading), compare);
	return !verdicts->failed;
}

static const struct reading *find(const struct nx_replay_verdicts *run,
                                  const struct nx_event *event,
                                  const char *address)
{
	struct reading wanted = {.address = address};

	memcpy(wanted.digest, event->message, NX_DIGEST_SIZE);
	return run->readings == 0
	               ? NULL
	               : bsearch(&wanted, run->reading, run->readings,
	                         sizeof(wanted), compare);
}

/* --- judging -------------------------------------------------------------- */

/* A message that is no longer taken for a report says nothing of anybody. */
static bool judge_original(const struct nx_replay_verdicts *run,
                           const struct nx_event *event, struct nx_verdict *out)
{
	const struct reading *reading = find(run, event, event->address);

	if (!reading) {
		reading = find(run, event, "");
		if (!reading || reading->kind == event->kind)
			return false;
	}
	*out = reading->verdict;
	return true;
}

bool nx_replay_verdicts_judge(void *user, TALLOC_CTX *ctx,
                              const struct nx_past_event *event,
                              struct nx_verdict *out)
{
	const struct nx_replay_verdicts *run = user;

	return judge_original(run, &event->event, out) ||
	       nx_event_judge_again(ctx,
	                            nx_engine_tables(run->cli->rules.engine),
	                            &event->event, event->feedback_type, out);
}
