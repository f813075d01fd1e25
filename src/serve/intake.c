/* SPDX-License-Identifier: ISC */
#include "serve/intake.h"

#include "pool/pool.h"
#include "serve/writer.h"
#include "store/store.h"
#include "sys/clock.h"

#include <string.h>

enum {
	SECONDS = 60,
	IDLE_MS = 500,
	BUSY = 50, /* recipients in a second: more will come, … */
	LULL = 10, /* … and so many seconds later there is time to settle */
	RECORDS = 8 * 1024 * 1024, /* bytes of records in memory */
	GROWS = 8 /* times the size of its message that a record may have */
};

/* Rules and the workers that have them; those that are replaced live until
 * their last message is answered. */
struct generation {
	struct nx_rules rules;
	struct nx_pool *pool;
	const char *scope;
	bool full_addresses;
	int64_t eventless;
	struct nx_quarantine_limits quarantine;
	bool old;
	size_t users;
};

struct errand {            /* an offer on its way */
	struct nx_job job; /* first: the pool hands this back */
	struct nx_parcel parcel;
	struct nx_offer *offer;
	struct nx_intake *intake;
	struct generation *generation;
	size_t room;    /* bytes that its records have, or may have */
	size_t reading; /* the recipient whose envelope it is read with */
	struct errand *next;
};

struct nx_intake {
	uv_loop_t *loop;
	const struct nx_keeper *keeper;
	struct nx_store *store;
	struct nx_quarantine *quarantine;
	struct generation *now;
	struct errand *first, **last; /* read, and not yet recorded */
	struct errand *held,
	        **held_last; /* there is no room for their records */
	size_t room;         /* of all that are not held */
	size_t pending;
	size_t unread;
	uv_prepare_t prepare;
	uv_timer_t idle;
	size_t handles;
	uv_work_t work;
	struct nx_group group;
	struct errand *under_way[NX_WRITER_GROUP];
	bool writing;
	bool settles; /* the quarantine, when it tidies */
	bool closing; /* as soon as nothing is written */
	struct nx_tally tally;
	struct nx_error trouble;
	int64_t trouble_time;
	int64_t second[SECONDS]; /* recipients recorded in it */
	int64_t of_second[SECONDS];
};

/* --- generations ---------------------------------------------------------- */

static void leave(struct generation *generation)
{
	if (!generation->old || generation->users > 0)
		return;
	nx_pool_close(generation->pool);
	talloc_free(generation);
}

static bool fill(struct nx_intake *intake, const struct nx_config *config,
                 struct generation *out, struct nx_error *err)
{
	const struct nx_rules_from from = {.shipped = config->rules,
	                                   .site = config->site_rules,
	                                   .profile = config->profile};
	const struct nx_pool_options options = {.workers = config->workers,
	                                        .keeper = intake->keeper,
	                                        .rules = &from,
	                                        .config = config->file};
	out->scope = talloc_strdup(out, config->scope);
	out->full_addresses = config->full_addresses;
	out->eventless = config->limits.eventless;
	out->quarantine = config->quarantine;
	return nx_rules_load(out, &from, &out->rules, err) &&
	       nx_pool_open(intake->loop, NULL, &options, &out->pool, err);
}

bool nx_intake_load(struct nx_intake *intake, const struct nx_config *config,
                    struct nx_error *err)
{
	struct generation *fresh = talloc_zero(intake, struct generation);
	if (!fill(intake, config, fresh, err)) {
		talloc_free(fresh);
		return false;
	}
	struct generation *old = intake->now;
	intake->now = fresh;
	if (old != NULL) {
		old->old = true;
		leave(old);
	}
	return true;
}

/* --- room ----------------------------------------------------------------- */

static void read_with(struct errand *errand, size_t recipient)
{
	errand->job.envelope = errand->offer->envelope[recipient];
	nx_pool_submit(errand->generation->pool, &errand->job);
}

/* Workers read faster than the writer records, and what they tell of a message
 * may be longer than the message. */
static void let_go(struct nx_intake *intake)
{
	while (intake->held != NULL &&
	       (intake->room == 0 ||
	        intake->room + intake->held->room <= RECORDS)) {
		struct errand *errand = intake->held;
		intake->held = errand->next;
		intake->room += errand->room;
		read_with(errand, 0);
	}
	if (intake->held == NULL)
		intake->held_last = &intake->held;
}

static void hold(struct nx_intake *intake, struct errand *errand)
{
	const size_t most = GROWS * errand->offer->size;
	errand->room = most < NX_RECORD_SIZE ? most : NX_RECORD_SIZE;
	*intake->held_last = errand;
	intake->held_last = &errand->next;
}

/* Now it is known, and more may come. */
static void note_room(struct errand *errand, size_t size)
{
	struct nx_intake *intake = errand->intake;
	const size_t others = errand->parcel.readings > 0 ? errand->room : 0;
	intake->room += others + size - errand->room;
	errand->room = others + size;
}

