/* SPDX-License-Identifier: ISC */

/*
 * The pool with an engine of our own, which does to its worker what the message
 * says: the linker takes the core's functions from here.
 */
#include "pool/batch.h"
#include "pool/frame.h"
#include "record.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_int *reads; /* messages that do harm; shared with workers */

struct said {
	struct nx_result result; /* first: the pool passes its address back */
	char *text;
};

static bool charsets;
static bool lacked;

void nx_message_start(void)
{
}

void nx_message_start_charsets(void)
{
	charsets = true;
}

bool nx_message_lacked_charset(void)
{
	return lacked;
}

void nx_prescan_message(TALLOC_CTX *ctx, const char *bytes, size_t size,
                        struct nx_prescan *out)
{
	(void)ctx;
	*out = (struct nx_prescan){.bytes = bytes, .size = size};
}

static double seconds_used(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void burn(double seconds)
{
	const double start = seconds_used();
	while (seconds_used() - start < seconds)
		;
}

static void harm(const char *word)
{
	atomic_fetch_add(reads, 1);
	if (strcmp(word, "crash") == 0)
		abort();
	if (strcmp(word, "spin") == 0)
		burn(1e9);
	if (strcmp(word, "socket") == 0)
		(void)socket(AF_UNIX, SOCK_STREAM, 0);
	if (strcmp(word, "leave") == 0)
		_exit(0);
	if (strcmp(word, "fail") == 0)
		_exit(9);
	if (strcmp(word, "burn") == 0)
		burn(0.4);
	if (strcmp(word, "foreign") == 0)
		lacked = !charsets;
}

const struct nx_result *nx_engine_read(TALLOC_CTX *ctx,
                                       const struct nx_engine *engine,
                                       const struct nx_input *input)
{
	(void)engine;
	struct said *said = talloc_zero(ctx, struct said);
	char *text = talloc_strndup(
	        ctx, input->prescan.bytes,
	        input->prescan.size < 64 ? input->prescan.size : 64);
	if (strncmp(text, "say ", 4) == 0)
		said->text = talloc_asprintf(
		        ctx, "{\"pid\":%d,\"size\":%zu,\"said\":\"%s\"}",
		        getpid(), input->prescan.size, text + 4);
	else if (strcmp(text, "envelope") == 0)
		said->text = talloc_asprintf(
		        ctx, "{%s %s %s %s %d %d}", input->envelope.sender,
		        input->envelope.recipient,
		        input->envelope.original_recipient,
		        input->envelope.queue_id, input->envelope.sender_known,
		        input->explain);
	else if (strncmp(text, "raw ", 4) == 0)
		said->text = text + 4;
	else
		harm(text);
	if (said->text == NULL)
		said->text = talloc_strdup(ctx, "{\"survived\":true}");
	return &said->result;
}

char *nx_record_write(TALLOC_CTX *ctx, const struct nx_result *result)
{
	return talloc_strdup(ctx, ((const struct said *)result)->text);
}

char *nx_record_unparsed(TALLOC_CTX *ctx, const char *cause)
{
	return talloc_asprintf(ctx, "{\"cause\":\"%s\"}", cause);
}

/* A source from a list of messages. */
struct list {
	const char **message;
	size_t count;
	size_t next;
	size_t answers;
	size_t killed;
	size_t lost;
	size_t stop_after;     /* 0: never */
	size_t padding;        /* bytes after each message */
	void (*between)(void); /* run before the second message */
	char answer[1024][128];
};

static bool next_of_list(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct list *list = user;
	if (list->next == list->count)
		return false;
	if (list->next == 1 && list->between != NULL)
		list->between();
	const char *text = list->message[list->next++];
	job->size = strlen(text) + list->padding;
	char *bytes = talloc_zero_size(ctx, job->size + 1);
	memcpy(bytes, text, strlen(text));
	job->bytes = bytes;
	return true;
}

static bool answer_of_list(void *user, TALLOC_CTX *ctx,
                           const struct nx_job *job, const char *line,
                           size_t size, bool killed)
{
	struct list *list = user;
	(void)ctx;
	(void)job;
	assert_int_equal(strlen(line), size);
	snprintf(list->answer[list->answers],
	         sizeof(list->answer[list->answers]), "%s", line);
	list->answers++;
	list->killed += killed;
	list->lost += size == 0;
	return list->stop_after == 0 || list->answers < list->stop_after;
}

static struct nx_batch *open_feed(const struct nx_pool_options *options)
{
	struct nx_batch *batch = NULL;
	struct nx_error err = {0};
	if (!nx_batch_open(NULL, options, &batch, &err))
		fail_msg("%s", err.text);
	return batch;
}

static void run(struct list *list, const struct nx_pool_options *options)
{
	const struct nx_batch_source source = {
	        .next = next_of_list, .answer = answer_of_list, .user = list};
	struct nx_batch *batch = open_feed(options);
	atomic_store(reads, 0);
	nx_batch_run(batch, &source);
	nx_batch_close(batch);
	assert_int_equal(waitpid(-1, NULL, 0), -1); /* no process is left */
}

/* count messages: bad at place, otherwise "say N". */
static const char **messages(size_t count, size_t place, const char *bad)
{
	const char **message = talloc_array(NULL, const char *, count);
	for (size_t i = 0; i < count; i++)
		message[i] = i == place
		                     ? bad
		                     : talloc_asprintf(message, "say %zu.", i);
	return message;
}

static void check_said(const struct list *list, size_t index)
{
	char wanted[64];
	snprintf(wanted, sizeof(wanted), "\"said\":\"%zu.\"", index);
	if (strstr(list->answer[index], wanted) == NULL)
		fail_msg("answer %zu is %s", index, list->answer[index]);
}

static size_t distinct_workers(const struct list *list)
{
	int seen[64];
	size_t count = 0;
	for (size_t i = 0; i < list->answers; i++) {
		int pid = 0;
		if (sscanf(list->answer[i], "{\"pid\":%d", &pid) != 1)
			continue;
		size_t k = 0;
		while (k < count && seen[k] != pid)
			k++;
		if (k == count && count < 64)
			seen[count++] = pid;
	}
	return count;
}

static void answers_come_in_the_order_of_the_source(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(1000, 1000, ""),
	                     .count = 1000};
	run(&list, &(struct nx_pool_options){.workers = 4});
	assert_int_equal(list.answers, 1000);
	assert_int_equal(list.killed, 0);
	for (size_t i = 0; i < 1000; i++)
		check_said(&list, i);
	assert_in_range(distinct_workers(&list), 1, 4);
	talloc_free(list.message);
}

