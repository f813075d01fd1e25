/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_HOSTILE_H
#define NX_TESTS_HOSTILE_H

/* Texts that nobody wrote, which what is total must take as well. */

#include <stddef.h>
#include <string.h>
#include <talloc.h>

/* What is said over and over, without an end of the line unless it has one. */
static const char *const hostile_pieces[] = {
        "",          " ",
        "\t",        "\n",
        " \n",       "x",
        "<",         ">",
        "@",         "<@>:",
        ":",         "{\"",
        "5",         "550 ",
        "<<<",       "<<<\n",
        "<<< 550\n", ">>> RCPT To:<a@b.example>\n",
        "...",       "\xc2\xa0",
        "\xc3\x89",  "\xe3\x80\x80",
        "$",         "^",
        "\xff",      "Final-Recipient:",
        "Status:\n", "Final-Recipient: rfc822; a@b.example\n\n",
        "stop ",     "unsubscribe\n",
};

enum {
	HOSTILE = sizeof hostile_pieces / sizeof *hostile_pieces,
	HOSTILE_SIZE = 1024 * 1024
};

/* Whole pieces, as many as have room in that size. */
static inline char *repeated(TALLOC_CTX *ctx, const char *piece, size_t size)
{
	size_t step = strlen(piece);
	size_t count = step > 0 ? size / step : 0;
	char *text = talloc_zero_size(ctx, count * step + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(text + i * step, piece, step);
	return text;
}

static inline char *hostile_text(TALLOC_CTX *ctx, size_t i)
{
	return repeated(ctx, hostile_pieces[i], HOSTILE_SIZE);
}

#endif
