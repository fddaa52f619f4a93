/* Sets of addresses as intervals.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/ipset.h"

static int
compare(struct ipset_number x, struct ipset_number y)
{
	if (x.high != y.high)
		return x.high < y.high ? -1 : 1;
	return x.low < y.low ? -1 : x.low > y.low;
}

static struct ipset_number
next(struct ipset_number x)
{
	x.low++;
	x.high += x.low == 0;
	return x;
}

static struct ipset_number
before(struct ipset_number x)
{
	x.high -= x.low == 0;
	x.low--;
	return x;
}

static struct ipset_number
smaller(struct ipset_number x, struct ipset_number y)
{
	return compare(x, y) < 0 ? x : y;
}

static struct ipset_number
larger(struct ipset_number x, struct ipset_number y)
{
	return compare(x, y) > 0 ? x : y;
}

/* The largest number that agrees with x in all but the last n bits. */
static struct ipset_number
filled(struct ipset_number x, unsigned n)
{
	if (n >= 64) {
		x.low = UINT64_MAX;
		x.high |= n >= 128 ? UINT64_MAX : (UINT64_C(1) << (n - 64)) - 1;
	} else {
		x.low |= (UINT64_C(1) << n) - 1;
	}
	return x;
}

static struct ipset_number
cleared(struct ipset_number x, unsigned n)
{
	struct ipset_number mask = filled((struct ipset_number){ 0, 0 }, n);

	x.high &= ~mask.high;
	x.low &= ~mask.low;
	return x;
}

static void
add(struct ipset *s, struct ipset_number first, struct ipset_number last,
    struct arena *a)
{
	if (s->n == s->cap)
		s->ranges = arena_grow(
		    a, s->ranges, s->n, s->n + 1, sizeof(*s->ranges), &s->cap);
	s->ranges[s->n++] = (struct ipset_range){ first, last };
}

/* As add(), behind all others; joined to the last where they touch. */
static void
append(struct ipset *s, struct ipset_number first, struct ipset_number last,
    struct arena *a)
{
	struct ipset_range *end = s->n ? &s->ranges[s->n - 1] : NULL;
	struct ipset_number most =
	    filled((struct ipset_number){ 0, 0 }, s->family * 8);

	if (end && (compare(end->last, most) == 0 ||
		       compare(first, next(end->last)) <= 0))
		end->last = larger(end->last, last);
	else
		add(s, first, last, a);
}

struct ipset
ipset_none(unsigned family)
{
	return (struct ipset){ .family = family };
}

struct ipset
ipset_all(unsigned family, struct arena *a)
{
	struct ipset s = ipset_none(family);
	struct ipset_number zero = { 0, 0 };

	add(&s, zero, filled(zero, family * 8), a);
	return s;
}

static struct ipset_number
number(const struct ip *ip)
{
	struct ipset_number x = { 0, 0 };

	for (unsigned i = 0; i < ip->n; i++) {
		x.high = x.high << 8 | x.low >> 56;
		x.low = x.low << 8 | ip->b[i];
	}
	return x;
}

struct ipset
ipset_net(unsigned family, const struct ip *ip, unsigned bits, struct arena *a)
{
	struct ipset s = ipset_none(family);
	struct ipset_number x = number(ip);

	if (ip->n != family || bits > family * 8)
		return s;
	add(&s, cleared(x, family * 8 - bits), filled(x, family * 8 - bits), a);
	return s;
}

struct ipset
ipset_union(const struct ipset *x, const struct ipset *y, struct arena *a)
{
	struct ipset s = ipset_none(x->family);

	for (size_t i = 0, j = 0; i < x->n || j < y->n;) {
		bool mine =
		    j == y->n || (i < x->n && compare(x->ranges[i].first,
						  y->ranges[j].first) <= 0);
		const struct ipset_range *r =
		    mine ? &x->ranges[i++] : &y->ranges[j++];

		append(&s, r->first, r->last, a);
	}
	return s;
}

struct ipset
ipset_common(const struct ipset *x, const struct ipset *y, struct arena *a)
{
	struct ipset s = ipset_none(x->family);

	for (size_t i = 0, j = 0; i < x->n && j < y->n;) {
		const struct ipset_range *p = &x->ranges[i], *q = &y->ranges[j];
		struct ipset_number first = larger(p->first, q->first);
		struct ipset_number last = smaller(p->last, q->last);

		if (compare(first, last) <= 0)
			append(&s, first, last, a);
		if (compare(p->last, q->last) < 0)
			i++;
		else
			j++;
	}
	return s;
}

struct ipset
ipset_without(const struct ipset *x, const struct ipset *y, struct arena *a)
{
	struct ipset s = ipset_none(x->family);
	size_t j = 0;

	for (size_t i = 0; i < x->n; i++) {
		struct ipset_number at = x->ranges[i].first;
		struct ipset_number last = x->ranges[i].last;
		bool left = true;

		while (j < y->n && compare(y->ranges[j].last, at) < 0)
			j++;
		for (size_t k = j;
		     k < y->n && left && compare(y->ranges[k].first, last) <= 0;
		     k++) {
			const struct ipset_range *q = &y->ranges[k];

			if (compare(q->first, at) > 0)
				append(&s, at, before(q->first), a);
			left = compare(q->last, last) < 0;
			at = next(q->last);
		}
		if (left)
			append(&s, at, last, a);
	}
	return s;
}

bool
ipset_equal(const struct ipset *x, const struct ipset *y)
{
	if (x->n != y->n || x->family != y->family)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (compare(x->ranges[i].first, y->ranges[i].first) != 0 ||
		    compare(x->ranges[i].last, y->ranges[i].last) != 0)
			return false;
	return true;
}

double
ipset_size(const struct ipset *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct ipset_number f = s->ranges[i].first;
		struct ipset_number l = s->ranges[i].last;
		uint64_t low = l.low - f.low;
		uint64_t high = l.high - f.high - (l.low < f.low);

		sum += (double)high * 18446744073709551616.0 + (double)low + 1;
	}
	return sum;
}

static struct ip
address(struct ipset_number x, unsigned family)
{
	struct ip ip = { .n = family };

	for (unsigned i = family; i-- > 0;) {
		ip.b[i] = (uint8_t)x.low;
		x.low = x.low >> 8 | x.high << 56;
		x.high >>= 8;
	}
	return ip;
}

void
ipset_each(const struct ipset *s,
    void (*to)(const struct ip *ip, unsigned bits, void *arg), void *arg)
{
	unsigned width = s->family * 8;

	for (size_t i = 0; i < s->n; i++) {
		struct ipset_number at = s->ranges[i].first;
		struct ipset_number last = s->ranges[i].last;
		bool more = true;

		while (more) {
			unsigned n = 0;
			struct ip ip = address(at, s->family);

			/* The largest network that starts here and fits. */
			while (n < width &&
			       compare(cleared(at, n + 1), at) == 0 &&
			       compare(filled(at, n + 1), last) <= 0)
				n++;
			to(&ip, width - n, arg);
			more = compare(filled(at, n), last) < 0;
			at = next(filled(at, n));
		}
	}
}
