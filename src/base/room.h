/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_ROOM_H
#define NX_BASE_ROOM_H

#include <talloc.h>

/* An array on ctx with room for one more than count: its room doubles, 1, 2, 4,
 * … For arrays that grow by one at a time and only in this way. */
#define NX_ROOM(ctx, array, type, count)                                       \
	(((count) & ((count)-1)) == 0                                          \
	         ? talloc_realloc((ctx), (array), type,                        \
	                          (count) == 0 ? 1 : 2 * (count))              \
	         : (array))

#endif
