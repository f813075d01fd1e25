/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_PARTY_H
#define NX_CLASSIFY_PARTY_H

#include "classify/facts.h"

/*
 * Whom a refusal is about, from what it names and where. A sentence about the
 * sender uses the same words as one about the recipient; what tells them apart
 * is the command that was refused, the address, and the noun.
 */

/* The clauses that match lies in: up to a full stop, semicolon, question or
 * exclamation mark, of any script. A colon and a comma do not end one. */
struct nx_match nx_party_clause(const struct nx_facts *facts,
                                struct nx_match match);

/* Whom the words that match are said of. MAIL FROM was refused: the sender.
 * Else the party named nearest in the clause, where a sender named first and a
 * colon behind him outweigh what follows; in a clause that names nobody, the
 * sender when the text is about him elsewhere: "mailbox unavailable. Mail from
 * this sender is not accepted". */
enum nx_party nx_party_of(const struct nx_facts *facts, struct nx_match match);

/* Whom the refusal as a whole is about, for verdicts that rest on a code. */
enum nx_party nx_party_of_all(const struct nx_facts *facts);

#endif
