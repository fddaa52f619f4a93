/* Eight octets of text looked at in one step, for what is done to every octet
 * of a text. Only arithmetic is needed; octets lie as in memory, the first one
 * lowest, and an answer is the top bit of each octet.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include <endian.h>

#include "base/slice.h"

#define EIGHT_OCTETS 8

/* The same octet eight times; the top bits. */
#define EIGHT_ALL(c) (UINT64_C(0x0101010101010101) * (c))
#define EIGHT_TOP    EIGHT_ALL(0x80u)

/* Octets behind the end are zero. */
static inline uint64_t
eight_load(const char *p, size_t left)
{
	uint64_t v = 0;

	if (left >= EIGHT_OCTETS)
		memcpy(&v, p, EIGHT_OCTETS);
	else
		memcpy(&v, p, left);
	return le64toh(v);
}

/* The same of four. */
static inline uint32_t
eight_four(const char *p, size_t left)
{
	uint32_t v = 0;

	if (left >= sizeof(v))
		memcpy(&v, p, sizeof(v));
	else
		memcpy(&v, p, left);
	return le32toh(v);
}

/* Which of seven bits each, all tops clear, are at least c (1..128). */
static inline uint64_t
eight_at_least(uint64_t seven, unsigned c)
{
	return (seven + EIGHT_ALL(0x80u - c)) & EIGHT_TOP;
}

static inline uint64_t
eight_between(uint64_t seven, unsigned from, unsigned to)
{
	return eight_at_least(seven, from) & ~eight_at_least(seven, to + 1);
}

/* Which are the octet c, of seven bits. */
static inline uint64_t
eight_are(uint64_t v, unsigned c)
{
	return ~((((v ^ EIGHT_ALL(c)) & ~EIGHT_TOP) + ~EIGHT_TOP) | v) &
	       EIGHT_TOP;
}

/* Number of the first octet of an answer that is not 0. */
static inline size_t
eight_first(uint64_t answer)
{
	return (size_t)__builtin_ctzll(answer) / 8;
}

/* ASCII capitals made small. */
static inline uint64_t
eight_small(uint64_t v)
{
	return v | (eight_between(v & ~EIGHT_TOP, 'A', 'Z') & ~v) >> 2;
}

#endif
