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
	uint8_t class_of[256];
	uint16_t *base, *check, *fail, *out, *link, *hits;
	size_t classes, places, hit_count, free;
};

static bool
fits(const struct tables *b, const struct trie *t, uint32_t node, size_t base)
{
	for (uint32_t k = t->v[node].child; k; k = t->v[k].sibling)
		if (b->check[base + b->class_of[t->v[k].c]])
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
	while (b->check[b->free])
		b->free++;
	while (!fits(b, t, node, base))
		if (++base + 256 >= MATCH_NODES_MAX)
			return false;
	b->base[t->v[node].place] = (uint16_t)base;
	for (uint32_t k = t->v[node].child; k; k = t->v[k].sibling) {
		size_t at = base + b->class_of[t->v[k].c];

		t->v[k].place = (uint32_t)at;
		b->check[at] = (uint16_t)(t->v[node].place + 1);
		if (at >= b->places)
			b->places = at + 1;
	}
	return true;
}

static void
note_hits(struct tables *b, const struct trie *t, uint32_t node)
{
	const struct node *n = &t->v[node];

	if (!n->first)
		return;
	b->out[n->place] = (uint16_t)b->hit_count;
	for (uint32_t l = n->first; l; l = t->same[l - 1])
		b->hits[b->hit_count++] = (uint16_t)l;
	b->hits[b->hit_count++] = 0;
}

/* fail of a place: the longest proper end of it that is a place too. */
static void
set_fail(struct tables *b, const struct trie *t, uint32_t node)
{
	struct match m = {
		.base = b->base, .check = b->check, .fail = b->fail
	};
	const struct node *n = &t->v[node];
	uint16_t to = 0;

	memcpy(m.class_of, b->class_of, sizeof(m.class_of));
	m.out = b->out;
	m.link = b->link;
	if (n->parent)
		to = match_step(&m, b->fail[t->v[n->parent].place], n->c);
	b->fail[n->place] = to;
	b->link[n->place] = match_hits(&m, to);
}

/* Breadth first, so that shorter ones are done. */
static bool
fill(struct tables *b, struct trie *t)
{
	size_t n = 1;

	b->check[0] = 1; /* the root's own place */
	b->places = 1;
	b->hit_count = 1;
	t->order[0] = 0;
	for (size_t i = 0; i < n; i++) {
		if (!place(b, t, t->order[i]))
			return false;
		for (uint32_t k = t->v[t->order[i]].child; k;
		     k = t->v[k].sibling)
			t->order[n++] = k;
	}
	for (size_t i = 1; i < n; i++)
		note_hits(b, t, t->order[i]);
	for (size_t i = 1; i < n; i++)
		set_fail(b, t, t->order[i]);
	return true;
}

static size_t
classes(const struct slice *literals, size_t n, uint8_t *class_of)
{
	size_t classes = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < literals[i].n; k++) {
			unsigned char c = (unsigned char)literals[i].p[k];

			if (!class_of[c])
				class_of[c] = (uint8_t)++classes;
		}
	return classes;
}

#define SLOTS (MATCH_NODES_MAX + 512) /* of a table while it is made */

static void
get(struct tables *b, struct trie *t, size_t octets, size_t n)
{
	uint16_t *all = mem_array(5 * SLOTS + 2 * n + 2, sizeof(*all));

	t->v = mem_array(octets + 1, sizeof(*t->v));
	t->same = mem_array(n + 1, sizeof(*t->same));
	t->order = mem_array(octets + 1, sizeof(*t->order));
	b->base = all;
	b->check = all + SLOTS;
	b->fail = all + 2 * SLOTS;
	b->out = all + 3 * SLOTS;
	b->link = all + 4 * SLOTS;
	b->hits = all + 5 * SLOTS;
}

static void
give(const struct tables *b, struct match *m_r)
{
	m_r->base = b->base;
	m_r->check = b->check;
	m_r->fail = b->fail;
	m_r->out = b->out;
	m_r->link = b->link;
	m_r->hits = b->hits;
	m_r->places = b->places + 256;
	m_r->hit_count = b->hit_count;
	m_r->memory = b->base;
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
	classes(literals, n, b.class_of);
	for (size_t i = n; i-- > 0;)
		insert(&t, literals[i], (uint32_t)i);
	ok = fill(&b, &t);
	mem_free(t.v);
	mem_free(t.same);
	mem_free(t.order);
	give(&b, m_r);
	memcpy(m_r->class_of, b.class_of, sizeof(m_r->class_of));
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
