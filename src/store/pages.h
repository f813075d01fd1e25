/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_PAGES_H
#define NX_STORE_PAGES_H

#include "store/history.h"

/*
 * Long lists, a page at a time: each begins where the one before it ended, so
 * that nobody has to be remembered between them. A page costs little whatever
 * there is: it may have fewer rows than its limit, or none, and not be the
 * last. What changes meanwhile may be missed; see store/changes.h.
 */

/* --- standings, in the order of their keys --- */

enum { NX_LIST_LOOKED = 5000 /* rows that a page looks at, at most */ };

struct nx_list_filter { /* all of these; "" and NONE are any */
	const struct nx_question *question; /* NULL: any mail */
	enum nx_cause cause;
	const char *reason;
	const char *domain;   /* of the address */
	int64_t since, until; /* it began in [since, until) */
	int64_t now;          /* it holds then; 0: or has ended */
};

struct nx_list_place {
	bool begun;
	int64_t r, mail; /* of the last that was looked at */
};

struct nx_list_page {
	struct nx_subject_state *state; /* blocks is false */
	size_t states;
	bool is_end;
};

NX_MUST_USE bool nx_store_list_page(TALLOC_CTX *ctx, struct nx_store *store,
                                    const struct nx_list_filter *filter,
                                    size_t limit, struct nx_list_place *place,
                                    struct nx_list_page *out,
                                    struct nx_error *err);

/* --- events and attempts, oldest first --- */

struct nx_history_filter {
	const char *address; /* "": any */
	unsigned classes;    /* of events, a bit set (1 << class) */
	unsigned causes;     /* of what refused attempts, the same */
	int64_t until;       /* before that time */
};

struct nx_history_place { /* of the last that was looked at */
	int64_t time, serial;
};

struct nx_history_page {
	struct nx_history *history;
	size_t rows;
	bool is_end;
};

struct nx_history_place nx_history_since(int64_t time);

/* place: of events, of attempts. */
NX_MUST_USE bool nx_history_page(TALLOC_CTX *ctx, struct nx_store *store,
                                 const struct nx_history_filter *filter,
                                 size_t limit, struct nx_history_place place[2],
                                 struct nx_history_page *out,
                                 struct nx_error *err);

#endif
