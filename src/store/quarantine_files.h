/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_QUARANTINE_FILES_H
#define NX_STORE_QUARANTINE_FILES_H

#include "store/quarantine.h"
#include "store/waiting.h"

/* An open quarantine: shared by the two files that implement it only. */
enum {
	NX_QUARANTINE_LOOK =
	        1000, /* messages until the folders are read again */
	NX_QUARANTINE_PORTIONS = 16 /* waiting files that fill the limits */
};

struct nx_quarantine {
	struct nx_quarantine_limits limits;
	const char *directory; /* the store's */
	const char *path;
	const char *tmp;
	const char *new_one;
	const char *current;
	const char *folder; /* of the waiting messages */
	struct nx_waiting *waiting;
	struct nx_quarantine_entry *item; /* by time; owns the names */
	size_t first, end; /* the range of those that are still kept */
	size_t room;
	int64_t bytes; /* of all entries */
	size_t added;  /* since the folders were read */
	bool swept;
	struct nx_draft *draft; /* written, but not yet safe */
	size_t drafts;
	bool grouped; /* between begin and commit */
	bool ready;   /* and its folders have been looked for */
};

struct nx_draft { /* its memory belongs to the array */
	int descriptor;
	const char *from; /* in tmp */
	const char *path; /* in new */
};

bool nx_quarantine_is_there(const char *path);
bool nx_quarantine_files_make_folders(const struct nx_quarantine *to,
                                      struct nx_error *err);

/* Appends an entry to the list, to be filled in. */
struct nx_quarantine_entry *nx_quarantine_append(struct nx_quarantine *to);

/* Removes the oldest until there is room for one more of that size. */
bool nx_quarantine_make_room(struct nx_quarantine *to, int64_t more,
                             int64_t now, struct nx_error *err);

#endif
