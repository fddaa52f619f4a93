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

/* The same of two; there is one at least. */
static inline uint16_t
eight_two(const char *p, size_t left)
{
	uint16_t v;

	if (left < sizeof(v))
		return (unsigned char)*p;
	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

static inline void
eight_store(char *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, EIGHT_OCTETS);
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

/* ASCII letters and digits. */
static inline uint64_t
eight_alnum(uint64_t v)
{
	uint64_t seven = v & ~EIGHT_TOP;

	return (eight_between(seven | EIGHT_ALL(0x20), 'a', 'z') |
		   eight_between(seven, '0', '9')) &
	       ~v;
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

/* SP to "~". */
static inline uint64_t
eight_printable(uint64_t v)
{
	return eight_between(v & ~EIGHT_TOP, ' ', '~') & ~v;
}

/* True when all are printable, and no blank is behind another; blank: one is
 * in front of them. */
static inline bool
eight_flat(uint64_t v, bool blank)
{
	uint64_t blanks = eight_are(v, ' ');

	return eight_printable(v) == EIGHT_TOP &&
	       !(blanks & (blanks << 8 | (blank ? 0x80u : 0)));
}

#endif
