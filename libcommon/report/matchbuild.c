/* Makes the tables of report/match (see matchbuild.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "report/matchbuild.h"

/* A trie; node 0 is its root. */
struct node {
	uint32_t child, sibling; /* 0 none */
	uint32_t first;          /* literal + 1 that ends here; 0 none */
	uint32_t place, parent;
	uint32_t ends; /* literals' ends here and below */
	unsigned char c;
};

struct trie {
	struct node *v;
	uint32_t *same; /* of a literal: the next one that is equal, + 1 */
	uint32_t *order;
	size_t n;
};

static uint32_t
child_of(struct trie *t, uint32_t at, unsigned char c)
{
	uint32_t *link = &t->v[at].child;

	while (*link && t->v[*link].c < c)
		link = &t->v[*link].sibling;
	if (*link && t->v[*link].c == c)
		return *link;
	t->v[t->n].c = c;
	t->v[t->n].parent = at;
	t->v[t->n].sibling = *link;
	*link = (uint32_t)t->n;
	return (uint32_t)t->n++;
}

static void
insert(struct trie *t, struct slice s, uint32_t literal)
{
	uint32_t at = 0;

	if (!s.n)
		return;
	for (size_t i = 0; i < s.n; i++)
		at = child_of(t, at, (unsigned char)s.p[i]);
	t->same[literal] = t->v[at].first;
	t->v[at].first = literal + 1;
}

/* What is being filled. */
struct tables {
	uint8_t class_of[256], kind_of[256];
	struct match_place *places;
	struct match_tail *tails;
	uint16_t *hits;
	unsigned char *rest;
	struct match_starts *starts;
	struct match_jump *jumps;
	size_t jump_mask;
	size_t place_count, tail_count, hit_count, rest_count;
	size_t free; /* no place before it is */
};

static bool
fits(const struct tables *b, const struct trie *t, uint32_t node, size_t base)
{
	for (uint32_t k = t->v[node].child; k; k = t->v[k].sibling)
		if (b->places[base + b->class_of[t->v[k].c]].check)
			return false;
	return true;
}

/* Puts the children of a node where all of them are free. */
static bool
place(struct tables *b, struct trie *t, uint32_t node)
{
	size_t base = b->free > 255 ? b->free - 255 : 0;

	if (!t->v[node].child)
		return true;
	while (b->places[b->free].check)
		b->free++;
	while (!fits(b, t, node, base))
		if (++base + 256 >= MATCH_NODES_MAX)
			return false;
	b->places[t->v[node].place].base = (uint16_t)base;
	for (uint32_t k = t->v[node].child; k; k = t->v[k].sibling) {
		size_t at = base + b->class_of[t->v[k].c];

		t->v[k].place = (uint32_t)at;
		b->places[at].check = (uint16_t)(t->v[node].place + 1);
		if (at >= b->place_count)
			b->place_count = at + 1;
	}
	return true;
}

/* The number of the hits that a node has, 0 for none. */
static uint16_t
add_hits(struct tables *b, const struct trie *t, uint32_t node)
{
	size_t at = b->hit_count;

	if (!t->v[node].first)
		return 0;
	for (uint32_t l = t->v[node].first; l; l = t->same[l - 1])
		b->hits[b->hit_count++] = (uint16_t)l;
	b->hits[b->hit_count++] = 0;
	return (uint16_t)at;
}

static bool
is_leaf(const struct trie *t, uint32_t node)
{
	return node && t->v[node].ends == 1;
}

/* Where one literal is left, what is left of it is compared at once. */
static void
set_leaf(struct tables *b, const struct trie *t, uint32_t node)
{
	struct match_place *place = &b->places[t->v[node].place];
	struct match_tail *tail = &b->tails[b->tail_count];

	tail->at = (uint32_t)b->rest_count;
	while (!t->v[node].first) {
		node = t->v[node].child;
		b->rest[b->rest_count++] = t->v[node].c;
	}
	tail->n = (uint16_t)(b->rest_count - tail->at);
	tail->out = add_hits(b, t, node);
	place->base = MATCH_LEAF;
	place->out = (uint16_t)b->tail_count++;
}

static void
count_ends(struct trie *t)
{
	for (size_t i = t->n; i-- > 1;) {
		t->v[i].ends += t->v[i].first != 0;
		t->v[t->v[i].parent].ends += t->v[i].ends;
	}
}

/* Breadth first: what is often entered lies together. */
static bool
fill(struct tables *b, struct trie *t)
{
	size_t n = 1;

	count_ends(t);
	b->places[0].check = MATCH_ROOT;
	b->place_count = 1;
	b->hit_count = 1;
	t->order[0] = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t node = t->order[i];

		if (is_leaf(t, node)) {
			set_leaf(b, t, node);
			continue;
		}
		if (!place(b, t, node))
			return false;
		b->places[t->v[node].place].out = add_hits(b, t, node);
		for (uint32_t k = t->v[node].child; k; k = t->v[k].sibling)
			t->order[n++] = k;
	}
	return true;
}

static void
set_classes(const struct slice *literals, size_t n, uint8_t *class_of)
{
	size_t classes = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < literals[i].n; k++) {
			unsigned char c = (unsigned char)literals[i].p[k];

			if (!class_of[c])
				class_of[c] = (uint8_t)++classes;
		}
}

