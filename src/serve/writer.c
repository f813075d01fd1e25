/* SPDX-License-Identifier: ISC */
#include "serve/writer.h"

#include "base/date.h"
#include "sys/clock.h"

/* --- telling -------------------------------------------------------------- */

static void log_what(struct nx_log *log, const struct nx_reading *reading)
{
	const struct nx_record *record = &reading->record;
	const struct nx_verdict *verdict = &reading->verdict;
	nx_log_text(log, "kind", nx_kind_name(record->kind));
	if (*record->format != '\0')
		nx_log_text(log, "format", record->format);
	nx_log_text(log, "class", nx_class_name(verdict->class));
	if (*verdict->reason != '\0')
		nx_log_text(log, "reason", verdict->reason);
	if (*reading->address != '\0')
		nx_log_address(log, "address", reading->address);
	nx_log_number(log, "events", (int64_t)reading->outcome.added);
	if (reading->outcome.twins > 0)
		nx_log_number(log, "twins", (int64_t)reading->outcome.twins);
	nx_log_number(log, "suppressed", (int64_t)reading->outcome.suppressed);
	if (reading->outcome.held > 0)
		nx_log_number(log, "held", (int64_t)reading->outcome.held);
	if (record->truncated)
		nx_log_text(log, "truncated", "yes");
	if (reading->why != NX_QUARANTINE_NOT)
		nx_log_text(log, "quarantine",
		            nx_quarantine_why_name(reading->why));
	if (reading->outcome.left_out)
		nx_log_text(log, "recorded", "no");
	if (reading->outcome.cut > 0)
		nx_log_number(log, "cut", (int64_t)reading->outcome.cut);
}

static const char *answer_name(enum nx_lmtp_answer answer)
{
	static const char *const names[] = {
	        [NX_LMTP_TAKEN] = "taken",
	        [NX_LMTP_KNOWN] = "known",
	        [NX_LMTP_TROUBLE] = "trouble",
	        [NX_LMTP_FULL] = "full",
	};
	return names[answer];
}

static void log_message(struct nx_writer_batch *batch,
                        const struct nx_submission *submission, size_t index,
                        enum nx_lmtp_answer answer,
                        const struct nx_reading *reading)
{
	struct nx_log *log = &batch->log;
	const struct nx_envelope *envelope = &submission->envelope[index];
	nx_log_begin(log, "message");
	nx_log_text(log, "source", submission->source);
	if (*envelope->queue_id != '\0')
		nx_log_text(log, "queue_id", envelope->queue_id);
	nx_log_address(log, "from", envelope->sender);
	nx_log_address(log, "to", envelope->recipient);
	nx_log_number(log, "bytes", (int64_t)submission->whole);
	nx_log_text(log, "answer", answer_name(answer));
	if (reading != NULL) {
		char digest[2 * NX_DIGEST_SIZE + 1];
		nx_digest_hex(reading->digest, 8, digest);
		nx_log_text(log, "digest", digest);
		log_what(log, reading);
	} else {
		nx_log_text(log, "error", batch->err.text);
	}
	nx_log_end(log);
}

/* What came before in that hour has made leases, which stay. */
static void log_hold(struct nx_log *log, const struct nx_hold_begun *hold)
{
	if (*hold->domain == '\0')
		return;
	nx_log_begin(log, "hold");
	nx_log_text(log, "domain", hold->domain);
	nx_log_number(log, "leases", hold->leases);
	nx_log_end(log);
}

static void count_reading(struct nx_pipeline_tally *tally,
                          const struct nx_reading *reading,
                          const struct nx_submission *submission)
{
	tally->messages++;
	tally->bytes += (int64_t)submission->whole;
	tally->events += (int64_t)reading->outcome.added;
	tally->suppressed += (int64_t)reading->outcome.suppressed;
	tally->held += (int64_t)reading->outcome.held;
	tally->known += reading->outcome.known;
	tally->quarantined += reading->why != NX_QUARANTINE_NOT;
	tally->truncated += reading->record.truncated;
	tally->left_out += reading->outcome.left_out;
	tally->cut += (int64_t)reading->outcome.cut;
	tally->unparsed += reading->record.kind == NX_KIND_UNPARSED;
}

/* --- the clock ------------------------------------------------------------ */

