/* Sixteen octets of text looked at in one step: GCC and clang make of these
 * types what the processor has. An answer is a vector whose octets are all ones
 * or zero, or a mask with a bit for each, the first one lowest.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_OCTETS_H
#define BASE_OCTETS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define OCTETS 16

typedef unsigned char octets __attribute__((vector_size(OCTETS)));
typedef uint64_t octets_words __attribute__((vector_size(OCTETS)));

static inline octets
octets_load(const char *p)
{
	octets v;

	memcpy(&v, p, OCTETS);
	return v;
}

static inline void
octets_store(char *p, octets v)
{
	memcpy(p, &v, OCTETS);
}

static inline octets
octets_fill(int c)
{
	octets v = { 0 };

	return v + (unsigned char)c;
}

/* from..to */
static inline octets
octets_between(octets v, int from, int to)
{
	return (octets)(v - octets_fill(from) <= octets_fill(to - from));
}

static inline octets
octets_are(octets v, int c)
{
	return (octets)(v == octets_fill(c));
}

/* ASCII letters and digits. */
static inline octets
octets_alnum(octets v)
{
	return octets_between(v | octets_fill(0x20), 'a', 'z') |
	       octets_between(v, '0', '9');
}

/* ASCII capitals made small. */
static inline octets
octets_small(octets v)
{
	return v + (octets_between(v, 'A', 'Z') & octets_fill(0x20));
}

static inline bool
octets_any(octets v)
{
	octets_words w = (octets_words)v;

	return w[0] | w[1];
}

/* The top bit of each. */
static inline uint32_t
octets_mask(octets v)
{
#ifdef __SSE2__
	typedef char bytes __attribute__((vector_size(OCTETS)));

	return (uint32_t)__builtin_ia32_pmovmskb128((bytes)v);
#else
	uint32_t mask = 0;

	for (unsigned i = 0; i < OCTETS; i++)
		mask |= (uint32_t)(v[i] >> 7) << i;
	return mask;
#endif
}

/* True when all are SP to "~", and no blank is behind another; blank: one is in
 * front of them. */
static inline bool
octets_flat(octets v, bool blank)
{
	uint32_t blanks = octets_mask(octets_are(v, ' '));

	return octets_mask(octets_between(v, ' ', '~')) == 0xffff &&
	       !(blanks & (blanks << 1 | blank));
}

#endif
