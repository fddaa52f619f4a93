/* Sets of UIDs (see imapset.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "proto/imapset.h"

#define RANGE_TEXT_MAX 22     /* "4294967295:4294967295," */
#define LOWER          0xffff /* bits of a UID that a block leaves open */

void
imapset_free(struct imapset *s)
{
	for (size_t i = 0; i < s->n; i++)
		imapblock_free(&s->v[i]);
	mem_free(s->v);
	*s = (struct imapset){ 0 };
}

/* Index of the first block that is this one or a later one. */
static size_t
find_block(const struct imapset *s, uint32_t upper)
{
	size_t low = 0, high = s->n;

	if (s->n > 0 && s->v[s->n - 1].upper <= upper)
		return s->n - (s->v[s->n - 1].upper == upper);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->v[mid].upper < upper)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The block, made if need be. */
static struct imapblock *
block_of(struct imapset *s, uint32_t upper)
{
	size_t i = find_block(s, upper);

	if (i < s->n && s->v[i].upper == upper)
		return &s->v[i];
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 4;
		s->v = mem_resize(s->v, s->cap * sizeof(s->v[0]));
	}
	memmove(s->v + i + 1, s->v + i, (s->n - i) * sizeof(s->v[0]));
	s->v[i] = (struct imapblock){ .upper = upper };
	s->n++;
	return &s->v[i];
}

static void
add_run(struct imapset *s, uint32_t upper, struct imapblock_run r)
{
	struct imapblock *b = block_of(s, upper);

	s->runs -= b->n;
	imapblock_add(b, r);
	s->runs += b->n;
}

void
imapset_add(struct imapset *s, uint32_t first, uint32_t last)
{
	uint32_t from = first < last ? first : last;
	uint32_t to = first < last ? last : first;

	if (to == 0)
		return;
	if (from == 0)
		from = 1;
	for (uint32_t upper = from >> 16; upper <= to >> 16; upper++)
		add_run(s, upper,
		    (struct imapblock_run){
			upper == from >> 16 ? from & LOWER : 0,
			upper == to >> 16 ? to & LOWER : LOWER });
}

/* Where somebody stands in a set who goes through it. */
struct cursor {
	const struct imapset *s;
	size_t block;
	uint32_t from;
};

/* The next range, over the ends of blocks; false at the end. */
static bool
take(struct cursor *c, struct imapset_range *r_r)
{
	struct imapblock_run run;

	for (;; c->block++, c->from = 0) {
		if (c->block == c->s->n)
			return false;
		if (imapblock_next(&c->s->v[c->block], c->from, &run))
			break;
	}
	r_r->first = c->s->v[c->block].upper << 16 | run.first;
	for (;;) {
		r_r->last = c->s->v[c->block].upper << 16 | run.last;
		c->from = run.last + 1u;
		if (run.last < LOWER)
			return true;
		c->from = 0;
		if (++c->block == c->s->n ||
		    c->s->v[c->block].upper << 16 != r_r->last + 1 ||
		    !imapblock_next(&c->s->v[c->block], 0, &run) ||
		    run.first > 0)
			return true;
	}
}

bool
imapset_next(const struct imapset *s, uint64_t *at, struct imapset_range *r_r)
{
	struct cursor c = { .s = s };

	if (*at > IMAPSET_UID_MAX)
		return false;
	c.block = find_block(s, (uint32_t)*at >> 16);
	if (c.block < s->n && s->v[c.block].upper == (uint32_t)*at >> 16)
		c.from = *at & LOWER;
	if (!take(&c, r_r))
		return false;
	*at = (uint64_t)r_r->last + 1;
	return true;
}

bool
imapset_covers(const struct imapset *s, const struct imapset *b)
{
	struct cursor c = { .s = b };
	struct imapset_range want, have;

	while (take(&c, &want)) {
		uint64_t at = want.first;

		if (!imapset_next(s, &at, &have) || have.first > want.first ||
		    have.last < want.last)
			return false;
	}
	return true;
}

bool
imapset_has(const struct imapset *s, uint32_t uid)
{
	size_t i = find_block(s, uid >> 16);

	return i < s->n && s->v[i].upper == uid >> 16 &&
	       imapblock_has(&s->v[i], uid & LOWER);
}

