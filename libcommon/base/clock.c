/* Deadlines (see clock.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <time.h>

#include "base/clock.h"

int64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t
clock_ms(void)
{
	return clock_ns() / 1000000;
}

int64_t
clock_deadline(int64_t ms)
{
	int64_t at;

	if (ms < 0 || __builtin_add_overflow(clock_ms(), ms, &at))
		return CLOCK_NEVER;
	return at;
}

int
clock_left(int64_t deadline)
{
	int64_t left;

	if (deadline == CLOCK_NEVER)
		return -1;
	left = deadline - clock_ms();
	if (left < 0)
		return 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}
