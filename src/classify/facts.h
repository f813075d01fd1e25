/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_FACTS_H
#define NX_CLASSIFY_FACTS_H

#include "concepts/sentence.h"
#include "report/report.h"

/*
 * What a refusal contains before its words are judged: the text, the codes, the
 * command that was refused, and every address, host, IP address, URL and word
 * for a party in it, with the party it belongs to. Rules ask for facts; party.h
 * decides which party a part of the text is about.
 */
enum { NX_TEXT_ASKED = 2048 }; /* bytes of a diagnostic that rules see */

enum nx_mention_kind {
	NX_MENTION_WORD = 0, /* of rules/words/ */
	NX_MENTION_ADDRESS,
	NX_MENTION_HOST,
	NX_MENTION_IP,
	NX_MENTION_URL
};

struct nx_mention {
	size_t start, end; /* bytes of the text */
	enum nx_mention_kind kind;
	enum nx_party party;
	bool aside;      /* only mentioned: nothing is said of the party */
	bool behind;     /* the same, where it follows what is said */
	bool source;     /* "from" or "by" stands before it */
	bool short_word; /* a word of three letters or less: a preposition, in
	                    most languages */
};

/* The parties and things that the text names. Filled when a rule that blames
 * the recipient is about to match, since other rules do not need it. */
struct nx_names_told {
	const struct nx_mention *mention; /* in the text, by start */
	size_t mentions;
	const struct nx_match *clause; /* in the text, in order, without gaps */
	size_t clauses;
	enum nx_party about; /* the party that all of the refusal is about */
	/* what they are found from */
	TALLOC_CTX *ctx;
	const struct nx_concepts *concepts;
	const struct nx_report *report;
	const struct nx_recipient *recipient;
	bool known;
	const struct nx_found_words *words; /* in the text */
	/* set by the walk through the tables */
	bool is_firm;            /* the code is */
	uint64_t asked;          /* the concepts that rules ask for */
	struct nx_spoken spoken; /* see nx_facts_spoken */
	bool spoken_known;
};

struct nx_code { /* a status code as number and as text */
	struct nx_status status;
	char text[NX_STATUS_SIZE];
};

struct nx_provider;
struct nx_rule;

struct nx_facts {
	enum nx_kind kind;
	enum nx_action action;
	enum nx_ours ours; /* which of our addresses it is, if it is one */
	const char *feedback_type;
	const char *text; /* one line, only what the other side said */
	size_t size;
	struct nx_names_told *names; /* filled by nx_facts_names */
	struct nx_code told;         /* in the reply itself */
	struct nx_code field; /* as the report gives it; none when the same */
	int reply;
	char reply_text[8];
	enum nx_phase phase; /* the command that was refused */
	const char *mta;     /* remote, else reporting */
	const char *domain;
	bool temporary; /* there is a 4xx or 4.x.x among the codes */
	const struct nx_provider *provider; /* known to be this one; NULL: judge
	                                       by mta and domain */
	bool plain;                    /* ignores the profile: for examples */
	bool by_ours;                  /* the same: see the rule's when */
	const struct nx_rule *without; /* is not asked: for proofs */
};

/* An index beyond the recipients means a message without any. The report must
 * live as long as the facts. */
struct nx_facts nx_facts_read(TALLOC_CTX *ctx,
                              const struct nx_concepts *concepts,
                              const struct nx_report *report, size_t index);

/* Never NULL; without a recipient nothing is named. */
const struct nx_names_told *nx_facts_names(const struct nx_facts *facts);

/* The text with all words for concepts, and with the parties that are named,
 * also by an address or a host; a party counts in every language. */
const struct nx_spoken *nx_facts_spoken(const struct nx_facts *facts);

/* The mentions in facts->text; and then its clauses and the party it is about.
 * Only for facts.c. */
void nx_mentions_find(const struct nx_facts *facts);
void nx_party_find(const struct nx_facts *facts);

const char *nx_mention_kind_name(enum nx_mention_kind kind);

#endif