uint32_t
imapset_last(const struct imapset *s)
{
	const struct imapblock *b;

	if (s->n == 0)
		return 0;
	b = &s->v[s->n - 1];
	return b->upper << 16 | imapblock_last(b);
}

uint64_t
imapset_count(const struct imapset *s)
{
	struct cursor c = { .s = s };
	struct imapset_range r;
	uint64_t n = 0;

	while (take(&c, &r))
		n += (uint64_t)r.last - r.first + 1;
	return n;
}

void
imapset_join(struct imapset *s, const struct imapset *b)
{
	struct cursor c = { .s = b };
	struct imapset_range r;

	while (take(&c, &r))
		imapset_add(s, r.first, r.last);
}

void
imapset_minus(
    const struct imapset *a, const struct imapset *b, struct imapset *r)
{
	struct cursor ca = { .s = a }, cb = { .s = b };
	struct imapset_range x, y;
	bool more = take(&cb, &y);

	while (take(&ca, &x)) {
		uint64_t from = x.first;

		while (more && y.last < x.first)
			more = take(&cb, &y);
		while (more && y.first <= x.last) {
			if (y.first > from)
				imapset_add(r, (uint32_t)from, y.first - 1);
			from = (uint64_t)y.last + 1;
			if (y.last > x.last)
				break;
			more = take(&cb, &y);
		}
		if (from <= x.last)
			imapset_add(r, (uint32_t)from, x.last);
	}
}

void
imapset_cut(struct imapset *s, uint64_t n)
{
	struct cursor c = { .s = s };
	struct imapset few = { 0 };
	struct imapset_range r;

	while (n > 0 && take(&c, &r)) {
		uint64_t here = (uint64_t)r.last - r.first + 1;

		if (here > n)
			r.last = (uint32_t)(r.first + n - 1);
		n -= here < n ? here : n;
		imapset_add(&few, r.first, r.last);
	}
	imapset_free(s);
	*s = few;
}

/* seq-number / seq-range ; seq-range = seq-number ":" seq-number */
static bool
read_range(struct slice *rest, uint64_t *first, uint64_t *last)
{
	if (!slice_take_number(rest, UINT32_MAX, first) || *first == 0)
		return false;
	*last = *first;
	if (!slice_take_prefix(rest, ":"))
		return true;
	return slice_take_number(rest, UINT32_MAX, last) && *last > 0;
}

/* Each is work, however short the text. */
static size_t
blocks_between(uint64_t first, uint64_t last)
{
	uint64_t from = first < last ? first : last;
	uint64_t to = first < last ? last : first;

	return (size_t)((to >> 16) - (from >> 16));
}

/* sequence-set = (seq-number / seq-range) ["," sequence-set] */
int
imapset_read(struct imapset *s, struct slice text, struct err *e)
{
	struct slice rest = text;
	uint64_t first, last;
	size_t n = 0;

	do {
		if (!read_range(&rest, &first, &last))
			break;
		n += 1 + blocks_between(first, last);
		if (n > IMAPSET_RANGES_MAX)
			return err_set(e, ERR_PROTO, "too many ranges of UIDs");
		imapset_add(s, (uint32_t)first, (uint32_t)last);
		if (rest.n == 0)
			return 0;
	} while (slice_take_prefix(&rest, ","));
	text = slice_sub(text, 0, 60);
	return err_set(
	    e, ERR_PROTO, "bad sequence set '%.*s'", SLICE_ARG(text));
}

bool
imapset_write(
    const struct imapset *s, uint64_t *at, size_t room, struct buf *out)
{
	size_t start = out->n;
	struct imapset_range r;

	while ((out->n == start || out->n - start + RANGE_TEXT_MAX <= room) &&
	       imapset_next(s, at, &r)) {
		if (out->n > start)
			buf_char(out, ',');
		buf_fmt(out, "%lu", (unsigned long)r.first);
		if (r.last > r.first)
			buf_fmt(out, ":%lu", (unsigned long)r.last);
	}
	return out->n > start;
}