/* --- writing -------------------------------------------------------------- */

static void count(struct nx_intake *intake)
{
	const struct nx_tally *more = &intake->group.tally;
	struct nx_tally *all = &intake->tally;
	all->messages += more->messages;
	all->bytes += more->bytes;
	all->events += more->events;
	all->suppressed += more->suppressed;
	all->known += more->known;
	all->quarantined += more->quarantined;
	all->unparsed += more->unparsed;
	all->truncated += more->truncated;
	all->left_out += more->left_out;
	all->deferred += more->deferred;
	all->groups += more->groups;
	const int64_t second = (int64_t)(uv_now(intake->loop) / 1000);
	if (intake->second[second % SECONDS] != second) {
		intake->second[second % SECONDS] = second;
		intake->of_second[second % SECONDS] = 0;
	}
	intake->of_second[second % SECONDS] += more->messages;
}

static void note_trouble(struct nx_intake *intake)
{
	if (intake->group.err.fault == NX_ERROR_NONE)
		return;
	intake->trouble = intake->group.err;
	intake->trouble_time = nx_clock_now();
}

static void answer(struct errand *errand)
{
	struct generation *generation = errand->generation;
	errand->intake->pending--;
	errand->intake->room -= errand->room;
	errand->offer->done(errand->offer, errand->parcel.answer);
	talloc_free(errand);
	generation->users--;
	leave(generation);
}

static void record(uv_work_t *work)
{
	struct nx_intake *intake = work->data;
	nx_writer_record(&intake->group);
}

static void recorded(uv_work_t *work, int status)
{
	struct nx_intake *intake = work->data;
	(void)status;
	intake->writing = false;
	count(intake);
	note_trouble(intake);
	const size_t parcels = intake->group.parcels;
	for (size_t i = 0; i < parcels; i++)
		answer(intake->under_way[i]);
	let_go(intake);
}

/* Where much came, more will come. */
static bool is_busy(const struct nx_intake *intake, int64_t seconds)
{
	const int64_t now = (int64_t)(uv_now(intake->loop) / 1000);
	for (int i = 0; i < SECONDS; i++)
		if (now - intake->second[i] <= seconds &&
		    intake->of_second[i] > BUSY)
			return true;
	return false;
}

/* Messages of the same rules, in the order they were read. */
static void gather(struct nx_intake *intake)
{
	struct nx_group *group = &intake->group;
	const struct generation *generation = intake->first->generation;
	group->parcels = 0;
	while (intake->first != NULL && group->parcels < NX_WRITER_GROUP &&
	       intake->first->generation == generation) {
		struct errand *errand = intake->first;
		intake->under_way[group->parcels] = errand;
		group->parcel[group->parcels++] = &errand->parcel;
		intake->first = errand->next;
	}
	if (intake->first == NULL)
		intake->last = &intake->first;
	group->policy = generation->rules.policy;
	group->scope = generation->scope;
	group->eventless = generation->eventless;
	group->hurries = intake->pending > group->parcels || is_busy(intake, 0);
	group->log.full_addresses = generation->full_addresses;
	nx_quarantine_limit(intake->quarantine, &generation->quarantine);
}

/* Before the loop waits: all that was read since go in one group. */
static void before_waiting(uv_prepare_t *handle)
{
	struct nx_intake *intake = handle->data;
	if (intake->writing || intake->first == NULL)
		return;
	gather(intake);
	intake->writing = true;
	uv_queue_work(intake->loop, &intake->work, record, recorded);
}

/* --- tidying -------------------------------------------------------------- */

static void tidy(uv_work_t *work)
{
	struct nx_intake *intake = work->data;
	struct nx_group *group = &intake->group;
	bool more;
	group->err = (struct nx_error){.fault = NX_ERROR_NONE};
	if (intake->settles)
		(void)!nx_quarantine_settle(group->quarantine, &more,
		                            &group->err);
	(void)!nx_store_write_waiting(group->store, &group->err);
}

static void tidied(uv_work_t *work, int status)
{
	struct nx_intake *intake = work->data;
	(void)status;
	intake->writing = false;
	note_trouble(intake);
	if (intake->closing)
		nx_intake_close(intake);
}

/* In quiet moments the quarantine, a part at a time: what comes meanwhile
 * waits for it. */
static void when_idle(uv_timer_t *timer)
{
	struct nx_intake *intake = timer->data;
	if (intake->writing)
		return;
	intake->settles = !is_busy(intake, LULL) &&
	                  !nx_quarantine_is_settled(intake->quarantine);
	if (!intake->settles && !nx_store_waits(intake->store))
		return;
	intake->writing = true;
	uv_queue_work(intake->loop, &intake->work, tidy, tidied);
}

/* --- reading -------------------------------------------------------------- */

