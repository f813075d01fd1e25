/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_PARTY_H
#define NX_CLASSIFY_PARTY_H

#include "classify/facts.h"

/*
 * The party that a refusal is about, judged by what it names and where. A
 * sentence about the sender uses the same words as one about the recipient;
 * they differ in the command that was refused, the address, and the noun. In
 * doubt it is the sender: an address that is mailed once too often is not
 * suppressed.
 *
 * The about member of nx_facts_names is the answer for the refusal as a whole,
 * for verdicts that rest on a code.
 */

/* The clauses that match lies in: see concepts/clause.h. */
struct nx_match nx_party_clause(const struct nx_facts *facts,
                                struct nx_match match);

/* Whether the match lies in a quotation that a sentence only mentions: "subject
 * 'user unknown' looks like spam". One that a colon introduces is what somebody
 * said. */
bool nx_party_is_quoted(const struct nx_facts *facts, struct nx_match match);

/* The party that the words of match are about: the one whose command was
 * refused; the sender when it is named first in the clause and a colon follows
 * it; else the party named nearest in the clause. A clause that names no party
 * is about the sender when the clauses before it named the sender and no
 * recipient. */
enum nx_party nx_party_of(const struct nx_facts *facts, struct nx_match match);

#endif
