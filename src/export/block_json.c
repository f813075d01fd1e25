/* SPDX-License-Identifier: ISC */
#include "export/block_json.h"

#include "export/state_json.h"

void nx_block_json(struct nx_json_out *object, const struct nx_block *block,
                   const char *warns)
{
	nx_json_out_number(object, "id", block->id);
	nx_json_out_whole(object, "provider", block->provider);
	nx_json_out_whole(object, "reason", block->reason);
	nx_json_out_whole(object, "ours", block->ours);
	nx_json_out_whole(object, "list", block->list);
	nx_json_out_whole(object, "delist", block->url);
	nx_json_out_number(object, "reports", block->reports);
	nx_json_time(object, "first", block->first);
	nx_json_time(object, "last", block->last);
	nx_json_time(object, "until", block->until);
	nx_json_out_bool(object, "open", block->closed == 0);
	nx_json_time(object, "closed", block->closed);
	nx_json_out_whole(object, "closed_by", block->how);
	nx_json_out_whole(object, "who", block->who);
	nx_json_out_whole(object, "note", block->note);
	nx_json_out_whole(object, "warns", warns);
}