static void no_messages_are_no_answers(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.count = 0};
	run(&list, &(struct nx_pool_options){.workers = 1});
	assert_int_equal(list.answers, 0);
}

static void large_messages_pass_whole(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(20, 20, ""),
	                     .count = 20,
	                     .padding = 1000 * 1000};
	run(&list, &(struct nx_pool_options){.workers = 2});
	for (size_t i = 0; i < 20; i++) {
		check_said(&list, i);
		assert_non_null(strstr(list.answer[i], "\"size\":10000"));
	}
	talloc_free(list.message);
}

static void a_worker_retires_and_nobody_is_blamed(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(100, 100, ""), .count = 100};
	run(&list, &(struct nx_pool_options){.workers = 1, .retire_after = 10});
	assert_int_equal(list.answers, 100);
	assert_int_equal(list.killed, 0);
	assert_int_equal(distinct_workers(&list), 10);
	for (size_t i = 0; i < 100; i++)
		check_said(&list, i);
	talloc_free(list.message);
}

static void a_worker_leaves_before_its_time_is_up(void **state)
{
	(void)state;
	static struct list list;
	const char *message[] = {"say 0.", "burn", "burn",
	                         "burn",   "burn", "say 5."};
	list = (struct list){.message = message, .count = 6};
	run(&list,
	    &(struct nx_pool_options){.workers = 1, .patience_ms = 60000});
	assert_int_equal(list.answers, 6);
	assert_int_equal(list.killed, 0);
	assert_int_equal(distinct_workers(&list), 2);
	check_said(&list, 5);
	assert_int_equal(atomic_load(reads), 4);
}

static void only_the_message_that_kills_is_blamed_and_once(void **state)
{
	(void)state;
	static const struct {
		const char *message, *cause;
	} cases[] = {
	        {"crash", "killed by signal 6"},
	        {"socket", "killed by signal 31"},
	        {"fail", "ended with status 9"},
	        {"spin", "took too long"},
	        {"raw nonsense", "worker answered with nonsense"},
	        {"raw {\"a\":\"\033\"}", "worker answered with nonsense"},
	        {"raw {\"a\":\"\xc3\xa4\"}", "worker answered with nonsense"},
	};
	static struct list list;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t place = 0; place < 40; place += 13) {
			list = (struct list){
			        .message =
			                messages(40, place, cases[i].message),
			        .count = 40};
			run(&list, &(struct nx_pool_options){
			                   .workers = 1, .patience_ms = 200});
			assert_int_equal(list.answers, 40);
			assert_int_equal(list.killed, 1);
			assert_non_null(
			        strstr(list.answer[place], cases[i].cause));
			for (size_t k = 0; k < 40; k++) {
				if (k != place)
					check_said(&list, k);
			}
			assert_in_range(atomic_load(reads), 0, 1);
			talloc_free(list.message);
		}
	}
}

