/* SPDX-License-Identifier: ISC */
#ifndef NX_POLICY_STEP_H
#define NX_POLICY_STEP_H

#include <stdint.h>

/* What step.c and judge.c share. */

/* Of times, newest first, those that lie no longer than within in the past are
 * kept, and those in the future: the clock went back. */
void nx_step_forget(int64_t *times, int *count, int64_t within, int64_t now);

#endif
