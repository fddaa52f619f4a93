/* A piece of a set of UIDs (see imapblock.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/mem.h"

#include "proto/imapblock.h"

#define UIDS     65536
#define WORDS    (UIDS / 64)
#define BITS     (IMAPBLOCK_RUNS_MAX + 1) /* of cap */
#define RUNS_MIN 4 /* of a block that has more than one */

static bool
is_bits(const struct imapblock *b)
{
	return b->cap == BITS;
}

static const struct imapblock_run *
runs_of(const struct imapblock *b)
{
	return b->cap > 0 ? b->v : &b->one;
}

void
imapblock_free(struct imapblock *b)
{
	if (is_bits(b))
		mem_free(b->bits);
	else if (b->cap > 0)
		mem_free(b->v);
	*b = (struct imapblock){ .upper = b->upper };
}

/* Index of the first run that ends there or later. */
static uint32_t
find(const struct imapblock *b, uint32_t lower)
{
	const struct imapblock_run *v = runs_of(b);
	uint32_t low = 0, high = b->n;

	if (b->n > 0 && v[b->n - 1].last < lower)
		return b->n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (v[mid].last < lower)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The first bit from there on that is set, or, with mask all ones, that is
 * not; UIDS: there is none. */
static uint32_t
find_bit(const uint64_t *bits, uint32_t from, uint64_t mask)
{
	uint64_t word;
	uint32_t i = from / 64;

	if (from >= UIDS)
		return UIDS;
	word = (bits[i] ^ mask) & UINT64_MAX << from % 64;
	while (word == 0) {
		if (++i == WORDS)
			return UIDS;
		word = bits[i] ^ mask;
	}
	return 64 * i + (uint32_t)__builtin_ctzll(word);
}

static void
set_bits(uint64_t *bits, struct imapblock_run r)
{
	uint64_t low = UINT64_MAX << r.first % 64;
	uint64_t high = UINT64_MAX >> (63 - r.last % 64);

	if (r.first / 64 == r.last / 64) {
		bits[r.first / 64] |= low & high;
		return;
	}
	bits[r.first / 64] |= low;
	for (uint32_t i = r.first / 64 + 1; i < r.last / 64; i++)
		bits[i] = UINT64_MAX;
	bits[r.last / 64] |= high;
}

bool
imapblock_next(
    const struct imapblock *b, uint32_t from, struct imapblock_run *r_r)
{
	uint32_t i;

	if (is_bits(b)) {
		i = find_bit(b->bits, from, 0);
		if (i == UIDS)
			return false;
		r_r->first = (uint16_t)i;
		r_r->last = (uint16_t)(find_bit(b->bits, i, UINT64_MAX) - 1);
		return true;
	}
	i = find(b, from);
	if (i == b->n)
		return false;
	*r_r = runs_of(b)[i];
	if (r_r->first < from)
		r_r->first = (uint16_t)from;
	return true;
}

bool
imapblock_has(const struct imapblock *b, uint32_t lower)
{
	struct imapblock_run r;

	if (is_bits(b))
		return b->bits[lower / 64] >> lower % 64 & 1;
	return imapblock_next(b, lower, &r) && r.first == lower;
}

uint32_t
imapblock_last(const struct imapblock *b)
{
	uint32_t i = WORDS;

	if (!is_bits(b))
		return runs_of(b)[b->n - 1].last;
	while (b->bits[--i] == 0)
		;
	return 64 * i + 63 - (uint32_t)__builtin_clzll(b->bits[i]);
}

/* Those that the new one meets or touches become one with it. */
static void
add_bits(struct imapblock *b, struct imapblock_run r)
{
	uint32_t from = r.first > 0 ? r.first - 1u : 0;
	struct imapblock_run there;

	b->n++;
	while (imapblock_next(b, from, &there) && there.first <= r.last + 1u) {
		b->n--;
		from = there.last + 1u;
	}
	set_bits(b->bits, r);
}

static void
make_bits(struct imapblock *b)
{
	uint64_t *bits = mem_array(WORDS, sizeof(bits[0]));

	for (uint32_t i = 0; i < b->n; i++)
		set_bits(bits, b->v[i]);
	mem_free(b->v);
	b->bits = bits;
	b->cap = BITS;
}

static struct imapblock_run *
grow(struct imapblock *b)
{
	struct imapblock_run *v;
	uint32_t cap = b->cap ? 2 * b->cap : RUNS_MIN;

	if (b->n == 0 || b->n < b->cap)
		return b->cap > 0 ? b->v : &b->one;
	v = mem_resize(b->cap > 0 ? b->v : NULL, cap * sizeof(v[0]));
	if (b->cap == 0)
		v[0] = b->one;
	b->v = v;
	b->cap = cap;
	return v;
}

/* Puts r where the runs at..end-1 were. */
static void
replace(struct imapblock *b, uint32_t at, uint32_t end, struct imapblock_run r)
{
	struct imapblock_run *v = grow(b);

	if (end != at + 1)
		memmove(v + at + 1, v + end, (b->n - end) * sizeof(v[0]));
	v[at] = r;
	b->n = b->n + 1 - (end - at);
}

void
imapblock_add(struct imapblock *b, struct imapblock_run r)
{
	const struct imapblock_run *v;
	uint32_t at, end;

	if (b->n == IMAPBLOCK_RUNS_MAX && !is_bits(b))
		make_bits(b);
	if (is_bits(b)) {
		add_bits(b, r);
		return;
	}
	v = runs_of(b);
	/* a run that touches is widened */
	at = find(b, r.first > 0 ? r.first - 1u : 0);
	for (end = at; end < b->n && v[end].first <= r.last + 1u; end++) {
		if (v[end].first < r.first)
			r.first = v[end].first;
		if (v[end].last > r.last)
			r.last = v[end].last;
	}
	replace(b, at, end, r);
}
