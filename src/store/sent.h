/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SENT_H
#define NX_STORE_SENT_H

#include "store/store.h"

/*
 * What was sent, where somebody says so: hard leases of a domain are held by
 * what share they are of the mail that went there (store/held.h).
 */

/* So many mails were sent to a domain in [from, to), evenly; what no guard asks
 * for any more at now is left out. */
enum { NX_SENT_MOST = 1000000000 /* mails, and seconds */ };
struct nx_sent_count {
	const char *domain;
	int64_t mails;
	int64_t from, to;
};
NX_MUST_USE bool nx_store_sent_count(struct nx_store *store,
                                     const struct nx_sent_count *count,
                                     int64_t now, struct nx_error *err);

/* One mail, which counts once for each recipient however often it is told.
 * *is_new: this was the first time. */
struct nx_sent_message {
	const char *message_id;
	const char *recipient; /* in normal form */
	const char *stream;    /* or "" */
	int64_t time;
};
NX_MUST_USE bool nx_store_sent_message(struct nx_store *store,
                                       const struct nx_sent_message *message,
                                       int64_t now, bool *is_new,
                                       struct nx_error *err);

/* What is known to have been sent to an address, oldest first. */
NX_MUST_USE bool nx_store_sent_to(struct nx_store *store, const char *address,
                                  void (*row)(void *user, int64_t time,
                                              const char *stream),
                                  void *user, struct nx_error *err);

#endif
