/* SPDX-License-Identifier: ISC */
#ifndef NX_EXPORT_BLOCK_JSON_H
#define NX_EXPORT_BLOCK_JSON_H

#include "base/json_out.h"
#include "store/blocks.h"

/* Who refuses us, for programs: the same members wherever it is told; the
 * object is left open. warns: who shares filters with that provider, or "". */
void nx_block_json(struct nx_json_out *object, const struct nx_block *block,
                   const char *warns);

#endif