static void tell_clock(struct nx_writer_batch *batch)
{
	const struct nx_clock_state *clock = &batch->clock;
	char time[NX_DATE_SIZE];
	nx_log_begin(&batch->log, "clock");
	nx_log_text(&batch->log, "result",
	            clock->step != 0 ? "stepped" : "agrees");
	nx_log_number(&batch->log, "step", clock->step);
	nx_log_text(&batch->log, "taken_for",
	            nx_date_text(clock->seen.wall, time));
	nx_log_end(&batch->log);
}

/* What time does to a step that stands is no news. */
static bool has_changed(const struct nx_clock_state *before,
                        const struct nx_clock_state *after)
{
	return before->step - after->step > 60 ||
	       after->step - before->step > 60;
}

static bool look_at_clock(struct nx_writer_batch *batch)
{
	const struct nx_clock_state before = batch->clock;
	struct nx_clock_reading reading;
	batch->now = nx_clock_now();
	if (!nx_clock_read(&reading))
		return true;
	if (!nx_store_clock_ask(batch->to.store, &reading, &batch->clock,
	                        &batch->err))
		return false;
	batch->now = batch->clock.seen.wall;
	batch->tally.clock_step = batch->clock.step;
	if (has_changed(&before, &batch->clock))
		tell_clock(batch);
	return true;
}

/* --- block events --------------------------------------------------------- */

struct telling {
	struct nx_log *log;
	const struct nx_tables *tables; /* NULL: nobody is warned of */
};

static void warn_of(const struct telling *telling, const struct nx_block *block)
{
	const char *says;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *others = nx_tables_neighbours(ctx, telling->tables,
	                                          block->provider, &says);

	if (*others != '\0')
		nx_log_text(telling->log, "warns", others);
	talloc_free(ctx);
}

static bool tell_block(void *user, const struct nx_block *block)
{
	const struct telling *telling = user;
	struct nx_log *log = telling->log;
	const bool is_open = block->closed == 0;

	nx_log_begin(log, "block");
	nx_log_text(log, "result", is_open ? "opened" : "closed");
	nx_log_number(log, "id", block->id);
	nx_log_text(log, "provider", block->provider);
	nx_log_text(log, "reason", block->reason);
	if (*block->ours != '\0')
		nx_log_text(log, "ours", block->ours);
	if (*block->list != '\0')
		nx_log_text(log, "list", block->list);
	if (*block->url != '\0')
		nx_log_text(log, "delist", block->url);
	nx_log_number(log, "reports", block->reports);
	if (!is_open)
		nx_log_text(log, "by", block->how);
	else if (telling->tables != NULL)
		warn_of(telling, block);
	nx_log_end(log);
	return true;
}

/* To close them takes a commit of its own, for which a group is not to wait
 * each time. */
static void expire_blocks(struct nx_writer_batch *batch)
{
	struct nx_error ignored;
	const int64_t since = batch->now - batch->expired;

	if (since >= 0 && since < 60)
		return;
	batch->expired = batch->now;
	(void)!nx_blocks_expire(batch->to.store, batch->now, &ignored);
}

/* Also what other processes opened and closed. What fails is told the next
 * time. */
static void look_at_blocks(struct nx_writer_batch *batch,
                           const struct nx_tables *tables)
{
	struct nx_error ignored;
	struct telling telling = {.log = &batch->log, .tables = tables};

	expire_blocks(batch);
	(void)!nx_blocks_follow(batch->to.store, &batch->blocks, tell_block,
	                        &telling, &ignored);
	batch->tally.blocks = batch->blocks.open;
}

void nx_writer_look_around(struct nx_writer_batch *batch)
{
	batch->err = (struct nx_error){.kind = NX_ERROR_NONE};
	(void)!look_at_clock(batch);
	look_at_blocks(batch, NULL);
	nx_log_flush(&batch->log);
}

/* --- a group -------------------------------------------------------------- */

struct recording { /* what is one transaction */
	TALLOC_CTX *ctx;
	struct nx_writer_message **message;
	size_t messages;
	struct nx_waiting_attempt **attempt;
	size_t attempts;
	struct nx_task **task;
	size_t tasks;
	bool begun; /* if not, the store is busy or gone */
	bool added; /* all of them: if it fails then, the commit has failed */
};