static void was_read(struct nx_job *job, const char *line, size_t size,
                     bool killed)
{
	struct errand *errand = (struct errand *)job;
	struct nx_intake *intake = errand->intake;
	(void)killed; /* the record says so */
	note_room(errand, size);
	errand->reading = nx_writer_read(errand, &errand->parcel,
	                                 errand->reading, line, size);
	if (errand->reading < errand->offer->recipients) {
		read_with(errand, errand->reading);
		return;
	}
	errand->next = NULL;
	intake->unread--;
	*intake->last = errand;
	intake->last = &errand->next;
	let_go(intake);
}

void nx_intake_offer(struct nx_intake *intake, struct nx_offer *offer)
{
	struct errand *errand = talloc_zero(intake, struct errand);
	errand->job = (struct nx_job){
	        .bytes = offer->bytes, .size = offer->size, .done = was_read};
	errand->parcel = (struct nx_parcel){
	        .offer = offer,
	        .begun = (int64_t)uv_now(intake->loop),
	        .answer = talloc_zero_array(errand, enum nx_lmtp_answer,
	                                    offer->recipients),
	};
	errand->offer = offer;
	errand->intake = intake;
	errand->generation = intake->now;
	errand->generation->users++;
	intake->pending++;
	intake->unread++;
	hold(intake, errand);
	let_go(intake);
}

/* --- looking -------------------------------------------------------------- */

size_t nx_intake_pending(const struct nx_intake *intake)
{
	return intake->pending;
}

size_t nx_intake_unread(const struct nx_intake *intake)
{
	return intake->unread;
}

const struct nx_tally *nx_intake_tally(const struct nx_intake *intake)
{
	return &intake->tally;
}

int64_t nx_intake_last_minute(const struct nx_intake *intake)
{
	const int64_t now = (int64_t)(uv_now(intake->loop) / 1000);
	int64_t sum = 0;
	for (int i = 0; i < SECONDS; i++)
		if (now - intake->second[i] < SECONDS)
			sum += intake->of_second[i];
	return sum;
}

const char *nx_intake_trouble(const struct nx_intake *intake, int64_t *time)
{
	*time = intake->trouble_time;
	return intake->trouble.text;
}

int nx_intake_workers(const struct nx_intake *intake)
{
	return nx_pool_workers(intake->now->pool);
}

bool nx_intake_is_lost(const struct nx_intake *intake)
{
	return nx_pool_is_lost(intake->now->pool);
}

/* --- opening and closing -------------------------------------------------- */

/* On no context of the loop's: the writer's thread works with them. */
static bool open_store(struct nx_intake *intake, const struct nx_config *config,
                       struct nx_error *err)
{
	return nx_store_open(NULL, config->store, NX_STORE_CREATE,
	                     &intake->store, err) &&
	       nx_quarantine_open(NULL, config->store, &config->quarantine,
	                          &intake->quarantine, err);
}

bool nx_intake_open(TALLOC_CTX *ctx, uv_loop_t *loop,
                    const struct nx_keeper *keeper,
                    const struct nx_config *config, struct nx_intake **out,
                    struct nx_error *err)
{
	struct nx_intake *intake = talloc_zero(ctx, struct nx_intake);
	intake->loop = loop;
	intake->keeper = keeper;
	intake->last = &intake->first;
	intake->held_last = &intake->held;
	if (!open_store(intake, config, err)) {
		nx_store_close(intake->store);
		talloc_free(intake);
		return false;
	}
	nx_log_init(talloc_new(NULL), &intake->group.log, false);
	intake->group.store = intake->store;
	intake->group.quarantine = intake->quarantine;
	intake->work.data = intake;
	uv_prepare_init(loop, &intake->prepare);
	intake->prepare.data = intake;
	uv_prepare_start(&intake->prepare, before_waiting);
	uv_timer_init(loop, &intake->idle);
	intake->idle.data = intake;
	uv_timer_start(&intake->idle, when_idle, IDLE_MS, IDLE_MS);
	intake->handles = 2;
	*out = intake;
	return true;
}

static void closed(uv_handle_t *handle)
{
	struct nx_intake *intake = handle->data;
	if (--intake->handles == 0)
		talloc_free(intake);
}

/* What waits longer than the daemon lives is not recorded. */
static void write_waiting(struct nx_intake *intake)
{
	struct nx_error err;
	if (!nx_store_write_waiting(intake->store, &err))
		nx_log_event("stop", "error", err.text);
}

void nx_intake_close(struct nx_intake *intake)
{
	if (intake == NULL)
		return;
	intake->closing = intake->writing;
	if (intake->closing)
		return;
	if (intake->now != NULL)
		nx_pool_close(intake->now->pool);
	write_waiting(intake);
	nx_quarantine_close(intake->quarantine);
	nx_store_close(intake->store);
	talloc_free(intake->group.log.ctx);
	uv_close((uv_handle_t *)&intake->prepare, closed);
	uv_close((uv_handle_t *)&intake->idle, closed);
}
