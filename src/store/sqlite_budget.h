/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_BUDGET_H
#define NX_STORE_SQLITE_BUDGET_H

#include "store/sqlite.h"

/*
 * What a message from outside may add to the store: see struct nx_budget.
 * Included by sqlite*.c alone.
 */
struct nx_sqlite_budget { /* of one message */
	bool counts; /* there is a budget, and it is one that is bound by it */
	bool cut;    /* texts are not kept */
	bool refused;
	bool is_first; /* of the day */
	bool is_spent; /* the whole of it */
	int64_t day;
	bool has_share; /* of a host that is not ours */
	int64_t host;
	int64_t rows, bytes, cuts; /* so far */
};

/* Looks how much of the day is left. */
NX_MUST_USE bool nx_sqlite_budget_begin(struct nx_store *store,
                                        const struct nx_delivery *delivery,
                                        struct nx_sqlite_budget *out,
                                        struct nx_error *err);
/* For a row that was new; what is counted is left in the event and record. */
void nx_sqlite_budget_event(struct nx_sqlite_budget *budget,
                            const struct nx_event *event);
void nx_sqlite_budget_message(struct nx_sqlite_budget *budget,
                              const struct nx_delivery *delivery);
NX_MUST_USE bool nx_sqlite_budget_end(struct nx_store *store,
                                      const struct nx_sqlite_budget *budget,
                                      struct nx_error *err);

/* Takes away what only explains, when the budget says so; what the policy and
 * the counting of events go by stays. */
void nx_sqlite_budget_cut_event(const struct nx_sqlite_budget *budget,
                                struct nx_event *event);
void nx_sqlite_budget_cut_record(const struct nx_sqlite_budget *budget,
                                 struct nx_record *record);

#endif
