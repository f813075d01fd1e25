/* SPDX-License-Identifier: ISC */
#include "snapshot/image.h"

#include <string.h>

/*
 * A head, the structs and texts, then two lists of offsets: where the pointers
 * are, and where the listed structs are. A pointer is written as the offset of
 * what it points at.
 */
static const char MAGIC[32] = "nixie image " NIXIE_VERSION;

struct head {
	char magic[sizeof(MAGIC)];
	uint64_t sum; /* checksum of all that follows it */
	uint64_t size;
	uint64_t root;
	uint64_t pointers; /* where their list begins … */
	uint64_t listed;   /* … ends, and the list of listed structs begins */
};

enum { ALIGN = 8 };

struct offsets {
	uint64_t *item;
	size_t count;
};

struct placed { /* what has been copied, by its address and layout */
	const void *address;
	const struct nx_image_layout *layout;
	size_t count; /* structs from this address on, side by side */
	uint64_t offset;
};

struct image_writer {
	TALLOC_CTX *ctx;
	char *bytes;
	size_t size, room;
	struct offsets pointers, listed;
	struct placed *placed; /* a hash table */
	size_t slots, used;
};

/* --- the bytes ------------------------------------------------------------ */

/* The new room is zero. */
static uint64_t add_room(struct image_writer *w, size_t size)
{
	size_t at = (w->size + ALIGN - 1) / ALIGN * ALIGN;
	if (at + size > w->room) {
		size_t room = 2 * (at + size);
		w->bytes = talloc_realloc(w->ctx, w->bytes, char, room);
		memset(w->bytes + w->room, 0, room - w->room);
		w->room = room;
	}
	w->size = at + size;
	return at;
}

static uint64_t add_bytes(struct image_writer *w, const void *bytes,
                          size_t size)
{
	uint64_t at = add_room(w, size);
	if (size > 0)
		memcpy(w->bytes + at, bytes, size);
	return at;
}

static void note(struct image_writer *w, struct offsets *list, uint64_t offset)
{
	if ((list->count & (list->count - 1)) == 0)
		list->item = talloc_realloc(w->ctx, list->item, uint64_t,
		                            2 * list->count + 1);
	list->item[list->count++] = offset;
}

/* --- what is there already ------------------------------------------------ */

static struct placed *find(struct placed *table, size_t slots,
                           const void *address,
                           const struct nx_image_layout *layout)
{
	uint64_t mixed = ((uint64_t)(uintptr_t)address ^
	                  (uint64_t)(uintptr_t)layout << 20) *
	                 UINT64_C(0x9E3779B97F4A7C15);
	size_t at = (size_t)(mixed >> 32) & (slots - 1);
	while (table[at].address &&
	       (table[at].address != address || table[at].layout != layout))
		at = (at + 1) & (slots - 1);
	return &table[at];
}

static void widen(struct image_writer *w)
{
	size_t slots = w->slots ? 2 * w->slots : 1024;
	struct placed *table = talloc_zero_array(w->ctx, struct placed, slots);
	for (size_t i = 0; i < w->slots; i++) {
		struct placed *old = &w->placed[i];
		if (old->address)
			*find(table, slots, old->address, old->layout) = *old;
	}
	talloc_free(w->placed);
	w->placed = table;
	w->slots = slots;
}

static void remember(struct image_writer *w, const void *address,
                     const struct nx_image_layout *layout, size_t count,
                     uint64_t offset)
{
	if (2 * w->used >= w->slots)
		widen(w);
	struct placed *place = find(w->placed, w->slots, address, layout);
	if (!place->address)
		w->used++;
	*place = (struct placed){address, layout, count, offset};
}

static bool is_known(struct image_writer *w, const void *address,
                     const struct nx_image_layout *layout, size_t count,
                     uint64_t *offset)
{
	if (w->slots == 0)
		return false;
	const struct placed *place = find(w->placed, w->slots, address, layout);
	*offset = place->offset;
	return place->address && place->count >= count;
}

/* --- structs -------------------------------------------------------------- */

static uint64_t write_text(struct image_writer *w, const char *text)
{
	uint64_t at;
	if (is_known(w, text, NULL, 1, &at))
		return at;
	at = add_bytes(w, text, strlen(text) + 1);
	remember(w, text, NULL, 1, at);
	return at;
}

static void write_parts(struct image_writer *w, const char *from, uint64_t to,
                        const struct nx_image_layout *layout);

static uint64_t write_many(struct image_writer *w, const char *from,
                           size_t count, const struct nx_image_layout *layout)
{
	uint64_t at;
	if (is_known(w, from, layout, count, &at))
		return at;
	at = add_bytes(w, from, count * layout->size);
	for (size_t i = 0; i < count; i++)
		remember(w, from + i * layout->size, layout, count - i,
		         at + i * layout->size);
	for (size_t i = 0; i < count; i++)
		write_parts(w, from + i * layout->size, at + i * layout->size,
		            layout);
	return at;
}

