/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_MAIL_H
#define NX_TESTS_MAIL_H

/* Builds mails for tests from their parts, and reads them. */

#include "parse.h"
#include "report/conditions/detectors.h"
#include "report/conditions/prove.h"
#include "report/read.h"
#include "sys/file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RETURNED                                                               \
	"Message-ID: <n1@news.example.org>\n"                                  \
	"From: News <news@example.org>\n"                                      \
	"Subject: =?UTF-8?Q?Ol=C3=A1?=\n"

/* A delivery report: subject, text for people, fields, returned headers. */
static inline char *delivery_mail(TALLOC_CTX *ctx, const char *subject,
                                  const char *explanation, const char *fields,
                                  const char *returned)
{
	return talloc_asprintf(
	        ctx,
	        "From: Mail System <MAILER-DAEMON@mx.example.net>\n"
	        "To: bounces@example.org\nSubject: %s\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/report; boundary=b1;\n"
	        " report-type=delivery-status\n\n"
	        "--b1\nContent-Type: text/plain; charset=utf-8\n\n%s\n"
	        "--b1\nContent-Type: message/delivery-status\n\n%s\n"
	        "--b1\nContent-Type: text/rfc822-headers\n\n%s\n--b1--\n",
	        subject, explanation, fields, returned);
}

/* The concepts that are shipped. */
static inline const struct nx_concepts *shipped_concepts(TALLOC_CTX *ctx)
{
	static struct nx_source source[100];
	const struct nx_concepts *concepts;
	struct nx_error err;
	size_t count = 0;
	DIR *folder = opendir(RULES_DIR "/words");

	assert_non_null(folder);
	source[count++].name = RULES_DIR "/concepts.yaml";
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		assert_in_range(count, 0, 99);
		source[count++].name = talloc_asprintf(
		        ctx, RULES_DIR "/words/%s", entry->d_name);
	}
	closedir(folder);
	for (size_t i = 0; i < count; i++) {
		char *bytes;

		if (!nx_file_read(ctx, source[i].name, 1 << 20, &bytes,
		                  &source[i].size, &err))
			fail_msg("%s", err.text);
		source[i].text = bytes;
	}
	if (!nx_concepts_compile(ctx, source, count, &concepts, &err))
		fail_msg("%s", err.text);
	return concepts;
}

/* The detectors that are shipped. */
static inline const struct nx_detectors *shipped_detectors(TALLOC_CTX *ctx)
{
	static const char *const names[] = {RULES_DIR "/automatic.yaml",
	                                    RULES_DIR "/reports.yaml",
	                                    RULES_DIR "/unsubscribe.yaml"};
	struct nx_source source[3];
	const struct nx_detectors *detectors;
	struct nx_error err;
	for (size_t i = 0; i < 3; i++) {
		char *bytes;
		source[i].name = names[i];
		if (!nx_file_read(ctx, names[i], 1 << 20, &bytes,
		                  &source[i].size, &err))
			fail_msg("%s", err.text);
		source[i].text = bytes;
	}
	if (!nx_detectors_compile(ctx, shipped_concepts(ctx), source, 3,
	                          &detectors, &err))
		fail_msg("%s", err.text);
	return detectors;
}

/* The formats that are shipped. */
static inline const struct nx_formats *shipped_formats(TALLOC_CTX *ctx)
{
	static struct nx_source source[200];
	const struct nx_formats *formats;
	struct nx_error err;
	size_t count = 0;
	DIR *folder = opendir(RULES_DIR "/formats");

	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		char *bytes;

		if (entry->d_name[0] == '.')
			continue;
		assert_in_range(count, 0, 199);
		source[count].name = talloc_asprintf(
		        ctx, RULES_DIR "/formats/%s", entry->d_name);
		if (!nx_file_read(ctx, source[count].name, 1 << 20, &bytes,
		                  &source[count].size, &err))
			fail_msg("%s", err.text);
		source[count++].text = bytes;
	}
	closedir(folder);
	if (!nx_formats_compile(ctx, source, count, &formats, &err))
		fail_msg("%s", err.text);
	return formats;
}

static inline const struct nx_report *read_by_formats(
        TALLOC_CTX *ctx, const struct nx_formats *formats, const char *text)
{
	const struct nx_envelope envelope = {
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	return nx_report_read(
	        ctx, formats, shipped_detectors(ctx), NULL,
	        parse_message(ctx, text, strlen(text), &envelope));
}

static inline const struct nx_report *read_mail(TALLOC_CTX *ctx,
                                                const char *text)
{
	return read_by_formats(ctx, NULL, text);
}

static inline int start_mail(void **state)
{
	nx_message_start();
	nx_message_start_charsets();
	*state = talloc_new(NULL);
	return 0;
}

static inline int end_mail(void **state)
{
	talloc_free(*state);
	return 0;
}

#endif