static bool begin(struct recording *recording, struct nx_writer_batch *batch)
{
	recording->begun = nx_store_renew(batch->to.store, &batch->err) &&
	                   look_at_clock(batch) &&
	                   nx_store_begin(batch->to.store, &batch->err);
	return recording->begun;
}

static bool add_all(const struct recording *recording,
                    struct nx_writer_batch *batch)
{
	for (size_t i = 0; i < recording->messages; i++) {
		const struct nx_writer_message *message = recording->message[i];
		if (!message->lost && !nx_commit_add(recording->ctx, &batch->to,
		                                     message->submission,
		                                     batch->now, &batch->err))
			return false;
	}
	for (size_t i = 0; i < recording->attempts; i++)
		if (!nx_attempt_record(recording->attempt[i], batch->to.store,
		                       batch->to.policy, batch->now,
		                       &batch->err))
			return false;
	for (size_t i = 0; i < recording->tasks; i++) {
		struct nx_task *task = recording->task[i];
		if (!task->run(task->user, &batch->to, batch->now, &batch->err))
			return false;
	}
	return true;
}

static bool record_batch(struct recording *recording,
                         struct nx_writer_batch *batch)
{
	if (!begin(recording, batch))
		return false;
	if (!add_all(recording, batch)) {
		nx_store_rollback(batch->to.store);
		return false;
	}
	recording->added = true;
	return nx_store_commit(batch->to.store, &batch->err);
}

static void tell_taken(const struct recording *recording,
                       struct nx_writer_batch *batch, size_t index)
{
	const struct nx_writer_message *message = recording->message[index];
	for (size_t i = 0; i < message->submission->recipients; i++) {
		const struct nx_reading *reading =
		        &message->submission->reading[i];
		message->answer[i] =
		        reading->outcome.known ? NX_LMTP_KNOWN : NX_LMTP_TAKEN;
		count_reading(&batch->tally, reading, message->submission);
		nx_counters_message(batch->counters,
		                    message->submission->source, reading,
		                    nx_policy_tables(batch->to.policy));
		log_message(batch, message->submission, i, message->answer[i],
		            reading);
		log_hold(&batch->log, &reading->outcome.hold);
	}
}

static void tell_deferred(const struct recording *recording,
                          struct nx_writer_batch *batch, size_t index)
{
	const struct nx_writer_message *message = recording->message[index];
	const enum nx_lmtp_answer answer = batch->err.kind == NX_ERROR_FULL
	                                           ? NX_LMTP_FULL
	                                           : NX_LMTP_TROUBLE;
	for (size_t i = 0; i < message->submission->recipients; i++) {
		message->answer[i] = answer;
		batch->tally.deferred++;
		log_message(batch, message->submission, i, answer, NULL);
	}
}

static void log_attempt(struct nx_writer_batch *batch,
                        const struct nx_waiting_attempt *waiting)
{
	struct nx_log *log = &batch->log;
	const struct nx_attempt *attempt = &waiting->attempt;
	const struct nx_attempt_answer *answer = &waiting->answer;
	nx_log_begin(log, "attempt");
	nx_log_text(log, "source", attempt->source);
	if (*attempt->queue_id != '\0')
		nx_log_text(log, "queue_id", attempt->queue_id);
	nx_log_address(log, "from", attempt->sender);
	nx_log_address(log, "to", attempt->address);
	nx_log_text(log, "answer",
	            answer->failed       ? "trouble"
	            : answer->is_blocked ? "blocked"
	                                 : "free");
	if (answer->is_blocked)
		nx_log_text(log, "class", nx_cause_name(answer->cause));
	if (answer->failed)
		nx_log_text(log, "error", batch->err.text);
	nx_log_end(log);
}

/* Where nobody waits, what failed for want of the store is tried again; what it
 * did not take, though it could write, never will be. */
static void tell_attempts(const struct recording *recording,
                          struct nx_writer_batch *batch, bool done)
{
	for (size_t i = 0; i < recording->attempts; i++) {
		struct nx_waiting_attempt *attempt = recording->attempt[i];
		const bool is_refused = recording->begun && !recording->added;
		if (!done)
			attempt->answer = (struct nx_attempt_answer){
			        .failed = true, .reason = ""};
		attempt->again = !done && !is_refused && !attempt->done;
		batch->tally.attempts += done && attempt->answer.is_blocked;
		batch->tally.attempts_lost +=
		        !done && !attempt->again && !attempt->done;
		if (attempt->done || (!done && !attempt->again))
			log_attempt(batch, attempt);
	}
}

