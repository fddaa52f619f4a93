/* Sets of UIDs (see imapset.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"

#include "proto/imapset.h"

#define RANGE_TEXT_MAX 22 /* "4294967295:4294967295," */

void
imapset_free(struct imapset *s)
{
	mem_free(s->v);
	*s = (struct imapset){ 0 };
}

/* Index of the first range that ends at uid or later. */
static size_t
find(const struct imapset *s, uint32_t uid)
{
	size_t low = 0, high = s->n;

	if (s->n > 0 && s->v[s->n - 1].last < uid)
		return s->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->v[mid].last < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Puts r where the ranges at..end-1 were. */
static void
replace(struct imapset *s, size_t at, size_t end, struct imapset_range r)
{
	if (at == end && s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 16;
		s->v = mem_resize(s->v, s->cap * sizeof(s->v[0]));
	}
	memmove(s->v + at + 1, s->v + end, (s->n - end) * sizeof(s->v[0]));
	s->v[at] = r;
	s->n = s->n + 1 - (end - at);
}

void
imapset_add(struct imapset *s, uint32_t first, uint32_t last)
{
	struct imapset_range r = { first < last ? first : last,
		first < last ? last : first };
	size_t at, end;

	if (r.first == 0)
		r.first = 1;
	if (r.last == 0)
		return;
	at = find(s, r.first - 1); /* a range that touches is widened */
	end = at;
	while (end < s->n &&
	       (r.last == UINT32_MAX || s->v[end].first <= r.last + 1)) {
		if (s->v[end].first < r.first)
			r.first = s->v[end].first;
		if (s->v[end].last > r.last)
			r.last = s->v[end].last;
		end++;
	}
	replace(s, at, end, r);
}

void
imapset_gather(
    struct imapset *s, struct imapset_bulk *b, uint32_t first, uint32_t last)
{
	if (b->n == 0 && (s->n == 0 || s->v[s->n - 1].last < first)) {
		imapset_add(s, first, last);
		return;
	}
	if (!b->v)
		b->v = mem_array(IMAPSET_BULK, sizeof(b->v[0]));
	b->v[b->n++] = (struct imapset_range){ first < last ? first : last,
		first < last ? last : first };
	if (b->n == IMAPSET_BULK)
		imapset_settle(s, b);
}

static int
by_first(const void *a, const void *b)
{
	const struct imapset_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Two sorted lists, each range at the end of what is there: linear. */
static void
merge(struct imapset *s, const struct imapset_range *v, size_t n)
{
	struct imapset both = { 0 };
	size_t i = 0, k = 0;

	while (i < s->n || k < n) {
		struct imapset_range r =
		    k == n || (i < s->n && s->v[i].first <= v[k].first)
			? s->v[i++]
			: v[k++];

		imapset_add(&both, r.first, r.last);
	}
	imapset_free(s);
	*s = both;
}

void
imapset_settle(struct imapset *s, struct imapset_bulk *b)
{
	if (b->n == 0)
		return;
	qsort(b->v, b->n, sizeof(b->v[0]), by_first);
	merge(s, b->v, b->n);
	mem_free(b->v);
	*b = (struct imapset_bulk){ 0 };
}

void
imapset_join(struct imapset *s, const struct imapset *b)
{
	if (b->n > 0)
		merge(s, b->v, b->n);
}

bool
imapset_has(const struct imapset *s, uint32_t uid)
{
	size_t i = find(s, uid);

	return i < s->n && s->v[i].first <= uid;
}

uint64_t
imapset_count(const struct imapset *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += (uint64_t)s->v[i].last - s->v[i].first + 1;
	return n;
}

void
imapset_minus(
    const struct imapset *a, const struct imapset *b, struct imapset *r)
{
	for (size_t i = 0; i < a->n; i++) {
		uint64_t from = a->v[i].first, to = a->v[i].last;

		for (size_t k = find(b, a->v[i].first);
		     k < b->n && b->v[k].first <= to && from <= to; k++) {
			if (b->v[k].first > from)
				imapset_add(
				    r, (uint32_t)from, b->v[k].first - 1);
			from = (uint64_t)b->v[k].last + 1;
		}
		if (from <= to)
			imapset_add(r, (uint32_t)from, (uint32_t)to);
	}
}

void
imapset_cut(struct imapset *s, uint64_t n)
{
	for (size_t i = 0; i < s->n; i++) {
		uint64_t here = (uint64_t)s->v[i].last - s->v[i].first + 1;

		if (here < n) {
			n -= here;
			continue;
		}
		s->v[i].last = (uint32_t)(s->v[i].first + n - 1);
		s->n = n > 0 ? i + 1 : i;
		return;
	}
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

/* sequence-set = (seq-number / seq-range) ["," sequence-set] */
int
imapset_read(struct imapset *s, struct slice text, struct err *e)
{
	struct slice rest = text;
	struct imapset_bulk b = { 0 };
	uint64_t first, last;
	size_t n = 0;
	int ret = -1;

	do {
		if (n++ == IMAPSET_RANGES_MAX) {
			err_set(e, ERR_PROTO, "too many ranges of UIDs");
			goto out;
		}
		if (!read_range(&rest, &first, &last))
			break;
		imapset_gather(s, &b, (uint32_t)first, (uint32_t)last);
		if (rest.n == 0) {
			ret = 0;
			goto out;
		}
	} while (slice_take_prefix(&rest, ","));
	text = slice_sub(text, 0, 60);
	err_set(e, ERR_PROTO, "bad sequence set '%.*s'", SLICE_ARG(text));
out:
	imapset_settle(s, &b);
	return ret;
}

bool
imapset_write(const struct imapset *s, size_t *at, size_t room, struct buf *out)
{
	size_t start = out->n;

	if (*at >= s->n)
		return false;
	do {
		const struct imapset_range *r = &s->v[(*at)++];

		if (out->n > start)
			buf_char(out, ',');
		buf_fmt(out, "%lu", (unsigned long)r->first);
		if (r->last > r->first)
			buf_fmt(out, ":%lu", (unsigned long)r->last);
	} while (*at < s->n && out->n - start + RANGE_TEXT_MAX <= room);
	return true;
}
