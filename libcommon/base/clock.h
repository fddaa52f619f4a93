/* Deadlines on the monotonic clock, and the wall clock as a value handed down
 * by the tool, so that every result can be reproduced.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/def.h"

#define CLOCK_NEVER INT64_MAX /* a deadline that does not come */

/* Milliseconds, nanoseconds on the monotonic clock. */
int64_t clock_ms(void);
int64_t clock_ns(void);

/* The deadline ms milliseconds from now; a negative ms is CLOCK_NEVER. */
int64_t clock_deadline(int64_t ms);

/* Milliseconds left, 0 when it has passed, -1 for CLOCK_NEVER: the timeout
 * argument of poll(). Cut to INT32_MAX. */
int clock_left(int64_t deadline);

#endif
