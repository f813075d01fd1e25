/* SPDX-License-Identifier: ISC */
#ifndef NX_SNAPSHOT_IMAGE_H
#define NX_SNAPSHOT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Structs, with all that they point at, in one block of bytes that can be
 * written to a file and used again where it lies, at any address, in the same
 * program on the same kind of machine. A struct's members are described by its
 * layout (snapshot/layouts.h).
 *
 * The same values give the same bytes. A pointer that no layout describes would
 * be copied as a number and would differ between two runs of a program: that is
 * how the tests find a forgotten member. Padding is copied too, so structs are
 * made with talloc_zero.
 */
enum nx_member_kind {
	NX_MEMBER_TEXT = 0, /* pointer to text, or NULL */
	NX_MEMBER_BLOCK,    /* to a whole talloc block without pointers in it */
	NX_MEMBER_MANY,   /* to an array of structs, or NULL; count beside it */
	NX_MEMBER_INSIDE, /* structs that are part of this one */
	NX_MEMBER_ABSENT  /* to what an image does not have: NULL in it */
};

struct nx_image_layout;

struct nx_member {
	enum nx_member_kind kind;
	size_t offset;
	const struct nx_image_layout *layout; /* for MANY and INSIDE */
	size_t times;    /* structs; for MANY: 0 when the count is beside it */
	size_t count_at; /* offset of that size_t */
};

struct nx_image_layout {
	size_t size;
	const struct nx_member *part;
	size_t parts;
	bool listed; /* nx_image_listed finds all of them */
};

/* static NX_LAYOUT(name, type, members …); */
#define NX_MEMBERS(...)                                                        \
	(const struct nx_member[]){__VA_ARGS__},                               \
	        sizeof((const struct nx_member[]){__VA_ARGS__}) /              \
	                sizeof(struct nx_member)
#define NX_LAYOUT(name, type, ...)                                             \
	const struct nx_image_layout name = {sizeof(type),                     \
	                                     NX_MEMBERS(__VA_ARGS__), false}
#define NX_TEXT(type, member)                                                  \
	{                                                                      \
		NX_MEMBER_TEXT, offsetof(type, member), NULL, 0, 0             \
	}
#define NX_BLOCK(type, member)                                                 \
	{                                                                      \
		NX_MEMBER_BLOCK, offsetof(type, member), NULL, 0, 0            \
	}
#define NX_ABSENT(type, member)                                                \
	{                                                                      \
		NX_MEMBER_ABSENT, offsetof(type, member), NULL, 0, 0           \
	}
/* the struct itself is a pointer to one */
#define NX_POINTS(layout)                                                      \
	{                                                                      \
		NX_MEMBER_MANY, 0, &(layout), 1, 0                             \
	}
#define NX_ONE(type, member, layout)                                           \
	{                                                                      \
		NX_MEMBER_MANY, offsetof(type, member), &(layout), 1, 0        \
	}
#define NX_MANY(type, member, count, layout)                                   \
	{                                                                      \
		NX_MEMBER_MANY, offsetof(type, member), &(layout), 0,          \
		        offsetof(type, count)                                  \
	}
#define NX_INSIDE(type, member, times, layout)                                 \
	{                                                                      \
		NX_MEMBER_INSIDE, offsetof(type, member), &(layout), times, 0  \
	}

/* The layout of a pointer to text, for arrays of those. */
extern const struct nx_image_layout nx_text_layout;

/* All that root points at, as bytes, on ctx. A struct that several pointers
 * share is written once, and so is one that is also in an array, if the array's
 * member comes first. */
char *nx_image_write(TALLOC_CTX *ctx, const void *root,
                     const struct nx_image_layout *layout, size_t *size);

/* The root in such bytes. They are changed in place into what they were, and
 * must stay where they are. NULL when they are not an image, come from another
 * program version, are cut off or damaged. They are trusted: the checksum finds
 * accidents only. bytes is aligned as malloc aligns. */
void *nx_image_read(char *bytes, size_t size);

/* The struct of that number with a listed layout, or NULL beyond the last. */
void *nx_image_listed(char *bytes, size_t number);

#endif
