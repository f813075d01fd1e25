/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_CLOCK_H
#define NX_SYS_CLOCK_H

#include <stdint.h>

/* The current time in UTC seconds. A time that was set once with --now does not
 * advance. */
int64_t nx_clock_now(void);
void nx_clock_set(int64_t now);

#endif
