/* Many literals looked for at once: a trie over a double array, in read-only
 * tables, entered where the next four octets may start a literal. Linear in the
 * text times the longest literal's length, which rules/ limits to 200.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_MATCH_H
#define REPORT_MATCH_H

#include "base/slice.h"

#define MATCH_NODES_MAX 65000 /* places of the double array */
#define MATCH_BITS      65536 /* of each set */
#define MATCH_WORDS     (MATCH_BITS / 32)
#define MATCH_LEAF      UINT16_MAX

struct match_place {
	uint16_t base;  /* state + class gives the next one; MATCH_LEAF */
	uint16_t check; /* the state this place belongs to, + 1 */
	uint16_t out;   /* first of its hits, 0 none; of a leaf: its tail */
};

/* What is left of the one literal that goes on behind a leaf. */
struct match_tail {
	uint32_t at; /* in rest */
	uint16_t n;
	uint16_t out; /* first of its hits */
};

/* Which octets literals start with, as bits: two of literals that have less
 * than four, four of those that have less than eight, eight of the others. */
struct match_starts {
	uint32_t two[MATCH_WORDS], four[MATCH_WORDS], eight[MATCH_WORDS];
};

/* What is known of an octet. */
#define MATCH_FIRST 1u /* literals start with it */
#define MATCH_WORD  2u /* letters, digits, and what is beyond ASCII */
#define MATCH_ASCII 4u /* letters and digits of ASCII */

struct match {
	uint8_t class_of[256]; /* octet to its class, 0 none */
	uint8_t kind_of[256];  /* the bits above */
	const struct match_place *places;
	const struct match_tail *tails;
	const uint16_t *hits; /* literal + 1, ..., 0 ends them */
	const unsigned char *rest;
	const struct match_starts *starts;
	size_t place_count, tail_count, hit_count, rest_count;
	void *memory; /* owned by matchbuild(); null when static */
};

static inline uint32_t
match_two(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t
match_number(const unsigned char *p)
{
	return match_two(p) | match_two(p + 2) << 16;
}

static inline uint32_t
match_four(const unsigned char *p)
{
	return match_number(p) * 0x9e3779b1u >> 16;
}

static inline uint32_t
match_eight(const unsigned char *p)
{
	uint32_t mixed = match_number(p) * 0x9e3779b1u + match_number(p + 4);

	return mixed * 0x85ebca6bu >> 16;
}

static inline uint32_t
match_bit(const uint32_t *set, uint32_t i)
{
	return set[i >> 5] >> (i & 31) & 1;
}

static inline bool
match_may_start(const struct match *m, const unsigned char *p, size_t left)
{
	const struct match_starts *s = m->starts;

	if (left >= 8)
		return match_bit(s->eight, match_eight(p)) |
		       match_bit(s->four, match_four(p)) |
		       match_bit(s->two, match_two(p));
	if (left >= 4)
		return match_bit(s->four, match_four(p)) |
		       match_bit(s->two, match_two(p));
	return left < 2 || match_bit(s->two, match_two(p));
}

/* The state behind octet c of one that is no leaf, 0 when no literal goes on
 * so. 0 is the start. */
static inline uint16_t
match_step(const struct match *m, uint16_t state, unsigned char c)
{
	uint8_t class = m->class_of[c];
	uint32_t next = (uint32_t)m->places[state].base + class;

	return class && m->places[next].check == state + 1 ? (uint16_t)next : 0;
}

#endif