static void tell_tasks(const struct recording *recording,
                       const struct nx_writer_batch *batch, bool done)
{
	for (size_t i = 0; i < recording->tasks; i++) {
		struct nx_task *task = recording->task[i];
		task->err.kind = NX_ERROR_NONE;
		if (!done)
			task->err = batch->err;
	}
}

static void tell(const struct recording *recording,
                 struct nx_writer_batch *batch, bool done)
{
	tell_attempts(recording, batch, done);
	tell_tasks(recording, batch, done);
	for (size_t i = 0; i < recording->messages; i++) {
		const struct nx_writer_message *message = recording->message[i];
		if (done && !message->lost && !message->submission->refused) {
			tell_taken(recording, batch, i);
			continue;
		}
		if (done && message->lost)
			nx_error_set(&batch->err, NX_ERROR_TEMPORARY,
			             "no worker process can be had");
		else if (done)
			nx_error_set(&batch->err, NX_ERROR_FULL,
			             "too many reports came today, see limits "
			             "in nixie.conf(5)");
		tell_deferred(recording, batch, i);
	}
}

static void record_group(struct nx_writer_batch *batch,
                         const struct recording *group);

static void record_apart(struct nx_writer_batch *batch,
                         const struct recording *group)
{
	for (size_t i = 0; i < group->messages; i++)
		record_group(batch,
		             &(struct recording){.message = &group->message[i],
		                                 .messages = 1});
	const struct recording attempts = {.attempt = group->attempt,
	                                   .attempts = group->attempts};
	const struct recording tasks = {.task = group->task,
	                                .tasks = group->tasks};
	if (group->messages > 0 || (group->attempts > 0 && group->tasks > 0)) {
		if (attempts.attempts > 0)
			record_group(batch, &attempts);
		if (tasks.tasks > 0)
			record_group(batch, &tasks);
		return;
	}
	for (size_t i = 0; i < group->attempts; i++)
		record_group(batch,
		             &(struct recording){.attempt = &group->attempt[i],
		                                 .attempts = 1});
	for (size_t i = 0; i < group->tasks; i++)
		record_group(batch, &(struct recording){.task = &group->task[i],
		                                        .tasks = 1});
}

/* When one message cannot be added, the others are tried without it: nothing
 * that one client sends may hold up what others send. Nobody waits for a busy
 * store twice: then all that are left are deferred. */
static void record_group(struct nx_writer_batch *batch,
                         const struct recording *group)
{
	struct recording recording = *group;
	recording.ctx = talloc_new(NULL);
	const bool done = !batch->in_vain && record_batch(&recording, batch);
	if (!done && !batch->in_vain)
		nx_counters_store_error(batch->counters);
	batch->tally.batches++;
	batch->in_vain = !done && !recording.begun;
	const bool is_over =
	        done || batch->in_vain || recording.added ||
	        group->messages + group->attempts + group->tasks == 1;
	if (is_over)
		tell(&recording, batch, done);
	talloc_free(recording.ctx);
	if (!is_over)
		record_apart(batch, group);
}

static struct recording whole(struct nx_writer_batch *batch)
{
	return (struct recording){.message = batch->message,
	                          .messages = batch->messages,
	                          .attempt = batch->attempt,
	                          .attempts = batch->attempts,
	                          .task = batch->task,
	                          .tasks = batch->tasks};
}

void nx_writer_record(struct nx_writer_batch *batch)
{
	const struct recording all = whole(batch);
	batch->err = (struct nx_error){.kind = NX_ERROR_NONE};
	batch->in_vain = false;
	record_group(batch, &all);
	if (!batch->in_vain)
		look_at_blocks(batch, nx_policy_tables(batch->to.policy));
	nx_log_flush(&batch->log);
}

void nx_writer_defer(struct nx_writer_batch *batch)
{
	const struct recording all = whole(batch);
	tell(&all, batch, false);
	nx_log_flush(&batch->log);
}
