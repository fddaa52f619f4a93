/* Many literals looked for at once: a trie over a double array, in read-only
 * tables, entered where the next octets may start a literal; by those of eight
 * and more behind their first eight. Linear in the text times the longest
 * literal's length, which rules/ limits to 200.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_MATCH_H
#define REPORT_MATCH_H

#include "base/eight.h"

#define MATCH_NODES_MAX 65000 /* places of the double array */
#define MATCH_BITS      65536 /* of each set */
#define MATCH_WORDS     (MATCH_BITS / 32)
#define MATCH_LEAF      UINT16_MAX
#define MATCH_ROOT      UINT16_MAX /* what place 0 belongs to: nothing */

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

/* Which octets literals start with, as bits: four of all that have as many;
 * then two of those that have less than four, four of those that have less than
 * eight, eight of the others. */
struct match_starts {
	uint32_t all[MATCH_WORDS];
	uint32_t two[MATCH_WORDS], four[MATCH_WORDS], eight[MATCH_WORDS];
};

/* Where literals that start with eight octets go on: at a state that depth of
 * them lead to. depth 0: none. */
struct match_jump {
	uint64_t key;
	uint16_t state, depth;
};

#define MATCH_JUMP_FROM 8 /* octets of a literal that has one */

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
	const struct match_jump *jumps; /* a hash table */
	size_t jump_mask;               /* its places, a power of 2, - 1 */
	size_t place_count, tail_count, hit_count, rest_count;
	void *memory; /* owned by matchbuild(); null when static */
};

static inline uint32_t
match_two(uint64_t v)
{
	return (uint16_t)v;
}

static inline uint32_t
match_four(uint64_t v)
{
	return (uint32_t)v * 0x9e3779b1u >> 16;
}

/* The first of the places of a jump, too. */
static inline uint32_t
match_eight(uint64_t v)
{
	uint32_t mixed = (uint32_t)v * 0x9e3779b1u + (uint32_t)(v >> 32);

	return mixed * 0x85ebca6bu >> 16;
}

static inline uint32_t
match_bit(const uint32_t *set, uint32_t i)
{
	return set[i >> 5] >> (i & 31) & 1;
}

/* Nothing starts here when it gives 0; the second asks for literals of less
 * than eight octets. v is of eight_load(); what stands behind the end may only
 * let more through. */
static inline uint32_t
match_may_start(const struct match *m, uint32_t four)
{
	return match_bit(m->starts->all, match_four(four)) |
	       match_bit(m->starts->two, match_two(four));
}

static inline uint32_t
match_short(const struct match *m, uint64_t v)
{
	return match_bit(m->starts->four, match_four(v)) |
	       match_bit(m->starts->two, match_two(v));
}

/* The jump of eight octets, or null. */
static inline const struct match_jump *
match_long(const struct match *m, uint64_t v)
{
	uint32_t i = match_eight(v);

	if (!match_bit(m->starts->eight, i))
		return NULL;
	for (;; i++) {
		const struct match_jump *j = &m->jumps[i & m->jump_mask];

		if (j->key == v || !j->depth)
			return j->depth ? j : NULL;
	}
}

/* The state behind octet c of one that is no leaf, 0 when no literal goes on
 * so. 0 is the start. An octet of class 0 leads to no place of this state. */
static inline uint32_t
match_step(const struct match *m, uint32_t state, unsigned char c)
{
	uint32_t next = (uint32_t)m->places[state].base + m->class_of[c];

	return m->places[next].check == state + 1 ? next : 0;
}

#endif
