/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_ERROR_H
#define NX_BASE_ERROR_H

#include <stdbool.h>

/*
 * What went wrong, for the few functions that can fail: those of the shell and
 * those that load rules. The caller owns the struct; it is filled on failure
 * only. The kind is also the answer that the caller of nixie gets.
 */

#define NX_MUST_USE       __attribute__((warn_unused_result))
#define NX_PRINTF(at, va) __attribute__((format(printf, at, va)))

enum nx_error_kind {
	NX_ERROR_NONE = 0,
	NX_ERROR_USAGE,     /* the command line is wrong */
	NX_ERROR_DATA,      /* the input cannot be used */
	NX_ERROR_TEMPORARY, /* may work when tried again: disk, lock, peer */
	NX_ERROR_FULL,      /* as NX_ERROR_TEMPORARY: no room on the disk */
	NX_ERROR_DAMAGED,   /* the store: only a backup helps */
	NX_ERROR_CONFIG,    /* configuration or rules are wrong */
	NX_ERROR_INTERNAL   /* our own mistake */
};

struct nx_error {
	enum nx_error_kind kind;
	char text[512]; /* one line, lower case, no full stop */
};

/* Fills *err and returns false, so that a failure is one statement:
 * return nx_error_set(err, NX_ERROR_DATA, "%s: empty", path); */
bool nx_error_set(struct nx_error *err, enum nx_error_kind kind,
                  const char *format, ...) NX_PRINTF(3, 4);

#endif
