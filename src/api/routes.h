/* SPDX-License-Identifier: ISC */
#ifndef NX_API_ROUTES_H
#define NX_API_ROUTES_H

#include "api/api.h"

/* The functions that the table of routes names, each in the file of its
 * family. */

/* suppressions.c */
bool nx_route_read_suppression(struct nx_api_call *call, struct nx_error *err);

/* self.c */
bool nx_route_openapi(struct nx_api_call *call);
bool nx_route_health(struct nx_api_call *call);

#endif
