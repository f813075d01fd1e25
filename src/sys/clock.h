/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_CLOCK_H
#define NX_SYS_CLOCK_H

#include "policy/clock_step.h"

#include <stdbool.h>
#include <stdint.h>

/* The current time in UTC seconds. A time that was set once with --now does not
 * advance. */
int64_t nx_clock_now(void);
void nx_clock_set(int64_t now);

/* For how long something took: no wall clock, and nothing sets it. */
int64_t nx_clock_milliseconds(void);

/* What the system's clocks say; false when a time was set instead. Before a
 * process has threads that call it, it was called once. */
bool nx_clock_read(struct nx_clock_reading *out);

#endif
