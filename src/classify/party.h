/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_PARTY_H
#define NX_CLASSIFY_PARTY_H

#include "classify/facts.h"

/*
 * Whom a refusal is about, from what it names and where. A sentence about the
 * sender uses the same words as one about the recipient; what tells them apart
 * is the command that was refused, the address, and the noun. In doubt it is
 * the sender: who is mailed once too often is not silenced.
 *
 * What nx_facts_names tells as about is the answer for the refusal as a whole,
 * for verdicts that rest on a code.
 */

/* The clauses that match lies in: each ends with a full stop, semicolon,
 * question or exclamation mark, of any script. A colon and a comma end none. */
struct nx_match nx_party_clause(const struct nx_facts *facts,
                                struct nx_match match);

/* Whom the words that match are said of: the one whose command was refused;
 * the sender when he is named first in the clause and a colon stands behind;
 * else the party named nearest in the clause. A clause that names nobody goes
 * on about the sender when the clauses before it named him and no recipient. */
enum nx_party nx_party_of(const struct nx_facts *facts, struct nx_match match);

#endif