static size_t count_of(const char *from, const struct nx_member *part)
{
	size_t count = part->times;
	if (count == 0)
		memcpy(&count, from + part->count_at, sizeof(count));
	return count;
}

static uint64_t write_target(struct image_writer *w, const char *from,
                             const char *target, const struct nx_member *part)
{
	switch (part->kind) {
	case NX_MEMBER_TEXT:
		return write_text(w, target);
	case NX_MEMBER_BLOCK:
		return add_bytes(w, target, talloc_get_size(target));
	case NX_MEMBER_MANY:
		return write_many(w, target, count_of(from, part),
		                  part->layout);
	case NX_MEMBER_INSIDE:
	case NX_MEMBER_ABSENT:
		break;
	}
	return 0;
}

static void write_pointer(struct image_writer *w, const char *from, uint64_t to,
                          const struct nx_member *part)
{
	const char *target;
	uint64_t at = 0;
	memcpy(&target, from + part->offset, sizeof(target));
	if (target && part->kind != NX_MEMBER_ABSENT) {
		at = write_target(w, from, target, part);
		note(w, &w->pointers, to + part->offset);
	}
	memcpy(w->bytes + to + part->offset, &at, sizeof(at));
}

/* The struct's own bytes are already copied to "to". */
static void write_parts(struct image_writer *w, const char *from, uint64_t to,
                        const struct nx_image_layout *layout)
{
	if (layout->listed)
		note(w, &w->listed, to);
	for (size_t i = 0; i < layout->parts; i++) {
		const struct nx_member *part = &layout->part[i];
		if (part->kind != NX_MEMBER_INSIDE) {
			write_pointer(w, from, to, part);
			continue;
		}
		for (size_t k = 0; k < part->times; k++) {
			size_t in = part->offset + k * part->layout->size;
			write_parts(w, from + in, to + in, part->layout);
		}
	}
}

NX_LAYOUT(nx_text_layout, char *, {NX_MEMBER_TEXT, 0, NULL, 0, 0});

/* --- head ----------------------------------------------------------------- */

/* Takes whole words only, which an image consists of. */
static uint64_t sum_of(const char *bytes, size_t size)
{
	uint64_t sum = size;
	for (size_t at = 0; at + sizeof(sum) <= size; at += sizeof(sum)) {
		uint64_t word;
		memcpy(&word, bytes + at, sizeof(word));
		sum = (sum ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		sum ^= sum >> 29;
	}
	return sum;
}

static uint64_t sum_of_image(const char *bytes, size_t size)
{
	size_t from = offsetof(struct head, size);
	return sum_of(bytes + from, size - from);
}

char *nx_image_write(TALLOC_CTX *ctx, const void *root,
                     const struct nx_image_layout *layout, size_t *size)
{
	struct image_writer w = {.ctx = talloc_new(ctx)};
	struct head head = {.size = 0};
	memcpy(head.magic, MAGIC, sizeof(MAGIC));
	add_room(&w, sizeof(head));
	head.root = write_many(&w, root, 1, layout);
	head.pointers = add_bytes(&w, w.pointers.item,
	                          w.pointers.count * sizeof(uint64_t));
	head.listed =
	        add_bytes(&w, w.listed.item, w.listed.count * sizeof(uint64_t));
	head.size = w.size;
	memcpy(w.bytes, &head, sizeof(head));
	head.sum = sum_of_image(w.bytes, w.size);
	memcpy(w.bytes, &head, sizeof(head));
	*size = w.size;
	char *bytes = talloc_steal(ctx, w.bytes);
	talloc_free(w.ctx);
	return bytes;
}

static bool is_image(const char *bytes, size_t size)
{
	struct head head;
	if (size < sizeof(head) || size % ALIGN != 0)
		return false;
	memcpy(&head, bytes, sizeof(head));
	return memcmp(head.magic, MAGIC, sizeof(MAGIC)) == 0 &&
	       head.size == size && head.root < size &&
	       head.pointers <= head.listed && head.listed <= size &&
	       head.sum == sum_of_image(bytes, size);
}

void *nx_image_read(char *bytes, size_t size)
{
	if (!is_image(bytes, size))
		return NULL;
	const struct head *head = (const void *)bytes;
	const uint64_t *pointer = (const void *)(bytes + head->pointers);
	size_t count = (head->listed - head->pointers) / sizeof(*pointer);
	for (size_t i = 0; i < count; i++) {
		char **place = (void *)(bytes + pointer[i]);
		*place = bytes + (uintptr_t)*place;
	}
	return bytes + head->root;
}

void *nx_image_listed(char *bytes, size_t number)
{
	const struct head *head = (const void *)bytes;
	const uint64_t *listed = (const void *)(bytes + head->listed);
	if (number >= (head->size - head->listed) / sizeof(*listed))
		return NULL;
	return bytes + listed[number];
}
