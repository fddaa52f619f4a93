/* Many literals looked for at once: Aho and Corasick's automaton over a double
 * array, in read-only tables. Linear in the text whatever the literals are.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_MATCH_H
#define REPORT_MATCH_H

#include "base/slice.h"

#define MATCH_NODES_MAX 65000 /* places of the double array */

struct match {
	uint8_t class_of[256]; /* octet to its class, 0 none */
	const uint16_t *base;  /* state + class gives the next one */
	const uint16_t *check; /* of a place: the state it belongs to, + 1 */
	const uint16_t *fail;  /* of a state: where to go on */
	const uint16_t *out;   /* of a state: first of its hits, 0 none */
	const uint16_t *link;  /* of a state: next one with hits, 0 none */
	const uint16_t *hits;  /* literal + 1, ..., 0 ends them */
	size_t places, hit_count;
	void *memory; /* owned by matchbuild(); null when static */
};

/* The state behind octet c. 0 is the start. */
static inline uint16_t
match_step(const struct match *m, uint16_t state, unsigned char c)
{
	uint8_t class = m->class_of[c];

	if (!class)
		return 0;
	for (;;) {
		uint32_t next = (uint32_t)m->base[state] + class;

		if (m->check[next] == state + 1)
			return (uint16_t)next;
		if (!state)
			return 0;
		state = m->fail[state];
	}
}

/* The first state of those at and behind state that has hits; 0 none. */
static inline uint16_t
match_hits(const struct match *m, uint16_t state)
{
	return m->out[state] ? state : m->link[state];
}

#endif
