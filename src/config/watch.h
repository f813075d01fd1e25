/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_WATCH_H
#define NX_CONFIG_WATCH_H

#include "base/digest.h"
#include "config/config.h"
#include "snapshot/image.h"

/*
 * The files that rules come from, and whether they have changed. Any change of
 * a file changes its ctime, which nobody can set, and any file that is added or
 * removed changes its directory's; only two changes within one tick of the
 * clock look like one.
 */
struct nx_watched {
	const char *path;
	bool is_file, is_directory;
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	int64_t modified[2]; /* seconds, nanoseconds */
	int64_t changed[2];
};

struct nx_watch {
	struct nx_watched *item; /* the first is the program itself */
	size_t count;
	size_t site; /* where those of the site directory begin */
};
extern const struct nx_image_layout nx_watch_layout;

/* Records the program, the directories, their folders and all *.yaml in these,
 * including those that no rule is read from now; names that begin with "." are
 * left out. The items hang on ctx. */
NX_MUST_USE bool nx_watch_look(TALLOC_CTX *ctx,
                               const struct nx_rules_from *from,
                               struct nx_watch *out, struct nx_error *err);

bool nx_watch_is_yaml(const char *name);

/* Nothing has changed. */
bool nx_watch_holds(const struct nx_watch *watch);
bool nx_watch_same_program(const struct nx_watch *a, const struct nx_watch *b);

/* Something was changed within the last seconds, or in the future. */
bool nx_watch_is_fresh(const struct nx_watch *watch);

/* The digest of the names and bytes of all files except the program. */
bool nx_watch_digest(TALLOC_CTX *ctx, const struct nx_watch *watch,
                     uint8_t out[NX_DIGEST_SIZE]);

#endif
