/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SUBJECT_H
#define NX_STORE_SUBJECT_H

#include "store/sqlite.h"

/*
 * The rows of the SQLite backend that are about an address: its own, and its
 * standings. Included by sqlite*.c alone.
 */

/* Whom a row is about. */
struct nx_subject {
	const char *address; /* normal form, or "@domain" */
	int64_t r;           /* its key */
};

struct nx_subject nx_subject_of(const struct nx_store *store,
                                const char *address);
/* The address that is kept under a key; "" when there is none. */
NX_MUST_USE bool nx_subject_address(TALLOC_CTX *ctx, struct nx_store *store,
                                    int64_t r, const char **out,
                                    struct nx_error *err);
/* Fails when the key is that of another address. One that was erased is known
 * by its address again; to refer to it leaves it erased. */
NX_MUST_USE bool nx_subject_add(struct nx_store *store,
                                const struct nx_subject *subject,
                                struct nx_error *err);
NX_MUST_USE bool nx_subject_refer(struct nx_store *store,
                                  const struct nx_subject *subject,
                                  struct nx_error *err);
/* What stands for the address of one that was erased. */
bool nx_sqlite_is_key(const char *address);

/* The id of what a standing holds for, or rests on (cause and reason alone);
 * its row is made when there is none. */
NX_MUST_USE bool nx_mail_add(struct nx_store *store, const struct nx_mail *mail,
                             int64_t *id, struct nx_error *err);
NX_MUST_USE bool nx_why_add(struct nx_store *store,
                            const struct nx_standing *standing, int64_t *id,
                            struct nx_error *err);
/* What the row of that id says; the name lives until the transaction ends. */
NX_MUST_USE bool nx_mail_of(struct nx_store *store, int64_t id,
                            struct nx_mail *out, struct nx_error *err);
NX_MUST_USE bool nx_why_of(struct nx_store *store, int64_t id,
                           struct nx_standing *out, struct nx_error *err);
/* After a transaction that was rolled back. */
void nx_pairs_forget(struct nx_store *store);

/* A row of standing: of a subject, for one kind of mail. */
struct nx_standing_row {
	int64_t r;
	int64_t mail;
	struct nx_standing standing;
	enum nx_trust evidence;
	int64_t act; /* that made it, or 0 */
};

/* The columns of STANDING_COLUMNS. */
NX_MUST_USE bool nx_standing_read(struct nx_query *query,
                                  struct nx_standing_row *row,
                                  struct nx_error *err);
/* When nothing is remembered the standing is zero, which is stored as no
 * row. */
NX_MUST_USE bool nx_standing_load(struct nx_store *store, int64_t r,
                                  int64_t mail, struct nx_standing_row *out,
                                  struct nx_error *err);
NX_MUST_USE bool nx_standing_save(struct nx_store *store,
                                  const struct nx_standing_row *row,
                                  struct nx_error *err);
bool nx_standing_is_nothing(const struct nx_standing *standing);
/* Sees to it that this transaction has a number: store->number. */
NX_MUST_USE bool nx_standing_number(struct nx_store *store,
                                    struct nx_error *err);
/* Judges such a verdict of that time and that rank; whether it changes the
 * row. */
bool nx_standing_judge(const struct nx_policy *policy,
                       const struct nx_verdict *verdict, int64_t time,
                       enum nx_trust evidence, struct nx_standing_row *row);

/* Columns of an event: of its verdict, and id to incidents. */
void nx_verdict_put(struct nx_query *query, const struct nx_verdict *verdict);
void nx_event_read(struct nx_query *query, struct nx_event *event);

/* A bounce that is to make a new hard lease: counts it, and holds it when there
 * are too many. out->held and out->hold say so. */
struct nx_failure {
	const struct nx_subject *subject;
	const struct nx_event *event;
	int64_t mail; /* that the lease would be for */
	int64_t now;
};
NX_MUST_USE bool nx_sqlite_count_failure(struct nx_store *store,
                                         const struct nx_policy *policy,
                                         const struct nx_failure *failure,
                                         bool *held, struct nx_outcome *out,
                                         struct nx_error *err);

/* What is held of a subject is forgotten; *any: there was something. The first
 * only looks. */
NX_MUST_USE bool nx_sqlite_has_held(struct nx_store *store, int64_t r,
                                    bool *any, struct nx_error *err);
NX_MUST_USE bool nx_sqlite_forget_held(struct nx_store *store, int64_t r,
                                       bool *any, struct nx_error *err);

/* The texts live until the next step; blocks is false. */
NX_MUST_USE bool nx_state_read(struct nx_query *query,
                               struct nx_standing_row *row,
                               struct nx_subject_state *state,
                               struct nx_error *err);

/* A row of act. */
struct nx_act {
	const char *what;
	int64_t now;
	const char *who, *note;
	enum nx_cause cause;
	const char *reason;
	int64_t mail;
	const int64_t *r; /* NULL: for many */
	int64_t entries;
	int64_t ended; /* the act that had made what it ends, or 0 */
};
NX_MUST_USE bool nx_act_add(struct nx_store *store, const struct nx_act *act,
                            int64_t *id, struct nx_error *err);

/* All that is remembered of an address and of its domain. */
struct nx_remembered {
	TALLOC_CTX *ctx;
	const struct nx_question *question;
	struct nx_subject subject;
	struct nx_subject domain; /* or the subject again: a domain has none */
	int64_t now;
	struct nx_standing_row *row; /* and, in the same order, … */
	struct nx_subject_state *state;
	size_t count;
};

struct nx_remembered nx_remembered_of(TALLOC_CTX *ctx,
                                      const struct nx_store *store,
                                      const struct nx_question *question,
                                      const char *address, int64_t now);
NX_MUST_USE bool nx_remembered_read(struct nx_store *store,
                                    struct nx_remembered *of,
                                    struct nx_error *err);
void nx_remembered_add(struct nx_remembered *of,
                       const struct nx_standing_row *row,
                       const struct nx_subject_state *state);
/* Sorts the states, which are then no longer in the order of the rows. */
struct nx_response nx_remembered_response(const struct nx_remembered *of);

#endif
