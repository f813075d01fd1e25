/* SPDX-License-Identifier: ISC */
#ifndef NX_FUZZ_API_H
#define NX_FUZZ_API_H

/*
 * What is asked by HTTP, without HTTP, of a store of its own that is the same
 * for each: what is written is not committed. Whatever is asked, the answer is
 * one of those that are documented, and its body is JSON.
 */
#include "api/api.h"
#include "fuzz.h"
#include "fuzz_rules.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUZZ_NOW INT64_C(1767225600) /* 2026-01-01T00:00:00Z */

static struct {
	char directory[64];
	struct nx_store *store;
	const struct nx_policy *policy;
} asked;

static const struct nx_streams fuzz_streams = {
        .stream =
                (const struct nx_stream[]){
                        {.name = "news", .kind = NX_STREAM_BULK},
                        {.name = "orders", .kind = NX_STREAM_TRANSACTIONAL}},
        .count = 2,
        .fallback = ""};

static const struct nx_api_settings fuzz_settings = {
        .streams = &fuzz_streams, .stream = "", .message_size = 1024 * 1024};

static inline void fuzz_fail(const struct nx_error *err)
{
	fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static inline void fuzz_remove(void)
{
	DIR *directory = opendir(asked.directory);
	const struct dirent *entry;
	nx_store_close(asked.store);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		char path[512];
		(void)snprintf(path, sizeof(path), "%s/%s", asked.directory,
		               entry->d_name);
		(void)unlink(path);
	}
	if (directory != NULL)
		(void)closedir(directory);
	(void)rmdir(asked.directory);
}

/* Runs the call as the daemon does, on one thread. */
static inline void fuzz_run(struct nx_api_call *call, bool keep)
{
	struct nx_error err = {0};
	const struct nx_api_writing writing = {
	        .store = asked.store, .policy = asked.policy, .now = FUZZ_NOW};
	if (!nx_api_admit(call) || !nx_api_prepare(call))
		return;
	if (call->way == NX_API_READS) {
		call->store = asked.store;
		call->now = FUZZ_NOW;
		nx_api_read(call);
	} else if (call->way == NX_API_WRITES) {
		if (!nx_store_begin(asked.store, &err) ||
		    !nx_api_write(call, &writing, &err))
			fuzz_fail(&err);
		if (!keep)
			nx_store_rollback(asked.store);
		else if (!nx_store_commit(asked.store, &err))
			fuzz_fail(&err);
	}
}

static inline void fuzz_judge(struct nx_api_call *call)
{
	static const int statuses[] = {200, 400, 404, 405, 410, 415};
	const struct nx_api_answer *answer = &call->answer;
	const struct nx_json *body;
	struct nx_error err;
	bool is_documented = false;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		is_documented |= answer->status == statuses[i];
	need(is_documented);
	need(answer->type != NULL && answer->allow != NULL);
	need(nx_json_parse(call, answer->body, answer->size, &body, &err));
	if (answer->status < 400)
		return;
	need(strcmp(answer->type, "application/problem+json") == 0);
	need(nx_json_number(body, "status") == answer->status);
	need(*nx_json_text(body, "title") != '\0' &&
	     *nx_json_text(body, "detail") != '\0');
	need(answer->size < 8192); /* most of it may be escaped */
}

static inline void fuzz_ask(enum nx_api_method method, const char *target,
                            const void *body, size_t size, bool keep)
{
	struct nx_api_call *call = nx_api_call_new(NULL, &fuzz_settings);
	call->request.method = method;
	call->request.target = target;
	call->request.media_type = "application/json";
	call->request.body = body;
	call->request.size = size;
	fuzz_run(call, keep);
	if (call->way == NX_API_ANSWERED || call->way == NX_API_READS ||
	    call->way == NX_API_WRITES)
		fuzz_judge(call);
	talloc_free(call);
}

/* A store with something in it for each list. */
static inline void fuzz_open(void)
{
	static const char note[] = "{\"note\":\"for a test\"}";
	static const char *const held[] = {"/v1/suppressions/a@example.com",
	                                   "/v1/suppressions/b@example.com",
	                                   "/v1/suppressions/@example.org"};
	static TALLOC_CTX *ctx;
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	struct nx_error err = {0};
	ctx = talloc_new(NULL);
	(void)snprintf(asked.directory, sizeof(asked.directory),
	               "%s/nixie-fuzz.XXXXXX",
	               access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(asked.directory) == NULL)
		exit(1);
	if (!nx_rules_policy(ctx, &from, NULL, &asked.policy, &err) ||
	    !nx_store_open(ctx, asked.directory, NX_STORE_WRITE, &asked.store,
	                   &err))
		fuzz_fail(&err);
	(void)atexit(fuzz_remove);
	for (size_t i = 0; i < sizeof(held) / sizeof(*held); i++)
		fuzz_ask(NX_API_PUT, held[i], note, sizeof(note) - 1, true);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_open();
	return 0;
}

#endif
