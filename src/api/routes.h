/* SPDX-License-Identifier: ISC */
#ifndef NX_API_ROUTES_H
#define NX_API_ROUTES_H

#include "api/answer.h"

/* The functions that the table of routes names, each in the file of its
 * family. */

/* suppressions.c */
bool nx_route_address(struct nx_api_call *call); /* prepares one address */
bool nx_route_read_suppression(struct nx_api_call *call, struct nx_error *err);
bool nx_route_prepare_put(struct nx_api_call *call);
bool nx_route_write_put(struct nx_api_call *call,
                        const struct nx_api_writing *writing,
                        struct nx_error *err);
bool nx_route_prepare_delete(struct nx_api_call *call);
bool nx_route_write_delete(struct nx_api_call *call,
                           const struct nx_api_writing *writing,
                           struct nx_error *err);
bool nx_route_prepare_delivered(struct nx_api_call *call);
bool nx_route_write_delivered(struct nx_api_call *call,
                              const struct nx_api_writing *writing,
                              struct nx_error *err);

/* check.c */
bool nx_route_prepare_check(struct nx_api_call *call);
bool nx_route_read_check(struct nx_api_call *call, struct nx_error *err);
bool nx_route_write_check(struct nx_api_call *call,
                          const struct nx_api_writing *writing,
                          struct nx_error *err);

/* lists.c */
bool nx_route_prepare_list(struct nx_api_call *call);
bool nx_route_read_list(struct nx_api_call *call, struct nx_error *err);
bool nx_route_prepare_events(struct nx_api_call *call);
bool nx_route_read_events(struct nx_api_call *call, struct nx_error *err);
bool nx_route_prepare_held(struct nx_api_call *call);
bool nx_route_read_held(struct nx_api_call *call, struct nx_error *err);
bool nx_route_prepare_blocks(struct nx_api_call *call);
bool nx_route_read_blocks(struct nx_api_call *call, struct nx_error *err);

/* follow.c */
bool nx_route_prepare_changes(struct nx_api_call *call);
bool nx_route_read_changes(struct nx_api_call *call, struct nx_error *err);

/* outgoing.c */
bool nx_route_prepare_sent(struct nx_api_call *call);
bool nx_route_write_sent(struct nx_api_call *call,
                         const struct nx_api_writing *writing,
                         struct nx_error *err);

/* messages.c */
bool nx_route_prepare_message(struct nx_api_call *call);
void nx_route_submitted(struct nx_api_call *call,
                        const enum nx_lmtp_answer *answer);

/* self.c */
bool nx_route_openapi(struct nx_api_call *call);
bool nx_route_health(struct nx_api_call *call);
bool nx_route_write_ready(struct nx_api_call *call,
                          const struct nx_api_writing *writing,
                          struct nx_error *err);

#endif