static void a_message_that_makes_workers_leave_is_given_up(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(40, 20, "leave"), .count = 40};
	run(&list, &(struct nx_pool_options){.workers = 2});
	assert_int_equal(list.answers, 40);
	assert_int_equal(list.killed, 1);
	assert_non_null(strstr(list.answer[20], "ended with status 0"));
	talloc_free(list.message);
}

static void foreign_mail_is_read_again_with_its_character_sets(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(40, 20, "foreign"),
	                     .count = 40};
	list.message[30] = "foreign";
	run(&list, &(struct nx_pool_options){.workers = 1});
	assert_int_equal(list.answers, 40);
	assert_int_equal(list.killed, 0);
	assert_string_equal(list.answer[20], "{\"survived\":true}");
	assert_string_equal(list.answer[30], "{\"survived\":true}");
	assert_int_equal(distinct_workers(&list), 2);
	assert_int_equal(atomic_load(reads), 3);
	talloc_free(list.message);
}

/* The channel is in error then, but still has answers. */
static void a_worker_may_leave_with_mail_unread(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(200, 5, "foreign"),
	                     .count = 200,
	                     .padding = 15 * 1000};
	run(&list, &(struct nx_pool_options){.workers = 1});
	assert_int_equal(list.answers, 200);
	assert_int_equal(list.killed, 0);
	assert_int_equal(distinct_workers(&list), 2);
	talloc_free(list.message);
}

static void every_message_may_kill(void **state)
{
	(void)state;
	static struct list list;
	const char *message[30];
	for (size_t i = 0; i < 30; i++)
		message[i] = "crash";
	list = (struct list){.message = message, .count = 30};
	run(&list, &(struct nx_pool_options){.workers = 3});
	assert_int_equal(list.answers, 30);
	assert_int_equal(list.killed, 30);
	assert_int_equal(atomic_load(reads), 30);
}

static void processor_time_of_a_worker_is_bounded(void **state)
{
	(void)state;
	static struct list list;
	const char *message[] = {"spin", "say 1."};
	list = (struct list){.message = message, .count = 2};
	run(&list,
	    &(struct nx_pool_options){.workers = 1, .patience_ms = 60000});
	assert_int_equal(list.killed, 1);
	assert_non_null(strstr(list.answer[0], "took too long"));
	check_said(&list, 1);
	struct rusage used;
	getrusage(RUSAGE_CHILDREN, &used); /* including those of the workers */
	assert_in_range(used.ru_utime.tv_sec + used.ru_stime.tv_sec, 2, 1000);
}

static void feeding_stops_when_nobody_wants_answers(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(1000, 1000, ""),
	                     .count = 1000,
	                     .stop_after = 3};
	run(&list, &(struct nx_pool_options){.workers = 1});
	assert_int_equal(list.answers, 3);
	assert_in_range(list.next, 3, 999);
	talloc_free(list.message);
}

/* The process whose parent is this one. */
static int only_child(void)
{
	int found = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
		char path[64];
		int pid, parent;
		snprintf(path, sizeof(path), "/proc/%.20s/stat", entry->d_name);
		FILE *file = fopen(path, "r");
		if (file == NULL)
			continue;
		if (fscanf(file, "%d %*s %*c %d", &pid, &parent) == 2 &&
		    parent == getpid())
			found = pid;
		fclose(file);
	}
	closedir(proc);
	return found;
}

static void kill_worker_host(void)
{
	assert_int_not_equal(only_child(), 0);
	kill(only_child(), SIGKILL);
}

static void without_a_worker_host_the_fault_is_temporary(void **state)
{
	(void)state;
	static struct list list;
	list = (struct list){.message = messages(1000, 0, "burn"),
	                     .count = 1000,
	                     .between = kill_worker_host};
	run(&list, &(struct nx_pool_options){.workers = 2});
	assert_int_equal(list.answers, 1000);
	assert_int_equal(list.killed, 0);
	assert_int_equal(list.lost, 1000);
	talloc_free(list.message);
}

struct chain {
	struct nx_pool *pool;
	struct nx_job job;
	int left;
};

