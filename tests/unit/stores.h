/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_STORES_H
#define TESTS_UNIT_STORES_H

#include "base/date.h"
#include "policies.h"
#include "store/attempt.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A store in a directory of its own, and messages to put into it. */

#define T0 INT64_C(1767225600) /* 2026-01-01T00:00:00Z */

static const char LADDER[] =
        "hard: { ladder: [24h, 48h, 96h, 7d, 14d],\n"
        "        climb_on: [attempt, bounce], climb_at_most: 1 per 24h }\n"
        "soft: { strikes: 3, on_days: 3, within: 14d, ladder: [24h],\n"
        "        climb_on: [bounce] }\n" OTHER_CAUSES;

struct fixture {
	TALLOC_CTX *ctx;
	char *directory;
	const struct nx_policy *policy;
	struct nx_store *store;
	struct nx_record record;
	struct nx_error err;
};

static inline void need(const struct fixture *f, bool done)
{
	if (!done)
		fail_msg("%s", f->err.text);
}

static inline void remove_tree(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	while (directory && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		char *name =
		        talloc_asprintf(NULL, "%s/%s", path, entry->d_name);
		if (unlink(name) < 0)
			remove_tree(name);
		talloc_free(name);
	}
	if (directory)
		closedir(directory);
	rmdir(path);
}

static inline char *make_directory(TALLOC_CTX *ctx)
{
	const char *base = getenv("TMPDIR");
	if (!base || !*base) /* in memory no disk is waited for */
		base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	char *path = talloc_asprintf(ctx, "%s/nixie-test-XXXXXX", base);
	assert_non_null(mkdtemp(path));
	return path;
}

/* NULL, or a database that stores begin as: to make one takes longer. */
static const char *begin_as;

static inline void copy_database(const struct fixture *f)
{
	char bytes[4096];
	size_t size;
	FILE *from = fopen(begin_as, "rb");
	FILE *to = fopen(talloc_asprintf(f->ctx, "%s/nixie.db", f->directory),
	                 "wb");
	assert_non_null(from);
	assert_non_null(to);
	while ((size = fread(bytes, 1, sizeof(bytes), from)) > 0)
		assert_int_equal(fwrite(bytes, 1, size, to), size);
	fclose(from);
	fclose(to);
}

static inline int set_up(void **state)
{
	static const char line[] = "{\"kind\":\"delivery-report\","
	                           "\"format\":\"rfc3464\",\"recipients\":[]}";
	struct fixture *f = talloc_zero(NULL, struct fixture);
	f->ctx = f;
	f->directory = make_directory(f);
	if (begin_as)
		copy_database(f);
	need(f, compile_policy(f, LADDER, &f->policy, &f->err));
	need(f, nx_record_read(f, line, sizeof(line) - 1, &f->record, &f->err));
	need(f, nx_store_open(f, f->directory, NX_STORE_WRITE, &f->store,
	                      &f->err));
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;
	nx_store_close(f->store);
	remove_tree(f->directory);
	talloc_free(f);
	return 0;
}

#define STORE_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Message and event number N, about address, hours after T0. */
static inline struct nx_event event_of(unsigned number, const char *address,
                                       enum nx_class class, int64_t hour)
{
	struct nx_event event = {.time = T0 + hour * NX_HOUR,
	                         .stream = "",
	                         .sending_domain = "",
	                         .address = address,
	                         .verdict = {.class = class,
	                                     .reason = class == NX_CLASS_SOFT
	                                                       ? "mailbox-full"
	                                                       : "unknown-user",
	                                     .fault = NX_FAULT_RECIPIENT,
	                                     .advice = "never",
	                                     .rule = "status/5.1.1",
	                                     .basis = NX_BASIS_STATUS,
	                                     .matched = "5.1.1"},
	                         .trust = NX_TRUST_CLAIMED,
	                         .kind = NX_KIND_DELIVERY_REPORT,
	                         .action = NX_ACTION_FAILED,
	                         .status = "5.1.1",
	                         .reply = 550,
	                         .diagnostic = "550 5.1.1 no such user",
	                         .remote_mta = "mx.example.org",
	                         .reporting_mta = "mail.example.com",
	                         .message_id = "<1@example.com>",
	                         .list_id = "",
	                         .incidents = 1};
	memcpy(event.message, &number, sizeof(number));
	memcpy(event.id, &number, sizeof(number));
	return event;
}

