/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_UNIX_CLIENT_H
#define NX_SYS_UNIX_CLIENT_H

#include "base/error.h"

/* Connects to a unix socket of nixie serve; what is read or written there fails
 * after some seconds without an answer. A failure says what to do, and which
 * group is needed. *out is the caller's to close, also on failure. */
NX_MUST_USE bool nx_unix_client_connect(const char *path, int *out,
                                        struct nx_error *err);

#endif
