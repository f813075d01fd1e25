/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_CHANGES_H
#define NX_STORE_CHANGES_H

#include "store/store.h"

/*
 * What changed, for whoever keeps a copy of what is suppressed: first all there
 * is, then each change in the order of the commits, of whichever process. What
 * is told is as the store has it now, so the same may be told twice; whoever
 * keeps the last that was told of each id and mail has in the end what the
 * store has. Commits of the last retention: changes can be followed.
 */
struct nx_change {
	int64_t id;          /* the key of the address */
	const char *address; /* "": it was erased, or is not kept */
	struct nx_mail mail; /* that it holds for */
	bool gone;           /* nothing is remembered but strikes, if those */
	struct nx_standing standing;
	enum nx_trust evidence;
	int64_t act; /* by hand that made it, or 0 */
};

struct nx_changes {
	struct nx_change *change;
	size_t count;
	const char *next; /* cursor, of hexadecimal digits and letters */
	bool more;        /* there may be more now */
	bool lost;        /* the cursor is too old, or of another store: whoever
	                     follows drops what he has, and begins without one */
};

/* cursor: "" to begin with, then the last next; one that is none is USAGE. A
 * page has limit changes at most, and may have fewer with more to come; with
 * none there is no more. */
NX_MUST_USE bool nx_changes_read(TALLOC_CTX *ctx, struct nx_store *store,
                                 const char *cursor, size_t limit,
                                 struct nx_changes *out, struct nx_error *err);

#endif