static void
set_kinds(const struct slice *literals, size_t n, uint8_t *kind_of)
{
	for (int c = 0; c < 256; c++) {
		if (ascii_is_alpha(c) || ascii_is_digit(c))
			kind_of[c] = MATCH_WORD | MATCH_ASCII;
		else if (c > 127)
			kind_of[c] = MATCH_WORD;
	}
	for (size_t i = 0; i < n; i++)
		if (literals[i].n)
			kind_of[(unsigned char)literals[i].p[0]] |= MATCH_FIRST;
}

static void
set_bit(uint32_t *set, uint32_t i)
{
	set[i >> 5] |= 1u << (i & 31);
}

/* One of a single octet starts with all that may follow it, too. */
static void
set_starts(struct match_starts *to, const struct slice *literals, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t size = literals[i].n;
		uint64_t v = eight_load(literals[i].p, size);

		for (unsigned c = 0; size == 1 && c < 256; c++)
			set_bit(to->two, match_two(v | c << 8));
		if (size >= 4)
			set_bit(to->all, match_four(v));
		if (size >= 8)
			set_bit(to->eight, match_eight(v));
		else if (size >= 4)
			set_bit(to->four, match_four(v));
		else if (size >= 2)
			set_bit(to->two, match_two(v));
	}
}

/* At most half of the places are taken. */
static size_t
jump_count(size_t literals)
{
	size_t n = 16;

	while (n < 2 * literals)
		n *= 2;
	return n;
}

#define SLOTS (MATCH_NODES_MAX + 512) /* of a table while it is made */

static size_t
take(size_t *at, size_t n, size_t size)
{
	size_t from = *at;

	*at += (n * size + 7) & ~(size_t)7;
	return from;
}

/* All tables of a match are in one piece of memory. */
static void
get(struct tables *b, struct trie *t, size_t octets, size_t n)
{
	size_t all = 0;
	size_t starts = take(&all, 1, sizeof(*b->starts));
	size_t places = take(&all, SLOTS, sizeof(*b->places));
	size_t tails = take(&all, n + 1, sizeof(*b->tails));
	size_t hits = take(&all, 2 * n + 2, sizeof(*b->hits));
	size_t rest = take(&all, octets + 1, 1);
	size_t jumps = take(&all, jump_count(n), sizeof(*b->jumps));
	char *p = mem_new(all);

	t->v = mem_array(octets + 1, sizeof(*t->v));
	t->same = mem_array(n + 1, sizeof(*t->same));
	t->order = mem_array(octets + 1, sizeof(*t->order));
	b->starts = (void *)(p + starts);
	b->places = (void *)(p + places);
	b->tails = (void *)(p + tails);
	b->hits = (void *)(p + hits);
	b->rest = (void *)(p + rest);
	b->jumps = (void *)(p + jumps);
	b->jump_mask = jump_count(n) - 1;
}

static void
give(const struct tables *b, struct match *m_r)
{
	*m_r = (struct match){ .places = b->places,
		.tails = b->tails,
		.hits = b->hits,
		.rest = b->rest,
		.starts = b->starts,
		.jumps = b->jumps,
		.jump_mask = b->jump_mask,
		.place_count = b->place_count + 256,
		.tail_count = b->tail_count,
		.hit_count = b->hit_count,
		.rest_count = b->rest_count,
		.memory = b->starts };
	memcpy(m_r->class_of, b->class_of, sizeof(m_r->class_of));
	memcpy(m_r->kind_of, b->kind_of, sizeof(m_r->kind_of));
}

/* Follows the first eight octets of a literal to a state. */
static void
set_jump(const struct match *m, struct match_jump *jumps, struct slice s)
{
	uint64_t v = eight_load(s.p, s.n);
	size_t i = match_eight(v) & m->jump_mask, depth = 0;
	uint32_t state = 0;

	while (jumps[i].depth && jumps[i].key != v)
		i = (i + 1) & m->jump_mask;
	while (depth < MATCH_JUMP_FROM && m->places[state].base != MATCH_LEAF)
		state = match_step(m, state, (unsigned char)s.p[depth++]);
	jumps[i] = (struct match_jump){ v, (uint16_t)state, (uint16_t)depth };
}

int
matchbuild(const struct slice *literals, size_t n, struct match *m_r)
{
	struct tables b = { 0 };
	struct trie t = { .n = 1 };
	size_t octets = 0;
	bool ok;

	for (size_t i = 0; i < n; i++)
		octets += literals[i].n;
	if (octets > MATCHBUILD_OCTETS_MAX || n > 30000)
		return -1;
	get(&b, &t, octets, n);
	set_classes(literals, n, b.class_of);
	set_kinds(literals, n, b.kind_of);
	set_starts(b.starts, literals, n);
	for (size_t i = n; i-- > 0;)
		insert(&t, literals[i], (uint32_t)i);
	ok = fill(&b, &t);
	mem_free(t.v);
	mem_free(t.same);
	mem_free(t.order);
	give(&b, m_r);
	for (size_t i = 0; ok && i < n; i++)
		if (literals[i].n >= MATCH_JUMP_FROM)
			set_jump(m_r, b.jumps, literals[i]);
	if (!ok)
		matchbuild_free(m_r);
	return ok ? 0 : -1;
}

void
matchbuild_free(struct match *m)
{
	mem_free(m->memory);
	memset(m, 0, sizeof(*m));
}
