/* What a tool hands down, since libcommon itself asks neither the wall clock
 * nor the system's randomness, environment or name: with the same given, every
 * result is the same.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_GIVEN_H
#define BASE_GIVEN_H

#include "base/trace.h"

struct given {
	int64_t (*now)(const struct given *g); /* seconds since 1970, UTC */
	int64_t fixed_now; /* --now TIME, for now(); 0: the clock */
	void (*random)(void *p, size_t n); /* n unpredictable octets */
	const char *hostname;              /* of this machine */
	const struct trace *trace;         /* may be null */
};

static inline int64_t
given_now(const struct given *g)
{
	return g->now(g);
}

/* The time that was given in place of the clock's, or 0. */
static inline int64_t
given_fixed(const struct given *g)
{
	return g->fixed_now;
}

#endif
