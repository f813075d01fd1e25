/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_SHOW_H
#define NX_CLI_SHOW_H

#include "cli/cli.h"
#include "export/history_json.h"
#include "store/history.h"

/* What `nixie show` has read of one address, and how it is told. */
struct nx_show {
	struct nx_cli *cli;
	const char *address;
	struct nx_response answer;
	const struct nx_history *history; /* oldest first */
	size_t rows;
};

/* The class and, where that says more, the reason: "hard unknown-user",
 * "complaint-abuse", "manual". */
const char *nx_show_class(TALLOC_CTX *ctx, const char *name,
                          const char *reason);

/* How sure it is that the report is from who it says. */
const char *nx_show_evidence(enum nx_trust trust);
/* The newest event that such a standing rests on, or NULL. */
const struct nx_history *nx_show_origin(const struct nx_show *show,
                                        const struct nx_subject_state *state);
/* Attempts gave it a later end than the last bounce. */
bool nx_show_is_prolonged(const struct nx_standing *standing);
/* Who reported: the MTA that says so, else the sender of the report; or "". */
const char *nx_show_reporter(const struct nx_history *history);

/* One line below another; nothing when the value is "". */
void nx_show_member(TALLOC_CTX *ctx, const char *name, const char *value);

/* The history for people, newest first; folded when long, unless --all. */
void nx_show_history(const struct nx_show *show);

/* The members of a standing; the object is left open. */
void nx_show_state_json(struct nx_cli *cli, struct nx_json_out *object,
                        const struct nx_subject_state *state);

/* All of it as one object. */
void nx_show_json(const struct nx_show *show);

/* A message as lines for a terminal. */
void nx_show_lines(const char *bytes, size_t size);

/* What was reported, as it came: the newest, or with --all every one. */
NX_MUST_USE bool nx_show_message(const struct nx_show *show,
                                 struct nx_error *err);

#endif
