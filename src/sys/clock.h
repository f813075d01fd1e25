/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_CLOCK_H
#define NX_SYS_CLOCK_H

#include <stdint.h>

/* The one place that asks what time it is: UTC seconds. A time set once with
 * --now stands from then on. */
int64_t nx_clock_now(void);
void nx_clock_set(int64_t now);

#endif