/* The delivery of the message of the first event; refers to all of them. */
static inline struct nx_delivery delivery_of(struct fixture *f,
                                             const struct nx_event *event,
                                             size_t count)
{
	struct nx_delivery delivery = {.time = event->time,
	                               .source = "test",
	                               .record = &f->record,
	                               .event = event,
	                               .events = count};
	memcpy(delivery.digest, event->message, sizeof(delivery.digest));
	return delivery;
}

static inline struct nx_outcome add_delivery(struct fixture *f,
                                             const struct nx_delivery *delivery)
{
	struct nx_outcome outcome;
	need(f, nx_store_add(f->store, f->policy, delivery, &outcome, &f->err));
	return outcome;
}

static inline struct nx_outcome add_events(struct fixture *f,
                                           const struct nx_event *event,
                                           size_t count)
{
	const struct nx_delivery delivery = delivery_of(f, event, count);
	return add_delivery(f, &delivery);
}

static inline struct nx_outcome add_one(struct fixture *f, unsigned number,
                                        const char *address,
                                        enum nx_class class, int64_t hour)
{
	struct nx_event event = event_of(number, address, class, hour);
	return add_events(f, &event, 1);
}

static const struct nx_streams NO_STREAMS = {.fallback = ""};

static inline struct nx_response answer_of(struct fixture *f,
                                           const char *stream,
                                           const char *address, int64_t hour)
{
	struct nx_response out;
	const struct nx_question question = nx_question_of(&NO_STREAMS, stream);
	need(f, nx_store_ask(f, f->store, &question, address,
	                     T0 + hour * NX_HOUR, &out, &f->err));
	return out;
}

/* What decides, or the last that ended. */
static inline struct nx_subject_state first_of(const struct nx_response *answer)
{
	struct nx_subject_state nothing = {.address = answer->address,
	                                   .mail = {.name = ""}};
	if (answer->blocking == 0 && answer->states == answer->holding)
		return nothing;
	return answer->state[answer->blocking > 0 ? 0 : answer->holding];
}

static inline struct nx_subject_state state_of(struct fixture *f,
                                               const char *stream,
                                               const char *address,
                                               int64_t hour)
{
	const struct nx_response answer = answer_of(f, stream, address, hour);
	return first_of(&answer);
}

static inline struct nx_standing standing_of(struct fixture *f,
                                             const char *stream,
                                             const char *address, int64_t hour)
{
	return state_of(f, stream, address, hour).standing;
}

static inline bool is_suppressed(struct fixture *f, const char *address,
                                 int64_t hour)
{
	return answer_of(f, "", address, hour).blocking > 0;
}

static inline struct nx_subject_state attempt(struct fixture *f,
                                              const char *stream,
                                              const char *address, int64_t hour)
{
	struct nx_response out;
	const struct nx_question question = nx_question_of(&NO_STREAMS, stream);
	const struct nx_attempt asked = {.question = &question,
	                                 .address = address,
	                                 .source = "check",
	                                 .sender = "",
	                                 .queue_id = ""};
	need(f, nx_store_attempt(f, f->store, f->policy, &asked,
	                         T0 + hour * NX_HOUR, &out, &f->err));
	return first_of(&out);
}

static inline void reopen(struct fixture *f, enum nx_store_mode mode)
{
	nx_store_close(f->store);
	f->store = NULL;
	need(f, nx_store_open(f, f->directory, mode, &f->store, &f->err));
}

#endif