static void submit_next(struct nx_job *job, const char *line, size_t size,
                        bool killed)
{
	struct chain *chain = job->user;
	assert_string_equal(line, "{from@example.org to@example.net "
	                          "old@example.net Q1 1 1}");
	assert_int_equal(size, strlen(line));
	assert_false(killed);
	chain->left--;
	if (chain->left > 0)
		nx_pool_submit(chain->pool, &chain->job);
}

static void a_job_may_follow_from_an_answer(void **state)
{
	(void)state;
	uv_loop_t loop;
	struct nx_error err = {0};
	struct chain chain = {.left = 50};
	chain.job = (struct nx_job){
	        .bytes = "envelope",
	        .size = 8,
	        .envelope = {.sender = "from@example.org",
	                     .sender_known = true,
	                     .recipient = "to@example.net",
	                     .original_recipient = "old@example.net",
	                     .queue_id = "Q1"},
	        .explain = true,
	        .done = submit_next,
	        .user = &chain};
	uv_loop_init(&loop);
	const struct nx_pool_options options = {.workers = 2};
	assert_true(nx_pool_open(&loop, NULL, &options, &chain.pool, &err));
	nx_pool_submit(chain.pool, &chain.job);
	while (nx_pool_pending(chain.pool) > 0)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(chain.left, 0);
	nx_pool_close(chain.pool);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void a_frame_is_read_as_written_and_not_before_it_is_whole(void **state)
{
	(void)state;
	char long_text[2 * NX_FRAME_TEXT];
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	const struct nx_input in = {
	        .prescan = {.bytes = "", .capped = true},
	        .envelope = {.sender = "",
	                     .recipient = "r",
	                     .original_recipient = long_text,
	                     .queue_id = "q"}};
	struct nx_input out = {0};
	size_t size = 0, taken = 0;
	char *bytes = nx_frame_write(NULL, &in, &size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(nx_frame_read(bytes, i, &out, &taken),
		                 NX_FRAME_PART);
	assert_int_equal(nx_frame_read(bytes, size, &out, &taken),
	                 NX_FRAME_WHOLE);
	assert_int_equal(taken, size);
	assert_true(out.prescan.capped);
	assert_string_equal(out.envelope.recipient, "r");
	assert_int_equal(strlen(out.envelope.original_recipient),
	                 NX_FRAME_TEXT - 1);
	assert_string_equal(out.envelope.queue_id, "q");
	talloc_free(bytes);
}

static void an_answer_is_bounded(void **state)
{
	(void)state;
	const char *record;
	size_t size;
	char answer[64];
	const size_t whole = nx_answer_write(answer, "{}", 2);
	for (size_t i = 0; i < whole; i++)
		assert_int_equal(nx_answer_read(answer, i, &record, &size),
		                 NX_FRAME_PART);
	assert_int_equal(nx_answer_read(answer, whole, &record, &size),
	                 NX_FRAME_WHOLE);
	assert_string_equal(record, "{}");
	answer[whole - 1] = 'x';
	assert_int_equal(nx_answer_read(answer, whole, &record, &size),
	                 NX_FRAME_BAD);
	assert_int_equal(nx_answer_read("\xff\xff\xff\xff", 4, &record, &size),
	                 NX_FRAME_BAD);
}

int main(void)
{
	reads = mmap(NULL, sizeof(*reads), PROT_READ | PROT_WRITE,
	             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(answers_come_in_the_order_of_the_source),
	        cmocka_unit_test(no_messages_are_no_answers),
	        cmocka_unit_test(large_messages_pass_whole),
	        cmocka_unit_test(a_worker_retires_and_nobody_is_blamed),
	        cmocka_unit_test(a_worker_leaves_before_its_time_is_up),
	        cmocka_unit_test(
	                only_the_message_that_kills_is_blamed_and_once),
	        cmocka_unit_test(
	                a_message_that_makes_workers_leave_is_given_up),
	        cmocka_unit_test(
	                foreign_mail_is_read_again_with_its_character_sets),
	        cmocka_unit_test(a_worker_may_leave_with_mail_unread),
	        cmocka_unit_test(every_message_may_kill),
	        cmocka_unit_test(processor_time_of_a_worker_is_bounded),
	        cmocka_unit_test(feeding_stops_when_nobody_wants_answers),
	        cmocka_unit_test(without_a_worker_host_the_fault_is_temporary),
	        cmocka_unit_test(a_job_may_follow_from_an_answer),
	        cmocka_unit_test(
	                a_frame_is_read_as_written_and_not_before_it_is_whole),
	        cmocka_unit_test(an_answer_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
