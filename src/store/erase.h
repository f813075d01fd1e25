/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_ERASE_H
#define NX_STORE_ERASE_H

#include "store/store.h"

/*
 * Forgetting a person: all that is kept of an address, and what else names it.
 */
struct nx_erased {
	int64_t events, attempts;
	int64_t originals, quarantined;
	int64_t texts; /* rows about others whose texts named the address */
};

/* Removes the events, attempts and held bounces of an address, the notes on
 * what was done by hand for it, and the standings that do not hold at now; with
 * all those that hold, too. What holds is kept under the key of the address
 * alone. Then what names it (see mail/naming.h) goes: originals and messages in
 * quarantine, and the texts of events, messages and notes about others.
 *
 * Many short transactions, so that whoever else writes is not kept waiting.
 * What is found by key goes first, messages that told of it before all else;
 * when one fails, or the process ends, the same call does what is left. What
 * was removed may still be in the WAL: see nx_quarantine_erase. */
NX_MUST_USE bool nx_store_erase(struct nx_store *store, const char *address,
                                bool all, int64_t now, struct nx_erased *out,
                                struct nx_error *err);

#endif
